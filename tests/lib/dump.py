#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Print an ELF relocatable as text that a person can review: dump.py OBJECT"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import elf as E  # noqa: E402


def place(elf, symbol, addend):
    """symbol + addend in words."""
    k = elf.klp(symbol)
    if k:
        name = 'klp %s:%s,%d' % (k[1], k[2], k[3])
        if k[0]:
            name += ' (with %s)' % k[0]
    elif symbol.section is None:
        name = 'undefined ' + symbol.name
    else:
        text = elf.string_at(symbol.section, symbol.value + addend)
        name = 'section ' + symbol.name if symbol.type == E.STT_SECTION else symbol.name
        if text is not None:
            return '%s %s' % (name, quote(text))
    return name + ('%+d' % addend if addend else '')


def quote(text):
    return '"%s"' % text.encode('unicode_escape').decode().replace('"', '\\"')


def dump_sections(elf, out):
    out.append('sections')
    for s in elf.sections[1:]:
        if s.type in (E.SHT_SYMTAB, E.SHT_STRTAB, E.SHT_SYMTAB_SHNDX):
            out.append('  %-8s %s' % (E.SECTION_TYPES[s.type], s.name))
            continue
        size = '%d relocations' % (s.size // 24) if s.type == E.SHT_RELA else '%d bytes' % s.size
        extra = ' of %d' % s.entsize if s.entsize and s.type != E.SHT_RELA else ''
        out.append('  %-8s %s %s %s%s align %d' % (E.SECTION_TYPES.get(s.type, hex(s.type)), s.name,
                                                 E.flags_text(s.flags), size, extra, s.align))


def dump_symbols(elf, out):
    out.append('symbols')
    for y in elf.symbols[1:]:
        if y.section is not None:
            where = '%s+%#x' % (y.section.name, y.value)
        else:
            where = {E.SHN_UNDEF: 'UND', E.SHN_LIVEPATCH: 'LIVEPATCH', E.SHN_ABS: 'ABS',
                     E.SHN_COMMON: 'COMMON'}.get(y.shndx, hex(y.shndx))
        out.append('  %-6s %-7s %s %d %s%s' % (E.SYMBOL_BINDS.get(y.bind, y.bind), E.SYMBOL_TYPES.get(y.type, y.type),
                                             where, y.size, y.name, ' visibility %d' % y.other if y.other else ''))


def dump_relocs(elf, out):
    for s in elf.sections:
        if not s.relocs or not s.alloc():
            continue
        out.append('relocations of %s' % s.name)
        for r in s.relocs:
            when = r.table.name[len('.klp.rela.'):].split('.')[0] if r.table.name.startswith('.klp.rela.') else ''
            out.append('  %#06x %-10s %s%s' % (r.offset, elf.reloc_name(r.type),
                                             place(elf, r.symbol, r.addend + elf.bias(s, r)),
                                             ' (with %s)' % when if when else ''))


def bytes_lines(data):
    return ['  %04x  %s' % (i, data[i:i + 16].hex(' ')) for i in range(0, len(data), 16)]


def dump_contents(elf, out):
    for s in elf.sections:
        if s.type != E.SHT_PROGBITS or not s.alloc() or not s.size or s.name.startswith('.kpatch'):
            continue
        if s.strings() and s.entsize == 1:
            out.append('strings of %s' % s.name)
            out.extend('  %s' % quote(t) for t in s.data.decode('utf-8', 'backslashreplace').split('\0')[:-1])
        elif not s.code():
            out.append('contents of %s' % s.name)
            out.extend(bytes_lines(s.data))


def pointer(elf, section, offset):
    """(symbol, offset) that an absolute relocation at `offset` leads to."""
    for r in section.relocs:
        if r.offset == offset:
            return r.symbol, r.addend
    return None, 0


def pointed_string(elf, section, offset):
    symbol, addend = pointer(elf, section, offset)
    if symbol is None or symbol.section is None:
        return None
    return elf.cstring(symbol.section.data, symbol.value + addend)


def original(elf, section, offset):
    """`vmlinux:name,position` of the KLP reference there, of either form; None without one."""
    symbol, addend = pointer(elf, section, offset)
    if symbol is None or addend or not symbol.name.startswith('.klp.sym.'):
        return None
    return symbol.name.replace('.klp.sym.rela.vmlinux.', '.klp.sym.')[len('.klp.sym.'):].replace('.', ':', 1)


def records(elf):
    """
    .kpatch.funcs as [(new symbol, new_size, old_addr, old_size, sympos, name, objname)], and .kpatch.redirects with text for
    old_addr.
    """
    return records_of(elf, '.kpatch.funcs') + redirects(elf)


def redirects(elf):
    s = elf.section('.kpatch.redirects')
    return [row[:2] + (original(elf, s, 56 * i + 16) or '?',) + row[3:]
            for i, row in enumerate(records_of(elf, '.kpatch.redirects'))]


def records_of(elf, name):
    s = elf.section(name)
    rows = []
    for at in range(0, s.size if s else 0, 56):
        _, new_size, old_addr, old_size, sympos, _, _ = elf.unpack('7Q', at, s.data)
        symbol, addend = pointer(elf, s, at)
        if symbol is not None and symbol.type == E.STT_SECTION:
            cover = [y for y in elf.covering(symbol.section, addend) if y.type == E.STT_FUNC and y.value == addend]
            symbol = cover[0] if cover else symbol
        rows.append((symbol, new_size, old_addr, old_size, sympos, pointed_string(elf, s, at + 40),
                     pointed_string(elf, s, at + 48)))
    return rows


def callbacks(elf):
    """[(kind, function symbol, objname)]"""
    rows = []
    for kind in ('pre_patch', 'post_patch', 'pre_unpatch', 'post_unpatch'):
        s = elf.section('.kpatch.callbacks.' + kind)
        for at in range(0, s.size if s else 0, 16):
            symbol, addend = pointer(elf, s, at)
            if symbol is not None and symbol.type == E.STT_SECTION and symbol.section is not None:
                cover = [y for y in elf.covering(symbol.section, addend) if y.value == addend]
                symbol = cover[0] if cover else symbol
            rows.append((kind, symbol, pointed_string(elf, s, at + 8)))
    return rows


def dump_records(elf, out):
    rows = records(elf)
    if rows:
        out.append('functions')
    for symbol, new_size, old_addr, old_size, sympos, name, objname in rows:
        out.append('  %s:%s,%d %d -> %d bytes by %s%s' % (objname, name, sympos, old_size, new_size,
                                                        symbol.name if symbol else 'NOTHING',
                                                        ' at %s' % old_addr if isinstance(old_addr, str)
                                                        else ' old_addr %#x' % old_addr if old_addr else ''))
    for kind, symbol, objname in callbacks(elf):
        out.append('callback %s %s of %s' % (kind, symbol.name if symbol else 'NOTHING', objname))


def originals(elf):
    """.kpatch.original as [(object, name, position, size, code)]; code is `- why` where there is none."""
    s = elf.section('.kpatch.original')
    lines = s.data.decode().split('\n')[:-1] if s else []
    assert not s or s.data.endswith(b'\n') and all(line.startswith('1 ') for line in lines), 'version'
    rows = [line.split(' ', 5)[1:] for line in lines]
    return [(objname, name, int(position), int(size), code) for objname, name, position, size, code in rows]


def dump_originals(elf, out):
    for objname, name, position, _, code in originals(elf):
        out.append('original code of %s:%s,%d' % (objname, name, position))
        out.extend('  ' + code[i:i + 64] for i in range(0, len(code), 64))


def dump(path):
    elf = E.Elf(path)
    out = ['machine %d, %s-endian, flags %#x' % (elf.machine, 'little' if elf.order == '<' else 'big', elf.flags)]
    dump_records(elf, out)
    dump_sections(elf, out)
    dump_symbols(elf, out)
    dump_relocs(elf, out)
    dump_contents(elf, out)
    dump_originals(elf, out)
    return '\n'.join(out) + '\n'


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.stdout.write(dump(sys.argv[1]))
