# SPDX-License-Identifier: GPL-2.0-or-later
"""The records of the originals' code (.kpatch.original), proved by the original object: a part of verify.Verifier"""
import dump as D
import elf as E


# Of branches of aarch64: which digits of the instruction in memory a linker fills in, if only in part
AARCH64_FIELDS = {279: '?.??.?..', 280: '?.????..', 282: '??????.?', 283: '??????.?'}


class Original:
    def filled_in(self, r):
        """A question mark for each digit that a relocation of the original must leave open."""
        if self.orig.machine == E.EM_AARCH64 and r.type in AARCH64_FIELDS:
            return AARCH64_FIELDS[r.type]
        return '??' * E.RELOC_WIDTH[self.orig.machine].get(r.type, 4)

    def is_code_of(self, f, code):
        """Whether it is that of a function of the original, but for question marks, which all relocated fields have."""
        data = f.section.data[f.value:f.value + f.size].hex()
        if len(code) != len(data) or any(c not in ('?', d) for c, d in zip(code, data)):
            return False
        return all(code[2 * (r.offset - f.value) + i] == '?'
                   for r in self.relocations_of(f) for i, c in enumerate(self.filled_in(r)) if c == '?')

    @staticmethod
    def relocations_of(f):
        return [r for r in f.section.relocs if f.value <= r.offset < f.value + f.size and r.type]

    def may_jump_short(self, f):
        """It leads to a function of the object in another section."""
        return any(r.symbol.section and r.symbol.section.code() and r.symbol.section is not f.section for r in self.relocations_of(f))

    def may_have_anchors(self, f):
        """It refers to data of the object that no linker merges."""
        return self.orig.machine in (E.EM_AARCH64, E.EM_S390) and any(
            r.symbol.section and not r.symbol.section.code() and not r.symbol.section.flags & E.SHF_MERGE for r in self.relocations_of(f))

    def is_excused(self, f, code):
        return (f.size == 0 or self.orig.machine in (E.EM_PPC64, E.EM_LOONGARCH) or
                ('may be shorter' in code and self.orig.machine == E.EM_X86_64 and self.may_jump_short(f)) or
                ('may be got otherwise' in code and self.may_have_anchors(f)))

    def check_originals(self):
        rows = D.originals(self.out)
        replaced = [(objname, name, position, size) for _, _, _, size, position, name, objname in D.records(self.out)]
        if sorted(row[:4] for row in rows) != sorted(replaced):
            self.say('.kpatch.original: %s, but what is replaced is %s' % (rows, replaced))
        for objname, name, position, size, code in rows:
            same = [y for y in self.orig.symbols if y.name == name and y.size == size and y.type == E.STT_FUNC and y.section is not None]
            judge = self.is_excused if code.startswith('- ') else self.is_code_of
            if not any(judge(y, code) for y in same):
                self.say('.kpatch.original: of `%s` it has no more than `%s`' % (name, code))
