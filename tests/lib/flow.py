# SPDX-License-Identifier: GPL-2.0-or-later
"""Where code leads that no relocation speaks of: displacements that leave a
piece of code, and what a function runs on into. A part of verify.py's Verifier.
"""
import re

import elf as E

# after these (or a call, which may not return) no instruction follows; and what fills gaps
ENDS = {
    E.EM_X86_64: r'(?:(?:bnd|notrack|repz?|cs|ds) )*(?:ret|jmp|ud[012]|hlt|iret|sysret|call|\(bad\))',
    E.EM_AARCH64: r'(?:ret(?:a[ab])?|eret|br?|bra[ab]z?|brk|udf|blr?)(?: |$)|\.inst|\.word',
    E.EM_S390: r'(?:br|b|j|jg|brasl|bras|basr|lpswe)(?: |$)|\.(?:long|short|insn)',
    E.EM_PPC64: r'(?:blr|bctrl?|b|ba|bl|bla|rfid?|trap)(?: |$)|\.long',
    E.EM_LOONGARCH: r'(?:ret|jr|jirl|b|bl|break|ertn)(?: |$)|\.word',
}
FILLERS = r'(?:(?:cs|data16|xchg %ax,%ax) ?)*(?:nop|int3|xchg %ax,%ax|bcr 0,)'


class Flow:
    """Expects of its heir: orig, patched, out, bound, out_functions, say() and match_place()."""

    def operands(self, elf, section, start, end):
        """{offset: (length, text, address)} of the code's operands that no relocation fills in."""
        if not section.code():
            return {}
        elf.disassemble()
        taken = [r.offset for r in section.relocs if start <= r.offset < end and r.type != 0]
        return {at - start: (to - at, text, address)
                for at, (to, text, address) in elf.operands.get(section.index, {}).items()
                if start <= at and to <= end and not any(at <= r < to for r in taken)}

    def compare_operands(self, osec, ostart, psec, pstart, obytes, pbytes):
        """Equal bytes say nothing where they lead out of the piece; unequal ones may lead to the same."""
        found = []
        there = self.operands(self.patched, psec, pstart, pstart + len(pbytes))
        for at, (length, text, oaddr) in sorted(self.operands(self.out, osec, ostart, ostart + len(obytes)).items()):
            if at not in there or there[at][:2] != (length, text):
                continue
            paddr = there[at][2]
            if oaddr - ostart == paddr - pstart and 0 <= oaddr - ostart < len(obytes):
                continue
            if self.match_address(osec, oaddr, psec, paddr):
                found.append('+%#x: `%s` leads to %s, not to %s' % (at, text.strip(), self.where(self.out, osec, oaddr),
                                                                   self.where(self.patched, psec, paddr)))
            obytes[at:at + length] = pbytes[at:at + length]
        return found

    @staticmethod
    def where(elf, section, address):
        cover = elf.covering(section, address)
        return '%s+%#x' % (cover[0].name, address - cover[0].value) if cover else '%s+%#x' % (section.name, address)

    def match_address(self, osec, oaddr, psec, paddr):
        """True when two addresses that no relocation speaks of are not the same place."""
        if not 0 <= paddr < psec.size:
            return False
        if not 0 <= oaddr < osec.size:
            return True
        whole = []
        for s in (osec, psec):
            y = E.Symbol()
            y.name, y.type, y.value, y.size, y.section = s.name, E.STT_SECTION, 0, 0, s
            whole.append(y)
        return self.match_place(whole[0], oaddr, whole[1], paddr)

    def runs_on(self, elf, section, start, end):
        """Where execution goes on behind a piece of code that nothing ends, or None."""
        elf.disassemble()
        texts = elf.texts.get(section.index, {})
        inside = [at for at in sorted(texts) if start <= at < end and not re.match(FILLERS, texts[at])]
        if not inside or re.match(ENDS[elf.machine], texts[inside[-1]]):
            return None
        return min((at for at in texts if at >= end and not re.match(FILLERS, texts[at])), default=None)

    def check_runs_on(self):
        """A function that runs on into the next does so in the output."""
        for f in [f for same in self.out_functions.values() for f in same]:
            p = self.bound.get(f.index)
            if p is None or not p.size or p.section.type == E.SHT_NOBITS:
                continue
            pnext = self.runs_on(self.patched, p.section, p.value, p.value + p.size)
            if pnext is None:
                continue
            onext = self.runs_on(self.out, f.section, f.value, f.value + f.size)
            if onext is None or self.match_address(f.section, onext, p.section, pnext):
                self.say('`%s` runs on into %s, not into %s' % (
                    f.name, 'nothing' if onext is None else self.where(self.out, f.section, onext),
                    self.where(self.patched, p.section, pnext)))
