# SPDX-License-Identifier: GPL-2.0-or-later
"""What is around the files: names that a terminal obeys, pipes that nobody reads, descriptors that are used up, packed zeros."""
import gzip
import os
import resource

from harness import Skip, expect, fixture
from make_elf import Object

MARKS = {'C1 control': '\u009b31m', 'override': '\u202emoor', 'isolate': '\u2066x', 'line separator': '\u2028x', 'no width': '\ufeffx',
         'escape': '\x1b[31m'}


def named(name, number):
    o = Object()
    o.function(name, b'\xb8' + bytes([number]) + b'\0\0\0\xc3')
    return o.bytes()


def is_escaped(h, name):
    r = h.run('--explain', '-n', h.write('orig.o', named('f' + name, 1)), h.write('patched.o', named('f' + name, 2)))
    shown = ''.join('\\x%02x' % b for b in name[0].encode())
    expect(r.code == 0 and 'f' + shown in r.out, 'status %d, and no %s in\n%s' % (r.code, shown, r.out))
    expect(name[0] not in r.out + r.err, 'it is shown as it is')


def nobody_reads(h, orig, patched):
    os.mkfifo(h.path('unread'))
    r = h.run('--json', h.path('unread'), orig, patched, h.out)
    expect(r.code == 1 and 'unread' in r.err and not os.path.exists(h.out), 'status %d\n%s' % (r.code, r.err))


def never_ends(h, orig, patched):
    if not os.access('/proc/kmsg', os.R_OK):
        raise Skip('/proc/kmsg cannot be read')
    h.one_error('-k', '/proc/kmsg', orig, patched, h.out, names='/proc/kmsg')


def no_descriptors(h, orig, patched):
    """None is left for what a sandbox takes: then there is none, and what was asked for is done."""
    r = h.run(orig, patched, h.out, preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4)))
    expect(r.code == 0, 'status %d\n%s' % (r.code, r.err))


def directory_is_named(h, orig):
    r = h.one_error(orig, h.out_dir, h.path('out.o'), names=h.out_dir)
    expect('it is not a regular file' in r.err, r.err)


def packed_zeros(h, orig, patched, option):
    bad = h.write('zeros.gz', gzip.compress(bytes(200 << 20), 9, mtime=0))

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (320 << 20, 320 << 20))
    try:
        with open(os.path.join(h.bin, 'create-diff-object'), 'rb') as f:
            sanitized = b'__asan_init' in f.read()
        r = h.one_error(option, bad, orig, patched, h.out, names=bad, preexec=None if sanitized else limit)
    finally:
        os.unlink(bad)
    expect('a hundred times' in r.err, r.err)


def behind_the_end(h, orig, patched):
    bad = h.write('more.gz', gzip.compress(b'ffffffff81000000 T _text\n' * 200, mtime=0) + b'something')
    h.one_error('-k', bad, orig, patched, h.out, names='behind')


def missing(h, symbols, cause):
    """A global function of the object that the kernel's symbols have otherwise."""
    orig, patched = h.write('orig.o', named('f', 1)), h.write('patched.o', named('f', 2))
    r = h.run('-k', h.write('System.map', b'ffffffff81000000 T _stext\n' + symbols), orig, patched, h.out)
    expect(r.code == 2 and cause in r.err, 'status %d\n%s' % (r.code, r.err))


def run(h):
    orig, patched = fixture('changed-function')
    for kind, name in MARKS.items():
        h.case('surroundings: %s in a name' % kind, is_escaped, h, name)
    h.case('surroundings: a report to a pipe that nobody reads', nobody_reads, h, orig, patched)
    h.case('surroundings: symbols from a file that never ends', never_ends, h, orig, patched)
    h.case('surroundings: no descriptor is left', no_descriptors, h, orig, patched)
    h.case('surroundings: a directory', directory_is_named, h, orig)
    for option in ('-k', '-s'):
        h.case('surroundings: packed zeros, ' + option, packed_zeros, h, orig, patched, option)
    h.case('surroundings: something behind the packed data', behind_the_end, h, orig, patched)
    for cause, symbols in {'several times': b'ffffffff81000010 T f\nffffffff81000020 T f\n', 'as a local one': b'ffffffff81000010 t f\n',
                           'is data': b'ffffffff81000010 D f\n'}.items():
        h.case('surroundings: the name %s' % cause, missing, h, symbols, cause)
