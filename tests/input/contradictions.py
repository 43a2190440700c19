# SPDX-License-Identifier: GPL-2.0-or-later
"""What no compiler makes, though each field is in its range: symbols, types and references that contradict each other."""
import os

from harness import expect
from limits import good, made, one_error, small
from mutants import Image
from make_elf import ALLOC, COMMON, EXEC, FUNC, GLOBAL, MERGE, NOBITS, NOTYPE, OBJECT, PC32, PLT32, R64, SECTION, STRINGS, WRITE

GROUP, UNKNOWN_TYPE, COMPRESSED, LIVEPATCH = 17, 0x400, 0x800, 0x100000


def code(type=1, flags=0):
    return lambda o: o.symbol('g', o.section('.text.g', type, ALLOC | EXEC | flags, b'\xc3' * 32), 0, 32, FUNC, GLOBAL)


def unknown_type(o):
    o.section('.rela.text.f', UNKNOWN_TYPE, 0, bytes(24))


def data_that_leads_to(o, symbol):
    data = o.section('.data.p', flags=ALLOC | WRITE, data=bytes(8))
    o.symbol('p', data, size=8, type=OBJECT, bind=GLOBAL)
    o.reloc(data, 0, R64, symbol)


def relocations_without_their_type(o):
    o.section('.rela.text.f', NOBITS, 0, size=24)


def strings_without_an_end(width):
    return lambda o: o.section('.rodata.str1.%d' % width, flags=ALLOC | MERGE | STRINGS, data=b'text' * width, entsize=width)


def far_addend(o):
    text = o.section('.text.g', flags=ALLOC | EXEC, data=b'\xe8' + bytes(4) + b'\xc3')
    o.symbol('g', text, size=6, type=FUNC, bind=GLOBAL)
    o.reloc(text, 1, PLT32, o.undefined('far'), 1 << 40)


def not_loaded(o):
    data_that_leads_to(o, o.symbol('', o.section('.comment', flags=0, data=bytes(8)), type=SECTION))


def section_symbol_inside(o):
    data_that_leads_to(o, o.symbol('', o.section('.data.q', flags=ALLOC | WRITE, data=bytes(8)), 5, type=SECTION))


def global_that_is_not_loaded(o):
    o.symbol('g', o.section('.comment', flags=0, data=bytes(8)), size=8, type=OBJECT, bind=GLOBAL)


def entry_behind_code(o):
    text = o.section('.text.g', flags=ALLOC | EXEC, data=b'\xc3' * 32)
    o.symbol('g', text, 0, 32, FUNC, GLOBAL)
    o.reloc(o.section('__mcount_loc', flags=ALLOC, data=bytes(8)), 0, R64, o.symbol('', text, type=SECTION), 64)


def defined(name, bind=GLOBAL, type=OBJECT):
    return lambda o: o.symbol(name, o.section('.data.g', flags=ALLOC | WRITE, data=bytes(8)), 0, 8, type, bind)


def relocations_named_after(name):
    def edit(o):
        text = o.section('.text.g', flags=ALLOC | EXEC, data=b'\xc3' * 32)
        o.symbol('g', text, 0, 32, FUNC, GLOBAL)
        table = o.section('__kcfi_traps', flags=ALLOC, data=bytes(4))
        o.reloc(table, 0, PC32, o.symbol('', text, type=SECTION))
        o.relocs_named[table] = name
    return edit


def unwind_data(size, *places):
    """A table of that size with relocations there, (offset, type), about f."""
    def edit(o):
        code = o.symbol('', 1, type=SECTION)
        table = o.section('.orc_unwind_ip', data=bytes(size))
        for offset, type in places:
            o.reloc(table, offset, type, code)
        o.section('.orc_unwind', data=b'\xff' * (6 * len(places)))
    return edit


def no_bytes_of_others(h, edit):
    """It is refused, or the output's table is zeros like the object's."""
    orig, patched = h.write('orig.o', made(edit, b'\xb8\2\0\0\0\xc3')), h.write('patched.o', made(edit))
    r = h.run(orig, patched, h.out, **small(h))
    expect(r.code in (0, 1), 'status %d\n%s' % (r.code, r.err))
    if r.code:
        return
    written = Image(open(h.out, 'rb').read())
    os.unlink(h.out)
    for i in range(1, written.shnum):
        start, size = written.section(i, 'offset'), written.section(i, 'size')
        expect(written.section_name(i) != '.orc_unwind_ip' or not any(written.data[start:start + size]), 'bytes that are none of its own')


CASES = {
    'code of a type that is a table': code(GROUP), 'code of an unknown type': code(UNKNOWN_TYPE),
    'compressed code': code(flags=COMPRESSED), 'code with the flag of a live patch': code(flags=LIVEPATCH),
    'relocations of another section than by their name': relocations_named_after('.text.f'),
    'relocations of an unknown type': unknown_type, 'relocations without their type': relocations_without_their_type,
    'table that is not loaded': lambda o: o.section('__bug_table', flags=WRITE, data=bytes(12)),
    'strings without an end': strings_without_an_end(1), 'wide strings without an end': strings_without_an_end(2),
    'addend that its field cannot hold': far_addend, 'symbol of a section, inside of it': section_symbol_inside,
    'global of what is not loaded': global_that_is_not_loaded,
    'entry of a table behind the code': entry_behind_code, 'function without a name': defined('', 0, FUNC),
    'global without a name': defined('', GLOBAL, NOTYPE), 'global that is defined twice': defined('f'),
    'unknown binding': lambda o: o.symbol('g', COMMON, 8, 8, OBJECT, 5),
    'unknown type of symbol': lambda o: o.symbol('g', COMMON, 8, 8, 14, GLOBAL),
    'type of symbol that is not assigned': lambda o: o.symbol('g', COMMON, 8, 8, 7, GLOBAL),
    'section that is global': lambda o: o.symbol('g', COMMON, 8, 8, SECTION, GLOBAL),
}


def run(h):
    for name, edit in CASES.items():
        h.case('contradiction: ' + name, one_error, h, edit, 'damaged-object')
    # ld.lld does, where a linker script names the section anew
    h.case('relocations named after no section', good, h, relocations_named_after('.kcfi_traps'))
    h.case('contradiction: reference to what is not loaded', one_error, h, not_loaded, 'not-loaded')
    h.case('unwind data: an entry in no bytes', no_bytes_of_others, h, unwind_data(0, (0, 0)))
    h.case('unwind data: the last entry is cut off', no_bytes_of_others, h, unwind_data(28, (0, PC32), (24, PC32)))
    h.case('unwind data: the last entry is cut off, and long', no_bytes_of_others, h, unwind_data((1 << 20) + 4, (0, PC32), (1 << 20, PC32)))
