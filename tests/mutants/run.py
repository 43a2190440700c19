#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""run.py BINDIR COUNT SEED [NUMBER]: pairs of fixtures with one field changed; see check.sh

NUMBER repeats one mutant and keeps its files in the working directory.
"""
import collections
import multiprocessing
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), 'lib')]
import case as C  # noqa: E402
import elf as E  # noqa: E402
import fields  # noqa: E402
import seven as S  # noqa: E402
import verify as V  # noqa: E402
from progress import Progress  # noqa: E402

SECONDS, MEMORY, OUTPUT = 5, 512 << 20, 4  # OUTPUT: times the inputs
SLACK = 64 << 10  # bytes of an output that no input has: names and headers of sections
FORMS = ('klp', 'klp', 'linkable')


# What the reader says of inputs that no compiler makes, and that is no fault of the output. It knows places by names,
# branches by relocations and functions by their type; and it is for objects that can be read.
UNJUDGED = (
    (r'target is .*, not ', 'a place that has no name, or whose name is elsewhere'),
    (r'leads to no function|belongs to no function|has ftrace locations at', 'a function that its table does not mean'),
    (r'runs on into nothing|calls the original|for a branch to no symbol', 'a branch whose relocation is gone, or is another instruction'),
    (r'(leads|runs on in)to (\S+), not (in)?to \2$', 'a branch whose relocation moved over its opcode, or a function of another size'),
    (r"leads into the middle of the running kernel's|is global in the output, and the kernel has it", 'a label or an operand that was moved'),
    (r'a replacement without bytes stands at', 'a replacement without bytes, of which the kernel reads nothing'),
    (r'the record of .* has no new function', 'a function of another type'),
    (r'has no entry for', 'an entry that leads to a place without a name'),
    (r'has the old address', 'one of several functions of a name, whose label moved'),
)


class Wrong(Exception):
    pass


class Unjudged(Exception):
    pass


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def limit(size):
    def set_limits():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return set_limits


class Pair:
    """A fixture, and what its unchanged objects give in each form."""

    def __init__(self, name, bindir, scratch):
        self.case = C.Case(name, bindir, scratch, False)
        given = S.Seven(self.case, C.run).given
        self.addresses = given.addresses() if given else None
        self.sides = [read(self.case.orig), read(self.case.patched)]
        self.forms = {}

    def command(self, form, place):
        path = lambda n: os.path.join(place, n)
        return ([self.case.tool(), '-q', '--form', form] + self.case.words('options') + self.case.inputs() +
                [path('orig.o'), path('patched.o'), path('out.o')])


class Worker:
    def __init__(self, bindir, seed, scratch):
        self.bindir, self.seed, self.pairs = bindir, seed, {}
        self.place = tempfile.mkdtemp(dir=scratch)
        self.names = sorted(n[:-len('.orig.o')] for n in os.listdir(os.path.join(C.FIXTURES, 'obj')) if n.endswith('.orig.o'))

    def path(self, name):
        return os.path.join(self.place, name)

    def pair(self, name):
        if name not in self.pairs:
            self.pairs[name] = Pair(name, self.bindir, tempfile.mkdtemp(dir=self.place))
        return self.pairs[name]

    def write(self, sides):
        for name, data in zip(('orig.o', 'patched.o'), sides):
            with open(self.path(name), 'wb') as f:
                f.write(data)

    def execute(self, argv, room):
        try:
            p = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SECONDS,
                               preexec_fn=limit(room), check=False)
        except subprocess.TimeoutExpired as e:
            raise Wrong('no end within %d s' % SECONDS) from e
        said = p.stderr.decode('utf-8', 'backslashreplace')
        if p.returncode not in (0, 1, 2, 3):
            raise Wrong('status %d: %s' % (p.returncode, said[-500:]))
        return p.returncode, said

    def diff(self, pair, form, sides):
        """The output, or None."""
        self.write(sides)
        status, said = self.execute(pair.command(form, self.place), OUTPUT * sum(map(len, sides)) + SLACK)
        self.look_at_end(status, said)
        out = read(self.path('out.o')) if status == 0 else None
        return out

    def look_at_end(self, status, said):
        if status in (1, 2) and not re.search(r'(?m)^(error|refused)\[', said):
            raise Wrong('status %d without a reason' % status)
        if '[no-memory]' in said or '[internal]' in said:
            raise Wrong(said.splitlines()[0])
        left = set(os.listdir(self.place)) - {'orig.o', 'patched.o'}
        left = {n for n in left if not os.path.isdir(self.path(n))}
        if left != ({'out.o'} if status == 0 else set()):
            raise Wrong('status %d, and these files: %s' % (status, ' '.join(sorted(left))))

    def baseline(self, pair, form):
        if form not in pair.forms:
            pair.forms[form] = self.diff(pair, form, pair.sides)
            self.clean()
        return pair.forms[form]

    def agree(self, pair):
        """--check, and the reader of tests/lib, which knows the inputs."""
        case = pair.case
        if C.why_skipped(case):
            raise Unjudged(C.why_skipped(case))
        status, said = self.execute([case.tool(), '-q', '--check', self.path('out.o')] + case.inputs(), 0)
        if status:
            raise Wrong('--check: status %d: %s' % (status, said))
        twins = dict(w.split('=') for w in case.words('twin'))
        # an index that Python cannot have, or a name that does not end: the reader is for objects that are right
        try:
            found = V.Verifier(self.path('orig.o'), self.path('patched.o'), E.Elf(self.path('out.o')), twins,
                               case.words('drops'), addresses=pair.addresses, entries=case.entries(),
                               named=case.named()).run()
        except (E.ElfError, IndexError, KeyError, StopIteration, ValueError, subprocess.CalledProcessError) as why:
            raise Unjudged('an object that the reader or objdump cannot read') from why
        for text in found:
            reason = next((r for pattern, r in UNJUDGED if re.search(pattern, text)), None)
            if reason is None:
                raise Wrong('the reader: ' + text)
        if found:
            raise Unjudged(reason)

    def clean(self):
        if os.path.exists(self.path('out.o')):
            os.unlink(self.path('out.o'))

    def mutant(self, number):
        """(fixture, side, words, sides)"""
        rng = random.Random('%s %d' % (self.seed, number))
        pair = self.pair(rng.choice(self.names))
        which = rng.choice(('orig', 'patched', 'both'))
        sides, words, state = [], '', rng.getstate()
        for side, data in zip(('orig', 'patched'), pair.sides):
            image = fields.M.Image(data)
            if which in (side, 'both'):
                rng.setstate(state)
                words = fields.mutate(image, rng)
            sides.append(bytes(image.data))
        return pair, '%s, %s: %s' % (pair.case.name, which, words), sides

    def one(self, number):
        """None, or (whether it is wrong, words)."""
        form = FORMS[number % len(FORMS)]
        pair, words, sides = self.mutant(number)
        try:
            before = self.baseline(pair, form)
            out = self.diff(pair, form, sides)
            if out is not None and out != before:
                self.agree(pair)
        except Wrong as why:
            return True, 'FAIL %d (%s, %s): %s' % (number, words, form, why)
        except Unjudged as why:
            return False, str(why)
        finally:
            self.clean()
        return None


worker = None


def start(*args):
    global worker
    worker = Worker(*args)


def one(number):
    return worker.one(number)


def repeat(args, number):
    start(*args)
    pair, words, sides = worker.mutant(number)
    worker.write(sides)
    for name in ('orig.o', 'patched.o'):
        shutil.copy(worker.path(name), name)
    print(words, ' '.join(pair.command(FORMS[number % len(FORMS)], '.')), sep='\n')
    print((worker.one(number) or (False, 'ok'))[1])


def main():
    bindir, count, seed = os.path.abspath(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory() as scratch:
        args = (bindir, seed, scratch)
        if len(sys.argv) > 4:
            repeat(args, int(sys.argv[4]))
            return 0
        failed, unjudged = 0, collections.Counter()
        with multiprocessing.Pool(os.cpu_count(), start, args) as pool:
            for verdict in Progress('mutants', 'mutants', count).each(pool.imap_unordered(one, range(count), 16)):
                if verdict and verdict[0]:
                    failed += 1
                    print(verdict[1], flush=True)
                elif verdict:
                    unjudged[verdict[1]] += 1
    for reason, times in sorted(unjudged.items()):
        print('SKIPPED %d outputs, which pass --check: %s' % (times, reason))
    skipped = sum(unjudged.values())
    print('mutants: %d passed, %d failed, %d skipped' % (count - failed - skipped, failed, skipped))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
