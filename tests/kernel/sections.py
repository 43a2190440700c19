#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sections.py - every section of a kernel's units is known

    sections.py LAB UNITS

A section that is loaded has a row in lib/elfdiff/arch/special.c, a name that the compiler gives to code and data, or one of
those below, which are code or data with labels like any other: a change of one that the kernel finds by its section alone is
refused by that name (unknown-table). A new kind of section in a newer kernel fails here first.
"""
import os
import re
import sys

import corpus
import elf

HERE = os.path.dirname(os.path.abspath(__file__))
COMPILERS = re.compile(r'\.(text|data|rodata|bss|tdata|tbss|sdata|sbss)(\.|$)')
# name: whose; of include/asm-generic/vmlinux.lds.h, unless another file is named
OTHERS = {
    '.ref.text': 'code that may refer to init code', '.ref.data': 'data of that kind', '.ref.rodata': 'constants of that kind',
    '.sched.text': 'code that a sleeper is shown outside of', '.spinlock.text': 'locks', '.cpuidle.text': 'idle loops',
    '.noinstr.text': 'code that nothing may trace', '.kprobes.text': 'code without kprobes', '.entry.text': 'entries',
    '.irqentry.text': 'handlers of interrupts', '.softirqentry.text': 'the same of soft ones', '.head.text': 'the start',
    '.static_call.text': 'trampolines of static calls', '__tracepoints': 'struct tracepoint, with labels',
    '__tracepoints_strings': 'their names, with labels', '__tracepoint_str': 'pointers to strings for user space',
    '.lsm_info.init': 'a list that is gone after boot', '.early_lsm_info.init': 'the same', '__fair_sched_class': 'one variable',
    '__rt_sched_class': 'one variable', '__dl_sched_class': 'one variable', '__stop_sched_class': 'one variable',
    '__idle_sched_class': 'one variable', '.vvar_*': 'variables of the vDSO (arch/x86/include/asm/vvar.h)',
    '.stubs': 'room for calls that are too far (arch/powerpc/include/asm/module.h)', '.ftrace.tramp': 'the same of ftrace',
    '.mmuoff.data.*': 'variables that code without the MMU has (arch/arm64/kernel/vmlinux.lds.S)',
    '.boot.preserved.data.*': 'variables that the decompressor has set (arch/s390/kernel/vmlinux.lds.S)',
    '.x86_cpu_dev.init': 'a list that is gone after boot (arch/x86/kernel/vmlinux.lds.S)',
}


def fits(pattern, name):
    return name.startswith(pattern[:-1]) if pattern.endswith('*') else name == pattern


def patterns():
    path = os.path.join(HERE, '..', '..', 'lib', 'elfdiff', 'arch', 'special.c')
    return re.findall(r'ROW\("([^"]+)"', corpus.read(path)) + list(OTHERS)


def unknown(path, known):
    return sorted({s.name for s in elf.Object(path).sections if s.flags & elf.SHF_ALLOC and not COMPILERS.match(s.name) and
                   not any(fits(p, s.name) for p in known)})


def main():
    lab, units = sys.argv[1:3]
    known, passed, failed = patterns(), 0, 0
    for unit in corpus.units_of(lab, units):
        path = '%s/bld/%s.o' % (lab, unit[:-2])
        if not os.path.exists(path):
            continue  # judge.py counts it
        found = unknown(path, known)
        passed, failed = passed + (not found), failed + bool(found)
        if found:
            print('FAIL %s: no row of special.c has %s' % (unit, ' '.join(found)))
    print('check-sections: %d passed, %d failed, 0 skipped' % (passed, failed))
    return 1 if failed or not passed else 0


sys.exit(main())
