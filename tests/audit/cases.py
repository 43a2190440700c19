# SPDX-License-Identifier: GPL-2.0-or-later
"""cases.py - small pairs, each with one difference of meaning (or none), in the assembler of x86-64

A text is both sides: a line `< x` is in the original alone, `> x` in the patched object alone.
"""

F = '''
.section .text.f,"ax"
.globl f
.type f,@function
f: %s
 ret
.size f,.-f
'''


def function(body, name='f'):
    return F.replace('f:', name + ':').replace('.text.f', '.text.' + name).replace('globl f', 'globl ' + name) \
        .replace('type f', 'type ' + name).replace('size f,.-f', 'size %s,.-%s' % (name, name)).replace('%s', body)


def entry(section, flags, body):
    return '.pushsection %s,"%s"\n%s\n.popsection\n' % (section, flags, body)


def data(name, body, section='.data', local=False, size=8):
    return '.section %s\n%s.type %s,@object\n.size %s,%d\n%s: %s\n' % (
        section, '' if local else '.globl %s\n' % name, name, name, size, name, body)


TWO = function(' mov $1,%eax', 'a') + function(' mov $2,%eax', 'b')
ANY = function(' nop')

# name: (text, what has to be found: kind and name)
DIFFER = {
    'immediate': (function('\n< mov $1,%eax\n> mov $2,%eax\n'), 'function f'),
    'opcode': (function('\n< add %eax,%edx\n> sub %eax,%edx\n'), 'function f'),
    'size': (function('\n> nop\n> nop\n'), 'function f'),
    'called function': (function('\n< call one\n> call two\n'), 'function f'),
    'kind of relocation': (function('\n< mov $x,%rax\n> mov x,%rax\n'), 'function f'),
    'offset in a variable': (function('\n< mov x+8(%rip),%eax\n> mov x+16(%rip),%eax\n'), 'function f'),
    'trailing immediate': (function('\n< movl $1,x+8(%rip)\n> movl $1,x(%rip)\n'), 'function f'),
    'branch without relocation': (
        '.text\n.type a,@function\na: ret\n.size a,.-a\n.type b,@function\nb: ret\n.size b,.-b\n.globl f\n.type f,@function\n'
        'f:\n< jmp a\n> jmp b\n.size f,.-f\n', 'function f'),
    'string': (function(' mov $.LC0,%rdi') + '.section .rodata.str1.1,"aMS",@progbits,1\n.LC0:\n< .asciz "one"\n> .asciz "two"\n',
               'function f'),
    'another string of the section': (function('\n< mov $.LC0,%rdi\n> mov $.LC1,%rdi\n') +
                                      '.section .rodata.str1.1,"aMS",@progbits,1\n.LC0: .asciz "one"\n.LC1: .asciz "two"\n',
                                      'function f'),
    'tail of a string': (function('\n< mov $.LC0,%rdi\n> mov $.LC0+1,%rdi\n') +
                         '.section .rodata.str1.1,"aMS",@progbits,1\n.LC0: .asciz "one"\n', 'function f'),
    'constant pool': (function(' movsd .LC0(%rip),%xmm0') + '.section .rodata.cst8,"aM",@progbits,8\n.LC0:\n< .quad 1\n> .quad 2\n',
                      'function f'),
    'constant by a number': (function(' mov $table.1,%rdi') + data('table.1', '\n< .quad 1\n> .quad 2\n', '.rodata', True),
                             'function f'),
    'constant behind a constant': (
        function(' mov $.LC0,%rdi') + '.section .rodata\n.LC0: .quad .LC1\n.section .rodata.other,"a"\n.LC1: .quad .LC2\n'
        '.section .rodata.str1.1,"aMS",@progbits,1\n.LC2:\n< .asciz "one"\n> .asciz "two"\n', 'function f'),
    'jump table': (function('\n jmp *.LT(,%rdi,8)\n.L1: mov $1,%eax\n.L2: mov $2,%eax\n') +
                   '.section .rodata\n.LT: .quad .L1\n< .quad .L1\n> .quad .L2\n', 'function f'),
    'relative jump table': (function('\n lea .LT(%rip),%rax\n.L1: mov $1,%eax\n.L2: mov $2,%eax\n') +
                            '.section .rodata\n.LT: .long .L1-.LT\n< .long .L1-.LT\n> .long .L2-.LT\n', 'function f'),
    'flags of a bug': (function('1: ud2\n' + entry('__bug_table', 'aw', ' .long 1b-.,0\n .word 5\n< .word 1\n> .word 3\n')),
                       'table f'),
    'file of a bug': (function('1: ud2\n' + entry('__bug_table', 'aw', ' .long 1b-.,.LC0-.\n .word 5,1\n')) +
                      '.section .rodata.str1.1,"aMS",@progbits,1\n.LC0:\n< .asciz "one.c"\n> .asciz "two.c"\n', 'table f'),
    'a bug more': (function('1: nop\n< nop\n> nop\n' + entry('__bug_table', 'aw', '> .long 1b-.,0\n> .word 5,1\n')), 'table f'),
    'fixup of an exception': (function('1: nop\n2: nop\n3: nop\n' +
                                       entry('__ex_table', 'a', ' .long 1b-.\n< .long 2b-.\n> .long 3b-.\n .long 1\n')), 'table f'),
    'kind of an exception': (function('1: nop\n2: nop\n' +
                                      entry('__ex_table', 'a', ' .long 1b-.,2b-.\n< .long 1\n> .long 2\n')), 'table f'),
    'exception of older kernels': (function('1: nop\n2: nop\n' + entry(
        '__ex_table', 'a', ' .long 1b-.,2b-.\n< .long one-.\n> .long two-.\n .long 1b-.,2b-.,one-.\n')), 'table f'),
    'exception of which not all have a handler': (function('1: nop\n2: nop\n' + entry(
        '__ex_table', 'a', ' .long 1b-.,2b-.\n< .quad 0\n> .quad one-.\n .long 1b-.,2b-.\n .quad one-.\n')), 'table f'),
    'key of a jump': (function('1: nop\n2: nop\n' + entry(
        '__jump_table', 'aw', ' .long 1b-.,2b-.\n< .quad one-.\n> .quad two-.\n')), 'table f'),
    'sense of a jump': (function('1: nop\n2: nop\n' + entry(
        '__jump_table', 'aw', ' .long 1b-.,2b-.\n< .quad one-.\n> .quad one+1-.\n')), 'table f'),
    'message of a jump': (function('1: nop\n2: nop\n' + entry('__jump_table', 'aw', ' .long 1b-.,2b-.\n .quad d.1+40-.\n')) +
                          data('d.1', '\n< .quad 1,0,0,0,0,0,0\n> .quad 2,0,0,0,0,0,0\n', '__dyndbg,"aw"', True, 56), 'table f'),
    'target of a jump': (function('1: nop\n2: nop\n3: nop\n' + entry(
        '__jump_table', 'aw', ' .long 1b-.\n< .long 2b-.\n> .long 3b-.\n .quad one-.\n')), 'table f'),
    'replacement': (function('1: nop\n' + entry('.altinstructions', 'a', ' .long 1b-.,2f-.\n .word 5\n .byte 1,2\n') + entry(
        '.altinstr_replacement', 'ax', '2:\n< sti\n> cli\n nop\n')), 'table f'),
    'call of a replacement': (function('1: nop\n' + entry('.altinstructions', 'a', ' .long 1b-.,2f-.\n .word 5\n .byte 1,5\n') +
                                       entry('.altinstr_replacement', 'ax', '2:\n< call one\n> call two\n')), 'table f'),
    'feature of a replacement': (function('1: nop\n' + entry(
        '.altinstructions', 'a', ' .long 1b-.,2f-.\n< .word 5\n> .word 6\n .byte 1,1\n') + entry(
            '.altinstr_replacement', 'ax', '2: nop\n')), 'table f'),
    'static call': (function('1: call one\n' + entry('.static_call_sites', 'aw', ' .long 1b-.\n< .long one-.\n> .long two-.\n')),
                    'table f'),
    'lock prefix': (function('1: nop\n2: nop\n' + entry('.smp_locks', 'a', '< .long 1b-.\n> .long 2b-.\n')), 'table f'),
    'paravirt': (function('1: nop\n' + entry('.parainstructions', 'a', ' .quad 1b\n< .byte 1,1\n> .byte 2,1\n .fill 6\n')), 'table f'),
    'traced place': (function('1: nop\n2: nop\n' + entry('__mcount_loc', 'a', '< .quad 1b\n> .quad 2b\n')), 'table f'),
    'return site': (function('1: nop\n2: nop\n' + entry('.return_sites', 'a', '< .long 1b-.\n> .long 2b-.\n')), 'table f'),
    'variable': (data('x', '\n< .quad 1\n> .quad 2\n'), 'data x'),
    'pointer in a variable': (data('x', '\n< .quad one\n> .quad two\n'), 'data x'),
    'size of a variable': ('.bss\n.globl x\n.type x,@object\n< .size x,8\n> .size x,16\nx: .zero 16\n', 'data x'),
    'local variable': (data('x', '\n< .quad 1\n> .quad 2\n', local=True), 'data x'),
    'numbered variables': (
        function('\n< mov n.0(%rip),%eax\n> mov n.1(%rip),%eax\n', 'a') + function(' mov n.0(%rip),%eax', 'b') +
        data('n.0', '.quad 0', local=True) + data('n.1', '.quad 0', local=True), 'function b'),
    'alias of a function': (TWO + '.globl al\n.type al,@function\n< .set al,a\n> .set al,b\n', 'label al'),
    'alias of a variable': (data('x', '.quad 1') + data('y', '.quad 1') + '.globl al\n.type al,@object\n.size al,8\n< .set al,x\n'
                            '> .set al,y\n', 'label al'),
    'weak': (ANY + '> .weak f\n', 'label f'),
    'chosen at boot': (ANY + '> .type f,@gnu_indirect_function\n', 'label f'),
    'common': ('.globl x\n< .comm x,8,8\n> .comm x,16,8\n', 'common x'),
    'parameters exchanged': (entry('__param', 'a', '\n< .quad one,two\n> .quad two,one\n'), 'section __param'),
    'set of types': (entry('.BTF_ids', 'a', '__BTF_ID__func__a__1: .zero 4\n< .globl one\n> .long 7\n'), 'section .BTF_ids'),
    'member of a set of types': (entry('.BTF_ids', 'a', '__BTF_ID__set__s: .zero 4\n< __BTF_ID__func__a__12: .zero 4\n'
                                       '> __BTF_ID__func__b__12: .zero 4\n'), 'section .BTF_ids'),
    'constructors': (TWO + entry('.init_array', 'aw', '\n< .quad a,b\n> .quad b,a\n'), 'section .init_array'),
    'note': (TWO + '.section .note.x,"a",@note\n .long 4,8,1\n .asciz "abc"\n< .quad a\n> .quad b\n', 'section .note.x'),
    'tag of a module': (entry('.modinfo', 'a', '__UNIQUE_ID_license12:\n< .asciz "license=GPL"\n> .asciz "license=MIT"\n'),
                        'section .modinfo'),
    'initcall': (TWO + entry('.initcall6.init', 'a', '\n< .long a-.\n> .long b-.\n'), 'section .initcall6.init'),
    'data of boot': (TWO + entry('.x86_cpu_dev.init', 'a', '\n< .quad a\n> .quad b\n'), 'section .x86_cpu_dev.init'),
    'a table nobody knows': (TWO + entry('.strange', 'a', '\n< .quad a\n> .quad b\n'), 'section .strange'),
    'code without a name': (ANY + '.section .text.g,"ax"\n< mov $1,%eax\n> mov $2,%eax\n ret\n', 'section .text.g'),
    'section': (function(' nop').replace('.section .text.f,"ax"', '\n< .section .text,"ax"\n> .section .init.text,"ax"'), 'function f'),
    'bytecode': ('.section .gnu.lto_.f,"e"\n< .byte 1\n> .byte 2\n', 'section .gnu.lto_'),
    'name of an export': (function(' nop') + entry('___ksymtab+f', 'a', ' .long f-.,9f-.') + entry(
        '__ksymtab_strings', 'aMS",@progbits,1#', '9:\n< .asciz "f"\n> .asciz "g"\n').replace('#"', ''), 'section ___ksymtab+f'),
}

# the same, laid out in another way
SAME = {
    'order of functions': '.text\n< ' + '\n< '.join(TWO.strip().split('\n')) + '\n> ' + '\n> '.join(
        (function(' mov $2,%eax', 'b') + function(' mov $1,%eax', 'a')).strip().split('\n')) + '\n',
    'order of strings': function(' mov $.LC0,%rdi\n mov $.LC1,%rsi') + '.section .rodata.str1.1,"aMS",@progbits,1\n'
                        '< .LC0: .asciz "one"\n.LC1: .asciz "two"\n> .LC0: .asciz "one"\n',
    'number of a constant': function(' \n< mov $t.1,%rdi\n> mov $t.2,%rdi\n') + '\n< .set n,1\n' + data(
        't.1', '.quad 7', '.rodata', True).replace('\n', '\n< ').replace('.section', '\n< .section', 1) + '\n' + data(
            't.2', '.quad 7', '.rodata', True).replace('\n', '\n> ').replace('.section', '\n> .section', 1) + '\n',
    'numbered variables renamed': function('\n< mov n.0(%rip),%eax\n> mov n.1(%rip),%eax\n', 'a') +
                                  function('\n< mov n.1(%rip),%eax\n> mov n.0(%rip),%eax\n', 'b') +
                                  data('n.0', '.quad 0', local=True) + data('n.1', '.quad 0', local=True),
    'number of a type': entry('.BTF_ids', 'a', '< __BTF_ID__func__a__12: .zero 4\n> __BTF_ID__func__a__13: .zero 4\n'),
    'padding': '.text\n.globl a\n.type a,@function\na: ret\n.size a,.-a\n< .balign 16,0x90\n> .balign 16,0xcc\n'
               '.globl b\n.type b,@function\nb: ret\n.size b,.-b\n',
    'place of a replacement': function('1: nop\n' + entry('.altinstructions', 'a', ' .long 1b-.,2f-.\n .word 5\n .byte 1,1\n') +
                                       entry('.altinstr_replacement', 'ax', '> nop\n2: sti\n')),
    'hash of what was linked': ANY + '.section .note.gnu.build-id,"a",@note\n .long 4,8,3\n .asciz "GNU"\n< .quad 1\n> .quad 2\n',
    'bytecode beside machine code': ANY + '.section .gnu.lto_.f,"e"\n< .byte 1\n> .byte 2\n',
    'constant that nobody refers to': ANY + '.section .rodata,"a"\n< .quad 1\n> .quad 2\n',
    'padding near what is counted from before': function(' cmpb $0,y(%rip)') + '.section .data,"aw"\n.balign 64\n.globl x\n'
    '.type x,@object\n.size x,8\nx: .quad 1\n .fill 47\n< .quad 0\n> .quad 3\n.globl y\n.type y,@object\n.size y,8\ny: .quad 1\n',
    'symbol or section': function('\n< call g\n> call .Lg\n') + '.text\n.type g,@function\ng: .Lg: ret\n.size g,.-g\n',
    'branch that moved': '.text\n.type a,@function\na: ret\n.size a,.-a\n> .balign 64\n.globl f\n.type f,@function\n'
                         'f: call a\n ret\n.size f,.-f\n',
}


def sides(text):
    """(original, patched) of a text."""
    out = []
    for mark in '<>':
        lines = [t[1:] if t[:1] == mark else t for t in text.split('\n') if t[:1] not in '<>' or t[:1] in ('', mark)]
        out.append('\n'.join(lines) + '\n.section .note.GNU-stack,"",@progbits\n')
    return out
