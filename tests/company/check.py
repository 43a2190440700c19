# SPDX-License-Identifier: GPL-2.0-or-later
"""check.py BINDIR PATTERN; see check.sh."""
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), 'lib')]

import case as C  # noqa: E402
import company  # noqa: E402
import pairs  # noqa: E402
from progress import Progress  # noqa: E402

AT_ONCE = 2

# Refusals that company may bring about: `ld -r` makes one of sections of one name, and of which source a global function is, nothing tells;
# so a variable of another source may be what an offset counts from, or what a name means.
CANNOT_TELL = {'ambiguous-address', 'ambiguous-twin'}
# Of a hundred fixtures in company so many may be refused for that, one where fewer are run: more would hide what company breaks.
REFUSED_PERCENT = 2
# What may be another outcome in company, depending on whose, and why.
OTHERWISE_IN_COMPANY = {
    # code that no symbol names: which function it belongs to is told by what else is in its section
    'helper-without-label.gcc',
    # other units of the module use the name, so it may be the module's
    'module-vmlinux-hidden.gcc',
}


class Suite:
    def __init__(self, bindir, pattern):
        self.bindir, self.scratch = os.path.abspath(bindir), tempfile.mkdtemp(prefix='elfdiff-company.')
        # the number of a fixture says in whose company it is
        self.names = [(n, name) for n, name in enumerate(pairs.names(r'\.gcc$')) if re.search(pattern, name)]
        self.passed = self.failed = self.skipped = self.refused = 0
        self.progress = Progress('company', 'fixtures', len(self.names))
        self.lock = threading.Lock()
        self.units = []

    def case(self, what, name, test, *args):
        """A test returns what is wrong, or nothing."""
        try:
            why = test(*args)
        except (C.Failed, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as e:
            why = '%s: %s' % (type(e).__name__, e)
        with self.lock:
            if why:
                self.failed += 1
                print('FAIL %s: %s: %s' % (name, what, why))
            else:
                self.passed += 1

    def skip(self, name, why):
        self.skipped += 1
        print('SKIPPED %s: %s' % (name, why))

    # ---- in company ----

    def in_company(self, pair, number):
        case = [company.Unit(p) for p in (pair.orig, pair.patched)]
        others = company.choose(self.units, number * 7, pair, case)
        alone, among = (self.linked(pair, case, which, number) for which in ([], others))
        why = self.differs(pair.report(alone), pair.report(among), others)
        return None if pair.name in OTHERWISE_IN_COMPANY else why

    def differs(self, alone, among, others):
        errors = set(re.findall(r'^error\[([a-z-]+)\]', among[0].diagnostics, re.M))
        if among[0].status == 2 and errors and errors <= CANNOT_TELL:
            with self.lock:
                self.refused += 1
            return None
        if among[0].status != alone[0].status:
            names = ' '.join(os.path.basename(u.path) for u in others)
            return 'status %d alone, %d among %s: %s' % (alone[0].status, among[0].status, names, among[0].diagnostics)
        for what, a, b in (('functions', alone[1], among[1]), ('references', alone[2], among[2])):
            if a != b:
                return '%s: %s alone, %s in company' % (what, [x for x in a if x not in b], [x for x in b if x not in a])
        return None

    @staticmethod
    def linked(pair, case, others, number):
        """By itself too: the linker puts symbols in another order, and names a source that has no name by its file."""
        paths = []
        for side, unit in zip(('orig', 'patched'), case):
            place = os.path.join(pair.scratch, side + str(len(others)))
            os.makedirs(place, exist_ok=True)
            own = shutil.copy(unit.path, os.path.join(place, 'unit.o'))
            paths.append(os.path.join(place, 'linked.o'))
            company.link(paths[-1], own, others, (0, len(others) // 2, len(others))[number % 3])
        return paths

    # ---- all ----

    def pair(self, name):
        try:
            return pairs.Pair(self.bindir, name, self.scratch)
        except (C.Failed, StopIteration) as e:
            raise SystemExit('%s has no source, or a wrong one: %s' % (name, e)) from e

    def one(self, numbered):
        number, pair = numbered[0], self.pair(numbered[1])
        if self.units and pair.run(objects=(pair.orig, pair.patched)).status == 0:
            self.case('company', pair.name, self.in_company, pair, number)
        shutil.rmtree(pair.scratch)
        with self.lock:
            self.progress.step()

    def find_company(self):
        if not shutil.which('ld') or platform.machine() != 'x86_64':
            return self.skip('company', 'no ld for x86_64')
        found = [self.pair(n) for n in pairs.names(r'\.gcc$')]
        self.units = company.others(found)
        for pair in found:
            shutil.rmtree(pair.scratch)
        return None

    def refusals(self):
        tried = self.passed + self.failed
        allowed = max(1, tried * REFUSED_PERCENT // 100)
        return None if self.refused <= allowed else '%d of %d are refused, of which %d may be' % (self.refused, tried, allowed)

    def run(self):
        self.find_company()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self.one, self.names))
        if self.passed or self.failed:
            self.case('refusals', 'company', self.refusals)

    def close(self):
        shutil.rmtree(self.scratch, ignore_errors=True)


def main():
    s = Suite(sys.argv[1], sys.argv[2])
    try:
        s.run()
    finally:
        s.close()
    print('%d of these are refused in company, for what cannot be told there' % s.refused)
    print('company: %d passed, %d failed, %d skipped' % (s.passed, s.failed, s.skipped))
    return 1 if s.failed or not s.passed else 0


sys.exit(main())
