#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does verify.py see what it has to see?

A patched object is a faithful copy of itself: verify.py must find nothing. Then
one thing is broken at a time (a byte, an addend, a symbol, an entry of a
table), and each time it must find that. Prints what went wrong; exit 1.
"""
import os
import re
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import elf as E  # noqa: E402
import verify as V  # noqa: E402

OBJECTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'fixtures', 'obj')


class Editor:
    """The bytes of an object, changed in place."""

    def __init__(self, path):
        self.elf = E.Elf(path)
        self.image = bytearray(self.elf.image)
        self.headers = self.elf.unpack('Q', 40)[0]

    def section(self, name, kind=None):
        return next(s for s in self.elf.sections if s.name == name and (kind is None or s.type == kind))

    def file_offset(self, s):
        return self.elf.unpack('Q', self.headers + 64 * s.index + 24)[0]

    def put(self, fmt, offset, value):
        struct.pack_into(self.elf.order + fmt, self.image, offset, value)

    def flip(self, name, at):
        self.image[self.file_offset(self.section(name)) + at] ^= 1

    def rela(self, name, n):
        return self.file_offset(self.section('.rela' + name, E.SHT_RELA)) + 24 * n

    def addend(self, name, n, by):
        at = self.rela(name, n) + 16
        self.put('q', at, self.elf.unpack('q', at)[0] + by)

    def retarget(self, name, n, symbol):
        index = next(y.index for y in self.elf.symbols if y.name == symbol)
        at = self.rela(name, n) + 8
        self.put('Q', at, index << 32 | self.elf.unpack('Q', at)[0] & 0xffffffff)

    def retype(self, name, n, kind):
        at = self.rela(name, n) + 8
        self.put('Q', at, self.elf.unpack('Q', at)[0] & ~0xffffffff | kind)

    def resize(self, name, size, kind=None):
        self.put('Q', self.headers + 64 * self.section(name, kind).index + 32, size)

    def symbol_size(self, name, by):
        y = next(y for y in self.elf.symbols if y.name == name)
        at = self.file_offset(self.section('.symtab')) + 24 * y.index + 16
        self.put('Q', at, y.size + by)

    def symbol_other(self, name, other):
        y = next(y for y in self.elf.symbols if y.name == name)
        self.put('B', self.file_offset(self.section('.symtab', E.SHT_SYMTAB)) + 24 * y.index + 5, other)

    def set_word(self, name, text, word):
        """The first instruction of a section that reads `text`."""
        s = self.section(name)
        self.elf.disassemble()
        at = min(at for at, words in self.elf.texts[s.index].items() if words == text)
        self.put('I', self.file_offset(s) + at, word)

    def symbol_value(self, name, by):
        y = next(y for y in self.elf.symbols if y.name == name)
        at = self.file_offset(self.section('.symtab')) + 24 * y.index + 8
        self.put('Q', at, y.value + by)


# (case, what is broken, how, what verify.py has to say)
BREAK = [
    ('string-changed.gcc', 'an instruction', lambda e: e.flip('.text.speak', 10), r'`speak`.*bytes'),
    ('string-changed.gcc', 'a string', lambda e: e.flip('.rodata.speak.str1.1', 3), r'`speak`.*good'),
    ('string-changed.gcc', 'which string', lambda e: e.retarget('.text.speak', 1, '.rodata.silent.str1.1'),
     r'`speak`.*always'),
    ('call-unexported.gcc', 'which function', lambda e: e.retarget('.text.caller', 2, '__fentry__'),
     r'`caller`.*hidden_helper'),
    ('call-unexported.gcc', 'an offset', lambda e: e.addend('.text.caller', 1, 4), r'`caller`.*hidden_counter'),
    ('call-unexported.gcc', 'a relocation type', lambda e: e.retype('.text.caller', 2, 2), r'`caller`.*type PC32'),
    ('call-unexported.gcc', 'a function\'s size', lambda e: e.symbol_size('caller', -1), r'`caller` has'),
    ('call-unexported.gcc', 'a missing relocation', lambda e: e.resize('.rela.text.caller', 48, E.SHT_RELA),
     r'`caller`.*no relocation for'),
    ('pcrel-immediate.gcc', 'a neighbour\'s variable', lambda e: e.addend('.text.set', 1, -1), r'`set`.*target'),
    ('data-new.gcc', 'data', lambda e: e.flip('.data.new_table', 16), r'`new_table`.*bytes'),
    ('data-new.gcc', 'what data points to', lambda e: e.retarget('.data.new_table', 0, 'reader'),
     r'`new_table`.*new_target'),
    ('jump-table.gcc', 'an entry of a jump table', lambda e: e.addend('.rodata.dispatch', 2, 1), r'`dispatch`.*target'),
    ('float-constant.gcc', 'an anonymous constant', lambda e: e.flip('.rodata.cst8', 3), r'`scale`.*target'),
    ('bug-table.gcc', 'flags of a bug entry', lambda e: e.flip('__bug_table', 10), r'__bug_table.*bytes'),
    ('bug-table.gcc', 'the place of a bug entry', lambda e: e.addend('__bug_table', 0, 1), r'__bug_table.*no such entry'),
    ('bug-table.gcc', 'the file of a bug entry', lambda e: e.addend('__bug_table', 1, 1), r'__bug_table.*bug-table\.c'),
    ('bug-table.gcc', 'a missing bug entry', lambda e: (e.resize('__bug_table', 36),
                                                       e.resize('.rela__bug_table', 144, E.SHT_RELA)),
     r'__bug_table has no entry for after'),
    ('alt-included.gcc', 'the feature of an alternative', lambda e: e.flip('.altinstructions', 8),
     r'\.altinstructions.*bytes'),
    ('alt-included.gcc', 'a replacement', lambda e: e.flip('.altinstr_replacement', 1), r'\.altinstructions.*target'),
    ('alt-included.gcc', 'what a replacement calls',
     lambda e: e.retarget('.altinstr_replacement', 0, 'hidden_helper'), r'\.altinstructions.*target'),
    ('alt-empty-alone.gcc', 'the place of a replacement without bytes', lambda e: e.addend('.altinstructions', 3, 9),
     r'\.altinstructions.*stands at'),
    ('alt-empty-alone.gcc', 'bytes of a replacement that had none', lambda e: e.flip('.altinstructions', 23),
     r'\.altinstructions.*bytes'),
    ('extable-target.gcc', 'where a fault resumes', lambda e: e.addend('__ex_table', 1, 1), r'__ex_table.*careful'),
    ('fixup-section.gcc', 'code of .fixup', lambda e: e.flip('.fixup', 1), r'__ex_table'),
    ('static-key-other.gcc', 'a key', lambda e: e.addend('__jump_table', 2, 16), r'__jump_table.*key_two'),
    ('static-call.gcc', 'a static call\'s key', lambda e: e.retarget('.static_call_sites', 1, 'hidden_counter'),
     r'\.static_call_sites.*__SCK__'),
    ('smp-locks.gcc', 'a missing lock entry', lambda e: (e.resize('.smp_locks', 12),
                                                        e.resize('.rela.smp_locks', 72, E.SHT_RELA)),
     r'\.smp_locks has no entry'),
    ('objtool-tables.gcc', 'unwind data', lambda e: e.flip('.orc_unwind', 6), r'\.orc_unwind'),
    ('objtool-tables.gcc', 'a paravirt type', lambda e: e.flip('.parainstructions', 8), r'\.parainstructions.*bytes'),
    ('changed-function.gcc', 'an ftrace location', lambda e: e.addend('__mcount_loc', 0, 2), r'ftrace locations'),
    ('changed-function.gcc', 'a missing ftrace location', lambda e: e.resize('.rela__mcount_loc', 24, E.SHT_RELA),
     r'ftrace locations'),
    ('inner-label.gcc', 'where a label stands', lambda e: e.symbol_value('inner_label', 2), r'`inner_label` stands at'),
    ('inner-label.gcc', 'where a second entry stands', lambda e: e.symbol_value('inner_entry', 2), r'`inner_entry`'),
    ('s390x-unexported.s390x', 'big-endian: an offset', lambda e: e.addend('.text.caller', 0, 2), r'`caller`.*target'),
    ('s390x-unexported.s390x', 'big-endian: an instruction', lambda e: e.flip('.text.caller', 9), r'`caller`.*bytes'),
    ('aarch64-unexported.aarch64', 'which function', lambda e: e.retarget('.text.caller', 2, '.text.caller'),
     r'`caller`.*target'),
    ('aarch64-changed.aarch64', 'an ftrace location', lambda e: e.addend('__patchable_function_entries', 0, 4),
     r'ftrace locations'),
    ('ppc64le-unexported.ppc64le', 'what a slot holds', lambda e: e.retarget('.toc', 0, 'hidden_helper'),
     r'`(?:caller|other|local_handler)`.*target'),
    ('ppc64le-unexported.ppc64le', 'which slot', lambda e: e.addend('.text.caller', 3, 8), r'`caller`.*target'),
    ('ppc64le-changed.ppc64le', 'the distance of the TOC', lambda e: e.addend('.text.changed', 0, 8), r'before it.*target'),
    ('ppc64le-changed.ppc64le', 'a local entry point', lambda e: e.symbol_other('changed', 0), r'local entry point'),
    ('ppc64le-changed.ppc64le', 'a call that returns with another TOC', lambda e: e.set_word('.text.changed', 'nop', 0x60000001),
     r'calls `_printk`, which leaves another TOC'),
    ('ppc64le-changed.ppc64le', 'data that are too far away', lambda e: e.retarget('.text.changed', 3, '_printk'),
     r'cannot reach `_printk`'),
    ('ppc64le-string-before.ppc64le', 'the string that is stepped into', lambda e: e.flip('.rodata.str1.8', 0x1a),
     r'`print`.*target'),
    ('label-table.gcc', 'a label', lambda e: e.addend('.rodata.table.0', 1, 1), r'`table.0`.*target'),
    ('operand-without-relocation.gcc', 'what an operand without relocation means',
     lambda e: e.symbol_value('second', 1), r'`first`.*leads to .text.*, not to second'),
    ('aarch64-operand-without-relocation.aarch64', 'what adr means',
     lambda e: e.symbol_value('second', 4), r'`first`.*leads to .text.*, not to second'),
    ('s390x-operand-without-relocation.s390x', 'what larl means',
     lambda e: e.symbol_value('second', 2), r'`first`.*leads to .text.*, not to second'),
    ('helper-without-label-changed.gcc', 'code without a label', lambda e: e.flip('.text', 0x18),
     r'`second`.*leads to .text'),
    ('falls-through.gcc', 'what a function runs on into', lambda e: e.symbol_value('second_half', 1),
     r'`first_half` runs on into .*, not into second_half'),
]



def read_variable(e, section='.text.unchanged', field=8, kind=2, symbol='hashtable', addend=-4, code=b''):
    """runtime-unexported.gcc as a patch would have it: `unchanged` reads the variable; the entry becomes its relocation."""
    target, table = e.section(section), e.section('.relaruntime_ptr_hashtable')
    at = e.file_offset(target) + 5
    e.image[at:at + 10] = code or b'\x48\x8b\x05\0\0\0\0\x0f\x1f\0'
    e.put('I', e.headers + 64 * table.index + 44, target.index)
    index = next(y.index for y in e.elf.symbols if y.name == symbol)
    rela = e.file_offset(table)
    e.put('Q', rela + 8, 0)  # of `lookup`: none
    e.put('Q', rela + 24, field)
    e.put('Q', rela + 32, index << 32 | kind)
    e.put('q', rela + 40, addend)


# (what is done with a runtime constant, how, what verify.py has to say; None: nothing)
RUNTIME = [
    ('it is read', read_variable, None),
    ('a copied instruction', lambda e: e.flip('.text.unchanged', 7), r'`unchanged`.*no load of `hashtable`'),
    ('another register', lambda e: read_variable(e, code=b'\x48\x8b\x0d\0\0\0\0\x0f\x1f\0'), r'`unchanged`.*into %rax'),
    ('its address', lambda e: read_variable(e, code=b'\x48\x8d\x05\0\0\0\0\x0f\x1f\0'), r'`unchanged`.*no load'),
    ('half of it', lambda e: read_variable(e, code=b'\x90\x8b\x05\0\0\0\0\x0f\x1f\0'), r'`unchanged`.*no load'),
    ('no filling', lambda e: read_variable(e, code=b'\x48\x8b\x05\0\0\0\0\xff\xc0\x90'), r'`unchanged`.*no-ops'),
    ('a full field', lambda e: read_variable(e, code=b'\x48\x8b\x05\1\0\0\0\x0f\x1f\0'), r'`unchanged`.*no load'),
    ('another variable', lambda e: read_variable(e, symbol='lookup'), r'`unchanged`.*target is.*lookup'),
    ('the bytes behind it', lambda e: read_variable(e, addend=0), r'`unchanged`.*target is.*hashtable\+'),
    ('another relocation', lambda e: read_variable(e, kind=4), r'`unchanged`.*relocated at.*PLT32'),
    ('another place', lambda e: read_variable(e, field=9), r'`unchanged`.*relocated at'),
]

# (case, what is broken before, symbols renamed as the form `linkable` spells them, what verify.py has to say; None: nothing)
NAMES = [
    ('call-unexported.gcc', None, 'hidden_helper=.klp.sym.rela.vmlinux.vmlinux.hidden_helper,0', None),
    ('call-unexported.gcc', None, 'hidden_helper=.klp.sym.rela.vmlinux.vmlinux.hidden_counter,0',
     r'klp vmlinux:hidden_counter,0.*hidden_helper'),
    ('call-unexported.gcc', None, 'hidden_helper=.klp.sym.rela.ext4.vmlinux.hidden_helper,0', r'refused by the kernel'),
    ('call-unexported.gcc', None, 'hidden_helper=.klp.sym.rela.vmlinux.ext4.hidden_helper,0', r'not there yet'),
    ('label-table.gcc', lambda e: e.retarget('.text.interp', 1, 'hidden_helper'),
     'hidden_helper=.klp.sym.rela.vmlinux.vmlinux.table.0,0', r'`interp`.*kernel\'s `table.0` holds labels of `interp`'),
    ('label-table.gcc', lambda e: e.retarget('.rodata.table.0', 1, 'hidden_helper'),
     'hidden_helper=.klp.sym.rela.vmlinux.vmlinux.interp,0', r'`table.0`.*middle of the running kernel\'s `interp`'),
    ('array-end-padding.gcc', lambda e: e.retarget('.text.sum', 4, 'hidden_helper'),
     'hidden_helper=.klp.sym.rela.vmlinux.vmlinux.other,0', r'`sum`.*klp vmlinux:other,0'),
]


def verify(pair, image, scratch):
    out = os.path.join(scratch, 'out.o')
    with open(out, 'wb') as f:
        f.write(image)
    orig, patched = (os.path.join(OBJECTS, '%s.%s.o' % (pair, side)) for side in ('orig', 'patched'))
    return V.Verifier(orig, patched, out, itself=True).run()


def check(what, found, expected):
    if expected is None and found:
        print('%s: nothing is wrong, and yet: %s' % (what, found[0]))
        return 1
    if expected is not None and not any(re.search(expected, text) for text in found):
        print('%s: not seen (%s)' % (what, '; '.join(found) or 'nothing found'))
        return 1
    return 0


def main():
    bad = 0
    with tempfile.TemporaryDirectory() as scratch:
        for pair in sorted({row[0] for row in BREAK}):
            image = E.Elf(os.path.join(OBJECTS, pair + '.patched.o')).image
            bad += check(pair, verify(pair, image, scratch), None)
        for pair, what, how, expected in BREAK:
            editor = Editor(os.path.join(OBJECTS, pair + '.patched.o'))
            how(editor)
            bad += check('%s: %s' % (pair, what), verify(pair, editor.image, scratch), expected)
        for what, how, expected in RUNTIME:
            editor = Editor(os.path.join(OBJECTS, 'runtime-unexported.gcc.patched.o'))
            how(editor)
            bad += check('runtime constant: ' + what, verify('runtime-unexported.gcc', editor.image, scratch), expected)
        for pair, how, rename, expected in NAMES:
            editor = Editor(os.path.join(OBJECTS, pair + '.patched.o'))
            if how:
                how(editor)
            broken, renamed = os.path.join(scratch, 'broken.o'), os.path.join(scratch, 'renamed.o')
            with open(broken, 'wb') as f:
                f.write(editor.image)
            subprocess.run(['objcopy', '--redefine-sym', rename, broken, renamed], check=True)
            bad += check(rename, verify(pair, E.Elf(renamed).image, scratch), expected)
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
