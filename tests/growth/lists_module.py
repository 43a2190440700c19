# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists that locate walks in the linked module: what its code refers to."""
import struct

from cases import LOAD, RET, built, caller, case, pair
from make_elf import ALLOC, EXEC, FUNC, GLOBAL, OBJECT, PC32, PLT32, SECTION, WRITE, Object


def module(functions, places, names):
    """A module m in whose .text functions f0... each load the address of a place of .data, where `names` stand: (name, place, size)."""
    o = Object(source=None)
    o.section('.modinfo', data=b'name=m\0')
    code = b'\xe8' + bytes(4) + LOAD + RET
    size = (len(code) + 15) & ~15
    text = o.section('.text', flags=ALLOC | EXEC, data=(code + bytes(size - len(code))) * functions, align=16)
    data = o.section('.data', flags=ALLOC | WRITE, data=bytes(8 * functions + 8), align=8)
    at = o.symbol('', data, type=SECTION)
    for i in range(functions):
        o.reloc(text, size * i + 1, PLT32, o.undefined('__fentry__'), -4)
        o.reloc(text, size * i + 8, PC32, at, places(i) - 4)
        o.symbol('f%d' % i, text, size * i, len(code), FUNC, GLOBAL)
    for name, place, length in names:
        o.symbol(name, data, place, length, OBJECT)
    return {'m.ko': o.bytes()}


def changed_user(o, side, symbols):
    caller(o, 'user', [(x, 0) for x in symbols], code=bytes([0xb0, side]) + LOAD)


def in_module(edit, **what):
    return pair(built(edit, root=False), '-k', 'm.ko', '-m', 'm', **module(**what))


def variable(o, i, name=None):
    s = o.section('.data.v%d' % i, flags=ALLOC | WRITE, data=struct.pack('<Q', i), align=8)
    return o.symbol(name or 'v%d.0' % i, s, 0, 8, OBJECT)


@case
def locals_that_code_of_the_module_tells(n):
    def edit(o, side):
        symbols = [variable(o, i) for i in range(n)]
        for i, x in enumerate(symbols):
            caller(o, 'f%d' % i, [(x, 0)])
        changed_user(o, side, symbols)
    return in_module(edit, functions=n, places=lambda i: 8 * i, names=[('v%d.0' % i, 8 * i, 8) for i in range(n)])


@case
def names_of_one_local_that_the_module_has_elsewhere(n):
    """Each function of the module refers to another place, and the object's variable has many names."""
    def edit(o, side):
        x = variable(o, 0)
        for i in range(n):
            o.symbol('alias%d' % i, o.symbols[x][1], 0, 8, OBJECT)
            caller(o, 'f%d' % i, [(x, 0)])
        changed_user(o, side, [x])
    return in_module(edit, functions=n, places=lambda i: 8 * i, names=[('w%d' % i, 8 * i, 8) for i in range(n)])


@case
def names_at_one_place_of_the_module(n):
    def edit(o, side):
        symbols = [variable(o, i) for i in range(n)]
        for i, x in enumerate(symbols):
            caller(o, 'f%d' % i, [(x, 0)])
        changed_user(o, side, symbols)
    return in_module(edit, functions=n, places=lambda i: 0, names=[('v%d.0' % i, 0, 8) for i in range(n)])


@case
def functions_that_overlap_in_the_module(n):
    """Symbols of the object within one function, each up to its end."""
    def edit(o, side):
        code = b'\xe8' + bytes(4) + (b'\x90' * 11 + LOAD) * n + RET
        text = o.section('.text', flags=ALLOC | EXEC, data=code, align=16)
        o.reloc(text, 1, PLT32, o.undefined('__fentry__'), -4)
        x = variable(o, 0)
        for i in range(n):
            o.reloc(text, 18 * i + 19, PC32, x, -4)
            o.symbol('f%d' % i, text, 18 * i and 18 * i + 5, len(code) - 18 * i - 5, FUNC, GLOBAL)
        changed_user(o, side, [x])
    return in_module(edit, functions=n, places=lambda i: 0, names=[('v0.0', 0, 8)])
