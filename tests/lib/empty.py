# SPDX-License-Identifier: GPL-2.0-or-later
"""empty.py - replacements without bytes: an entry names a place, and nothing of what stands there is meant"""
import elf as E

ALTERNATIVES = '.altinstructions'
# bytes of an entry: where it holds the length of its replacement
LENGTHS = {E.EM_X86_64: {12: 11, 13: 11, 14: 13}, E.EM_S390: {12: 11}}


class Empty:
    def is_empty(self, elf, section, reloc):
        """The relocation is an entry's that replaces code with nothing, and names the place of that."""
        if section.name in E.FEATURES:
            ends = {r.offset: r.symbol.value + r.addend for r in section.relocs}
            return reloc.offset % 48 == 32 and ends.get(reloc.offset + 8) == ends[reloc.offset] + 8
        size = self.tables[ALTERNATIVES][0]
        length = LENGTHS.get(elf.machine, {}).get(size)
        at = reloc.offset - reloc.offset % size
        return section.name == ALTERNATIVES and length is not None and reloc.offset == at + 4 and not section.data[at + length]

    def match_empty(self, osec, oreloc, psec, preloc):
        """It has none in the output, and its place is in a section of that name, or right behind it."""
        o, p = oreloc.symbol, preloc.symbol
        if not self.is_empty(self.out, osec, oreloc):
            return 'a replacement has bytes that had none'
        if o.section is None or p.section is None or o.section.name != p.section.name:
            return 'a replacement without bytes has its place elsewhere'
        at = o.value + oreloc.addend + self.out.bias(osec, oreloc)
        return None if 0 <= at <= o.section.size else 'a replacement without bytes stands at %#x' % at
