# SPDX-License-Identifier: GPL-2.0-or-later
"""mutations.py - one change of meaning in an object file

A Mutation is a few bytes of the file and the words for what they were. Each maker takes an Object and a random.Random, and
gives one or None where the object has no place for it. What is changed, and in which kind of section, is its kind.
"""
import struct

import capstone as cs

import follow
import objfile as O
from audit import base
from compare import AUX, DERIVED, MODINFO, REPLACEMENT, table_of

MD = cs.Cs(cs.CS_ARCH_X86, cs.CS_MODE_64)
MD.detail = True


class Mutation:
    def __init__(self, where, words, offset, data, detail=''):
        self.where, self.words, self.offset, self.data = where, words, offset, data
        self.detail = detail  # of the kind: which table

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


# ---- sections, by what reads them ----

EXPORTS = ('___ksymtab', '___kcrctab', '__ksymtab', '__kcrctab')
READ_ONCE = ('__param', '__modver', MODINFO, '.initcall', '.exitcall', '__tracepoints_ptrs', '_ftrace_events', '.init.setup', '.BTF_ids')
AT_BOOT = ('.init', '.exit', '.meminit', '.con_initcall', '.altinstr_aux')


def place_of(obj, s):
    """What kind of section one is; None: the audit does not compare it, or nobody reads it."""
    if not s.alloc() or not s.size or s.name.startswith(DERIVED) or s.name.startswith('.note'):
        return None
    if table_of(s.name):
        return 'table'
    if s.name.startswith(EXPORTS):
        return 'export'
    if s.name.startswith(READ_ONCE):
        return 'read once'
    if s.name.startswith(AT_BOOT):
        return 'boot'
    if s.name == REPLACEMENT:
        return 'table'
    if s.code():
        return 'code'
    if s.strings():
        return 'string'
    return 'constant' if s.constant() else 'data'


def sections(obj, place, fits):
    return [s for s in obj.sections if place_of(obj, s) == place and fits(s)]


def choose(obj, rng, place, fits, weight):
    """A section; of the tables, each kind as often as any other."""
    found = sections(obj, place, fits)
    if not found:
        return None
    if place == 'table':
        name = rng.choice(sorted({s.name for s in found}))
        return rng.choice([s for s in found if s.name == name])
    return rng.choices(found, [min(weight(s), 4096) for s in found])[0]


def detail(place, s):
    return s.name if place == 'table' else ''


def relocation(obj, rng, place):
    s = choose(obj, rng, place, lambda s: s.relocs, lambda s: len(s.relocs))
    return (s, rng.choice(s.relocs)) if s else (None, None)


def in_switch(obj, rng, _):
    """An entry of a switch's jump table: a constant without a name that leads into code."""
    found = [(s, r) for s in sections(obj, 'constant', lambda s: s.relocs) for r in s.relocs
             if 0 < r.sym.shndx < len(obj.sections) and obj.sections[r.sym.shndx].code() and not obj.names_at(s.index, r.offset)[0]]
    return rng.choice(found) if found else (None, None)


def where(obj, s, offset):
    inside, _ = obj.names_at(s.index, offset)
    return '%s+0x%x (%s+0x%x)' % (inside[0][0].name, inside[0][1], s.name, offset) if inside else '%s+0x%x' % (s.name, offset)


def kind_of_symbol(obj, y):
    return y.shndx == 0, y.type, y.bind != O.LOCAL, 0 < y.shndx < len(obj.sections) and obj.sections[y.shndx].flags & 7


def symbol(obj, rng, place, pick=relocation):
    """A relocation names another symbol of the same kind."""
    for _ in range(40):
        s, r = pick(obj, rng, place)
        if s is None:
            return None
        # nothing that has no effect: markers that tools put in symbols' tables
        others = [y for y in obj.symbols if y.index and y is not r.sym and kind_of_symbol(obj, y) == kind_of_symbol(obj, r.sym) and
                  (y.type != O.SECTION or obj.sections[y.shndx].size > max(0, r.addend + 4)) and
                  not (place == 'table' and 0 < y.shndx < len(obj.sections) and obj.sections[y.shndx].name == AUX)]
        if others:
            y = rng.choice(others)
            name = lambda z: z.name or obj.sections[z.shndx].name
            return Mutation(where(obj, s, r.offset), 'symbol %s to %s' % (name(r.sym), name(y)), r.place + 8,
                            struct.pack('<Q', y.index << 32 | r.type), detail(place, s))
    return None


def leaves(obj, s, r, step):
    """It would lead out of the section, where what follows is up to the linker; a table's entry, to what is no code."""
    if not 0 < r.sym.shndx < len(obj.sections):
        return False
    target, end = r.sym.value + r.addend + step, obj.sections[r.sym.shndx].size
    slack = 4 if s.code() and r.kind == 'pc' else 0
    return not 0 <= target + slack < end + (not obj.sections[r.sym.shndx].code()) or \
        s.code() and barges_in(obj, s, r, target + slack)


def barges_in(obj, s, r, target):
    """It would lead behind the entry of another function: no compiler makes that, and no patch can cut it."""
    here, there = obj.names_at(s.index, r.offset)[0], obj.names_at(r.sym.shndx, target)[0]
    return obj.sections[r.sym.shndx].code() and there and there[0][1] != 0 and \
        not (here and base(here[0][0].name) == base(there[0][0].name))


def addend(obj, rng, place, pick=relocation):
    for _ in range(40):
        s, r = pick(obj, rng, place)
        if s is None:
            return None
        step = rng.choice([1, 8, -8, 4])
        if not leaves(obj, s, r, step):
            name = r.sym.name or 0 < r.sym.shndx < len(obj.sections) and obj.sections[r.sym.shndx].name
            return Mutation(where(obj, s, r.offset), 'addend of %s from %d to %d' % (name, r.addend, r.addend + step),
                            r.place + 16, struct.pack('<q', r.addend + step), detail(place, s))
    return None


def kind_of_relocation(obj, rng, place):
    for _ in range(20):
        s, r = relocation(obj, rng, place)
        # with an addend by which it leads to the same place, from the end of its field
        other, step = {1: (24, 0), 2: (10, 4), 4: (11, 4), 10: (2, -4), 11: (2, -4)}.get(r.type if s else 0, (0, 0))
        if other:
            return Mutation(where(obj, s, r.offset), 'type %d to %d' % (r.type, other), r.place + 8,
                            struct.pack('<Qq', r.sym.index << 32 | other, r.addend + step), detail(place, s))
    return None


def byte(obj, rng, place):
    """A byte of a section's contents that no relocation fills."""
    for _ in range(40):
        s = choose(obj, rng, place, lambda s: s.type != O.SHT_NOBITS and not (s.code() and place == 'code'), lambda s: s.size)
        if s is None:
            return None
        at = rng.randrange(s.size)
        if any(r.offset <= at < r.offset + r.size for r in s.between(max(0, at - 8), at + 1)):
            continue
        if s.strings() and not s.data[at]:
            continue
        new = s.data[at] ^ 1 << rng.randrange(5 if s.strings() else 8)
        if s.strings() and not new:
            continue
        return Mutation(where(obj, s, at), 'byte 0x%02x to 0x%02x' % (s.data[at], new), s.offset + at, bytes([new]), detail(place, s))
    return None


MAKERS = {
    'immediate': (6, lambda o, r: operand(o, r, 'immediate')),
    'number': (3, number),
    'displacement': (2, lambda o, r: operand(o, r, 'displacement')),
    'branch': (2, branch),
    'code: symbol': (4, lambda o, r: symbol(o, r, 'code')),
    'code: addend': (2, lambda o, r: addend(o, r, 'code')),
    'code: type': (1, lambda o, r: kind_of_relocation(o, r, 'code')),
    'table: symbol': (2, lambda o, r: symbol(o, r, 'table')),
    'table: addend': (2, lambda o, r: addend(o, r, 'table')),
    'table: byte': (3, lambda o, r: byte(o, r, 'table')),
    'switch: addend': (1, lambda o, r: addend(o, r, 'constant', in_switch)),
    'constant: symbol': (1, lambda o, r: symbol(o, r, 'constant')),
    'constant: addend': (1, lambda o, r: addend(o, r, 'constant')),
    'constant: byte': (2, lambda o, r: byte(o, r, 'constant')),
    'data: symbol': (1, lambda o, r: symbol(o, r, 'data')),
    'data: addend': (1, lambda o, r: addend(o, r, 'data')),
    'data: byte': (2, lambda o, r: byte(o, r, 'data')),
    'string': (2, lambda o, r: byte(o, r, 'string')),
    'export: symbol': (1, lambda o, r: symbol(o, r, 'export')),
    'export: addend': (1, lambda o, r: addend(o, r, 'export')),
    'export: byte': (1, lambda o, r: byte(o, r, 'export')),
    'read once: symbol': (1, lambda o, r: symbol(o, r, 'read once')),
    'read once: addend': (1, lambda o, r: addend(o, r, 'read once')),
    'read once: byte': (1, lambda o, r: byte(o, r, 'read once')),
    'boot: symbol': (1, lambda o, r: symbol(o, r, 'boot')),
    'boot: byte': (1, lambda o, r: byte(o, r, 'boot')),
}


def make(obj, rng, of):
    """(kind, Mutation or None), of kinds that begin so."""
    kinds = [k for k in MAKERS if k.startswith(of)]
    kind = rng.choices(kinds, [MAKERS[k][0] for k in kinds])[0]
    mutation = MAKERS[kind][1](obj, rng)
    return ('%s %s' % (kind, mutation.detail)).rstrip() if mutation else kind, mutation
