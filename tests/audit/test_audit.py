#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""test_audit.py [DIR] - the audit itself: each class of difference is seen, and what is the same is none

With DIR the pairs are kept there.
"""
import os
import subprocess
import sys
import tempfile

import audit
import cases
import objfile
from compare import Comparison

PASSED, FAILED = [], []


def check(name, ok, words=''):
    (PASSED if ok else FAILED).append(name)
    if not ok:
        print('FAIL %s: %s' % (name, words))


class Said(audit.Answer):
    """An answer of the tool that is made up."""

    def __init__(self, status, functions=(), items=None):
        self.status, self.functions, self.items = status, set(functions), items or {}
        self.report, self.said, self.hung, self.named = {}, '', False, []


def assemble(place, name, texts, language='assembler', flags=()):
    paths = []
    for text, side in zip(texts, ('orig', 'patched')):
        path = os.path.join(place, '%s.%s.o' % (name.replace(' ', '-'), side))
        # kernel code is compiled with -ffunction-sections; the line numbers of these are by #line
        subprocess.run(['gcc', '-x', language, '-c', '-o', path, *flags, '-'], input=text.encode(), check=True)
        paths.append(path)
    return paths


def found(paths):
    return Comparison(*(objfile.Object(p) for p in paths)).run()


def differ(place):
    for name, (text, want) in cases.DIFFER.items():
        got = ['%s %s' % (d.kind, d.name) for d in found(assemble(place, name, cases.sides(text)))]
        check(name, want in got, 'wanted %s, found %s' % (want, got or 'nothing'))


def same(place):
    for name, text in cases.SAME.items():
        got = [str(d) for d in found(assemble(place, 'same ' + name, cases.sides(text)))]
        check(name, not got, got)


LINES = '''
void __might_sleep(const char *file, int line);
int _printk(const char *, ...);
void unknown(const char *file, int line);
int f(int x) { %s }
'''
FLAGS = ['-O2', '-ffunction-sections', '-fno-pic', '-mcmodel=kernel', '-fno-asynchronous-unwind-tables', '-fcf-protection=none']
# body (@ is the number), has it to be proved without DWARF
NUMBERS = {
    'argument of a reporter': ('__might_sleep("f.c", @); return 0;', True),
    'reporter behind a branch': ('if (x) __might_sleep("f.c", @); return 1;', True),
    'format with a line': ('_printk("%s:%d: oops\\n", "f.c", @); return 0;', True),
    'format with a number': ('_printk("%s: timeout of %d\\n", __func__, @); return 0;', False),
    'another argument': ('__might_sleep((char *)(long)@, 5); return 0;', False),
    'returned': ('if (x) __might_sleep("f.c", 7); return @;', False),
    'unknown callee': ('unknown("f.c", @); return 0;', False),
    'stored': ('*(int *)(long)x = @; __might_sleep("f.c", 5); return 0;', False),
    'compared': ('if (x == @) __might_sleep("f.c", 5); return 0;', False),
}


def numbers(place):
    for name, (body, proved) in NUMBERS.items():
        texts = [LINES.replace('%s', body, 1).replace('@', n) for n in ('1017', '1022')]
        one = audit.Audit(*assemble(place, name, texts, 'c', FLAGS), Said(3))
        bad = one.run()
        check(name, one.differences and bool(bad) != proved, [str(d) + g for d, g in bad])


def dwarf(place):
    text = 'void unknown(const char *file, int line);\n#line %d\nvoid f(void) { unknown("f.c", %s); }\n'
    for name, number, proved in (('line by DWARF', '__LINE__', True), ('no line by DWARF', '__LINE__ + 1', False)):
        texts = [text % (n, number) for n in (200, 300)]
        for version in ('-gdwarf-4', '-gdwarf-5'):
            one = audit.Audit(*assemble(place, name, texts, 'c', FLAGS + ['-g', version]), Said(3))
            bad = one.run()
            check('%s %s' % (name, version), one.differences and bool(bad) != proved, [str(d) + g for d, g in bad])


def answers(place):
    """Which answers of the tool explain a change in f, and which do not."""
    paths = assemble(place, 'answers', cases.sides(cases.DIFFER['immediate'][0]))
    for words, said, explained in (
            ('nothing', Said(3), False), ('another function', Said(0, ['g']), False), ('this function', Said(0, ['f']), True),
            ('refused', Said(2), True), ('crash', Said(-11), False), ('sanitizer', Said(99), False)):
        check('answer: ' + words, bool(audit.Audit(*paths, said).run()) != explained)
    text = ''.join((cases.function('\n< mov n.0(%rip),%eax\n> mov n.1(%rip),%eax\n', 'a'), cases.function(' mov n.0(%rip),%eax', 'b'),
                    cases.data('n.0', '.quad 0', local=True), cases.data('n.1', '.quad 0', local=True)))
    check('changed function first', not audit.Audit(*assemble(place, 'first', cases.sides(text)), Said(0, ['a'])).run())
    paths = assemble(place, 'line', cases.sides(cases.function(
        '1: ud2\n' + cases.entry('__bug_table', 'aw', ' .long 1b-.,0\n< .word 5\n> .word 6\n .word 1\n'))))
    one = audit.Audit(*paths, Said(3))
    check('line of a bug', not one.run() and one.line_grounds == ['struct bug_entry'])
    text = cases.function('1: nop\n2: nop\n' + cases.entry('__mcount_loc', 'a', '< .quad 1b\n> .quad 2b\n'))
    check('list of hooks', not audit.Audit(*assemble(place, 'hooks', cases.sides(text)), Said(3)).run())
    text = cases.function('1: nop') + '.section .return_sites,"a"\n< .long 1b-.\n> .long 1b+64-.\n'
    check('behind the function', not audit.Audit(*assemble(place, 'behind', cases.sides(text)), Said(0, ['f'])).run())
    text = cases.function('1: nop\n' + cases.entry('.altinstructions', 'a', ' .long 1b-.,2f-.\n .word 5\n .byte 1,2\n') + cases.entry(
        '.altinstr_replacement', 'ax', '2: ret\n3: nop\n')) + '.section .return_sites,"a"\n .long 1b-.\n< .long 2b-.\n> .long 3b-.\n'
    for words, functions, explained in (('of a replacement', ['f'], True), ('of a replacement, of another', ['g'], False)):
        bad = audit.Audit(*assemble(place, 'replacement', cases.sides(text)), Said(0, functions)).run()
        check('return ' + words, bool(bad) != explained, [str(d) for d, _ in bad])
    text = cases.function('1: jmp 6f') + '.section .altinstr_aux,"ax"\n6: nop\n7: jmp 1b\n.section .return_sites,"a"\n .long 1b-.\n' \
        '< .long 6b-.\n> .long 7b-.\n'
    for words, functions, explained in (('beside', ['f'], True), ('beside, of another', ['g'], False)):
        bad = audit.Audit(*assemble(place, 'aux', cases.sides(text)), Said(0, functions)).run()
        check('return ' + words, bool(bad) != explained, [str(d) for d, _ in bad])
    text = cases.data('__param_one', '\n< .quad one\n> .quad two\n', '__param,"a"', True)
    for words, section, explained in (('left out', '__param', True), ('another left out', '.data', False)):
        said = Said(0)
        said.report = {'diagnostics': [{'id': 'change-ignored', 'severity': 'note', 'section': section, 'symbol': '', 'message': ''}]}
        check('answer: ' + words, bool(audit.Audit(*assemble(place, 'left out', cases.sides(text)), said).run()) != explained)
    text = cases.function(' mov $table,%rdi') + cases.function(' mov $table,%rsi', 'g') + cases.data(
        'table', '\n< .quad 1\n> .quad 2\n', '.rodata', True)
    paths = assemble(place, 'table', cases.sides(text))
    for words, functions, explained in (('all users', ['f', 'g'], True), ('one of two users', ['f'], False)):
        said = Said(0, functions, {'table': {'copy'}, 'f': {'changed'}})
        check('changed constant: ' + words, bool(audit.Audit(*paths, said).run()) != explained)


def state(place):
    """A variable that the kernel has and the patch has again; one of which there is one more."""
    texts = [cases.function(' mov $n.0,%edi') + cases.data('n.0', '.quad 0', '.data', True)] * 2
    item = {'name': 'n.0', 'section': '.data', 'kind': 'data', 'verdict': 'copy', 'size': 8}
    for words, change, explained in (('copied', {}, False), ('called new', {'verdict': 'new'}, False), ('empty', {'size': 0}, True)):
        said = Said(0, ['f'])
        said.report = {'items': [dict(item, **change)]}
        paths = assemble(place, 'state ' + words, texts)
        bad = audit.Audit(*paths, said).run()
        check('state: ' + words, bool(bad) != explained, [str(d) for d, _ in bad])
    flag = dict(item, name='__already_done.0', size=1)
    for words, section, size, explained in (('__already_done', '.data.once', 1, True), ('__already_done', '.data.once', 4, False),
                                            ('__print_once', '.data..once', 1, True), ('__warned', '.data', 1, False),
                                            ('___done', '.data.once', 1, False)):
        texts = [cases.data(words + '.0', '.byte 0', section + ',"aw"', True, size)] * 2
        said = Said(0, ['f'])
        said.report = {'items': [dict(flag, name=words + '.0', section=section, size=size)]}
        bad = audit.Audit(*assemble(place, 'state ' + words, texts), said).run()
        check('state: ' + words, bool(bad) != explained, [str(d) for d, _ in bad])
    texts = [cases.function(' mov $n.0,%edi') + cases.data('n.0', '.quad 0', '.data', True)] * 2
    texts[1] += cases.data('n.1', '.quad 0', '.data', True)
    said = Said(0, ['f'])
    said.report = {'items': [dict(item, name='n.1', verdict='new')]}
    check('state: one more', not audit.Audit(*assemble(place, 'state more', texts), said).run())


# What leads to h, which has no hook; who has to be replaced, or None where nothing helps.
COVERED = {
    'two callers': (cases.function(' call __fentry__\n call h', 'a') + cases.function(' call __fentry__\n jmp h', 'b'), {'a', 'b'}),
    'caller of a caller': (cases.function(' call h', 'i').replace('.globl i', '') + cases.function(' call __fentry__\n call i', 'a'),
                           {'a'}),
    'outlined call': (cases.function(' call __fentry__', 'a') + cases.function(' call h', 'a.cold').replace('.globl a.cold', ''), {'a'}),
    'replacement': (cases.function(' call __fentry__\n1: nop\n' + cases.entry('.altinstructions', 'a', ' .long 1b-.,2f-.\n .word 5\n'
                    ' .byte 5,5\n') + cases.entry('.altinstr_replacement', 'ax', '2: call h\n'), 'a'), {'a'}),
    'init': (cases.function(' call __fentry__\n call h', 'a') + cases.function(' call h', 'b').replace('.text.b', '.init.text'), {'a'}),
    'address in data': (cases.function(' call __fentry__\n call h', 'a') + cases.data('ops', '.quad h'), None),
    'address in code': (cases.function(' call __fentry__\n call h\n mov $h,%edi', 'a'), None),
    'own address': (cases.function(' call __fentry__\n call h', 'a') + '.section .text.h\n mov $h,%edi\n.size h,.-h\n', None),
    'global caller': (cases.function(' call h', 'i'), None),
    'global': (cases.function(' call __fentry__\n call h', 'a') + '.globl h\n', None),
    'alias': (cases.function(' call __fentry__\n call h', 'a') + '.globl al\n.set al,h\n', None),
    'BPF': (cases.function(' call __fentry__\n call h', 'a') + cases.entry('.BTF_ids', 'a', '__BTF_ID__func__h__1: .zero 4\n'), None),
}


def covered(place):
    """Functions that are not replaced: the callers that have to be, as the tool is said to replace all, one less, one more."""
    h = cases.function('\n< mov $1,%eax\n> mov $2,%eax\n', 'h').replace('.globl h', '')
    for words, (text, wanted) in COVERED.items():
        paths = assemble(place, 'covered ' + words, cases.sides(h + text))
        for surplus, callers in (('', wanted or {'a', 'i'}), ('one more', (wanted or {'a'}) | {'z'}), ('one less', set(sorted(wanted or {'a'})[1:]))):
            said = Said(0, ['h'])
            said.report = {'object': 'vmlinux', 'functions': [{'name': 'h', 'replaced': False, 'reason': None}] + [
                {'name': n, 'replaced': True, 'reason': 'it calls h'} for n in sorted(callers)]}
            bad = audit.Audit(*paths, said).run()
            check('covered, %s %s' % (words, surplus), bool(bad) == (wanted is None or bool(surplus)), [str(d) for d, _ in bad])


def main():
    with tempfile.TemporaryDirectory() as scratch:
        place = sys.argv[1] if len(sys.argv) > 1 else scratch
        os.makedirs(place, exist_ok=True)
        for part in (differ, same, numbers, dwarf, answers, state, covered):
            part(place)
    print('audit-itself: %d passed, %d failed, 0 skipped' % (len(PASSED), len(FAILED)))
    sys.exit(1 if FAILED else 0)


if __name__ == '__main__':
    main()
