# SPDX-License-Identifier: GPL-2.0-or-later
"""What an object means, whatever form its references have."""
import elf as E


def klp_symbols(elf):
    """{(when, object, name, position)} of all KLP references of an object, in either form."""
    return {elf.klp_reloc(r) for s in elf.sections for r in s.relocs if elf.klp(r.symbol)}


def symbolic(elf):
    """All that an object means, without regard to the order and the form of its references."""
    meaning = []
    for s in elf.sections:
        if not s.alloc() or s.type == E.SHT_RELA:
            continue
        meaning.append('section %s %s %d %d %d %s' % (s.name, E.flags_text(s.flags), s.type, s.align, s.size,
                                                     s.data.hex()))
        for r in s.relocs:
            k = elf.klp_reloc(r)
            if k:
                target = 'klp %s %s %s %d' % k
            elif r.symbol.section is not None:
                target = '%s %s' % (r.symbol.section.name, r.symbol.value)
            else:
                target = 'undefined ' + r.symbol.name
            meaning.append('reloc %s+%#x %d %s%+d' % (s.name, r.offset, r.type, target, r.addend))
    for y in elf.symbols:
        if y.section is not None and y.type != E.STT_SECTION:
            meaning.append('symbol %s %s %s %d %d %d' % (y.name, y.section.name, y.value, y.size, y.bind, y.type))
    return sorted(meaning)
