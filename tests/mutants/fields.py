# SPDX-License-Identifier: GPL-2.0-or-later
"""One field of an object gets another value: any field, any object, the same for the same seed."""
import os
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(os.path.join(TESTS, 'input'))
import mutants as M  # noqa: E402

SHT_PROGBITS = 1
RECORD = {'symbol': (M.SHT_SYMTAB, 24, M.SYM), 'relocation': (M.SHT_RELA, 24, M.RELA)}
HALF = {'<': {'type': (8, 'I'), 'sym': (12, 'I')}, '>': {'type': (12, 'I'), 'sym': (8, 'I')}}  # of r_info
KINDS = ('header', 'section', 'section', 'symbol', 'symbol', 'symbol', 'relocation', 'relocation', 'relocation', 'contents')
STEPS = (1, 2, 3, 4, 5, 8, 12, 16, 24, 64)


def odd(rng, old, bits):
    """A number that a program may not expect."""
    kind = rng.randrange(8)
    if kind == 0:
        return 0
    if kind == 1:
        return (1 << rng.randrange(bits)) + rng.randrange(-1, 2)
    if kind == 2:
        return -(1 << rng.randrange(bits)) + rng.randrange(-1, 2)
    if kind == 3:
        return old ^ 1 << rng.randrange(bits)
    if kind == 4:
        return rng.randrange(64)
    return old + rng.choice(STEPS) * rng.choice((1, -1))


def change(image, rng, base, field):
    """(old, new)"""
    bits = 8 * {'B': 1, 'H': 2, 'I': 4, 'Q': 8, 'q': 8}[field[1]]
    field = (field[0], field[1].upper())
    old = image.get(base, field)
    new = odd(rng, old, bits) & (1 << bits) - 1
    image.put(base, field, new)
    return old, new


def sections_of(image, kind):
    return [i for i in range(1, image.shnum) if image.section(i, 'type') == kind and image.section(i, 'size')]


def in_section(image, rng, kind, record):
    """(a section of this type, where a record of it is), or (None, 0)"""
    found = sections_of(image, kind)
    if not found:
        return None, 0
    i = rng.choice(found)
    count = image.section(i, 'size') // record
    return i, image.section(i, 'offset') + record * rng.randrange(max(count, 1))


def mutate(image, rng):
    """Words for what changed."""
    kind = rng.choice(KINDS)
    if kind == 'header':
        name = rng.choice(sorted(M.EHDR))
        return '%s %s: %#x to %#x' % ((kind, name) + change(image, rng, 0, M.EHDR[name]))
    if kind == 'section':
        i, name = rng.randrange(image.shnum), rng.choice(sorted(M.SHDR))
        return 'section %d %s: %#x to %#x' % ((i, name) + change(image, rng, image.shoff + 64 * i, M.SHDR[name]))
    if kind == 'contents':
        i, at = in_section(image, rng, SHT_PROGBITS, 1)
        if i is None:
            return 'nothing'
        return 'contents %d at %#x: %#x to %#x' % ((i, at) + change(image, rng, at, (0, 'B')))
    section_type, record, fields = RECORD[kind]
    i, at = in_section(image, rng, section_type, record)
    if i is None:
        return 'nothing'
    name = rng.choice(sorted(fields))
    field = HALF[image.order].get(name, fields[name]) if kind == 'relocation' else fields[name]
    return '%s %#x %s: %#x to %#x' % ((kind, at, name) + change(image, rng, at, field))
