# SPDX-License-Identifier: GPL-2.0-or-later
"""The symbol table of a kernel or module as `readelf -s --wide` prints it, made
from what is known of a pair of objects, and what follows from it: addresses and
positions. Nothing here asks the tools under test.
"""
import os
import re

import elf as E

BASE = 0xffffffff81000000
TYPES = {E.STT_NOTYPE: 'NOTYPE', E.STT_OBJECT: 'OBJECT', E.STT_FUNC: 'FUNC', E.STT_TLS: 'TLS'}
BINDS = {E.STB_LOCAL: 'LOCAL', E.STB_GLOBAL: 'GLOBAL', E.STB_WEAK: 'WEAK'}


class Entry:
    """`own`: it is the pair's, or what the pair refers to; not another unit's of the same name."""

    def __init__(self, name, address, size, kind='FUNC', bind='GLOBAL', own=True):
        self.name, self.address, self.size, self.kind, self.bind, self.own = name, address, size, kind, bind, own


class File:
    def __init__(self, name):
        self.name = name


class Table:
    """The entries of one parent, in the order of its symbol table."""

    def __init__(self, parent):
        self.parent, self.rows, self.by_name = parent, [], {}
        self.given = None  # the text of readelf that it was read from

    def add(self, entry):
        self.rows.append(entry)
        self.by_name.setdefault(entry.name, []).append(entry)

    def mark(self):
        """What only the linked vmlinux or module has: it is all of it."""
        name, kind, address = ('_stext', 'NOTYPE', BASE) if self.parent == 'vmlinux' else ('__this_module', 'OBJECT', 0)
        if not self.entries(name):
            self.add(Entry(name, address, 0, kind, own=False))

    def whole(self):
        return bool(self.entries('_stext') or self.entries('__this_module'))

    def entries(self, name):
        return self.by_name.get(name, [])

    def position(self, entry):
        """How the kernel counts: by address in vmlinux, by the symbol table's order in a module."""
        same = self.entries(entry.name)
        if self.parent == 'vmlinux':
            same = sorted(same, key=lambda e: e.address)
        return same.index(entry) + 1 if len(same) > 1 else 0

    def find(self, name):
        """Entries that may be meant by a name: the pair's own, where that is known."""
        return [e for e in self.entries(name) if e.own] or self.entries(name)

    def addresses(self):
        """{name: the addresses that it may mean}"""
        return {name: {e.address for e in self.find(name)} for name in self.by_name}

    def text(self, files=True, localentry=False):
        if self.given:
            return self.given
        out = ['', "Symbol table '.symtab' contains %d entries:" % (
            1 + sum(files or not isinstance(row, File) for row in self.rows)),
               '   Num:    Value          Size Type    Bind   Vis      Ndx Name',
               '     0: 0000000000000000     0 NOTYPE  LOCAL  DEFAULT  UND ']
        for row in self.rows:
            if isinstance(row, File):
                if files:
                    out.append('%6d: %016x %5d %-7s %-6s %-8s %4s %s' % (len(out) - 3, 0, 0, 'FILE', 'LOCAL', 'DEFAULT',
                                                                        'ABS', row.name))
                continue
            other = ' [<localentry>: 8] ' if localentry and row.kind == 'FUNC' else ' '
            out.append('%6d: %016x %5d %-7s %-6s %-8s%s%4d %s' % (len(out) - 3, row.address, row.size, row.kind, row.bind,
                                                                  'DEFAULT', other, 1, row.name))
        return '\n'.join(out) + '\n'


# ---- a table that a fixture brings along ----

def from_file(path, parent, sizes):
    """The text of `readelf -s`, or lines of kallsyms, whose entries of other objects do not count."""
    table, readelf = Table(parent), False
    with open(path) as f:
        for line in f:
            m = re.match(r'\s*\d+: ([0-9a-f]{16})\s+(\d+) (\w+)\s+(\w+)\s+\w+\s+(\w+) ?(.*)$', line)
            if m:
                value, size, kind, bind, ndx, name = m.groups()
                if kind == 'FILE':
                    table.rows.append(File(name))
                elif ndx != 'UND':
                    table.add(Entry(name, int(value, 16), int(size), kind, bind, own=False))
                readelf = True
                continue
            m = re.match(r'([0-9a-f]{16}) (\w) (\S+)(?:\s+\[(\w+)\])?$', line)
            if m and (m.group(4) or 'vmlinux') == parent:
                letter, name = m.group(2), m.group(3)
                table.add(Entry(name, int(m.group(1), 16), sizes.get(name, 48),
                                        'FUNC' if letter in 'TtW' else 'OBJECT',
                                        'WEAK' if letter in 'WV' else 'LOCAL' if letter.islower() else 'GLOBAL',
                                        own=False))
    if readelf:
        with open(path) as f:
            table.given = f.read()
    else:
        table.mark()
    return table


# ---- a table made from the pair ----

class Maker:
    def __init__(self, orig, patched, parent, exported):
        self.orig, self.patched, self.exported = orig, patched, exported
        self.table = Table(parent)
        self.next = BASE + 0x1000 if parent == 'vmlinux' else 0
        self.taken = set()

    def place(self, size):
        at = self.next
        self.next = (at + size + 63) & ~63
        return at

    def add(self, name, size, kind, bind, own=True, address=None):
        self.table.add(Entry(name, self.place(size) if address is None else address, size, kind, bind, own))

    def shown(self, y):
        return (y.section is not None and y.section.alloc() and y.type in TYPES and y.name
                and not y.name.startswith('.L'))

    def decoys(self, odd):
        """Another unit has local symbols of the same names, some before and some behind. Static variables of functions
        are left out: their numbers alone prove nothing."""
        kinds = {y.name: TYPES[y.type] for y in self.orig.symbols if self.shown(y) and y.bind == E.STB_LOCAL
                 and y.type in (E.STT_FUNC, E.STT_OBJECT) and not re.search(r'\.\d+$', y.name)}
        self.table.rows.append(File('decoy_%d.c' % odd))
        self.add('decoy_%d' % odd, 32, 'FUNC', 'LOCAL', own=False)
        for name in list(kinds)[odd::2]:
            self.add(name, 24, kinds[name], 'LOCAL', own=False)

    def unit(self):
        """The original's symbols, at addresses as the linker would give them."""
        bases = {s.index: self.place(s.size) for s in self.orig.sections if s.alloc()}
        if not any(y.type == E.STT_FILE for y in self.orig.symbols):
            self.table.rows.append(File(os.path.basename(self.orig.path)))  # the linker's doing
        for y in self.orig.symbols:
            if y.type == E.STT_FILE and y.bind == E.STB_LOCAL:
                self.table.rows.append(File(y.name))
            elif self.shown(y) and y.bind == E.STB_LOCAL:
                self.add(y.name, y.size, TYPES[y.type], 'LOCAL', address=bases[y.section.index] + y.value)
        return bases

    def rest(self, bases):
        for y in self.orig.symbols:
            if y.bind != E.STB_LOCAL and self.shown(y):
                self.taken.add(y.name)
                self.add(y.name, y.size, TYPES[y.type], BINDS[y.bind], address=bases[y.section.index] + y.value)
            elif y.shndx == E.SHN_COMMON:
                self.taken.add(y.name)
                self.add(y.name, y.size, 'OBJECT', 'GLOBAL')
        defined = {y.name for elf in (self.orig, self.patched) for y in elf.symbols if y.shndx != E.SHN_UNDEF}
        defined |= self.taken
        for elf in (self.orig, self.patched):
            for y in elf.symbols:
                if y.shndx == E.SHN_UNDEF and y.name and y.name not in defined:
                    defined.add(y.name)
                    if self.table.parent == 'vmlinux' or y.name not in self.exported:
                        self.add(y.name, 40, 'FUNC', 'GLOBAL')

    def make(self, decoys):
        self.table.mark()
        if decoys:
            self.decoys(1)
        bases = self.unit()
        if decoys:
            self.decoys(0)
        self.rest(bases)
        return self.table


def from_pair(orig, patched, parent, exported=(), decoys=True):
    return Maker(orig, patched, parent, exported).make(decoys)
