#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""fixtures.py BINDIR [CASE]... - audit the pairs of tests/fixtures/obj; -v prints all"""
import fnmatch
import os
import re
import sys

import report

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(os.path.dirname(HERE), 'fixtures')


# What the audit has not learned yet: the tests of fixtures alone judge these.
UNKNOWN = (
    ('*.loongarch64', 'the instructions of loongarch64'), ('ubsan-*', "UBSAN's records"),
    ('warn-entry*', 'entries of __bug_table whose address code hands on'),
    ('kcfi-*', "kCFI's hashes, and .kcfi_traps"),
    ('fixup-joined.*', 'code without symbols that runs on'), ('refcount-*', 'code without symbols that runs on'),
    ('verbose-*', '__verbose of Linux before 5.9'), ('ppc64le-bug-absolute.*', 'lines behind instructions of a prologue'),
    ('ppc64le-line-among-others.*', 'where a number goes on ppc64le'), ('ppc64le-own-nop.*', 'jump tables among the code'),
)


def unknown(name):
    return next((what for pattern, what in UNKNOWN if fnmatch.fnmatch(name, pattern)), None)


def options(case, compiler):
    """Options of the tool for a case, by its header comment and the files beside it: see tests/fixtures/README."""
    src, out, symvers = os.path.join(FIXTURES, 'src'), [], 'default.symvers'
    path = next(p for p in (os.path.join(src, case + e) for e in ('.c', '.S')) if os.path.exists(p))
    with open(path, encoding='utf-8') as f:
        for line in f.read().splitlines()[1:]:
            m = re.match(r'// ([a-z-]+)(?:\[(\w+)\])?:(.*)$', line)
            if not m:
                break
            if m.group(2) in (None, compiler) and m.group(1) == 'options':
                out += m.group(3).split()
            if m.group(1) == 'symvers':
                symvers = None if m.group(3).strip() == 'none' else symvers
    for name in ('%s.%s.syms' % (case, compiler), case + '.syms'):
        if os.path.exists(os.path.join(src, name)):
            out += ['-k', 'src/' + name]
            break
    if os.path.exists(os.path.join(src, case + '.symvers')):
        symvers = case + '.symvers'
    return out + (['-s', 'src/' + symvers] if symvers else [])


def pairs(wanted=()):
    found = sorted(n[:-len('.orig.o')] for n in os.listdir(os.path.join(FIXTURES, 'obj')) if n.endswith('.orig.o'))
    for name in found:
        if wanted and not any(n in (name, name.rsplit('.', 1)[0]) for n in wanted):
            continue
        case, compiler = name.rsplit('.', 1)
        yield report.Job(name, 'obj/%s.orig.o' % name, 'obj/%s.patched.o' % name, options(case, compiler), FIXTURES, unknown(name))


def main():
    verbose = '-v' in sys.argv
    args = [a for a in sys.argv[1:] if a != '-v']
    sys.exit(report.run(os.path.abspath(args[0]), pairs(args[1:]), verbose))


if __name__ == '__main__':
    main()
