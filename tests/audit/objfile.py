# SPDX-License-Identifier: GPL-2.0-or-later
"""objfile.py - a relocatable object as the audit reads it: sections, symbols, relocations, and what an address means

Written from the ELF specification and the psABI supplements, apart from the library and from tests/lib.
"""
import bisect
import re
import struct
from collections import defaultdict

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

X86, ARM64, S390, PPC64 = 62, 183, 22, 21
SHF_WRITE, SHF_ALLOC, SHF_EXEC, SHF_MERGE, SHF_STRINGS, SHF_TLS = 1, 2, 4, 0x10, 0x20, 0x400
SHT_NOBITS, SHT_RELA, SHT_NOTE = 8, 4, 7
UNDEF, ABS, COMMON = 0, 0xfff1, 0xfff2
NOTYPE, OBJECT, FUNC, SECTION, FILE, TLS, IFUNC = 0, 1, 2, 3, 4, 6, 10
LOCAL, GLOBAL, WEAK = 0, 1, 2

# type: (bytes that it fills, what it stands for). Types with one meaning have one name: the linker or the module
# loader treats them alike (PLT32 as PC32, 32 as 32S when the value fits is not taken for granted).
RELOCATIONS = {
    X86: {1: (8, 'abs'), 2: (4, 'pc'), 4: (4, 'pc'), 9: (4, 'gotpc'), 10: (4, 'abs32'), 11: (4, 'abs32s'),
          12: (2, 'abs16'), 13: (2, 'pc'), 14: (1, 'abs8'), 15: (1, 'pc'), 24: (8, 'pc'), 41: (4, 'gotpc'),
          42: (4, 'gotpc')},
    ARM64: {257: (8, 'abs'), 258: (4, 'abs32'), 260: (8, 'pc'), 261: (4, 'pc'), 273: (4, 'lit'), 274: (4, 'adr'),
            275: (4, 'page'), 276: (4, 'page'), 277: (4, 'lo12'), 278: (4, 'lo12-8'), 279: (4, 'tst'),
            280: (4, 'br19'), 282: (4, 'jump'), 283: (4, 'call'), 284: (4, 'lo12-16'), 285: (4, 'lo12-32'),
            286: (4, 'lo12-64'), 299: (4, 'lo12-128'), 263: (4, 'g0'), 264: (4, 'g0'), 265: (4, 'g1'),
            266: (4, 'g1'), 267: (4, 'g2'), 268: (4, 'g2'), 269: (4, 'g3')},
    S390: {1: (1, 'abs8'), 4: (4, 'abs32'), 5: (4, 'pc'), 16: (2, 'pcdbl'), 17: (2, 'pcdbl'), 19: (4, 'pcdbl'),
           20: (4, 'pcdbl'), 22: (8, 'abs'), 23: (8, 'pc'), 26: (4, 'gotent'), 3: (2, 'abs16'), 2: (2, 'abs12')},
    PPC64: {1: (4, 'abs32'), 10: (4, 'rel24'), 116: (4, 'rel24'), 11: (4, 'rel14'), 26: (4, 'pc'), 38: (8, 'abs'),
            44: (8, 'pc'), 47: (2, 'toc16'), 48: (2, 'toc16lo'), 49: (2, 'toc16hi'), 50: (2, 'toc16ha'), 51: (8, 'toc'),
            63: (2, 'toc16ds'), 64: (2, 'toc16lods'), 249: (2, 'rel16'), 250: (2, 'rel16lo'), 251: (2, 'rel16hi'),
            252: (2, 'rel16ha'), 4: (2, 'lo'), 5: (2, 'hi'), 6: (2, 'ha'), 253: (8, 'entry')},
}
# Relocations without a place of their own: markers and hints.
MARKERS = {X86: {0}, ARM64: {0, 256}, S390: {0}, PPC64: {0, 60, 65, 66, 118, 119}}


class Sym:
    __slots__ = ('name', 'value', 'size', 'type', 'bind', 'shndx', 'index', 'file')

    def __init__(self, name, value, size, kind, bind, shndx, index, file):
        self.name, self.value, self.size, self.type, self.bind = name, value, size, kind, bind
        self.shndx, self.index, self.file = shndx, index, file

    def __repr__(self):
        return self.name


class Reloc:
    __slots__ = ('offset', 'type', 'sym', 'addend', 'size', 'kind', 'place')

    def __init__(self, offset, rtype, sym, addend, size, kind, place=0):
        self.offset, self.type, self.sym, self.addend, self.size, self.kind = offset, rtype, sym, addend, size, kind
        self.place = place  # in the file


class Section:
    __slots__ = ('name', 'type', 'flags', 'size', 'data', 'index', 'align', 'entsize', 'relocs', 'offsets', 'link',
                 'offset', 'reloc_place')

    def alloc(self):
        return bool(self.flags & SHF_ALLOC)

    def code(self):
        return bool(self.flags & SHF_EXEC)

    def strings(self):
        return bool(self.flags & SHF_STRINGS)

    def constant(self):
        """The running code does not write here: read-only, or only relocated."""
        return not self.flags & SHF_WRITE or self.name.startswith('.data.rel.ro')

    def between(self, start, end):
        return self.relocs[bisect.bisect_left(self.offsets, start):bisect.bisect_left(self.offsets, end)]


def plain(name):
    """A name without the numbers that the compiler or __COUNTER__ gave it."""
    name = re.sub(r'\.\d+(?=$|\.)', '', name)
    return re.sub(r'^((?:.*\.)?__UNIQUE_ID_.*?[a-zA-Z_]|__BTF_ID__.*__)\d+$', r'\1', name)


def section_kind(name):
    """A section's name without the function or variable that -ffunction-sections put behind it."""
    m = re.match(r'\.(text\.unlikely|text\.hot|text|rodata\.str1|rodata\.cst\d+|rodata|data\.rel\.ro\.local|data\.rel\.ro|'
                 r'data\.rel\.local|data\.rel|data\.\.?read_mostly|data\.\.?once|data\.\.?ro_after_init|data|bss)(\.|$)', name)
    return '.' + re.sub(r'^text\..*', 'text', m.group(1)) if m else name


class Object:
    def __init__(self, path):
        self.path = path
        try:
            with open(path, 'rb') as f:
                elf = ELFFile(f)
                self.machine = elf.header['e_machine'] if isinstance(elf.header['e_machine'], int) else \
                    {'EM_X86_64': X86, 'EM_AARCH64': ARM64, 'EM_S390': S390, 'EM_PPC64': PPC64}[elf.header['e_machine']]
                self.order = '<' if elf.little_endian else '>'
                self._read(elf)
        except (ELFError, KeyError) as e:
            raise ValueError('%s: %s' % (path, e)) from e
        self._index()

    def _read(self, elf):
        self.sections, raw = [], []
        for n, s in enumerate(elf.iter_sections()):
            x = Section()
            kind = s['sh_type']
            x.name, x.index, x.size, x.flags = s.name, n, s['sh_size'], s['sh_flags']
            x.align, x.entsize, x.link, x.offset = s['sh_addralign'], s['sh_entsize'], s['sh_link'], s['sh_offset']
            x.type = {'SHT_NOBITS': SHT_NOBITS, 'SHT_RELA': SHT_RELA, 'SHT_NOTE': SHT_NOTE}.get(kind, 1)
            wanted = x.alloc() and x.type != SHT_NOBITS or kind in ('SHT_RELA', 'SHT_SYMTAB', 'SHT_STRTAB') or \
                x.name.startswith('.gnu.lto')
            elf.stream.seek(x.offset)
            x.data = elf.stream.read(x.size) if wanted else b''
            if x.alloc() and x.type == SHT_NOBITS and x.size < 1 << 26:
                x.data = bytes(x.size)
            x.relocs, x.offsets, x.reloc_place = [], [], None
            self.sections.append(x)
            raw.append((kind, s['sh_info']))
        self._symbols([x for x, (k, _) in zip(self.sections, raw) if k == 'SHT_SYMTAB'])
        for x, (kind, info) in zip(self.sections, raw):
            if kind == 'SHT_RELA' and info < len(self.sections) and self.sections[info].alloc():
                self._relocs(x, self.sections[info])

    def _symbols(self, tables):
        self.symbols, file = [], ''
        for table in tables[:1]:
            strings = self.sections[table.link].data
            for n, (name, info, _, shndx, value, size) in enumerate(struct.iter_unpack(self.order + 'IBBHQQ', table.data)):
                text = strings[name:strings.find(b'\0', name)].decode('utf-8', 'replace')
                if info & 15 == FILE:
                    file = text
                self.symbols.append(Sym(text, value, size, info & 15, info >> 4, shndx, n, file if info >> 4 == 0 else ''))

    def _relocs(self, table, target):
        known, markers = RELOCATIONS.get(self.machine, {}), MARKERS.get(self.machine, {0})
        for place, (offset, info, addend) in enumerate(struct.iter_unpack(self.order + 'QQq', table.data)):
            rtype, sym = info & 0xffffffff, self.symbols[info >> 32]
            if rtype not in markers:
                size, kind = known.get(rtype, (4, 'type%d' % rtype))
                target.relocs.append(Reloc(offset, rtype, sym, addend, size, kind, table.offset + 24 * place))
        target.relocs.sort(key=lambda r: (r.offset, r.type))
        target.offsets = [r.offset for r in target.relocs]
        target.reloc_place = table

    def _index(self):
        self.at = defaultdict(list)  # section -> sorted (value, Sym) of names that stand for something
        for y in self.symbols:
            if y.type in (SECTION, FILE) or not y.name or y.shndx in (UNDEF, ABS, COMMON) or y.shndx >= len(self.sections):
                continue
            if not self.sections[y.shndx].alloc():
                continue
            if y.bind == LOCAL and y.type == NOTYPE and (y.name.startswith(('.L', '$')) or not y.size and
                                                        not self.sections[y.shndx].code()):
                continue
            self.at[y.shndx].append(y)
        self.keys = {}
        for n, found in self.at.items():
            found.sort(key=lambda y: (y.value, -y.size, y.bind == LOCAL, y.name))
            self.keys[n] = [y.value for y in found]
        self.marks = {}

    def names_at(self, section, offset):
        """[(Sym, delta)]: symbols that cover an address, or end at it."""
        found, out = self.at.get(section, []), []
        n = bisect.bisect_right(self.keys.get(section, []), offset)
        for y in reversed(found[max(0, n - 12):n]):
            if offset < y.value + max(y.size, 1) or (y.size == 0 and not out and self.sections[section].code()):
                out.append((y, offset - y.value))
        ends = [(y, y.size) for y in found[max(0, n - 12):n] if y.size and y.value + y.size == offset]
        return out, ends

    def boundaries(self, section):
        """Offsets in a section at which something begins: symbols, and what relocations lead to."""
        if section not in self.marks:
            self._mark()
        return self.marks.get(section, [])

    def _mark(self):
        marks = defaultdict(set)
        for n, found in self.at.items():
            for y in found:
                marks[n].update((y.value, y.value + y.size))
        for s in self.sections:
            for r in s.relocs:
                if r.sym.type == OBJECT and r.sym.size:
                    continue  # into that variable, however it is counted from
                if r.sym.shndx and r.sym.shndx < len(self.sections) and not self.sections[r.sym.shndx].code():
                    slack = 4 if self.machine == X86 and r.kind == 'pc' and s.code() else 0
                    marks[r.sym.shndx].add(r.sym.value + r.addend + slack)
        self.marks = {n: sorted(m) for n, m in marks.items()}
        for n in range(len(self.sections)):
            self.marks.setdefault(n, [])

    def chunk(self, section, offset):
        """The end of an anonymous piece of data that begins at an offset."""
        marks = self.boundaries(section)
        n = bisect.bisect_right(marks, offset)
        end = marks[n] if n < len(marks) else self.sections[section].size
        return min(end, self.sections[section].size)

    def string(self, section, offset):
        data, width = self.sections[section].data, max(1, self.sections[section].entsize)
        if width == 1:
            end = data.find(b'\0', offset)
            return data[offset:end if end >= 0 else len(data)]
        end = offset
        while end + width <= len(data) and any(data[end:end + width]):
            end += width
        return data[offset:end]
