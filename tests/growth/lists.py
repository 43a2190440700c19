# SPDX-License-Identifier: GPL-2.0-or-later
"""Inputs of n things each: the lists that passes walk, one by one.

A case is a function of n that returns (files, arguments): what to write, and what to run on it. Arguments name the
files; the command is create-diff-object unless the first argument is a command's name. More arguments of that command
may follow, for what has to run before.
"""
import struct

from make_elf import (ABS, ALLOC, COMMON, EXEC, FILE, FUNC, GLOBAL, LOCAL, MERGE, OBJECT, PC32, PLT32, R64, SECTION, STRINGS,
                      WRITE, Object)

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


# ---- loading and splitting ----

@case
def functions(n):
    return pair(built(lambda o, side: [o.function('f%d' % i, b'\xb8' + struct.pack('<I', i) + RET) for i in range(n)]))


@case
def changed_functions(n):
    return pair(built(lambda o, side: [o.function('f%d' % i, b'\xb8' + struct.pack('<I', i + side) + RET) for i in range(n)]))


@case
def new_functions(n):
    return pair(built(lambda o, side: [o.function('f%d' % i, b'\xb8' + struct.pack('<I', i) + RET) for i in range(n * side)]))


@case
def variables(n):
    def edit(o, side):
        data = o.section('.data', flags=ALLOC | WRITE, data=bytes(8 * n), align=8)
        for i in range(n):
            o.symbol('v%d' % i, data, 8 * i, 8, OBJECT, GLOBAL if i % 2 else LOCAL)
    return pair(built(edit))


@case
def strings(n):
    def edit(o, side):
        text = b''.join(b'string %d\0' % i for i in range(n))
        s = o.section('.rodata.str1.1', flags=ALLOC | MERGE | STRINGS, data=text, entsize=1)
        at = o.symbol('', s, type=SECTION)
        offsets, where = [], 0
        for i in range(n):
            offsets.append((at, where))
            where += len(b'string %d\0' % i)
        caller(o, 'user', offsets)
    return pair(built(edit))


@case
def references_to_one_string(n):
    def edit(o, side):
        s = o.section('.rodata.str1.1', flags=ALLOC | MERGE | STRINGS, data=b'x' * (16 * n) + b'\0', entsize=1)
        at = o.symbol('', s, type=SECTION)
        caller(o, 'user', [(at, 8 * i) for i in range(n)])
        caller(o, 'other.isra.%d' % side, [(at, 0)] * n)
    return pair(built(edit))


@case
def common_symbols(n):
    return pair(built(lambda o, side: [o.symbol('c%d' % i, COMMON, 8, 8, OBJECT, GLOBAL) for i in range(n)]))


@case
def labels_of_one_place(n):
    def edit(o, side):
        data = o.section('.data', flags=ALLOC | WRITE, data=bytes(16), align=8)
        for i in range(n):
            o.symbol('v%d' % i, data, 8, 0, 0, GLOBAL)
    return pair(built(edit))


@case
def functions_of_one_place(n):
    def edit(o, side):
        text = o.section('.text', flags=ALLOC | EXEC, data=RET * 32)
        for i in range(n):
            o.symbol('v%d' % i, text, 16 * (i % 2), 16, FUNC, GLOBAL)
    return pair(built(edit))


@case
def symbols_of_one_long_name(n):
    def edit(o, side):
        for i in range(n):
            o.symbol('s' * 4000, ABS, i, 0, OBJECT)
    return pair(built(edit))


@case
def sections_of_one_name(n):
    def edit(o, side):
        for i in range(n):
            s = o.section('.data.x', flags=ALLOC | WRITE, data=bytes(8))
            o.symbol('x', s, 0, 8, OBJECT)
    return pair(built(edit))


@case
def source_files(n):
    def edit(o, side):
        for i in range(n):
            o.symbol('file%d.c' % (i // 2), ABS, type=FILE)
            text = o.section('.text.f', flags=ALLOC | EXEC, data=b'\xb8' + struct.pack('<I', i) + RET)
            o.symbol('f', text, 0, 6, FUNC)
    return pair(built(edit))


@case
def outlined_code_of_one_name(n):
    def edit(o, side):
        for i in range(n):
            o.symbol('file%d.c' % i, ABS, type=FILE)
            for name in ('f', 'f.cold'):
                text = o.section('.text.' + name, flags=ALLOC | EXEC, data=b'\xb8' + struct.pack('<I', i) + RET)
                o.symbol(name, text, 0, 6, FUNC)
    return pair(built(edit))


# ---- code in one section ----

@case
def functions_in_one_section(n):
    return pair(built(lambda o, side: functions_in_one(o, n, b'\xb8' + bytes([side]) + b'\0\0\0' + RET)))


@case
def undecodable_byte(n):
    """Nothing can be parted: all functions are one block."""
    def edit(o, side):
        text, symbols, size = functions_in_one(o, n, b'\xb8\0\0\0\0' + RET)
        code = bytearray(o.sections[text - 1][3])
        code[-1:] = b'\x06'
        code[6] = side
        o.sections[text - 1][3] = bytes(code)
        o.sections[text - 1][4] = len(code)
    return pair(built(edit))


@case
def undecodable_byte_and_tables(n):
    def edit(o, side):
        text, symbols, size = functions_in_one(o, n, b'\xb8\0\0\0\0' + RET)
        code = bytearray(o.sections[text - 1][3])
        code[-1:] = b'\x06'
        code[6] = side
        o.sections[text - 1][3] = bytes(code)
        at = o.symbol('', text, type=SECTION)
        bug = o.section('__bug_table', flags=ALLOC | WRITE, data=bytes(12 * n))
        for i in range(n):
            o.reloc(bug, 12 * i, PC32, at, i * size + 5)
        pointers(o, '__mcount_loc', [at] * n, addend=lambda i: i * size)
    return pair(built(edit))


@case
def undecodable_byte_and_operands(n):
    """References by sections from code that cannot be followed."""
    def edit(o, side):
        data = o.section('.data', flags=ALLOC | WRITE, data=bytes(8 * n))
        at = o.symbol('', data, type=SECTION)
        for i in range(n):
            o.symbol('v%d' % i, data, 8 * i, 8, OBJECT)
        text = o.section('.text', flags=ALLOC | EXEC, data=b'\x06' + bytes([side]) * 6 + LOAD * n + RET)
        o.symbol('all', text, 0, 8 + 7 * n, FUNC, GLOBAL)
        for i in range(n):
            o.reloc(text, 7 + 7 * i + 3, PC32, at, 8 * i - 4)
    return pair(built(edit))


@case
def short_branches(n):
    """From each function a jump over many to the first."""
    def edit(o, side):
        size = 8
        code = b''.join(b'\xb8' + bytes([side]) + b'\0\0\0\xeb' + struct.pack('b', max(-(i * size + 7), -127)) + RET
                        for i in range(n))
        text = o.section('.text', flags=ALLOC | EXEC, data=code)
        for i in range(n):
            o.symbol('f%d' % i, text, i * size, size, FUNC, GLOBAL)
    return pair(built(edit))


@case
def operands_in_other_functions(n):
    """Each takes an address in the first one: all are one block."""
    def edit(o, side):
        size = 11
        code = b''.join(b'\x48\x8d\x05' + struct.pack('<i', -(i * size + 7) + 3) + b'\xb0' + bytes([side]) + b'\x90' + RET
                        for i in range(n))
        text = o.section('.text', flags=ALLOC | EXEC, data=code)
        for i in range(n):
            o.symbol('f%d' % i, text, i * size, size, FUNC, GLOBAL)
    return pair(built(edit))


@case
def code_between_functions(n):
    """Code without a label behind each function, to which data refer."""
    def edit(o, side):
        size = 16
        text = o.section('.text', flags=ALLOC | EXEC, data=(b'\xb8' + bytes([side]) + b'\0\0\0' + RET + b'\x31\xc0' + RET * 8) * n)
        for i in range(n):
            o.symbol('f%d' % i, text, i * size, 6, FUNC, GLOBAL)
        pointers(o, '.rodata', [o.symbol('', text, type=SECTION)] * n, addend=lambda i: i * size + 8)
    return pair(built(edit))


# ---- special sections ----

@case
def entries(n):
    def edit(o, side):
        fs = [o.function('f%d' % i, b'\xb8' + bytes([side]) + b'\0\0\0' + RET) for i in range(n)]
        bug = o.section('__bug_table', flags=ALLOC | WRITE, data=bytes(12 * n))
        for i, (section, _) in enumerate(fs):
            o.reloc(bug, 12 * i, PC32, o.symbol('', section, type=SECTION), 5)
    return pair(built(edit))


@case
def entries_of_one_function(n):
    def edit(o, side):
        section, _ = o.function('f', b'\x90' * n + bytes([0xb0, side]) + RET)
        at = o.symbol('', section, type=SECTION)
        bug = o.section('__bug_table', flags=ALLOC | WRITE, data=bytes(12 * n))
        for i in range(n):
            o.reloc(bug, 12 * i, PC32, at, 5 + i)
    return pair(built(edit))


@case
def unwind_tables(n):
    def edit(o, side):
        for i in range(n):
            section, _ = o.function('f%d' % i, RET)
            ip = o.section('.orc_unwind_ip', data=bytes(4))
            o.reloc(ip, 0, PC32, o.symbol('', section, type=SECTION), 0)
            o.section('.orc_unwind', data=bytes(6))
    return pair(built(edit))


@case
def unwind_tables_of_nothing(n):
    return pair(built(lambda o, side: [o.section('.orc_unwind', data=bytes(6)) for i in range(n)]))


@case
def unwind_tables_beside_one_list(n):
    def edit(o, side):
        section, _ = o.function('f', b'\x90' * n + RET)
        at = o.symbol('', section, type=SECTION)
        ip = o.section('.orc_unwind_ip', data=bytes(4 * n))
        for i in range(n):
            o.reloc(ip, 4 * i, PC32, at, i)
            o.section('.orc_unwind', data=bytes(6 * n if not i else 1))
    return pair(built(edit))


@case
def exports(n):
    def edit(o, side):
        for i in range(n):
            section, f = o.function('f%d' % i, RET)
            table = o.section('___ksymtab+f%d' % i, data=bytes(12))
            o.symbol('__ksymtab_f%d' % i, table, 0, 12, OBJECT)
            o.reloc(table, 0, PC32, f, 0)
    return pair(built(edit))


@case
def parameters(n):
    def edit(o, side):
        text = b''.join(b'parm=p%d:text\0' % i for i in range(n))
        o.section('.modinfo', data=b'name=made\0license=GPL\0' + text)
    return pair(built(edit))


@case
def runtime_constants_of_one_name(n):
    def edit(o, side):
        for i in range(n):
            o.symbol('file%d.c' % i, ABS, type=FILE)
            data = o.section('.data.v', flags=ALLOC | WRITE, data=bytes(8))
            o.symbol('v', data, 0, 8, OBJECT)
            text = o.section('.text.f%d' % i, flags=ALLOC | EXEC, data=b'\x48\xb8' + bytes(8) + RET)
            o.symbol('f%d' % i, text, 0, 11, FUNC)
            table = o.section('runtime_ptr_v', data=bytes(4))
            o.reloc(table, 0, PC32, o.symbol('', text, type=SECTION), 2)
    return pair(built(edit))


@case
def ignored_sections(n):
    def edit(o, side):
        names = b''.join(b'.data.x%d\0' % i for i in range(n))
        s = o.section('.kpatch.strings', data=names)
        at, where = o.symbol('', s, type=SECTION), []
        for i in range(n):
            where.append(where[-1] + len('.data.x%d' % (i - 1)) + 1 if i else 0)
            x = o.section('.data.x%d' % i, flags=ALLOC | WRITE, data=bytes([side]))
            o.symbol('x%d' % i, x, 0, 1, OBJECT)
        if side:
            pointers(o, '.kpatch.ignore.sections', [at] * n, addend=lambda i: where[i])
    return pair(built(edit))


# ---- comparing ----

@case
def constants_that_share_a_table(n):
    """Each refers to a table that is the same, and then differs."""
    def edit(o, side):
        leaves = o.section('.rodata.cst8', flags=ALLOC | MERGE, data=b''.join(struct.pack('<Q', i) for i in range(n)), entsize=8)
        leaf = o.symbol('', leaves, type=SECTION)
        table = o.symbol('', pointers(o, '.rodata.table', [leaf] * n, addend=lambda i: 8 * i), type=SECTION)
        targets = []
        for i in range(n):
            s = o.section('.rodata.c%d' % i, data=bytes(8) + struct.pack('<II', i, side))
            o.reloc(s, 0, R64, table, 0)
            targets.append((o.symbol('', s, type=SECTION), 0))
        for i in range(n):
            caller(o, 'user%d' % i, [targets[i]])
    return pair(built(edit))


@case
def constants_that_refer_to_each_other(n):
    """A list of constants, each with a pointer to the next and to the one before."""
    def edit(o, side):
        s = [o.section('.rodata.c%d' % i, data=bytes(16) + struct.pack('<Q', i), align=8) for i in range(n)]
        symbols = [o.symbol('c%d' % i, s[i], 0, 24, OBJECT) for i in range(n)]
        for i in range(n):
            o.reloc(s[i], 0, R64, symbols[(i + 1) % n])
            o.reloc(s[i], 8, R64, symbols[i - 1])
        caller(o, 'user', [(x, 0) for x in symbols])
    return pair(built(edit))


@case
def pointers_to_neighbours(n):
    """A changed function refers to each variable by its section."""
    def edit(o, side):
        data = o.section('.data', flags=ALLOC | WRITE, data=bytes(8 * n), align=8)
        at = o.symbol('', data, type=SECTION)
        for i in range(n):
            o.symbol('v%d' % i, data, 8 * i, 8, OBJECT)
        caller(o, 'user', [(at, 8 * i) for i in range(n)], code=bytes([0xb0, side]) + LOAD)
    return pair(built(edit))


@case
def table_of_pointers_to_neighbours(n):
    """The same from a table that comes along."""
    def edit(o, side):
        data = o.section('.data', flags=ALLOC | WRITE, data=bytes(8 * n), align=8)
        at = o.symbol('', data, type=SECTION)
        for i in range(n):
            o.symbol('v%d' % i, data, 8 * i, 8, OBJECT)
        table = pointers(o, '.rodata.table%d' % side, [at] * n, addend=lambda i: 8 * i)
        caller(o, 'user', [(o.symbol('table%d' % side, table, 0, 8 * n, OBJECT), 0)])
    return pair(built(edit))


@case
def static_locals(n):
    """Numbered differently on both sides: functions vote for them."""
    def edit(o, side):
        for i in range(n):
            s = o.section('.data.x.%d' % (i + side), flags=ALLOC | WRITE, data=struct.pack('<Q', i))
            caller(o, 'f%d' % i, [(o.symbol('x.%d' % (i + side), s, 0, 8, OBJECT), 0)])
    return pair(built(edit))


@case
def votes_for_one_variable(n):
    """Many variables of one stem that one function uses, and one on the other side."""
    def edit(o, side):
        symbols = []
        for i in range(n if side == 0 else 1):
            s = o.section('.data.x.%d' % i, flags=ALLOC | WRITE, data=struct.pack('<Q', i))
            symbols.append((o.symbol('x.%d' % (i + side), s, 0, 8, OBJECT), 0))
        for i in range(n):
            caller(o, 'f%d' % i, [symbols[i % len(symbols)]])
    return pair(built(edit))


@case
def clones_of_one_function(n):
    def edit(o, side):
        for i in range(n):
            o.function('f.isra.%d' % (i + side), b'\xb8' + struct.pack('<I', i) + RET, bind=LOCAL)
    return pair(built(edit))


@case
def functions_of_one_name(n):
    def edit(o, side):
        functions_in_one(o, n, b'\xb8' + bytes([side]) + b'\0\0\0' + RET)
        for i, s in enumerate(o.symbols):
            if s[0].startswith('f'):
                o.symbols[i] = ('same', ) + s[1:5] + (LOCAL, 0)
    return pair(built(edit), '-n')


@case
def chain_of_new_variables(n):
    def edit(o, side):
        s = [o.section('.data.c%d' % i, flags=ALLOC | WRITE, data=bytes(8), align=8) for i in range(n * side)]
        symbols = [o.symbol('c%d' % i, s[i], 0, 8, OBJECT) for i in range(n * side)]
        for i in range(len(s) - 1):
            o.reloc(s[i], 0, R64, symbols[i + 1])
        if side:
            caller(o, 'user', [(symbols[0], 0)])
    return pair(built(edit))


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
