# SPDX-License-Identifier: GPL-2.0-or-later
"""How the cases of lists.py, lists_module.py and lists_out.py are made.

A case is a function of n that returns (files, arguments): what to write, and what to run on it. Arguments name the
files; the command is create-diff-object unless the first argument is a command's name. More arguments of that command
may follow, for what has to run before.
"""
from make_elf import ALLOC, EXEC, FUNC, GLOBAL, OBJECT, PC32, PLT32, R64, Object

CASES = {}
RET, LOAD = b'\xc3', b'\x48\x8d\x3d' + bytes(4)  # lea 0(%rip),%rdi


def case(function):
    CASES[function.__name__.replace('_', ' ')] = function
    return function


def pair(make, *args, **files):
    """make(side) for each side, 0 and 1; compared."""
    return dict({'orig.o': make(0), 'patched.o': make(1)}, **files), ('orig.o', 'patched.o', 'out.o') + args


def built(edit, root=True):
    """An object whose function root changed, and what `edit` adds to it on a side."""
    def make(side):
        o = Object()
        if root:
            o.function('root', b'\xb8' + bytes([side]) + b'\0\0\0' + RET)
        edit(o, side)
        return o.bytes()
    return make


def caller(o, name, targets, type=PC32, code=LOAD):
    """A function with an instruction for each of the targets: (symbol, addend)."""
    n, s = o.function(name, code * len(targets) + RET)
    for i, (symbol, addend) in enumerate(targets):
        o.reloc(n, 5 + i * len(code) + len(code) - 4, type, symbol, addend - 4)
    return s


def functions_in_one(o, count, body, section='.text', sizes=True):
    """Traced functions side by side in one section; (section, symbols, offset of each)."""
    code = b'\xe8' + bytes(4) + body
    n = o.section(section, flags=ALLOC | EXEC, data=code * count, align=1)
    for i in range(count):
        o.reloc(n, i * len(code) + 1, PLT32, o.undefined('__fentry__'), -4)
    return n, [o.symbol('f%d' % i, n, i * len(code), len(code) if sizes else 0, FUNC, GLOBAL) for i in range(count)], len(code)


def pointers(o, name, symbols, flags=ALLOC, type=OBJECT, addend=lambda i: 0):
    n = o.section(name, flags=flags, data=bytes(8 * len(symbols)), align=8)
    for i, s in enumerate(symbols):
        o.reloc(n, 8 * i, R64, s, addend(i))
    return n
