# SPDX-License-Identifier: GPL-2.0-or-later
"""Damage ELF64 objects, one field at a time."""
import struct

EHDR = {'class': (4, 'B'), 'data': (5, 'B'), 'type': (16, 'H'), 'machine': (18, 'H'), 'shoff': (40, 'Q'),
        'shentsize': (58, 'H'), 'shnum': (60, 'H'), 'shstrndx': (62, 'H')}
SHDR = {'name': (0, 'I'), 'type': (4, 'I'), 'flags': (8, 'Q'), 'offset': (24, 'Q'), 'size': (32, 'Q'), 'link': (40, 'I'),
        'info': (44, 'I'), 'addralign': (48, 'Q'), 'entsize': (56, 'Q')}
SYM = {'name': (0, 'I'), 'info': (4, 'B'), 'shndx': (6, 'H'), 'value': (8, 'Q'), 'size': (16, 'Q')}
RELA = {'offset': (0, 'Q'), 'type': (8, 'I'), 'sym': (12, 'I'), 'addend': (16, 'q')}
SHT_SYMTAB, SHT_STRTAB, SHT_RELA, SHT_NOBITS = 2, 3, 4, 8
SHF_ALLOC, SHF_EXECINSTR = 2, 4
HUGE = 1 << 63


class Image:
    """ELF64 bytes of either order with fields by name."""

    def __init__(self, data):
        self.data = bytearray(data)
        self.order = '>' if self.data[5] == 2 else '<'
        self.shoff, self.shnum = self.ehdr('shoff'), self.ehdr('shnum')

    def get(self, base, field):
        return struct.unpack_from(self.order + field[1], self.data, base + field[0])[0]

    def put(self, base, field, value):
        struct.pack_into(self.order + field[1], self.data, base + field[0], value)

    def ehdr(self, name):
        return self.get(0, EHDR[name])

    def section(self, i, name):
        return self.get(self.shoff + 64 * i, SHDR[name])

    def put_section(self, i, name, value):
        self.put(self.shoff + 64 * i, SHDR[name], value)

    def section_name(self, i):
        at = self.section(self.ehdr('shstrndx'), 'offset') + self.section(i, 'name')
        return bytes(self.data[at:self.data.index(0, at)]).decode()

    def find(self, test):
        return next(i for i in range(1, self.shnum) if test(i))

    def symtab(self):
        return self.find(lambda i: self.section(i, 'type') == SHT_SYMTAB)

    def text_rela(self):
        """Relocations of a function."""
        return self.find(lambda i: self.section(i, 'type') == SHT_RELA and
                         self.section(self.section(i, 'info'), 'flags') & SHF_EXECINSTR)

    def symbol_at(self, n):
        return self.section(self.symtab(), 'offset') + 24 * n

    def function(self):
        """Number of a defined function symbol."""
        count = self.section(self.symtab(), 'size') // 24
        return next(n for n in range(1, count) if self.get(self.symbol_at(n), SYM['info']) & 15 == 2 and
                    self.get(self.symbol_at(n), SYM['shndx']))

    def copy(self):
        return Image(self.data)


def headers_first(data):
    """The same object with its section headers before the contents: cutting the end cuts contents, not headers."""
    image = Image(data)
    table = bytearray(data[image.shoff:image.shoff + 64 * image.shnum])
    shift = len(table)
    for i in range(1, image.shnum):
        at = 64 * i + SHDR['offset'][0]
        struct.pack_into('<Q', table, at, struct.unpack_from('<Q', table, at)[0] + shift)
    moved = bytearray(data[:64]) + table + data[64:image.shoff]
    struct.pack_into('<Q', moved, EHDR['shoff'][0], 64)
    end = max(Image(moved).section(i, 'offset') + Image(moved).section(i, 'size') for i in range(1, image.shnum)
              if image.section(i, 'type') != SHT_NOBITS)
    return bytes(moved[:end])  # no padding that could be missed


def cuts(data, count):
    """Lengths at which to cut: (every boundary and its neighbours, `count` more in between)."""
    image = Image(data)
    edges = {0, 1, 3, 4, 5, 15, 16, 17, 20, 52, 63, 64, 65, len(data) - 1}
    for i in range(image.shnum):
        edges |= {image.shoff + 64 * i + d for d in (-1, 0, 1)}
        if i and image.section(i, 'type') != SHT_NOBITS:
            start = image.section(i, 'offset')
            end = start + image.section(i, 'size')
            edges |= {start - 1, start, start + 1, end - 1, end}
    edges = {n for n in edges if 0 <= n < len(data)}
    between = {len(data) * k // count for k in range(count)} - edges
    return sorted(edges), sorted(between)


def damaged(data):
    """(name, bytes) of objects with one field that cannot be right."""
    good = Image(data)
    symtab, rela, function = good.symtab(), good.text_rela(), good.function()
    target = good.section(rela, 'info')
    strtab = good.section(symtab, 'link')
    symbol, reloc = good.symbol_at(function), good.section(rela, 'offset')

    def section(number, field, *values):
        for value in values:
            image = good.copy()
            image.put_section(number, field, value)
            yield '%s %s %#x' % (good.section_name(number), field, value), image.data

    def at(what, base, fields, field, *values):
        for value in values:
            image = good.copy()
            image.put(base, fields[field], value)
            yield '%s %s %#x' % (what, field, value), image.data

    yield from at('header', 0, EHDR, 'class', 0, 1, 3)
    yield from at('header', 0, EHDR, 'data', 0, 2, 3)
    yield from at('header', 0, EHDR, 'type', 0, 2, 3, 4, 0xffff)
    yield from at('header', 0, EHDR, 'machine', 0, 3, 22, 183, 0xbeef)
    yield from at('header', 0, EHDR, 'shoff', 0, 1, len(data), len(data) - 63, HUGE, 2 * HUGE - 64)
    yield from at('header', 0, EHDR, 'shentsize', 0, 63, 65, 0xffff)
    yield from at('header', 0, EHDR, 'shnum', 0, 1, 0xfeff)
    yield from at('header', 0, EHDR, 'shstrndx', 0, target, good.shnum, 0xff00, 0xffff)
    yield from section(symtab, 'link', 0, symtab, target, good.shnum, 0xffffffff)
    yield from section(symtab, 'info', 0, 0x7fffffff, 0xffffffff)
    yield from section(symtab, 'entsize', 0, 23, 25)
    yield from section(symtab, 'size', 1, 25, HUGE, 2 * HUGE - 24)
    yield from section(symtab, 'offset', len(data), HUGE, 2 * HUGE - 24)
    yield from section(symtab, 'type', 1, 0x7ffffff0)
    yield from section(strtab, 'type', 1, SHT_NOBITS)
    yield from section(strtab, 'size', 1, HUGE)
    yield from section(rela, 'info', 0, rela, symtab, good.shnum, 0xffffffff)
    yield from section(rela, 'link', 0, rela, target, good.shnum, 0xffffffff)
    yield from section(rela, 'entsize', 0, 16)
    yield from section(rela, 'size', 23, HUGE, 2 * HUGE - 24)
    yield from section(target, 'name', 0xffffff, 0xffffffff)
    yield from section(target, 'link', good.shnum, 0xffffffff)
    yield from section(target, 'offset', len(data), HUGE)
    yield from section(target, 'size', 1, HUGE, 2 * HUGE - 1)
    yield from section(target, 'type', SHT_SYMTAB, SHT_NOBITS)
    yield from section(target, 'addralign', 3)
    yield from at('symbol', symbol, SYM, 'name', 0xffffff, 0xffffffff)
    yield from at('symbol', symbol, SYM, 'shndx', good.shnum, 0xfeff, 0xff7f, 0xffff)
    yield from at('symbol', symbol, SYM, 'value', 0x10000, 2 * HUGE - 1)
    yield from at('symbol', symbol, SYM, 'size', 0x10000, 2 * HUGE - 1)
    yield from at('relocation', reloc, RELA, 'sym', 0xffffff, 0xffffffff)
    yield from at('relocation', reloc, RELA, 'offset', 0x10000, HUGE, 2 * HUGE - 1)
    yield from at('relocation', reloc, RELA, 'type', 0xffff, 0xffffffff)
