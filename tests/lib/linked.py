#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Is an object what a linker makes of others? linked.py OBJECT PART...

`ld -r` is the judge: it puts sections of one name together in the order of its operands, as the tool does. Compared are
sections with their bytes, symbols, and relocations with what they lead to. Padding between parts is a linker's own, and so
is the order of sections and symbols.
"""
import collections
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import elf as E  # noqa: E402


def content(elf):
    """Sections by name that are no tables of the file format."""
    skip = (E.SHT_NULL, E.SHT_SYMTAB, E.SHT_STRTAB, E.SHT_RELA, E.SHT_SYMTAB_SHNDX)
    return {s.name: s for s in elf.sections if s.type not in skip and s.size and not s.name.startswith('.note.GNU')}


def symbols(elf):
    return collections.Counter((y.name, y.bind, y.type, y.section.name, y.value, y.size) for y in elf.symbols[1:]
                               if y.section is not None and y.type not in (E.STT_SECTION, E.STT_FILE))


def undefined(elf):
    """Those that a relocation leads to."""
    return {(r.symbol.name, r.symbol.bind) for s in elf.sections for r in s.relocs if r.symbol.section is None}


def target(r):
    y = r.symbol
    return (y.section.name, y.value + r.addend) if y.section is not None else (y.name, y.shndx, r.addend)


def relocations(section):
    return collections.Counter((r.offset, r.type, target(r)) for r in section.relocs)


def gaps(name, parts):
    """The bytes of a section that are no part's: filling up to where the next part is aligned."""
    found, end = set(), 0
    for part in parts:
        s = content(part).get(name)
        if s is None:
            continue
        start = -(-end // (s.align or 1)) * (s.align or 1)
        found.update(range(end, start))
        end = start + s.size
    return found


def same_bytes(a, b, but):
    if a.type == E.SHT_NOBITS or b.type == E.SHT_NOBITS:
        return a.type == b.type
    return all(x == y or i in but for i, (x, y) in enumerate(zip(a.data, b.data)))


def differences(path, part_paths):
    """Yield what is not as the linker has it."""
    parts = [E.Elf(p) for p in part_paths]
    with tempfile.TemporaryDirectory(prefix='elfdiff-linked.') as work:
        judge = os.path.join(work, 'judge.o')
        subprocess.run(E.LINKER[parts[0].machine] + ['-r', '-z', 'noexecstack', '-o', judge] + list(part_paths), check=True)
        theirs = E.Elf(judge)
    ours = E.Elf(path)
    a, b = content(ours), content(theirs)
    for name in sorted(set(a) ^ set(b)):
        yield 'section %s is in one of them alone' % name
    for name in sorted(set(a) & set(b)):
        x, y = a[name], b[name]
        if (x.size, x.align, x.flags) != (y.size, y.align, y.flags):
            yield '%s: size, alignment, flags %s instead of %s' % (name, (x.size, x.align, x.flags), (y.size, y.align, y.flags))
        elif not same_bytes(x, y, gaps(name, parts)):
            yield '%s: other bytes' % name
        for what, n in (relocations(x) - relocations(y)).items():
            yield '%s: relocation %s is not in the linked one' % (name, what)
        for what, n in (relocations(y) - relocations(x)).items():
            yield '%s: relocation %s is missing' % (name, what)
    for what in (symbols(ours) - symbols(theirs)):
        yield 'symbol %s is not in the linked one' % (what,)
    for what in (symbols(theirs) - symbols(ours)):
        yield 'symbol %s is missing' % (what,)
    for what in sorted(undefined(ours) ^ undefined(theirs)):
        yield 'undefined symbol %s is in one of them alone' % (what,)


if __name__ == '__main__':
    wrong = list(differences(sys.argv[1], sys.argv[2:]))
    print('\n'.join(wrong) or 'as linked')
    sys.exit(bool(wrong))
