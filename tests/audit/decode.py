# SPDX-License-Identifier: GPL-2.0-or-later
"""decode.py - instructions as the audit sees them: capstone's text, branch targets, immediates"""
import re

import capstone as cs

from objfile import ARM64, PPC64, S390, X86

MODES = {
    X86: (cs.CS_ARCH_X86, cs.CS_MODE_64),
    ARM64: (cs.CS_ARCH_ARM64, cs.CS_MODE_LITTLE_ENDIAN),
    S390: (cs.CS_ARCH_SYSZ, cs.CS_MODE_BIG_ENDIAN),
    PPC64: (cs.CS_ARCH_PPC, cs.CS_MODE_64 | cs.CS_MODE_LITTLE_ENDIAN),
}
BRANCH = {
    X86: re.compile(r'(bnd )?(j\w+|call|loop\w*|jrcxz|jecxz|xbegin)$'),
    ARM64: re.compile(r'(b|bl|b\.\w+|cbz|cbnz|tbz|tbnz|adr|adrp)$'),
    S390: re.compile(r'(br\w*|j\w*|larl|lgrl|lrl|llgfrl|strl|stgrl|exrl|c\w*j\w*|b\w*r\w*l)$'),
    PPC64: re.compile(r'(b\w*[+-]?)$'),
}
ENGINES = {}


def engine(machine):
    if machine not in ENGINES:
        ENGINES[machine] = cs.Cs(*MODES[machine])
    return ENGINES[machine]


class Insn:
    __slots__ = ('at', 'size', 'mnemonic', 'text')

    def __init__(self, at, size, mnemonic, text):
        self.at, self.size, self.mnemonic, self.text = at, size, mnemonic, text


def decode(machine, data, start):
    """The instructions of some bytes; what is none is an instruction `.byte` of the machine's least size."""
    md, out, at, least = engine(machine), [], 0, {X86: 1, S390: 2}.get(machine, 4)
    while at < len(data):
        for address, size, mnemonic, text in md.disasm_lite(data[at:], start + at):
            out.append(Insn(address, size, mnemonic, text))
            at = address + size - start
        if at < len(data):
            n = min(least, len(data) - at)
            out.append(Insn(start + at, n, '.byte', data[at:at + n].hex()))
            at += n
    return out


def branch_target(machine, insn):
    """Where a branch without a relocation leads, or None."""
    if not BRANCH[machine].match(insn.mnemonic):
        return None
    m = re.search(r'(?:^|[ ,#])(-?0x[0-9a-f]+|-?\d+)$', insn.text)
    if not m or '(' in insn.text or '[' in insn.text:
        return None
    if machine == PPC64 and insn.mnemonic.startswith('b') and insn.mnemonic in ('blr', 'bctr', 'bctrl', 'blrl'):
        return None
    return int(m.group(1), 0)


def immediates(one, other):
    """The numbers in which two instructions differ, or None if they differ in something else (an address counts)."""
    if one.mnemonic != other.mnemonic or one.size != other.size:
        return None
    number = re.compile(r'(?<![\w.])#?(-?(?:0x[0-9a-f]+|\d+))(?!\w)')
    inside = re.compile(r'\[[^]]*\]|\w*\(%?[^)]*\)')
    if inside.findall(one.text) != inside.findall(other.text):
        return None
    a, b = inside.sub('@', one.text), inside.sub('@', other.text)
    if number.sub('N', a) != number.sub('N', b):
        return None
    pairs = [(int(x, 0), int(y, 0)) for x, y in zip(number.findall(a), number.findall(b)) if x != y]
    return pairs[0] if len(pairs) == 1 else None


def is_padding(machine, data):
    """Nothing that runs: zeros, int3, or the machine's ways to do nothing."""
    if not data.strip(b'\0') or not data.strip(b'\xcc'):
        return True
    return all(i.mnemonic in ('nop', 'nopr', 'nopw', 'int3', '.byte', 'data16 nop', 'xchg', 'lea', 'bcr', 'jgnop', 'brcl')
               or 'nop' in i.mnemonic for i in decode(machine, data, 0))
