# SPDX-License-Identifier: GPL-2.0-or-later
"""Damaged records of form kpatch, given to create-klp-module."""
import os
import subprocess
import sys

from harness import ROOT, Skip, expect, fixture

sys.path.append(os.path.join(ROOT, 'tests', 'lib'))
import elf as E  # noqa: E402
from test_verify import Editor  # noqa: E402

RELOCATIONS, SYMBOLS, ARCH, STRINGS = '.kpatch.relocations', '.kpatch.symbols', '.kpatch.arch', '.kpatch.strings'


class Damage(Editor):
    """Numbers of relocations: three of each record of .kpatch.relocations (dest, objname, ksym), two of the others."""

    def word(self, name, at, value, fmt='Q'):
        self.put(fmt, self.file_offset(self.section(name)) + at, value)

    def lead(self, name, n, addend, symbol=None):
        """Pointer number `n` leads elsewhere; relocations stand in the order in which they were made."""
        table = self.section('.rela' + name, E.SHT_RELA)
        row = next(i for i in range(table.size // 24)
                   if self.elf.unpack('Q', self.file_offset(table) + 24 * i)[0] == n)
        self.put('q', self.rela(name, row) + 16, addend)
        if symbol is not None:
            self.put('Q', self.rela(name, row) + 8, symbol << 32 | E.POINTER[self.elf.machine])

    def retype_pointer(self, name, n, kind):
        table = self.section('.rela' + name, E.SHT_RELA)
        row = next(i for i in range(table.size // 24)
                   if self.elf.unpack('Q', self.file_offset(table) + 24 * i)[0] == n)
        self.retype(name, row, kind)

    def symbol_of(self, name):
        """The section symbol of a section, or a symbol by name."""
        return next(y.index for y in self.elf.symbols if y.name == name)

    def size(self, name):
        return self.section(name, E.SHT_PROGBITS).size

    def lengthen(self, name, by):
        """By zeros, at the end of the file; a section with less than its relocations need is noticed before."""
        s = self.section(name, E.SHT_PROGBITS)
        start, end = self.file_offset(s), -(-len(self.image) // 8) * 8
        self.image = self.image.ljust(end, b'\0') + self.image[start:start + s.size] + bytes(by)
        self.put('Q', self.headers + 64 * s.index + 24, end)
        self.resize(name, s.size + by, E.SHT_PROGBITS)
        return s.size


# (what, how); offsets of pointers in the first record: dest 0, objname 24, ksym 32; name 24, objname 32; sec 0, objname 8
DAMAGE = [
    ('dest missing', lambda e: e.retype_pointer(RELOCATIONS, 0, 0)),
    ('dest of another type', lambda e: e.retype_pointer(RELOCATIONS, 0, 2)),
    ('dest in an undefined symbol', lambda e: e.lead(RELOCATIONS, 0, 0, e.symbol_of('__fentry__'))),
    ('dest behind its section', lambda e: e.lead(RELOCATIONS, 0, 1 << 20)),
    ('dest before its section', lambda e: e.lead(RELOCATIONS, 0, -8)),
    ('dest in records', lambda e: e.lead(RELOCATIONS, 0, 0, e.symbol_of(SYMBOLS))),
    ('external', lambda e: e.word(RELOCATIONS, 12, 2, 'I')),
    ('objname behind the strings', lambda e: e.lead(RELOCATIONS, 24, 1 << 20)),
    ('objname missing', lambda e: e.retype_pointer(RELOCATIONS, 24, 0)),
    ('objname no string', lambda e: e.lead(RELOCATIONS, 24, 0, e.symbol_of('.text.caller'))),
    ('ksym missing', lambda e: e.retype_pointer(RELOCATIONS, 32, 0)),
    ('ksym behind the records', lambda e: e.lead(RELOCATIONS, 32, e.size(SYMBOLS))),
    ('ksym far out', lambda e: e.lead(RELOCATIONS, 32, 1 << 62)),
    ('ksym inside a record', lambda e: e.lead(RELOCATIONS, 32, 8)),
    ('ksym in strings', lambda e: e.lead(RELOCATIONS, 32, 0, e.symbol_of(STRINGS))),
    ('ksym in an undefined symbol', lambda e: e.lead(RELOCATIONS, 32, 0, e.symbol_of('__fentry__'))),
    ('bind', lambda e: e.word(SYMBOLS, 16, 9, 'B')),
    ('type', lambda e: e.word(SYMBOLS, 17, 99, 'B')),
    ('name missing', lambda e: e.retype_pointer(SYMBOLS, 24, 0)),
    ('name behind the strings', lambda e: e.lead(SYMBOLS, 24, 1 << 20)),
    ('name before the strings', lambda e: e.lead(SYMBOLS, 24, -1)),
    ('objname of a symbol missing', lambda e: e.retype_pointer(SYMBOLS, 32, 0)),
    ('objname of a symbol behind the strings', lambda e: e.lead(SYMBOLS, 32, 1 << 20)),
    ('strings without an end', lambda e: e.resize(STRINGS, e.size(STRINGS) - 1)),
    ('relocations not whole', lambda e: e.lengthen(RELOCATIONS, 8)),
    ('symbols not whole', lambda e: e.lead(RELOCATIONS, 32, e.lengthen(SYMBOLS, 8))),
    ('symbols gone', lambda e: e.resize(SYMBOLS, 0, E.SHT_PROGBITS)),
]
ARCH_DAMAGE = [
    ('arch not whole', lambda e: e.lengthen(ARCH, 8)),
    ('arch without a table', lambda e: e.retype_pointer(ARCH, 0, 0)),
    ('arch behind its table', lambda e: e.lead(ARCH, 0, 1 << 20)),
    ('arch without an object', lambda e: e.retype_pointer(ARCH, 8, 0)),
    ('arch of code', lambda e: e.lead(ARCH, 0, 0, e.symbol_of('.text.fenced'))),
]


# what has to be said, where another check would find something to say, too
CAUSES = {'relocations not whole': 'not a multiple', 'arch not whole': 'not a multiple',
          'ksym inside a record': 'where no record of', 'symbols not whole': 'where no record of'}


def make(h, case, *options):
    source = h.path(case + '.records.o')
    r = h.run('--form', 'kpatch', *options, *fixture(case), source)
    expect(r.code == 0, r.err)
    return source


def sound(h, source):
    """Else every case below would pass for the wrong reason."""
    for form in ('klp', 'linkable', 'kpatch'):
        r = h.run('--form', form, source, h.out, command='create-klp-module')
        expect(r.code == 0 and not r.errors, '%s: status %d\n%s' % (form, r.code, r.err))


def damaged(h, source, how, cause=''):
    editor = Damage(source)
    how(editor)
    expect(bytes(editor.image) != editor.elf.image, 'nothing is damaged')
    bad = h.write('damaged.o', editor.image)
    r = h.one_error(bad, h.out, command='create-klp-module', names=bad)
    expect(cause in r.err, 'another cause than `%s`\n%s' % (cause, r.err))


def unreadable_names(h, source):
    """What the kernel cannot look up is refused; it names what it is about."""
    for old, new in ((b'\0hidden_counter\0', b'\0hidden,counter\0'), (b'\0vmlinux\0', b'\0vm.inux\0')):
        data = open(source, 'rb').read()
        expect(old in data, 'no %s' % old)
        h.write('damaged.o', data.replace(old, new))
        r = h.run(h.path('damaged.o'), h.out, command='create-klp-module')
        expect(r.code in (1, 2) and r.errors and not os.listdir(h.out_dir), 'status %d\n%s' % (r.code, r.err))


def no_bits(h, source):
    """Records without contents."""
    for name in (RELOCATIONS, SYMBOLS, STRINGS):
        editor = Damage(source)
        editor.put('I', editor.headers + 64 * editor.section(name).index + 4, E.SHT_NOBITS)
        for size in (None, 1 << 20, 1 << 62):
            if size:
                editor.resize(name, size, E.SHT_PROGBITS)
            bad = h.write('damaged.o', editor.image)
            r = h.one_error(bad, h.out, command='create-klp-module', names=bad)
            expect(r.errors[0][0] in ('kpatch-record', 'damaged-object', 'too-large'), r.err)


def merged_with_damaged(h, source):
    """One bad object of several."""
    editor = Damage(source)
    editor.lead(RELOCATIONS, 32, 8)
    bad = h.write('damaged.o', editor.image)
    h.one_error(source, bad, h.out, command='create-klp-module', names=bad)


# (what, lines of System.map, whether hidden_counter moves with the kernel and is the only one)
MAPS = [
    ('in the image', '81234560 d hidden_counter', True),
    ('below the image, as per-CPU data is', '0001f300 D hidden_counter', False),
    ('behind the image', '83000010 A hidden_counter', False),
    ('in a part that moves apart', '81234000 T __samode31\n81234560 d hidden_counter\n81235000 T __eamode31', False),
    ('two of the name', '81234560 d hidden_counter\n81234568 d hidden_counter', False),
    ('none of the name', '81234560 d other_counter', False),
]


def recorded(h, source, lines, known):
    """The address of each symbol, as the kernel's symbols tell it."""
    full = ''.join('ffffffff%s\n' % line for line in ['81000000 T _stext', *lines.split('\n'), '82000000 B _end'])
    symbols = h.write('System.map', full.encode())
    r = h.run('-f', 'kpatch', '-k', symbols, source, h.out, command='create-klp-module')
    expect(r.code == 0, r.err)
    records = Editor(h.out)
    table = records.section(SYMBOLS, E.SHT_PROGBITS)
    tells = {records.elf.unpack('Q', records.file_offset(table) + at)[0] for at in range(0, table.size, 40)}
    expect((0xffffffff81234560 in tells) == known, 'recorded are %s' % ', '.join(map(hex, tells)))
    expect(tells <= {0, 0xffffffff81234560}, 'recorded are %s' % ', '.join(map(hex, tells)))
    os.remove(h.out)


def run(h):
    if not os.path.exists(os.path.join(h.bin, 'create-klp-module')):
        raise Skip('create-klp-module is not built')
    source, arch = make(h, 'call-unexported'), make(h, 'alt-included', '-a')
    for path in (source, arch):
        h.case('records: the object itself is good', sound, h, path)
    for path, rows in ((source, DAMAGE), (arch, ARCH_DAMAGE)):
        for what, how in rows:
            h.case('records: ' + what, damaged, h, path, how, CAUSES.get(what, ''))
    for what, lines, known in MAPS:
        h.case('records: an address ' + what, recorded, h, source, lines, known)
    for test in (unreadable_names, no_bits, merged_with_damaged):
        h.case('records: ' + test.__name__.replace('_', ' '), test, h, source)
