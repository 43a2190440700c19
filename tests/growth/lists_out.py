# SPDX-License-Identifier: GPL-2.0-or-later
"""The same for references out of the output, and for what is written, read again and converted; see cases.py."""
import struct

from cases import CASES, LOAD, RET, built, caller, case, functions_in_one, pair
from lists import changed_functions, new_functions
from make_elf import ABS, ALLOC, EXEC, FILE, FUNC, GLOBAL, LOCAL, PC32, PLT32, R64, SECTION, Object


# ---- references out of the output ----

def system_map(names):
    return b''.join(b'%016x %s %s\n' % (0xffffffff81000000 + 16 * i, b't' if local else b'T', name.encode())
                    for i, (name, local) in enumerate(names))


@case
def references_to_exports(n):
    def edit(o, side):
        caller(o, 'user', [(o.symbol('e%d' % i, bind=GLOBAL), 0) for i in range(n)], code=bytes([0xb0, side]) + LOAD)
    exported = b''.join(b'0x00000000\te%d\tvmlinux\tEXPORT_SYMBOL\tNS%d\n' % (i, i) for i in range(n))
    files, args = pair(built(edit))
    files['Module.symvers'] = exported
    return files, ('-s', 'Module.symvers') + args


@case
def references_to_exports_of_modules(n):
    def edit(o, side):
        caller(o, 'user', [(o.symbol('e%d' % i, bind=GLOBAL), 0) for i in range(n)], code=bytes([0xb0, side]) + LOAD)
    exported = b''.join(b'0x00000000\te%d\tmod%d\tEXPORT_SYMBOL\t\n' % (i, i) for i in range(n))
    files, args = pair(built(edit))
    files['Module.symvers'] = exported
    return files, ('-m', 'made', '-s', 'Module.symvers') + args


def local_callees(name):
    def edit(o, side):
        fs = [o.function(name(i), b'\xb8' + struct.pack('<I', i) + RET, bind=LOCAL)[1] for i in range(edit.n)]
        caller(o, 'user', [(f, 0) for f in fs], code=bytes([0xb0, side]) + b'\xe8' + bytes(4), type=PLT32)
    return edit


@case
def positions(n):
    edit = local_callees(lambda i: 'l%d' % i)
    edit.n = n
    files, args = pair(built(edit))
    files['System.map'] = system_map([('root', False)] + [('l%d' % i, True) for i in range(n)] + [('user', False)])
    return files, ('-k', 'System.map') + args


def file_table(n, entries):
    """What `readelf -s` prints of a vmlinux."""
    lines = [b'Symbol table \'.symtab\' contains %d entries:' % len(entries), b'   Num:    Value          Size Type    Bind   Vis      Ndx Name']
    for i, (value, size, type, bind, ndx, name) in enumerate(entries):
        lines.append(b'%6d: %016x %5d %-7s %-6s DEFAULT %4s %s' % (i, value, size, type, bind, ndx, name))
    return b'\n'.join(lines) + b'\n'


@case
def positions_of_one_name(n):
    """Local functions of one name, in one source file, and as many of them in the kernel."""
    def edit(o, side):
        fs = functions_in_one(o, n, b'\xb8' + bytes([0]) + b'\0\0\0' + RET, section='.text')[1]
        for f in fs:
            o.symbols[f] = ('same', ) + o.symbols[f][1:5] + (LOCAL, 0)
        caller(o, 'user', [(f, 0) for f in fs], code=bytes([0xb0, side]) + b'\xe8' + bytes(4), type=PLT32)
    files, args = pair(built(edit))
    entries = [(0, 0, b'FILE', b'LOCAL', b'ABS', b'made.c')]
    entries += [(0xffffffff81000000 + 11 * i, 11, b'FUNC', b'LOCAL', b'1', b'same') for i in range(n)]
    entries += [(0xffffffff81000000, 0, b'NOTYPE', b'GLOBAL', b'1', b'_stext')]
    entries += [(0xffffffff82000000, 11, b'FUNC', b'GLOBAL', b'1', name) for name in (b'root', b'user')]
    files['symbols'] = file_table(n, entries)
    return files, ('-k', 'symbols') + args


@case
def positions_of_one_stem(n):
    """Clones, under FILE symbols of one name."""
    edit = local_callees(lambda i: 'l.isra.%d' % i)
    edit.n = n
    files, args = pair(built(edit))
    entries = []
    for i in range(n):
        entries += [(0, 0, b'FILE', b'LOCAL', b'ABS', b'made.c'), (0xffffffff81000000 + 16 * i, 11, b'FUNC', b'LOCAL', b'1', b'l.isra.%d' % i)]
    entries += [(0xffffffff82000000, 11, b'FUNC', b'GLOBAL', b'1', name) for name in (b'_stext', b'root', b'user')]
    files['symbols'] = file_table(n, entries)
    return files, ('-k', 'symbols') + args


@case
def positions_of_one_name_in_many_files(n):
    """Joined sources with a local function of one name each, and a kernel's table without FILE symbols."""
    def edit(o, side):
        text, symbols, size = functions_in_one(o, n, b'\xb8' + bytes([0]) + b'\0\0\0' + RET)
        mine = [o.symbols[s] for s in symbols]
        for s, entry in zip(symbols, mine):
            o.symbols[s] = ('g%d' % s, ) + entry[1:]
        fs = []
        for i, entry in enumerate(mine):
            o.symbol('file%d.c' % i, ABS, type=FILE)
            fs.append(o.symbol('same', entry[1], entry[2], entry[3], FUNC, LOCAL))
        caller(o, 'user', [(f, 0) for f in fs], code=bytes([0xb0, side]) + b'\xe8' + bytes(4), type=PLT32)
    files, args = pair(built(edit))
    files['System.map'] = system_map([('root', False)] + [('same', True)] * n + [('user', False)])
    return files, ('-k', 'System.map') + args


@case
def positions_at_one_address(n):
    """Local functions and a kernel's entries for them, all of them at one address."""
    edit = local_callees(lambda i: 'l%d' % i)
    edit.n = n
    files, args = pair(built(edit))
    files['System.map'] = b''.join(b'ffffffff81000000 t l%d\n' % i for i in range(n)) + b'ffffffff82000000 T root\nffffffff82000010 T user\n'
    return files, ('-k', 'System.map') + args


@case
def sections_of_a_module_that_go(n):
    entries = [(0, 0, b'SECTION', b'LOCAL', b'%d' % i, b'.init.text') for i in range(1, n)]
    entries += [(16 * i, 11, b'FUNC', b'GLOBAL', b'%d' % (n + 1), b'f%d' % i) for i in range(n)]
    files, args = pair(built(lambda o, side: None))
    files['symbols'] = file_table(n, entries)
    return files, ('-k', 'symbols') + args


@case
def kernel_symbols(n):
    files, args = pair(built(lambda o, side: None))
    files['System.map'] = system_map([('root', False)] + [('s%d' % (i // 2), i % 2) for i in range(n)])
    return files, ('-k', 'System.map') + args


# ---- what is written, read again and converted ----

def livepatch(n):
    """A patch that refers to n things in as many modules."""
    o = Object()
    funcs = o.section('.kpatch.funcs', data=bytes(56), align=8)
    text, f = o.function('f', (b'\xe8' + bytes(4)) * n + RET, bind=LOCAL)
    strings = o.section('.kpatch.strings', data=b'f\0vmlinux\0')
    at = o.symbol('', strings, type=SECTION)
    for offset, symbol, addend in ((0, f, 0), (40, at, 0), (48, at, 2)):
        o.reloc(funcs, offset, R64, symbol, addend)
    for i in range(n):
        o.reloc(text, 6 + 5 * i, PLT32, o.symbol('.klp.sym.rela.m%d.m%d.x%d,0' % (i, i, i), bind=GLOBAL), -4)
    return o.bytes()


@case
def patched_modules_converted(n):
    return {'part.o': livepatch(n)}, ('create-klp-module', 'part.o', 'out.ko')


@case
def patched_modules_checked(n):
    return {'part.o': livepatch(n)}, ('--check', 'part.o')


@case
def records_converted(n):
    files, args = changed_functions(n)
    return files, ('create-klp-module', 'out.o', 'out.ko'), args + ('--form', 'kpatch')


@case
def records_converted_for_old_kernels(n):
    """With a table that they read late, and calls out of each function."""
    def edit(o, side):
        alt = o.section('.altinstructions', data=bytes(12 * n))
        text = o.section('.altinstr_replacement', flags=ALLOC | EXEC, data=b'\x90' * n)
        at = o.symbol('', text, type=SECTION)
        for i in range(n):
            section, _ = o.function('f%d' % i, b'\xb0' + bytes([side]) + b'\x90' + b'\xe8' + bytes(4) + RET)
            o.reloc(section, 9, PLT32, o.symbol('x%d' % i, bind=GLOBAL), -4)
            o.reloc(alt, 12 * i, PC32, o.symbol('', section, type=SECTION), 7)
            o.reloc(alt, 12 * i + 4, PC32, at, i)
    files, args = pair(built(edit))
    return files, ('create-klp-module', 'out.o', 'out.ko'), args + ('--form', 'kpatch', '-a')


for form in ('klp', 'linkable', 'kpatch'):
    def written(n, form=form):
        files, args = new_functions(n)
        return files, args + ('--form', form)
    CASES['new functions, form ' + form] = written

    def patched(n, form=form):
        files, args = changed_functions(n)
        return files, args + ('--form', form, '--json', 'report.json', '--explain')
    CASES['changed functions with a report, form ' + form] = patched


@case
def a_long_chain_that_is_explained(n):
    """Each of n new functions calls the one before."""
    def edit(o, side):
        last = None
        for i in range(n * side):
            section, f = o.function('f%d' % i, b'\xe8' + bytes(4) + RET, bind=LOCAL)
            if last is not None:
                o.reloc(section, 6, PLT32, last, -4)
            last = f
        caller(o, 'user', [(last, 0)] if last is not None else [], code=b'\xe8' + bytes(4), type=PLT32)
    return pair(built(edit), '--explain')
