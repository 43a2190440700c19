#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make seeds from fixtures: seeds.py BINDIR OUT

OUT/HARNESS gets few and small files that have, all together, every section, every type of relocation and every
architecture of the fixtures.
"""
import gzip
import os
import re
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'lib'))
import case as C  # noqa: E402
import elf as E  # noqa: E402

OBJECTS = os.path.join(C.FIXTURES, 'obj')
KLP_ARCH, POSITIONS, NAMED, OWN_SYMBOLS = 1, 2, 4, 8  # of pair.h
MANY = 10  # the smallest pairs, whatever they have


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def pair(orig, patched, symbols=b'', symvers=b'', options=0):
    """The input of diff.c; see pair.h."""
    files = (orig, patched, symbols, symvers)
    return b'PAIR' + struct.pack('<B4I', options, *map(len, files)) + b''.join(files)


def names():
    return sorted(n[:-len('.orig.o')] for n in os.listdir(OBJECTS) if n.endswith('.orig.o'))


def kind(section):
    """`.text` for `.rela.text.f`: what other fixtures have, too."""
    return re.match(r'(?:\.rela)?(\.(?:text|rodata|data|bss|init)\b|.*)', section).group(1)


def features(name):
    """What a pair has that another may not have."""
    found = set()
    for side in ('orig', 'patched'):
        elf = E.Elf(os.path.join(OBJECTS, '%s.%s.o' % (name, side)))
        found |= {(elf.machine, kind(s.name)) for s in elf.sections}
        found |= {(elf.machine, r.type) for s in elf.sections for r in s.relocs}
        found |= {(y.type, y.bind, y.shndx if y.shndx >= E.SHN_LORESERVE else bool(y.shndx)) for y in elf.symbols}
    return found


def size(name):
    return sum(os.path.getsize(os.path.join(OBJECTS, '%s.%s.o' % (name, side))) for side in ('orig', 'patched'))


def chosen():
    """Small pairs first; of the others those that have something new."""
    seen, taken = set(), []
    for n, name in enumerate(sorted(names(), key=size)):
        new = features(name) - seen
        if new or n < MANY:
            taken.append(name)
            seen |= new
    return taken


class Seeds:
    def __init__(self, bindir, out, scratch):
        self.bindir, self.out, self.scratch = bindir, out, scratch

    def put(self, harness, name, data):
        os.makedirs(os.path.join(self.out, harness), exist_ok=True)
        with open(os.path.join(self.out, harness, name), 'wb') as f:
            f.write(data)

    def outputs(self, case, name):
        """What becomes of a pair is what `check` and `convert` read."""
        for form in ('klp', 'linkable', 'kpatch'):
            out = os.path.join(self.scratch, 'out.o')
            argv = [case.tool(), '--form', form] + case.words('options') + case.inputs() + [case.orig, case.patched, out]
            if subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0:
                self.put('check', '%s.%s' % (name, form), read(out))
                self.put('convert', '%s.%s' % (name, form), read(out))
                os.unlink(out)

    def of_fixture(self, name):
        case = C.Case(name, self.bindir, self.scratch, False)
        given = dict(zip(case.inputs()[::2], case.inputs()[1::2]))
        symbols, symvers = (read(given[o]) if o in given else b'' for o in ('-k', '-s'))
        options = (NAMED if '-m' in case.words('options') else 0) | (KLP_ARCH if '--klp-arch' in case.words('options') else 0)
        self.put('diff', name, pair(read(case.orig), read(case.patched), symbols, symvers, options))
        if not symbols:
            self.put('diff', name + '.own-symbols', pair(read(case.orig), read(case.patched), b'', symvers,
                                                         options | OWN_SYMBOLS | POSITIONS))
        self.outputs(case, name)

    def of_caches(self):
        corpus = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'corpus', 'cache')
        for name in os.listdir(corpus):
            self.put('cache', name, read(os.path.join(corpus, name)))

    def of_symbols(self):
        for name in sorted(os.listdir(C.SOURCES)):
            harness = {'.syms': 'symbols', '.symvers': 'symvers'}.get(os.path.splitext(name)[1])
            if harness:
                data = read(os.path.join(C.SOURCES, name))
                self.put(harness, name, data)
                self.put(harness, name + '.gz', gzip.compress(data, mtime=0))
        for name in ('changed-function.gcc', 's390x-changed.s390x'):
            path = os.path.join(OBJECTS, name + '.orig.o')
            if os.path.exists(path):
                self.put('symbols', name, read(path))
                self.put('symbols', name + '.readelf', subprocess.run(
                    ['readelf', '-sW', path], stdout=subprocess.PIPE, check=True).stdout)

    def make(self):
        for name in chosen():
            self.of_fixture(name)
        self.of_symbols()
        self.of_caches()


def main():
    with tempfile.TemporaryDirectory() as scratch:
        Seeds(os.path.abspath(sys.argv[1]), sys.argv[2], scratch).make()


if __name__ == '__main__':
    main()
