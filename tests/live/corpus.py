#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""corpus.py LAB BINDIR WORK FUNCTIONS - many one-function patches, each a module of its own in WORK/modules

A line of FUNCTIONS is `unit function`. WORK/modules gets livepatch-cNN.ko and `list`, whose lines are `cNN unit function`.
What cannot be built is told, with create-diff-object's words, in lines `refused unit function: reason`; status 0 all the
same: the caller counts.
"""
import os
import re
import subprocess
import sys

import build
import corpus as kernel_corpus

# __asm__: not every unit includes what defines asm_volatile_goto and the like; this needs nothing.
NOP = '\t__asm__ __volatile__("nop");\n'


def with_nop(source, function):
    """The function's body begins at the first brace in the first column after its name in the first column's line."""
    m = re.search(r'^[A-Za-z][^;{}()]*\b%s\([^;{}]*\)[^;{}]*\n\{\n' % re.escape(function), source, re.M)
    return source[:m.end()] + NOP + source[m.end():] if m else None


class Refused(Exception):
    pass


def step(argv):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        first = [line for line in done.stderr.splitlines() if line.startswith(('error', 'ERROR'))]
        raise Refused(first[0] if first else '%s: status %d' % (os.path.basename(argv[0]), done.returncode))


def make(lab, bindir, work, name, unit_name, function):
    source = with_nop(kernel_corpus.read('%s/linux/%s' % (lab, unit_name)), function)
    if not source:
        raise Refused('no such function in this kernel')
    unit = build.Unit(lab, unit_name, '%s/%s' % (work, name))
    complaint = unit.compile('after', source)
    if complaint:
        raise Refused('does not compile: ' + complaint.splitlines()[0])
    kernel = ['-k', lab + '/vmlinux', '-s', lab + '/bld/Module.symvers']
    diff, linked = unit.dir + '/diff.o', unit.dir + '/linked.ko'
    step([bindir + '/create-diff-object', '-q', '--form', 'linkable'] + kernel + [unit.orig, unit.object('after'), diff])
    step(['sh', build.ROOT + '/kmod/build.sh', '--kdir', lab + '/bld', '--name', 'livepatch-' + name, diff, linked])
    finished = '%s/modules/livepatch-%s.ko' % (work, name)
    step([bindir + '/create-klp-module'] + kernel + [linked, finished])
    step(['strip', '-g', finished])


def main():
    lab, bindir, work, listed = sys.argv[1:]
    lab = os.path.realpath(lab)
    os.makedirs(work + '/modules', exist_ok=True)
    with open(listed, encoding='utf-8') as f:
        pairs = [line.split() for line in f if line.strip() and not line.startswith('#')]
    # One make for all: it starts slowly.
    missing = sorted({u[:-2] + '.o' for u, _ in pairs if not os.path.exists('%s/bld/%s.o' % (lab, u[:-2]))})
    if missing:
        subprocess.run(['sh', build.ROOT + '/tests/kernel/kbuild.sh', lab] + build.OBJTOOL + missing, check=False)
    with open(work + '/modules/list', 'w', encoding='utf-8') as out:
        for number, (unit, function) in enumerate(pairs):
            name = 'c%02d' % number
            try:
                make(lab, bindir, work, name, unit, function)
                print(name, unit, function, file=out)
            except (Refused, OSError) as e:
                print('refused %s %s: %s' % (unit, function, e), flush=True)


main()
