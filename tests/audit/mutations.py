# SPDX-License-Identifier: GPL-2.0-or-later
"""mutations.py - one change of meaning in an object file

A Mutation is a few bytes of the file and the words for what they were. Each maker takes an Object and a random.Random, and
gives one or None where the object has no place for it.
"""
import struct

import capstone as cs

import follow
import objfile as O
from compare import DERIVED, table_of

MD = cs.Cs(cs.CS_ARCH_X86, cs.CS_MODE_64)
MD.detail = True


class Mutation:
    def __init__(self, where, words, offset, data):
        self.where, self.words, self.offset, self.data = where, words, offset, data

    def apply(self, original):
        out = bytearray(original)
        out[self.offset:self.offset + len(self.data)] = self.data
        return bytes(out)

    def __str__(self):
        return '%s: %s' % (self.where, self.words)


def functions(obj):
    return [y for s in sorted(obj.at) for y in obj.at[s] if y.type == O.FUNC and y.size and
            not obj.sections[s].name.startswith(('.init', '.exit'))]


def instructions(obj, y):
    s = obj.sections[y.shndx]
    return list(MD.disasm(s.data[y.value:y.value + y.size], y.value))


def patch_number(obj, y, i, at, size, value, words):
    s = obj.sections[y.shndx]
    data = (value & (1 << 8 * size) - 1).to_bytes(size, 'little')
    return Mutation('%s+0x%x' % (y.name, i.address - y.value), '`%s %s`: %s to 0x%x' % (i.mnemonic, i.op_str, words, value),
                    s.offset + i.address + at, data)


def operand(obj, rng, kind):
    """An immediate or a displacement that no relocation fills."""
    found = functions(obj)
    for _ in range(30 if found else 0):
        y = rng.choice(found)
        s, insns = obj.sections[y.shndx], instructions(obj, y)
        for _ in range(20):
            i = rng.choice(insns)
            if i.group(cs.CS_GRP_JUMP) or i.group(cs.CS_GRP_CALL) or 'nop' in i.mnemonic:
                continue
            at, size = (i.imm_offset, i.imm_size) if kind == 'immediate' else (i.disp_offset, i.disp_size)
            if not at or not size or s.between(i.address + at, i.address + at + size) or \
                    kind == 'immediate' and i.mnemonic == 'ud2':
                continue
            old = int.from_bytes(bytes(i.bytes[at:at + size]), 'little')
            step = rng.choice([1, -1, 2, 1 << rng.randrange(8 * size)]) if kind == 'immediate' else rng.choice([8, -8, 4, 1])
            return patch_number(obj, y, i, at, size, (old + step) & (1 << 8 * size) - 1, '%s 0x%x' % (kind, old))
    return None


def number(obj, rng):
    """A number that is loaded near a call of a function that is told lines, in any register."""
    found = []
    for y in functions(obj):
        s = obj.sections[y.shndx]
        calls = [r.offset for r in s.between(y.value, y.value + y.size) if r.sym.name in follow.REPORTS or r.sym.name in follow.PRINTS]
        if calls:
            found.append((y, calls))
    rng.shuffle(found)
    for y, calls in found[:20]:
        s = obj.sections[y.shndx]
        near = [i for i in instructions(obj, y) if i.mnemonic == 'mov' and i.imm_offset and i.imm_size >= 2 and i.operands and
                i.operands[0].type == cs.x86.X86_OP_REG and any(0 < c - i.address <= 96 for c in calls) and
                not s.between(i.address, i.address + i.size)]
        if near:
            i = rng.choice(near)
            at, size = i.imm_offset, i.imm_size
            old = int.from_bytes(bytes(i.bytes[at:at + size]), 'little')
            return patch_number(obj, y, i, at, size, old + rng.choice([1, 3, 16]) & (1 << 8 * size) - 1, 'number 0x%x' % old)
    return None


def branch(obj, rng):
    """A branch within a function goes elsewhere, or on another condition."""
    found = functions(obj)
    for _ in range(30 if found else 0):
        y = rng.choice(found)
        s, insns = obj.sections[y.shndx], instructions(obj, y)
        jumps = [i for i in insns if i.group(cs.CS_GRP_JUMP) and i.operands and i.operands[0].type == cs.x86.X86_OP_IMM and
                 not s.between(i.address, i.address + i.size)]
        if not jumps:
            continue
        i = rng.choice(jumps)
        if i.mnemonic != 'jmp' and rng.random() < 0.4:
            at = 1 if i.bytes[0] == 0x0f else 0
            return Mutation('%s+0x%x' % (y.name, i.address - y.value), '`%s %s`: condition turned round' % (i.mnemonic, i.op_str),
                            s.offset + i.address + at, bytes([i.bytes[at] ^ 1]))
        size = i.size - (2 if i.bytes[0] == 0x0f else 1)
        target = rng.choice(insns).address
        value = target - i.address - i.size
        if size not in (1, 4) or not -(1 << 8 * size - 1) <= value < 1 << 8 * size - 1 or target == i.operands[0].imm:
            continue
        return patch_number(obj, y, i, i.size - size, size, value, 'target to +0x%x, displacement' % (target - y.value))
    return None


def relocations(obj, rng):
    found = [s for s in obj.sections if s.relocs and not s.name.startswith(DERIVED + ('.init', '.exit'))]
    weights = [len(s.relocs) if s.code() else min(len(s.relocs), 200) for s in found]
    if not found:
        return None, None
    s = rng.choices(found, weights)[0]
    return s, rng.choice(s.relocs)


def where(obj, s, offset):
    inside, _ = obj.names_at(s.index, offset)
    return '%s+0x%x (%s+0x%x)' % (inside[0][0].name, inside[0][1], s.name, offset) if inside else '%s+0x%x' % (s.name, offset)


def symbol(obj, rng):
    """A relocation names another symbol of the same kind."""
    for _ in range(40):
        s, r = relocations(obj, rng)
        if s is None:
            return None
        kind = lambda y: (y.shndx == 0, y.type, y.bind != O.LOCAL, 0 < y.shndx < len(obj.sections) and
                          obj.sections[y.shndx].flags & 7)
        # nothing that has no effect: markers that tools put in symbols' tables
        others = [y for y in obj.symbols if y.index and y is not r.sym and kind(y) == kind(r.sym) and
                  (y.type != O.SECTION or obj.sections[y.shndx].size > max(0, r.addend + 4))]
        if others:
            y = rng.choice(others)
            name = lambda z: z.name or obj.sections[z.shndx].name
            return Mutation(where(obj, s, r.offset), 'symbol %s to %s' % (name(r.sym), name(y)), r.place + 8,
                            struct.pack('<Q', y.index << 32 | r.type))
    return None


def addend(obj, rng):
    s, r = relocations(obj, rng)
    if s is None:
        return None
    step = rng.choice([1, 8, -8, 4])
    return Mutation(where(obj, s, r.offset), 'addend of %s from %d to %d' % (r.sym.name, r.addend, r.addend + step),
                    r.place + 16, struct.pack('<q', r.addend + step))


def kind_of_relocation(obj, rng):
    for _ in range(20):
        s, r = relocations(obj, rng)
        other = {1: 24, 2: 10, 4: 11, 10: 2, 11: 2}.get(r.type if s else 0)
        if other:
            return Mutation(where(obj, s, r.offset), 'type %d to %d' % (r.type, other), r.place + 8,
                            struct.pack('<Q', r.sym.index << 32 | other))
    return None


def byte(obj, rng, fits):
    """A byte of a section's contents that no relocation fills."""
    found = [s for s in obj.sections if s.alloc() and s.type != O.SHT_NOBITS and s.size and not s.code() and fits(s) and
             not s.name.startswith(DERIVED + ('.init', '.exit'))]
    for _ in range(40 if found else 0):
        s = rng.choices(found, [min(x.size, 4096) for x in found])[0]
        at = rng.randrange(s.size)
        if any(r.offset <= at < r.offset + r.size for r in s.between(max(0, at - 8), at + 1)):
            continue
        if s.strings() and not s.data[at]:
            continue
        new = s.data[at] ^ 1 << rng.randrange(5 if s.strings() else 8)
        if s.strings() and not new:
            continue
        return Mutation(where(obj, s, at), 'byte 0x%02x to 0x%02x' % (s.data[at], new), s.offset + at, bytes([new]))
    return None


MAKERS = {
    'immediate': (6, lambda o, r: operand(o, r, 'immediate')),
    'number': (3, number),
    'displacement': (2, lambda o, r: operand(o, r, 'displacement')),
    'branch': (2, branch),
    'symbol': (4, symbol),
    'addend': (3, addend),
    'type': (1, kind_of_relocation),
    'table': (2, lambda o, r: byte(o, r, lambda s: table_of(s.name))),
    'constant': (2, lambda o, r: byte(o, r, lambda s: s.constant() and not s.strings() and not table_of(s.name))),
    'data': (2, lambda o, r: byte(o, r, lambda s: not s.constant() and not table_of(s.name))),
    'string': (2, lambda o, r: byte(o, r, lambda s: s.strings())),
}


def make(obj, rng):
    """(kind, Mutation or None)."""
    kind = rng.choices(list(MAKERS), [w for w, _ in MAKERS.values()])[0]
    return kind, MAKERS[kind][1](obj, rng)
