# SPDX-License-Identifier: GPL-2.0-or-later
"""ppc64le: what a function finds by r2 and r12, and what it can call. A part of verify.py's Verifier.

By arch/powerpc/kernel/module_64.c: a branch to what is not in the module goes through a stub, which saves r2; a nop
behind `bl` becomes what loads it again. Nothing but a slot of .toc holds an address that is far away.
"""
import elf as E

REL24, NEAR = 10, {11, 47, 48, 49, 50, 63, 64, 249, 250, 251, 252}
OWN = ('.TOC.', '_mcount')
OWN_PREFIXES = ('_savegpr', '_restgpr')
NOP, LOAD_DISTANCE = 0x60000000, 0xe84cfff8  # ld r2,-8(r12)


class Toc:
    """Expects of its heir: patched, out, compare_range() and say()."""

    def compare_lead(self, osymbol, psymbol):
        """The distance of the TOC stands before a function that loads it from there."""
        section = psymbol.section
        if self.patched.machine != E.EM_PPC64 or not section.code() or psymbol.value + 4 > section.size:
            return []
        if self.patched.unpack('I', psymbol.value, section.data)[0] != LOAD_DISTANCE:
            return []
        if osymbol.value < 8:
            return ['has nothing before it, where the distance of its TOC should stand']
        return ['before it: ' + t for t in self.compare_range(osymbol.section, osymbol.value - 8, section,
                                                             psymbol.value - 8, 8)]

    @staticmethod
    def is_end(r, section):
        """A field of a feature's entry that says where code ends (and its addend counts from the entry)."""
        return section.name in E.FEATURES and r.offset % 48 in (24, 40)

    def match_end(self, osec, oreloc, psec, preloc):
        """It ends as far behind its start as it did."""
        sizes = []
        for section, end in (osec, oreloc), (psec, preloc):
            start = next((r for r in section.relocs if r.offset == end.offset - 8), None)
            if start is None or start.symbol.section is not end.symbol.section:
                return 'an end without a start'
            sizes.append(end.symbol.value + end.addend - 8 - start.symbol.value - start.addend)
        return None if sizes[0] == sizes[1] else 'it ends %d bytes behind its start, not %d' % tuple(sizes)

    def word(self, section, at):
        return self.out.unpack('I', at, section.data)[0] if at + 4 <= section.size else None

    def check_reach(self):
        if self.out.machine != E.EM_PPC64:
            return
        for s in self.out.sections:
            for r in s.relocs:
                y = r.symbol
                if y.index == 0 or y.section is not None or y.name in OWN or y.name.startswith(OWN_PREFIXES):
                    continue
                if r.type in NEAR:
                    self.say('%s+%#x cannot reach `%s` from a module' % (s.name, r.offset, y.name))
                if r.type == REL24 and not (self.word(s, r.offset) & 1 and self.word(s, r.offset + 4) == NOP):
                    self.say('%s+%#x calls `%s`, which leaves another TOC behind' % (s.name, r.offset, y.name))
