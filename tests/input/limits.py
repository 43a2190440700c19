# SPDX-License-Identifier: GPL-2.0-or-later
"""What an object may claim: sizes, alignments, names, addends, and places that contradict each other.

Each case is an object made from scratch; the run has little memory, a small file size and a short time.
"""
import os
import resource
import signal

from harness import Skip, expect
from make_elf import ALLOC, COMMON, EXEC, GLOBAL, MERGE, NOBITS, OBJECT, PLT32, PPC64LE, R64, SECTION, STRINGS, WRITE, Object

GIB = 1 << 30
MEMORY = 3 * GIB
PPC64_REL64 = 44


def is_sanitized(h):
    with open(os.path.join(h.bin, 'create-diff-object'), 'rb') as f:
        return b'__asan_init' in f.read()


def small(h):
    """How to run: with little of everything. A sanitizer's shadow takes all addresses."""
    sanitized = is_sanitized(h)

    def limit():
        if not sanitized:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (GIB + GIB // 4, GIB + GIB // 4))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    return {'preexec': limit, 'env': {'ASAN_OPTIONS': 'hard_rss_limit_mb=%d' % (MEMORY >> 20)}}


def made(edit=None, code=b'\xb8\1\0\0\0\xc3', **how):
    """An object with a function f, where there is code of x86_64, and what `edit` adds."""
    o = Object(**how)
    if not how:
        o.function('f', code)
    if edit:
        edit(o)
    return o.bytes()


def pair(h, edit, **how):
    """(original, patched): f changed, and only the patched one is edited."""
    return h.write('orig.o', made(code=b'\xb8\2\0\0\0\xc3', **how)), h.write('patched.o', made(edit, **how))


def one_error(h, edit, error_id, **how):
    orig, patched = pair(h, edit, **how)
    h.one_error(orig, patched, h.out, names=patched, error_id=error_id, **small(h))
    h.one_error(patched, orig, h.out, names=patched, error_id=error_id, **small(h))


def other_machine(h, edit):
    bad = h.write('bad.o', made(edit, machine=PPC64LE))
    h.one_error(bad, bad, h.out, names=bad, error_id='damaged-object', **small(h))


def refused(h, edit, error_id):
    r = h.run(*pair(h, edit), h.out, **small(h))
    expect(r.code == 2 and r.errors and r.errors[0][0] == error_id, 'status %d\n%s' % (r.code, r.err))


def good(h, edit):
    """On both sides, and it is no obstacle."""
    orig, patched = h.write('orig.o', made(edit, b'\xb8\2\0\0\0\xc3')), h.write('patched.o', made(edit))
    r = h.run(orig, patched, h.out, **small(h))
    expect(r.code == 0, 'status %d\n%s' % (r.code, r.err))
    os.unlink(h.out)
    r = h.run(patched, patched, h.out, **small(h))
    expect(r.code == 3, 'unchanged: status %d\n%s' % (r.code, r.err))


def section(name, **what):
    return lambda o: o.section(name, **what)


def common(size, align):
    return lambda o: o.symbol('l', COMMON, align, size, OBJECT, GLOBAL)


def callback_without_label(o):
    text = o.section('.text', flags=ALLOC | EXEC, data=b'\xc3' * 16)
    o.reloc(o.section('.kpatch.callbacks.pre_patch', data=bytes(8)), 0, R64, o.symbol('', text, type=SECTION))


def addend(value):
    def edit(o):
        data = o.section('.data.p', flags=ALLOC | WRITE, data=bytes(8))
        o.symbol('p', data, size=8, type=OBJECT, bind=GLOBAL)
        o.reloc(data, 0, R64, o.symbol('q', bind=GLOBAL), value)
    return edit


def entry_before_last_function(o):
    """ppc64le: the distance to the TOC that stands before g is in the function before."""
    text = o.section('.text', flags=ALLOC | EXEC, data=bytes(20))
    o.symbol('a', text, 4, 4, 2, GLOBAL)
    o.symbol('g', text, 8, 12, 2, GLOBAL)
    o.reloc(text, 0, PPC64_REL64, o.symbol('.TOC.', bind=GLOBAL))


def branch_across_end(o):
    """The size of a ends in the middle of its jump."""
    text = o.section('.text', flags=ALLOC | EXEC, data=b'\x90\xe9' + bytes(4) + b'\xc3\xc3')
    o.symbol('a', text, 0, 3, 2, GLOBAL)
    o.symbol('b', text, 3, 5, 2, GLOBAL)
    o.reloc(text, 2, PLT32, o.symbol('elsewhere', bind=GLOBAL), -4)


def short_branch_across_end(o):
    """The same of a jump without a relocation, to c."""
    text = o.section('.text', flags=ALLOC | EXEC, data=b'\x90\xe9\x03\0\0\0\xc3\xc3\xc3\xc3\xc3')
    o.symbol('a', text, 0, 3, 2, GLOBAL)
    o.symbol('b', text, 3, 5, 2, GLOBAL)
    o.symbol('c', text, 9, 2, 2, GLOBAL)


def overlapping(count):
    def edit(o):
        for i in range(count):
            o.section('.data.%d' % i, flags=ALLOC | WRITE, data=bytes(8) if i else bytes(4096), size=4096)
    return edit


def long_symbol(length):
    return lambda o: o.symbol('s' * length, o.section('.data.s', flags=ALLOC | WRITE, data=bytes(8)), size=8, type=OBJECT)


def larger_than(h, size):
    orig, patched = pair(h, None)
    os.truncate(patched, size)
    h.one_error(orig, patched, h.out, names=patched, error_id='too-large', **small(h))
    h.one_error('--check', patched, names=patched, error_id='too-large', **small(h))
    os.unlink(patched)


def use_zeros(o):
    """A new function refers to new zeros."""
    zeros = o.section('.bss.z', NOBITS, ALLOC | WRITE, size=GIB // 2)
    n, _ = o.function('g', b'\xe8' + bytes(4) + b'\xc3')
    o.reloc(n, 6, PLT32, o.symbol('z', zeros, size=GIB // 2, type=OBJECT), -4)


def too_many_pieces(h):
    """2^24 strings and one: the largest number is worked on, which takes what LIMITS says it may."""
    if is_sanitized(h):
        raise Skip('a sanitizer multiplies its memory')
    strings = section('.rodata.str1.1', flags=ALLOC | MERGE | STRINGS, entsize=1, data=bytes((1 << 24) + 1))
    orig, patched = pair(h, strings)
    h.one_error(patched, orig, h.out, names=patched, error_id='too-large')


def big_zeros_stay_small(h, form):
    """What the output takes is what it holds."""
    orig, patched = pair(h, use_zeros)
    r = h.run(orig, patched, h.out, '--form', form, **small(h))
    expect(r.code == 0, 'status %d\n%s' % (r.code, r.err))
    expect(os.stat(h.out).st_size < 1 << 16, 'the output is large')


def run(h):
    for name, edit in (('of no size', common(0, 1)), ('of no size and alignment', common(0, 0)), ('large', common(1 << 20, 4096))):
        h.case('limits: common symbol %s' % name, good, h, edit)
    for name, size, align in (('size 2^63', 1 << 63, 1), ('size 2^31', 1 << 31, 1), ('size 2^30 + 1', GIB + 1, 1),
                              ('alignment 2^31', 8, 1 << 31), ('alignment 2^63', 8, 1 << 63)):
        h.case('limits: common symbol, ' + name, one_error, h, common(size, align), 'too-large')
    h.case('limits: common symbol, alignment 3', one_error, h, common(8, 3), 'damaged-object')
    h.case('limits: callback without a label', refused, h, callback_without_label, 'bad-directive')
    for power in (31, 44, 62, 63):
        for where, flags in (('data', ALLOC | WRITE), ('debugging information', 0)):
            h.case('limits: alignment 2^%d of %s' % (power, where), one_error, h,
                   section('.debug_x', flags=flags, data=bytes(8), align=1 << power), 'too-large')
    h.case('limits: many alignments', one_error, h, lambda o: [
        o.section('.data.%d' % i, flags=ALLOC | WRITE, data=bytes(8), align=1 << 28) for i in range(5)], 'too-large')
    h.case('limits: entries of 2^32 bytes', one_error, h,
           section('.debug_x', flags=0, data=bytes(8), entsize=1 << 32), 'too-large')
    h.case('limits: alignment 2^21', good, h, section('.data.x', flags=ALLOC | WRITE, data=bytes(8), align=1 << 21))
    for size in (GIB + 1, 1 << 32, 1 << 40, 1 << 63, (1 << 64) - 1):
        h.case('limits: %#x bytes of .bss' % size, one_error, h, section('.bss', type=NOBITS, flags=ALLOC | WRITE, size=size),
               'too-large')
    h.case('limits: several .bss', one_error, h, lambda o: [
        o.section('.bss.%d' % i, NOBITS, ALLOC | WRITE, size=GIB // 3) for i in range(4)], 'too-large')
    h.case('limits: half a GiB of .bss', good, h, section('.bss', type=NOBITS, flags=ALLOC | WRITE, size=GIB // 2))
    for form in ('klp', 'linkable', 'kpatch'):
        h.case('limits: half a GiB of new .bss, ' + form, big_zeros_stay_small, h, form)
    for name, flags, entsize in (('.text', ALLOC | EXEC, 0), ('.rodata.cst8', ALLOC | MERGE, 8), ('.altinstructions', ALLOC, 0),
                                 ('.rodata.str1.1', ALLOC | MERGE | STRINGS, 1), ('.fixup', ALLOC | EXEC, 0),
                                 ('__param', ALLOC, 0), ('.orc_unwind', ALLOC, 0), ('.init_array', ALLOC | WRITE, 8)):
        h.case('limits: %s without contents' % name, one_error, h,
               section(name, type=NOBITS, flags=flags, size=GIB // 2, entsize=entsize), 'damaged-object')
    for value in (-(1 << 63), (1 << 63) - 1, -(1 << 63) + 4, (7 << 60) + 1):
        h.case('limits: addend %#x' % value, one_error, h, addend(value), 'damaged-object')
    for value in (-(3 << 62 >> 2), 5 << 60, -1, 0x80000000):
        h.case('limits: addend %#x is one' % value, good, h, addend(value))
    h.case('limits: entry before the last function', other_machine, h, entry_before_last_function)
    h.case('limits: branch across the end', one_error, h, branch_across_end, 'damaged-object')
    h.case('limits: resolved branch across the end', one_error, h, short_branch_across_end, 'damaged-object')
    h.case('limits: overlapping sections', one_error, h, overlapping(20), 'damaged-object')
    h.case('limits: a section that ends in the next one', one_error, h, section('.data.a', data=bytes(12), size=20), 'damaged-object')
    for length in (4096, 1 << 20):
        h.case('limits: symbol of %d characters' % length, one_error, h, long_symbol(length), 'damaged-object')
        h.case('limits: section of %d characters' % length, one_error, h, section('.' * length, data=b'x'), 'damaged-object')
    h.case('limits: symbol of 4095 characters', good, h, long_symbol(4095))
    h.case('limits: 2^24 + 1 strings', too_many_pieces, h)
    h.case('limits: file of more than 4 GiB', larger_than, h, 4 * GIB + 1)
    h.case('limits: file of 2^42 bytes', larger_than, h, 1 << 42)
