# SPDX-License-Identifier: GPL-2.0-or-later
"""distance.py - tables of distances from their own start: their relocations lead as far beyond as they stand behind it"""
import elf as E


class Distance:
    def may_be_distance(self, section, r):
        """An offset into a section of code that counts from a place of data which is no special table's."""
        return (not section.code() and section.name not in self.tables and r.type in E.PC_RELATIVE[self.patched.machine]
                and r.symbol.type == E.STT_SECTION and r.symbol.section.code())

    def table_around(self, section, offset):
        """From the last place before that something refers to, up to the next one."""
        bounds = self.boundaries.get(section.index, [])
        return (max([b for b in bounds if b <= offset], default=0),
                min([b for b in bounds if b > offset], default=section.size))

    def leads_somewhere(self, places):
        """All (section, address) are in one function, or each is where one begins."""
        functions = [[y for y in self.patched.covering(s, at) if y.type == E.STT_FUNC] for s, at in places]
        if not all(functions):
            return False
        return (len({y[0].value for y in functions}) == 1
                or all(y[0].value == at for y, (_, at) in zip(functions, places)))

    def beyond(self, section, reloc):
        """How far a relocation of the patched object leads beyond what it means."""
        if not self.may_be_distance(section, reloc):
            return 0
        start, end = self.table_around(section, reloc.offset)
        entries = [r for r in section.relocs if start <= r.offset < end and self.may_be_distance(section, r)]
        direct = [(r.symbol.section, r.addend) for r in entries]
        counted = [(r.symbol.section, r.addend - (r.offset - start)) for r in entries]
        if self.leads_somewhere(direct) or not self.leads_somewhere(counted):
            return 0
        return reloc.offset - start
