# SPDX-License-Identifier: GPL-2.0-or-later
"""Options and directories that do not fit."""
import os
import shutil

from harness import expect
from place import KERNEL, PARTS, Place
from trees import Unit


def one_error(place, error_id, *args):
    r = place.h.run(*args)
    expect(r.code == 1 and [e for e, _ in r.errors] == [error_id], '%s: status %d\n%s' % (error_id, r.code, r.err))
    expect('\n  cause   ' in r.err and '\n  hint    ' in r.err and not r.out, r.err + r.out)
    return r


def options(h):
    place = Place(h, 'options', KERNEL)
    three = (place.orig, place.patched, place.out)
    for args in (('-m', 'vmlinux'), ('--replace-callers', 'first'), ('-j', '0'), ('-j', 'x'),
                 ('--jobs=1025', ), ('-j', '-1')):
        one_error(place, 'usage', *args, *three)
        expect(place.outputs() is None, 'the output directory is there')
    one_error(place, 'usage', place.orig, place.patched)
    place.wants(0, '--skip-init', '--redirect', 'kprobe', '-j', '1024')


def modules(h):
    """Of what differs, and of what calls; nothing is compared."""
    units = KERNEL + PARTS + [Unit('drivers/lib/same', 'drivers/lib/lib'), Unit('drivers/caller', 'drivers/caller'),
                              Unit('drivers/data', 'drivers/a-data'), Unit('drivers/first', 'drivers/one', name='one:two')]
    place = Place(h, 'modules', units)
    r = place.h.run('--list-modules', place.orig, place.patched)
    expect((r.code, r.err, r.out) == (0, '', 'drivers/a-data\ndrivers/demo-mod\n'), r.out + r.err)
    r = place.h.run('--list-modules', '--replace-callers', 'caller:covered', '--skip-init=x', place.orig, place.patched)
    expect((r.code, r.out) == (0, 'drivers/a-data\ndrivers/caller\ndrivers/demo-mod\n'), r.out + r.err)
    for args in ((place.out, ), ('--json', '-'), ('--explain', )):
        one_error(place, 'usage', '--list-modules', place.orig, place.patched, *args)
    one_error(place, 'usage', '--list-modules', place.kernel, place.kernel)
    expect(place.outputs() is None, 'something was written')


def directories(h):
    place = Place(h, 'directories', KERNEL)
    below = os.path.join(place.orig, 'kernel')
    for out in (os.path.join(place.orig, 'out'), os.path.join(place.patched, 'kernel', 'out'), place.orig):
        one_error(place, 'directory-inside', place.orig, place.patched, out)
    for pair in ((place.orig, place.orig), (place.orig, below), (below, place.orig)):
        one_error(place, 'directory-inside', *pair, place.out)
    link = place.path('link')
    os.symlink(place.orig, link)
    one_error(place, 'directory-inside', place.orig, place.patched, os.path.join(link, 'out'))
    one_error(place, 'output-write', place.orig, place.patched, place.kernel)
    one_error(place, 'output-write', place.orig, place.patched, place.path('no', 'such'))
    expect(sorted(os.listdir(place.orig)) == ['kernel'], str(os.listdir(place.orig)))


def others_in_the_output(h):
    """What an earlier run left would be linked."""
    place = Place(h, 'others', KERNEL)
    place.wants(0)
    place.wants(0)
    with open(place.path('out', 'xfs.o'), 'w', encoding='utf-8') as f:
        f.write('left')
    with open(place.path('out', 'notes'), 'w', encoding='utf-8') as f:
        f.write('left')
    before = open(place.path('out', 'vmlinux.o'), 'rb').read()
    r = place.wants(1, '--form', 'linkable')
    expect([e for e, _ in r.errors] == ['output-has-others'] and '`xfs.o`' in r.err, r.err)
    expect(open(place.path('out', 'vmlinux.o'), 'rb').read() == before, 'it was written all the same')
    expect(place.outputs() == ['notes', 'vmlinux.o', 'xfs.o'], str(place.outputs()))


def nameless_symbols(h):
    """Text of readelf does not say whose symbols it has."""
    place = Place(h, 'nameless', KERNEL)
    text = place.h.path('symbols')
    os.system("readelf -sW '%s' >'%s'" % (place.kernel, text))
    r = place.run('-k', text)
    expect(r.code == 1 and set(e for e, _ in r.errors) == {'symbols-nameless'}, r.err)


def no_units(h):
    """Not the same as no change."""
    place = Place(h, 'no-units', KERNEL)
    for side in ('a', 'b'):
        os.mkdir(place.path(side))
    one_error(place, 'no-units', place.path('a'), place.path('b'), place.out)
    for name in os.listdir(os.path.join(place.orig, 'kernel')):
        if name.endswith('.cmd'):
            os.remove(os.path.join(place.orig, 'kernel', name))
            os.remove(os.path.join(place.patched, 'kernel', name))
    one_error(place, 'no-units', place.orig, place.patched, place.out)
    expect(place.outputs() is None, 'the output directory is there')


def links(h):
    """A link back is not followed, one to an object is."""
    place = Place(h, 'links', KERNEL)
    for side in (place.orig, place.patched):
        os.symlink('.', os.path.join(side, 'source'))
        os.symlink('kernel/lines.o', os.path.join(side, 'again.o'))
        os.symlink('nowhere', os.path.join(side, 'kernel', 'dangling.o'))
        shutil.copy(os.path.join(side, 'kernel', '.lines.o.cmd'), os.path.join(side, '.again.o.cmd'))
    r = place.wants(0)
    expect(place.account(r) == {'changed': 2, 'unchanged': 2, 'equal': 1}, r.err + r.out)


def full_disk(h):
    """Nothing is left that is not whole, and nothing that is old is gone."""
    place = Place(h, 'full', KERNEL)
    place.wants(0)
    before = open(place.path('out', 'vmlinux.o'), 'rb').read()
    r = place.run('--form', 'linkable', preexec=small_files)
    expect(r.code == 1 and len(r.errors) == 1 and r.errors[0][0] == 'write-error', r.err)
    expect(place.outputs() == ['vmlinux.o'] and open(place.path('out', 'vmlinux.o'), 'rb').read() == before, str(place.outputs()))


def small_files():
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


def run(h):
    for name, test in (('options', options), ('modules', modules), ('directories', directories), ('others in the output', others_in_the_output),
                       ('nameless symbols', nameless_symbols), ('no units', no_units), ('links', links), ('full disk', full_disk)):
        h.case('usage: ' + name, test, h)
