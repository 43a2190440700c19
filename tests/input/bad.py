# SPDX-License-Identifier: GPL-2.0-or-later
"""Bad input of every kind that is not a question of options."""
import gzip
import os
import resource
import shutil
import signal
import subprocess

from harness import Failed, Skip, expect, fixture
import mutants

CASE = 'changed-function'


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def the_pair_is_good(h, orig, patched):
    """Else every case below would pass for the wrong reason."""
    r = h.run(orig, patched, h.out)
    expect(r.code == 0 and os.path.getsize(h.out) > 64, 'status %d\n%s' % (r.code, r.err))


def bad_objects(h, orig, patched):
    def both_sides(name, bad):
        h.case('original: ' + name, h_one(bad, patched))
        h.case('patched: ' + name, h_one(orig, bad, bad))

    def h_one(a, b, bad=None):
        return lambda: h.one_error(a, b, h.out, names=a if bad is None else bad)

    for side, source in (('original', orig), ('patched', patched)):
        for layout, data in (('', read(source)), ('headers first, ', mutants.headers_first(read(source)))):
            edges, between = mutants.cuts(data, 120)
            for n in edges + between:
                bad = h.path('cut.o')
                if not h.pattern.search('cut'):
                    break
                h.write('cut.o', data[:n])
                h.case('%s: %scut at %d of %d' % (side, layout, n, len(data)),
                       h_one(bad, patched) if side == 'original' else h_one(orig, bad, bad))
    for side, source in (('original', orig), ('patched', patched)):
        for name, data in mutants.damaged(read(source)):
            bad = h.write('damaged.o', data)
            h.case('%s: %s' % (side, name), h_one(bad, patched) if side == 'original' else h_one(orig, bad, bad))

    os.symlink('nowhere', h.path('dangling.o'))
    os.symlink('loop.o', h.path('loop.o'))
    os.mkfifo(h.path('fifo.o'))
    files = {'empty': h.write('empty.o', b''), 'text': h.write('text.o', b'int main;\n' * 50), 'missing': h.path('none.o'),
             'zeros': h.write('zeros.o', bytes(4096)), 'magic alone': h.write('magic.o', b'\x7fELF'),
             'archive': h.write('archive.o', b'!<arch>\nfoo/'), 'executable': os.path.join(h.bin, 'create-diff-object'),
             'shared object': os.path.join(os.path.dirname(h.bin), 'libelfdiff.so'), 'directory': h.out_dir,
             'dangling link': h.path('dangling.o'), 'cyclic link': h.path('loop.o'), 'process memory': '/proc/self/mem',
             'null device': '/dev/null', 'named pipe': h.path('fifo.o'), 'empty name': ''}
    for name, bad in files.items():
        both_sides(name, bad)
    for name, bad in files.items():
        h.case('create-klp-module: ' + name, bad_module, h, bad)
        h.case('check: ' + name, lambda bad=bad: h.one_error('--check', bad, names=bad))


def bad_module(h, bad):
    if not os.path.exists(os.path.join(h.bin, 'create-klp-module')):
        raise Skip('create-klp-module is not built')
    for form in ('klp', 'linkable'):
        h.one_error('--form', form, bad, h.out, command='create-klp-module', names=bad)


def bad_modules(h, good):
    """What the comparison may overlook, the conversion may not."""
    data = read(good)
    edges, _ = mutants.cuts(data, 1)
    for n in edges:
        h.case('create-klp-module: cut at %d' % n, lambda n=n: bad_module(h, h.write('cut.o', data[:n])))
    for name, image in mutants.damaged(data):
        if not name.startswith('header machine'):  # the form does not depend on it
            h.case('create-klp-module: ' + name, lambda image=image: bad_module(h, h.write('damaged.o', image)))


def bytecode(h, good):
    """What a compiler makes for its own link is named as that, by every command."""
    pair = fixture('lto-slim')
    for name, bad in (('GCC', pair[0]), ('LLVM', h.write('bitcode.o', b'BC\xc0\xde' + bytes(60))),
                      ('LLVM, wrapped', h.write('wrapped.o', b'\xde\xc0\x17\x0b' + bytes(60)))):
        h.case('bytecode of %s: original' % name, lambda b=bad: h.one_error(b, good, h.out, error_id='lto-bytecode'))
        h.case('bytecode of %s: check' % name, lambda b=bad: h.one_error('--check', b, error_id='lto-bytecode'))
        h.case('bytecode of %s: create-klp-module' % name, lambda b=bad: h.one_error(
            b, h.out, command='create-klp-module', error_id='lto-bytecode'))


def no_livepatch(h, orig):
    """An object that the compiler made keeps every rule there is for what it has not got."""
    for command, args in (('create-diff-object', ('--check', orig)), ('create-klp-module', (orig, h.out))):
        r = h.run(*args, command=command)
        expect(r.code == 2 and r.errors[0][0] == 'not-a-livepatch', '%s: status %d\n%s' % (command, r.code, r.err))
    expect(not os.path.exists(h.out), 'it was written')


def new_functions_alone(h, orig, patched):
    """One file of a patch may have no other: a part, which its own command checks and another merges."""
    new = fixture('new-functions-alone')
    part, other = h.path('part.o'), h.path('other.o')
    for form in ('klp', 'linkable', 'kpatch'):
        for pair, out in ((new, part), ((orig, patched), other)):
            r = h.run(*pair, out, '--form', form)
            expect(r.code == 0, 'status %d\n%s' % (r.code, r.err))
        r = h.run('--check', part)
        expect(r.code == 0, '%s: --check: status %d\n%s' % (form, r.code, r.err))
        for inputs in ((part, ), (part, other)):
            r = h.run(*inputs, h.out, command='create-klp-module')
            expect(r.code == 0 and os.path.getsize(h.out), '%s: merged: status %d\n%s' % (form, r.code, r.err))


def other_architecture(h, orig, patched, compiler):
    other = fixture(compiler + '-changed', compiler)
    h.one_error(orig, other[1], h.out)
    h.one_error(other[0], patched, h.out)


def symbol_files(h, orig, patched):
    text = b'ffffffff81000000 T _text\n' * 200
    packed = gzip.compress(bytes(range(256)) * 40 + text, mtime=0)
    files = {'garbage': bytes((i * 7919 + 13) % 251 for i in range(5000)), 'zeros': bytes(100), 'prose': b'dear diary\n' * 20,
             'truncated gzip': gzip.compress(text, mtime=0)[:60], 'gzip of garbage': packed,
             'corrupt gzip': packed[:len(packed) // 2] + b'\xff\x00\xff' + packed[len(packed) // 2 + 3:],
             'truncated ELF': read(orig)[:100], 'gzip magic alone': b'\x1f\x8b', 'a half line': b'ffffffff81000000 T'}
    for name, data in files.items():
        bad = h.write('bad symbols', data)
        for option in ('-k', '-s'):
            h.case('%s: %s' % (option, name), lambda o=option: h.one_error(o, bad, orig, patched, h.out, names=bad))
    for bad in (h.path('none'), h.out_dir, '/proc/self/mem', '/dev/null', '/dev/zero', h.path('fifo.o')):
        # an empty list of exports says that nothing is exported
        for option in ('-k', '-s') if bad != '/dev/null' else ('-k', ):
            h.case('%s: %s' % (option, os.path.basename(bad)),
                   lambda o=option: h.one_error(o, bad, orig, patched, h.out, names=bad))


def bad_outputs(h, orig, patched):
    a, b = shutil.copy(orig, h.path('a.o')), shutil.copy(patched, h.path('b.o'))
    os.link(a, h.path('hard.o'))
    os.symlink('b.o', h.path('soft.o'))
    os.symlink('.', h.path('here'))
    symbols = h.write('System.map', b'ffffffff81000000 T _text\n')

    def refused(out, *options):
        before = [read(a), read(b), read(symbols)]
        h.one_error(a, b, out, *options, error_id='output-is-input')
        expect([read(a), read(b), read(symbols)] == before, 'an input was written to')

    for name, out, options in (
            ('the original', a, ()), ('the patched', b, ()), ('a hard link', h.path('hard.o'), ()),
            ('a symbolic link', h.path('soft.o'), ()), ('another path', h.path('here/./a.o'), ()),
            ('a -k file', symbols, ('-k', symbols)), ('a -s file', symbols, ('-s', symbols)),
            ('the report', h.out, ('--json', h.out)), ('an original as report', h.out, ('--json', a))):
        h.case('output onto ' + name, refused, out, *options)
    for name, out in (('missing directory', h.path('none/out.o')), ('a directory', h.out_dir),
                      ('below a file', a + '/out.o'), ('proc', '/proc/out.o'), ('empty name', ''),
                      ('name too long', h.out + 'x' * 300)):
        h.case('output: ' + name, lambda out=out: h.one_error(orig, patched, out, names=out))
        h.case('report: ' + name, lambda out=out: h.one_error(orig, patched, h.out, '--json', out, names=out))


def old_output_stays(h, orig, patched):
    h.write('out/out.o', b'old')
    h.one_error(orig, h.write('cut.o', read(patched)[:200]), h.out)
    h.one_error(orig, patched, h.out, '-k', h.path('none'))
    h.one_error(orig, patched, h.out, '--frobnicate')
    h.one_error(orig, patched, h.out, '--json', h.path('none/report'))
    expect(read(h.out) == b'old', 'the old output changed')


def limited(size):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    return limit


def file_size_limit(h, orig, patched, *options):
    for size in (0, 1, 100, 1000):
        h.one_error(orig, patched, h.out, *options, preexec=limited(size))


def full_disk(h, orig, patched):
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=4k', 'none', h.out_dir], stderr=subprocess.DEVNULL,
                      check=False).returncode:
        raise Skip('cannot mount a tmpfs here')
    try:
        with open(os.path.join(h.out_dir, 'filler'), 'wb', buffering=0) as f:
            f.write(bytes(4096))
        h.one_error(orig, patched, h.out)
        os.mkdir(h.path('elsewhere'))
        h.one_error(orig, patched, h.path('elsewhere/out.o'), '--json', os.path.join(h.out_dir, 'report'))
        expect(not os.listdir(h.path('elsewhere')), 'the patch was written, its report was not')
    finally:
        subprocess.run(['umount', h.out_dir], check=True)


def full_device(h, orig, patched):
    if not os.path.exists('/dev/full'):
        raise Skip('there is no /dev/full')
    for args in (('--json', '/dev/full', '-n', orig, patched), ):
        h.one_error(*args, error_id='report-write')
    for args in (('--help', ), ('--version', ), (orig, patched, '-n'), (orig, patched, '-n', '--json', '-'),
                 (orig, patched, h.out, '--explain')):
        with open('/dev/full', 'wb') as full:
            r = h.run(*args, stdout=full)
        expect(r.code == 1 and len(r.errors) == 1, '%s: status %d\n%s' % (args, r.code, r.err))
        expect(not os.path.exists(h.out), 'the patch was written though the explanation could not be')


def run(h):
    try:
        orig, patched = fixture(CASE)
    except Skip as why:
        raise Failed(str(why)) from why
    h.case('the pair itself is good', the_pair_is_good, h, orig, patched)
    bad_objects(h, orig, patched)
    bad_modules(h, patched)
    bytecode(h, patched)
    h.case('no livepatch', no_livepatch, h, orig)
    h.case('new functions alone', new_functions_alone, h, orig, patched)
    for compiler in ('s390x', 'aarch64'):
        h.case('x86_64 with ' + compiler, other_architecture, h, orig, patched, compiler)
    symbol_files(h, orig, patched)
    bad_outputs(h, orig, patched)
    h.case('a failing run leaves an old output alone', old_output_stays, h, orig, patched)
    h.case('file size limit', file_size_limit, h, orig, patched)
    h.case('file size limit, report', file_size_limit, h, orig, patched, '--json', os.path.join(h.out_dir, 'report'))
    h.case('full disk', full_disk, h, orig, patched)
    h.case('full device', full_device, h, orig, patched)
