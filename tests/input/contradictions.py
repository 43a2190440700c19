# SPDX-License-Identifier: GPL-2.0-or-later
"""What no compiler makes, though each field is in its range: symbols, types and references that contradict each other."""
from limits import good, one_error
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
