# SPDX-License-Identifier: GPL-2.0-or-later
"""Inputs of n things each: the lists that passes walk in one pair of objects, one by one; see cases.py."""
import os
import struct
import subprocess
import tempfile

from cases import LOAD, RET, built, caller, case, functions_in_one, pair, pointers
from make_elf import (ABS, ALLOC, COMMON, EXEC, FILE, FUNC, GLOBAL, LOCAL, MERGE, OBJECT, PC32, PLT32, R64, SECTION, STRINGS,
                      WRITE)


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
def strings_of_a_function_that_compares(n):
    """mov $side,%al; cmp %rsi,%rdi; lea string(%rip),%rdi"""
    def edit(o, side):
        s = o.section('.rodata.str1.1', flags=ALLOC | MERGE | STRINGS, data=b''.join(b'%05d\0' % i for i in range(n)), entsize=1)
        at = o.symbol('', s, type=SECTION)
        caller(o, 'user', [(at, 6 * i) for i in range(n)], code=bytes([0xb0, side]) + b'\x48\x39\xf7' + LOAD)
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


# ---- callers ----

CALL = b'\xe8' + bytes(4)


@case
def callers_of_a_function_without_location(n):
    """Each of n such functions changed and is called twice by one function, by one of its own, and by the next of them."""
    def edit(o, side):
        hidden = []
        for i in range(n):
            code = b'\xb8' + bytes([side]) + b'\0\0\0' + CALL + RET
            text = o.section('.text.h%d' % i, flags=ALLOC | EXEC, data=code, align=16)
            o.reloc(text, 6, PLT32, hidden[-1] if hidden else o.undefined('away'), -4)
            hidden.append(o.symbol('h%d' % i, text, 0, len(code), FUNC))
        caller(o, 'all', [(h, 0) for h in hidden] * 2, PLT32, CALL)
        for i, h in enumerate(hidden):
            caller(o, 'c%d' % i, [(h, 0)], PLT32, CALL)
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
def unwind_data_of_functions(n):
    def edit(o, side):
        ip = o.section('.orc_unwind_ip', data=bytes(4 * n))
        for i in range(n):
            section, _ = o.function('f%d' % i, RET)
            o.reloc(ip, 4 * i, PC32, o.symbol('', section, type=SECTION), 0)
        o.section('.orc_unwind', data=bytes(6 * n))
    return pair(built(edit))


@case
def unwind_data_of_one_function(n):
    def edit(o, side):
        section, _ = o.function('f', b'\x90' * n + RET)
        at = o.symbol('', section, type=SECTION)
        ip = o.section('.orc_unwind_ip', data=bytes(4 * n))
        for i in range(n):
            o.reloc(ip, 4 * i, PC32, at, i)
        o.section('.orc_unwind', data=bytes(6 * n))
    return pair(built(edit))


@case
def unwind_data_of_nothing(n):
    return pair(built(lambda o, side: [o.section('.orc_unwind', data=bytes(6)) for i in range(n)]))


@case
def unwind_data_of_jump_labels_of_a_module(n):
    def edit(o, side):
        keys = o.section('.data.key', flags=ALLOC | WRITE, data=bytes(16), align=8)
        key, jumps = o.symbol('key', keys, 0, 16, OBJECT, GLOBAL), o.section('__jump_table', flags=ALLOC | WRITE, data=bytes(16 * n), align=8)
        o.section('.modinfo', data=b'name=ext4\0')
        count = 20 * n
        ip = o.section('.orc_unwind_ip', data=bytes(4 * count))
        for i in range(n):
            section, _ = o.function('f%d' % i, bytes([0xb0, side]) + b'\x0f\x1f\x44\0\0' + b'\x31\xc0' + b'\x90' * 20 + RET)
            at = o.symbol('', section, type=SECTION)
            o.reloc(jumps, 16 * i, PC32, at, 7)
            o.reloc(jumps, 16 * i + 4, PC32, at, 12)
            o.reloc(jumps, 16 * i + 8, 24, key, 0)
            for k in range(20):
                o.reloc(ip, 4 * (20 * i + k), PC32, at, 14 + k)
        o.section('.orc_unwind', data=bytes(6 * count))
    return pair(built(edit, root=False), '-m', 'ext4')


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

def compiled(text):
    with tempfile.TemporaryDirectory(prefix='elfdiff-growth.') as work:
        with open(os.path.join(work, 'made.c'), 'w', encoding='utf-8') as f:
            f.write(text)
        subprocess.run(['gcc', '-O2', '-g', '-pg', '-mfentry', '-fno-pic', '-mcmodel=kernel', '-ffunction-sections', '-c', 'made.c'], cwd=work, check=True)
        with open(os.path.join(work, 'made.o'), 'rb') as f:
            return f.read()


@case
def lines_of_inlined_calls(n):
    """A line that moved is handed on by an inline function: DWARF is asked once for each of n functions of one unit."""
    def make(side):
        functions = '\n'.join('void f%d(int x)\n{\n\tif (x)\n\t\tCHECK();\n}' % i for i in range(n))
        return compiled('void __might_sleep(const char *file, int line);\n'
                        'static inline __attribute__((always_inline)) void check(const char *file, int line)\n{\n'
                        '\tasm volatile ("nop");\n\t__might_sleep(file, line);\n}\n#define CHECK() check("made.c", __LINE__)\n' + '\n' * side + functions)
    return pair(make)


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


# ---- types in debug information ------------------------------------------------------------

def debug_information(o, structures):
    """DWARF 4: each structure is (name, size, [(name of a member, offset)]), and each member an int."""
    def text(name):
        return name.encode() + b'\0'

    def uleb(n):
        return (bytes([n & 0x7f | 0x80]) + uleb(n >> 7)) if n > 0x7f else bytes([n])

    abbrevs = bytes.fromhex('01 11 01 03 08 00 00  02 13 01 03 08 0b 0f 00 00  03 0d 00 03 08 49 13 38 0f 00 00'
                            '04 24 00 03 08 0b 0b 3e 0b 00 00  00')
    body = b'\x01' + text('a.c')
    number = 11 + len(body)
    body += b'\x04' + text('int') + b'\x04\x05'
    for name, size, members in structures:
        body += b'\x02' + text(name) + uleb(size)
        body += b''.join(b'\x03' + text(m) + struct.pack('<I', number) + uleb(at) for m, at in members) + b'\0'
    body += b'\0'
    o.section('.debug_info', flags=0, data=struct.pack('<IHIB', len(body) + 7, 4, 0, 8) + body)
    o.section('.debug_abbrev', flags=0, data=abbrevs)


@case
def structures_that_changed(n):
    def edit(o, side):
        debug_information(o, [('s%d' % i, 8, [('x', 4 * side)]) for i in range(n)])
    return pair(built(edit))


@case
def members_that_moved(n):
    def edit(o, side):
        debug_information(o, [('s', 4 * n + 4, [('m%d' % i, 4 * i + 4 * side) for i in range(n)])])
    return pair(built(edit))


@case
def members_of_one_place_under_new_names(n):
    def edit(o, side):
        debug_information(o, [('u', 4, [('m%d.%d' % (i, side), 0) for i in range(n)])])
    return pair(built(edit))
