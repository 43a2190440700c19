# SPDX-License-Identifier: GPL-2.0-or-later
"""make's jobserver: no more at once than it has tokens for, and each token comes back."""
import os
import shutil
import subprocess

from harness import Skip, expect
from place import KERNEL, Place
from trees import Unit

ONE = Unit('drivers/many', source='part', module='drivers/many')
MANY = 150  # or the first thread may have done all before others begin


def copies(place):
    """The same unit under other names, each a module of its own."""
    for side in (place.orig, place.patched):
        for i in range(MANY):
            unit = Unit('drivers/many%d' % i, module='drivers/many%d' % i)
            shutil.copy(os.path.join(side, 'drivers/many.o'), os.path.join(side, unit.path + '.o'))
            place.trees.say(side, unit.path + '.o', unit.command(False))
    place.modules = None
    return place


def with_tokens(place, tokens, *options):
    """A FIFO with these bytes; returns what is in it afterwards."""
    fifo = place.path('fifo')
    os.mkfifo(fifo)
    fd = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    os.write(fd, tokens)
    try:
        place.wants(0, '-n', *options, env={'MAKEFLAGS': ' -j3 --jobserver-auth=fifo:%s' % fifo})
        left = os.read(fd, 100) if tokens else b''
    finally:
        os.close(fd)
        os.remove(fifo)
    return left


def fifo(h):
    place = copies(Place(h, 'fifo', [ONE]))
    expect(sorted(with_tokens(place, b'abc')) == sorted(b'abc'), 'tokens are lost, or changed')
    expect(with_tokens(place, b'') == b'', 'without a token it has to do all the same')
    expect(sorted(with_tokens(place, b'xyz', '-j', '2')) == sorted(b'xyz'), 'tokens are lost, or changed')


def broken(h):
    """What make did not hand over, or is no pipe."""
    place = Place(h, 'broken', [ONE] + KERNEL)
    for auth in ('fifo:/nonexistent', '88,89', '-2,-2', '0,1', 'x', ''):
        place.wants(0, env={'MAKEFLAGS': ' -j2 --jobserver-auth=' + auth})


def of_make(h):
    """With `+` a recipe is part of make's jobs, without it is not."""
    try:
        subprocess.run(['make', '--version'], capture_output=True, check=True)
    except OSError as missing:
        raise Skip('make is missing') from missing
    place = copies(Place(h, 'make', KERNEL + [ONE]))
    with open(place.path('Makefile'), 'w', encoding='utf-8') as f:
        for name, plus in (('one', '+'), ('two', '+'), ('three', '')):
            f.write('all: %s\n%s:\n\t%s@%s/create-diff-object -k %s %s %s %s\n' % (
                name, name, plus, h.bin, place.kernel, place.orig, place.patched, place.path(name)))
    r = subprocess.run(['make', '-j2', '-C', place.work, 'all'], capture_output=True, text=True, timeout=60, check=False)
    expect(r.returncode == 0, r.stdout + r.stderr)
    expect('jobserver' not in r.stderr and 'INTERNAL' not in r.stderr, r.stderr)
    for name in ('one', 'two', 'three'):
        expect(len(os.listdir(place.path(name))) == MANY + 2, name)


def run(h):
    for name, test in (('fifo', fifo), ('broken', broken), ('make', of_make)):
        h.case('jobs: ' + name, test, h)
