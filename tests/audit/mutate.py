#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mutate.py - change one thing in a real kernel object and see that the tool does not call it unchanged

    mutate.py BINDIR LAB UNITS                 N (200) mutations of the units compiled in the lab; SEED=1
    mutate.py --one ID OUT BINDIR LAB UNITS    write orig.o and patched.o of one into OUT, and what the audit says

Where the tool says that nothing changed, the audit has to agree: nothing with a meaning did, or the number is proved to be
a line. Where it writes a patch, each of the audit's differences has to be of what it says, and the output has to hold what the
patched object holds, by tests/lib/verify.py. A crash and an answer after more than 10 s of processor time count as failures.
BLIND=1: the audit itself has to see what the tool sees. VERBOSE=1: those that mean nothing are shown, too. An ID is SEED/NUMBER, of one list of units and one compiler.

Debian's kernels have no jump tables of switches: a fixture has one, and comes between the units.
"""
import collections
import os
import random
import subprocess
import sys
import tempfile

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(os.path.join(TESTS, 'kernel'))
import audit  # noqa: E402
import compare  # noqa: E402
import corpus  # noqa: E402
import dwarf  # noqa: E402
import fixtures  # noqa: E402
import mutations  # noqa: E402
import objfile  # noqa: E402

EACH = 5  # mutations of a unit in a row: it is read once
SWITCHES = 'jump-table.gcc'
BETWEEN = 20  # units, after which it comes
NOTHING = 'nothing with a meaning'
SECONDS = int(os.environ.get('SECONDS_EACH') or 10)


def fixture(job):
    options = [os.path.join(job.cwd, o) if o.startswith('src/') else o for o in job.options]
    return job.name + '.c', os.path.join(job.cwd, job.orig), options


def objects(lab, listed):
    """(unit, path of its object or None where it is not compiled, options) for each unit of the list."""
    os.environ.pop('LIMIT', None)
    switches = next(fixtures.pairs([SWITCHES]))
    for n, name in enumerate(corpus.units_of(lab, listed)):
        if n % BETWEEN == BETWEEN - 1:
            yield fixture(switches)
        try:
            unit = corpus.Unit(lab, name)
        except (OSError, TypeError):
            yield name, None, []
            continue
        module = ['-m', unit.module] if unit.module else []
        yield name, unit.orig if os.path.exists(unit.orig) else None, module + ['-s', '%s/bld/Module.symvers' % lab]


class Source:
    """An object to mutate, its bytes, and its lines (which no mutation touches)."""

    def __init__(self, name, path, options, bare, scratch):
        self.name, self.options = name + (' without DWARF' if bare else ''), options
        self.path = os.path.join(scratch, name.replace('/', '_')[:-2] + ('.bare' if bare else '') + '.o')
        if bare:
            subprocess.run(['objcopy', '--strip-debug', '--keep-file-symbols', path, self.path], check=True)
        else:
            with open(path, 'rb') as f, open(self.path, 'wb') as g:
                g.write(f.read())
        with open(self.path, 'rb') as f:
            self.data = f.read()
        self.object = objfile.Object(self.path)
        self._lines = None

    def lines(self):
        if self._lines is None:
            self._lines = dwarf.Lines(self.object)
        return self._lines, self._lines


class Lazy:
    """The lines of both sides, read when first asked for."""

    def __init__(self, source):
        self.source = source

    def __iter__(self):
        return iter(self.source.lines())


def unlike(orig, patched, answer):
    """Where the output does not hold what the patched object holds, and the tool does not say so."""
    # a process of its own: its modules have names of others here
    done = subprocess.run([sys.executable, '-B', os.path.join(TESTS, 'lib', 'verify.py'), orig, patched, answer.out], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    found = done.stdout.splitlines() or (['verify.py: status %d' % done.returncode] if done.returncode else [])
    told = ['%s has no entry for %s+' % (d['section'], d['symbol']) for d in answer.report.get('diagnostics', [])
            if d['id'].endswith('-dropped')]  # tracepoints and messages of a module
    # a function that came along unchanged is the running kernel's again: either will do
    same = ['calls the original `%s` though the output has it' % i['name'] for i in answer.report.get('items', [])
            if i['kind'] == 'function' and i['verdict'] in ('same', 'copy')]
    return [text for text in found if not text.startswith(tuple(told)) and not text.endswith(tuple(same))]


def judge(bindir, source, mutation, path):
    """(outcome, words): ok, wrong, died; the tool's answer is the first word."""
    with open(path, 'wb') as f:
        f.write(mutation.apply(source.data))
    out = os.path.join(os.path.dirname(path), 'out.o')
    answer = audit.Answer(bindir, source.path, path, source.options, seconds=SECONDS, out=out)
    if answer.hung or answer.status not in (0, 1, 2, 3):
        return 'died', 'status %d: %s' % (answer.status, answer.said[-300:])
    if os.environ.get('BLIND'):
        seen = compare.Comparison(source.object, objfile.Object(path)).run()
        return ('ok', 'seen') if seen or answer.status == 3 else ('blind', 'status %d, and the audit sees nothing' % answer.status)
    if answer.status in (1, 2):
        return 'ok', {1: 'error', 2: 'refused'}[answer.status]
    found = audit.Audit(source.object, path, answer, Lazy(source))
    bad = found.run()
    if bad:
        return 'wrong', 'status %d, but %s' % (answer.status, '; '.join('%s [%s]' % (d, ground) for d, ground in bad[:2]))
    if answer.status == 0:
        problems = unlike(source.path, path, answer)
        return ('wrong', 'the output: ' + '; '.join(problems[:3])) if problems else ('ok', 'changed')
    return 'ok', 'unchanged: ' + ('proved line' if found.line_grounds else found.grounds[0] if found.grounds else NOTHING)


def mutation_of(seed, number, listed, sources, scratch):
    """The mutation with a number; sources are kept as long as they are the same."""
    name, path, options = listed[number // EACH % len(listed)]
    rng = random.Random('%d/%d/%s' % (seed, number, name))
    if path is None:
        raise SystemExit('%s is not compiled: make check-kernel does it' % name)
    key = name, bool(number % 2)
    if key not in sources:
        for old in [k for k in sources if k[0] != name]:
            del sources[old]
        sources[key] = Source(name, path, options, key[1], scratch)
    for _ in range(10):
        kind, mutation = mutations.make(sources[key].object, rng, 'switch' if name == SWITCHES + '.c' else '')
        if mutation:
            return sources[key], kind, mutation
    return sources[key], kind, None


def run(bindir, lab, listed, scratch):
    seed, n = int(os.environ.get('SEED') or 1), int(os.environ.get('N') or 200)
    table, failed, sources = collections.defaultdict(collections.Counter), 0, {}
    units = list(objects(lab, listed))
    ready = [n for n, (_, path, _) in enumerate(units) if path]
    if not ready:
        print('mutation: 0 passed, 1 failed, 0 skipped (no unit is compiled: make check-kernel)')
        return 1
    # a few of each unit in turn, of units spread over the list
    blocks, numbers = max(1, -(-n // EACH)), []
    for b in range(blocks):
        turn, place = (b // len(ready), b % len(ready)) if blocks > len(ready) else (0, b * len(ready) // blocks)
        numbers += [EACH * (len(units) * turn + ready[place]) + k for k in range(EACH)]
    for number in numbers[:n]:
        source, kind, mutation = mutation_of(seed, number, units, sources, scratch)
        if mutation is None:
            table[kind]['none'] += 1
            continue
        outcome, words = judge(bindir, source, mutation, os.path.join(scratch, 'patched.o'))
        table[kind][words if outcome == 'ok' else outcome] += 1
        if outcome != 'ok' or os.environ.get('VERBOSE') and words.endswith(NOTHING):
            failed += outcome != 'ok'
            print('%s %d/%d %s, %s: %s: %s' % (outcome.upper(), seed, number, source.name, kind, mutation, words), flush=True)
    print()
    for kind, row in sorted(table.items()):
        print('%-40s %s' % (kind, ', '.join('%s %d' % c for c in sorted(row.items()))))
    none = sum(r['none'] for r in table.values())
    total = sum(sum(r.values()) for r in table.values())
    print('mutation: %d passed, %d failed, %d skipped' % (total - failed - none, failed, none))
    return 1 if failed else 0


def one(ident, out, bindir, lab, listed):
    seed, number = (int(x) for x in ident.split('/'))
    os.makedirs(out, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        source, kind, mutation = mutation_of(seed, number, list(objects(lab, listed)), {}, scratch)
        if mutation is None:
            sys.exit('%s has no place for a mutation' % source.name)
        with open(os.path.join(out, 'orig.o'), 'wb') as f:
            f.write(source.data)
        outcome, words = judge(bindir, source, mutation, os.path.join(out, 'patched.o'))
        print('%s, %s: %s\n%s: %s' % (source.name, kind, mutation, outcome, words))


def main():
    if sys.argv[1:2] == ['--one'] and len(sys.argv) == 7:
        one(*sys.argv[2:])
        return
    if len(sys.argv) != 4:
        sys.exit(__doc__.strip())
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(run(os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3], scratch))


if __name__ == '__main__':
    main()
