# SPDX-License-Identifier: GPL-2.0-or-later
"""elf.py - just enough of ELF64 objects for the kernel tests

It is written without a look at the library under test, so that the two cannot share a mistake.
"""
import re
import struct
from bisect import bisect_left
from collections import namedtuple

import machines

SHT_RELA, SHT_NOBITS, SHT_SYMTAB_SHNDX = 4, 8, 18
SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR, SHF_STRINGS = 1, 2, 4, 0x20
STT_OBJECT, STT_FUNC, STT_SECTION, STT_FILE = 1, 2, 3, 4
SHN_UNDEF, SHN_LORESERVE, SHN_XINDEX = 0, 0xFF00, 0xFFFF

Section = namedtuple("Section", "index name type flags size data")
Symbol = namedtuple("Symbol", "index name type bind shndx value size")
Reloc = namedtuple("Reloc", "offset type symbol addend")


class Object:
    def __init__(self, path):
        with open(path, "rb") as f:
            self.raw = memoryview(f.read())
        if bytes(self.raw[:5]) != b"\x7fELF\x02":
            raise ValueError(f"{path}: not a 64-bit ELF file")
        self.path, self.machine = path, machines.of_file(path)
        self.order = self.machine.order
        self._read_sections()
        self._read_symbols()
        self._relocs = {}

    def _read_sections(self):
        shoff, = struct.unpack_from(self.order + "Q", self.raw, 0x28)
        shentsize, shnum, shstrndx = struct.unpack_from(self.order + "HHH", self.raw, 0x3A)
        layout = self.order + "IIQQQQIIQQ"
        headers = [struct.unpack_from(layout, self.raw, shoff)]
        shnum = shnum or headers[0][5]
        shstrndx = shstrndx if shstrndx != 0xFFFF else headers[0][6]
        headers = [struct.unpack_from(layout, self.raw, shoff + i * shentsize) for i in range(shnum)]
        names = headers[shstrndx][4]
        self.sections, self._rela_of, self._symtab, self._far = [], {}, None, ()
        for i, (name, kind, flags, _, offset, size, link, info, _, _) in enumerate(headers):
            data = self.raw[offset:offset + size] if kind != SHT_NOBITS else memoryview(b"")
            self.sections.append(Section(i, self._string(names + name), kind, flags, size, data))
            if kind == SHT_RELA:
                self._rela_of[info] = i
            elif kind == 2:
                self._symtab = (i, headers[link][4])
            elif kind == SHT_SYMTAB_SHNDX:
                self._far = struct.unpack(f"{self.order}{size // 4}I", data)
        self.by_name = {s.name: s for s in self.sections}

    def _string(self, at):
        end = at
        while self.raw[end]:
            end += 1
        return bytes(self.raw[at:end]).decode("utf-8", "replace")

    def _read_symbols(self):
        index, strings = self._symtab
        self.symbols = []
        layout = self.order + "IBBHQQ"
        for i, (name, info, _, shndx, value, size) in enumerate(struct.iter_unpack(layout, self.sections[index].data)):
            kind = info & 15
            text = self._string(strings + name) if name else ""
            if shndx >= SHN_LORESERVE: # negative: no section, of which there may be as many
                shndx = self._far[i] if shndx == SHN_XINDEX else shndx - 0x10000
            if kind == STT_SECTION and shndx < len(self.sections):
                text = self.sections[shndx].name
            self.symbols.append(Symbol(i, text, kind, info >> 4, shndx, value, size))

    def relocs(self, section):
        """Relocations applied to a section, by offset."""
        if section.index not in self._relocs:
            rela, found = self._rela_of.get(section.index), []
            if rela is not None:
                for offset, info, addend in struct.iter_unpack(self.order + "QQq", self.sections[rela].data):
                    found.append(Reloc(offset, info & 0xFFFFFFFF, self.symbols[info >> 32], addend))
                found.sort(key=lambda r: r.offset)
            self._relocs[section.index] = found
        return self._relocs[section.index]

    def functions(self):
        return [s for s in self.symbols if s.type == STT_FUNC and 0 < s.shndx < len(self.sections)]

    def string_at(self, section, offset):
        data = bytes(section.data)
        if not 0 <= offset < len(data):
            return None
        end = data.find(b"\0", offset)
        return data[offset:end if end >= 0 else len(data)]

    def traceable(self):
        """Functions that ftrace hooks: it looks for a place from where they begin to their end (ftrace_location())."""
        places = [(r.symbol.shndx, r.symbol.value + r.addend)
                  for s in self.sections if s.name == self.machine.traced for r in self.relocs(s)]
        by_section = {}
        for index, offset in sorted(places):
            by_section.setdefault(index, []).append(offset)
        found = []
        for f in self.functions():
            offsets = by_section.get(f.shndx, [])
            at = bisect_left(offsets, f.value)
            if at < len(offsets) and offsets[at] < f.value + f.size:
                found.append(f)
        return found


def base_name(name):
    """The name without what a compiler appends: foo.isra.0 -> foo, __func__.12 -> __func__."""
    return re.sub(r"(\.(isra|constprop|part|cold|lto_priv|llvm)\b[.\d]*|\.\d+)+$", "", name)
