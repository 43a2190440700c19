# SPDX-License-Identifier: GPL-2.0-or-later
"""Runtime constants: values that boot writes into the kernel's code, and that a
patch reads from their variables instead. A part of verify.py's Verifier.

The patched object lists its loads in sections runtime_ptr_VARIABLE; in the
output stands, at the same place and of the same size, what the disassembler
reads as a load of the variable into the same register.
"""
import copy
import re

import elf as E

PREFIX = 'runtime_ptr_'
# instructions of the patched object's load, {reg} being found in the first; those of the output's, which the last
# pattern may follow; where the output's relocations stand, and their types
LOADS = {
    E.EM_X86_64: ([r'movabs \$0x123456789abcdef,(?P<reg>%\w+)'],
                  [r'mov 0x0\(%rip\),{reg}(?: |$)'], r'(?:data16 |cs )*nop', [(3, 2)]),
    E.EM_AARCH64: ([r'mov (?P<reg>x\d+), #0xcdef\b', r'movk {reg}, #0x89ab, lsl #16', r'movk {reg}, #0x4567, lsl #32',
                    r'movk {reg}, #0x123, lsl #48'],
                   [r'adrp {reg}, ', r'ldr {reg}, \[{reg}\]$'], r'nop', [(0, 275), (4, 286)]),
    E.EM_S390: ([r'iihf (?P<reg>%r\d+),19088743', r'iilf {reg},2309737967'],
                [r'lgrl {reg},'], r'(?:brcl 0,|jgnop )', [(2, 19)]),
}


class Runtime:
    """Expects of its heir: patched, out, itself, say(), kernel_name() and match_target()."""

    def runtime_loads(self, section):
        """{offset in the section of the patched object: (its end, register, variable)}"""
        if self.known_loads is None:
            self.known_loads = {}
            for s in self.patched.sections:
                for r in s.relocs if s.name.startswith(PREFIX) else []:
                    self.add_load(s, r)
        return self.known_loads.get(section.index, {})

    def add_load(self, table, r):
        section, address = r.symbol.section, r.symbol.value + r.addend
        start, end, reg = self.read_code(self.patched, section, address, LOADS[self.patched.machine][0], None)
        if start is None:
            return  # whoever copies it has to be found out: its bytes are expected as they are
        self.known_loads.setdefault(section.index, {})[start] = (end, reg, table.name[len(PREFIX):])

    @staticmethod
    def read_code(elf, section, address, patterns, reg):
        """(start, end, register) of instructions of these patterns, or Nones."""
        insn = elf.instruction(section, address)
        start = at = insn[0] if insn else None
        for pattern in patterns:
            insn = elf.instruction(section, at) if at is not None else None
            m = insn and insn[0] == at and re.match(pattern.replace('{reg}', reg or ''), elf.texts[section.index][at])
            if not m:
                return None, None, None
            reg, at = m.groupdict().get('reg') or reg, insn[1]
        return start, at, reg

    def undo_far_form(self, orelocs, prelocs, obytes, pbytes):
        """s390x: where `larl` became `lgrl` of the GOT, to reach what is outside, the output's is read as the former."""
        for at in set(orelocs) & set(prelocs) if self.out.machine == E.EM_S390 else []:
            o, p = orelocs[at], prelocs[at]
            if (o.type, o.symbol.section) == (26, None) and p.type in (19, 20):
                was, now = pbytes[at - 2:at], obytes[at - 2:at]
                if was[0] == 0xc0 and not was[1] & 0xf and now == bytes([0xc4, was[1] | 8]):
                    orelocs[at] = copy.copy(o)
                    orelocs[at].type = p.type
                    obytes[at - 2:at] = was

    def compare_loads(self, osec, ostart, psec, pstart, size, orelocs, obytes, pbytes):
        """What is wrong with the loads of a range, in words; takes them out of what is left to be compared."""
        found = []
        for start, (end, reg, variable) in sorted(self.runtime_loads(psec).items() if psec.code() else []):
            at, length = start - pstart, end - start
            if at < 0 or at + length > size or (self.itself and obytes[at:at + length] == pbytes[at:at + length]):
                continue
            why = self.match_load(osec, ostart + at, length, reg, variable,
                                  {k - at: orelocs.pop(k) for k in sorted(orelocs) if at <= k < at + length})
            if why:
                found.append('+%#x: %s' % (at, why))
            obytes[at:at + length] = pbytes[at:at + length]
        return found

    def match_load(self, osec, address, length, reg, variable, relocs):
        _, patterns, filler, places = LOADS[self.out.machine]
        start, at, _ = self.read_code(self.out, osec, address, patterns, reg)
        text = self.out.texts[osec.index].get(address, 'no instruction')
        if start != address:
            return '`%s` is no load of `%s` into %s' % (text, variable, reg)
        while at < address + length:
            start, at, _ = self.read_code(self.out, osec, at, [filler], reg)
            if start is None:
                return 'the load of `%s` is not filled up with no-ops' % variable
        if [(k, r.type) for k, r in sorted(relocs.items())] != places:
            return '`%s` is relocated at %s' % (text, [(k, self.out.reloc_name(r.type)) for k, r in relocs.items()])
        for r in relocs.values():
            why = self.match_variable(osec, r, variable)
            if why:
                return why
        return None

    def match_variable(self, osec, r, variable):
        offset = r.addend + self.out.bias(osec, r)
        psymbol = next((y for y in self.patched.symbols if y.name == variable and y.type != E.STT_SECTION), None)
        if psymbol is not None:
            return self.match_target(r, offset, psymbol, 0)
        klp = self.out.klp_reloc(r)
        name = klp[2] if klp else r.symbol.name
        return None if (name, offset) == (variable, 0) else 'loads %s%+d, not %s' % (name, offset, variable)

    def check_runtime(self):
        for s in self.out.sections:
            if s.name.startswith('runtime_') and s.size and not self.itself:
                self.say('%s is in the output, and nothing reads it there' % s.name)
