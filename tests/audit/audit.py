#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""audit.py - what differs between two objects, by a comparison of its own, and what the tool says of it

    audit.py BINDIR ORIG PATCHED [OPTION]...       one pair, with options of create-diff-object
    audit.py --list ORIG PATCHED                   the differences alone

Prints each difference with the tool's ground for what it made of it. Exit status 1: one is unexplained, or a line number
is not proved.
"""
import collections
import json
import os
import re
import resource
import subprocess
import sys

import lines as L
import objfile as O
from compare import Comparison, Difference, table_of
from pair import Diff

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'kernel'))
import covered  # noqa: E402

TIME_LIMIT = 120
# What no answer explains.
NEVER = {'state': 'verdict copy or new', 'covered': 'reached through its callers'}
# Flags of include/linux/{once_lite,mmdebug,rcupdate}.h, include/net/net_debug.h: something was reported. `___done` of DO_ONCE() is
# none: it says that a function has run, which must not run twice.
ONCE_FLAGS = ('__already_done', '__print_once', '__warned')


class Answer:
    """What create-diff-object says of a pair."""

    def __init__(self, bindir, orig, patched, options=(), cwd=None, seconds=None, out=None):
        argv = [os.path.join(bindir, 'create-diff-object'), '-v', '--json', '-', *([] if out else ['-n']), *options, orig, patched]
        argv += [out] if out else []
        self.out = out
        env = dict(os.environ, LC_ALL='C', ASAN_OPTIONS='exitcode=99:detect_leaks=0',
                   UBSAN_OPTIONS='exitcode=99:halt_on_error=1')
        self.report, self.hung = {}, False
        try:
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT, cwd=cwd, env=env,
                                  preexec_fn=seconds and (lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))))
            self.status, self.said = done.returncode, done.stderr.decode('utf-8', 'replace')
            self.report = json.loads(done.stdout or b'{}')
        except subprocess.TimeoutExpired:
            self.status, self.said, self.hung = -1, 'no answer after %d s' % TIME_LIMIT, True
        except ValueError:
            self.said += ' (no JSON)'
        self.functions = {f['name'] for f in self.report.get('functions', [])}
        self.named = [options[i + 1] for i, o in enumerate(options) if o == '--replace-callers']
        self.items = {}
        for i in self.report.get('items', []):
            self.items.setdefault(i['name'], set()).add(i['verdict'])

    def ids(self):
        return sorted({d['id'] for d in self.report.get('diagnostics', []) if d['severity'] in ('refusal', 'failure')})

    def diagnosed(self, name):
        """A diagnostic that names a thing."""
        for d in self.report.get('diagnostics', []):
            if d['id'] not in ('unchecked', 'line-only') and (name in (d['symbol'], d['section']) or '`%s`' % name in d['message']):
                return d['id']
        return None


    def left_out(self, section):
        """A section of which the patch itself says that its changes are left out."""
        return section and next(('change-ignored' for d in self.report.get('diagnostics', [])
                                 if d['id'] == 'change-ignored' and d['section'] == section), None)


def fresh(item, section):
    """A variable that a patch may have anew, by section and shape: the kernel's own once-flags, lock keys, descriptors."""
    name = O.plain(item['name']).split('.')[-1]
    if not item['size'] or section.name == '__dyndbg' and item['size'] % 56 == 0 or section.name == '__tracepoint_str':
        return True
    if name in ONCE_FLAGS and section.name in ('.data.once', '.data..once', '.data.unlikely', '.data..unlikely') and item['size'] == 1:
        return True
    if name == '_rs' and item['size'] in (32, 40) and section.name.startswith('.data'):
        return True  # struct ratelimit_state
    return name == '__key' and section.type == O.SHT_NOBITS and item['size'] >= 16


def base(name):
    return re.sub(r'\.(cold|part|constprop|isra)\b.*', '', name)


class Audit:
    def __init__(self, orig, patched, answer, tables=None):
        self.orig, self.patched = (O.Object(x) if isinstance(x, str) else x for x in (orig, patched))
        self.answer = answer
        self.comparison = Comparison(self.orig, self.patched, answer.functions)
        self.differences = self.comparison.run()
        self.proofs = L.Proofs(self.orig, self.patched, tables)
        self.users = None
        self.line_grounds, self.grounds = [], []

    def explain(self, d):
        """(explained, the ground) of a difference."""
        a = self.answer
        if a.status in (1, 2):
            return True, 'refused: ' + ' '.join(a.ids())
        if a.status not in (0, 3):
            return False, 'the tool died: status %d' % a.status
        if d.kind in ('function', 'table', 'label') and self._reported(d.name):
            if d.kind == 'table' or not self._known(d) or base(d.name) in {base(f) for f in a.functions}:
                return True, 'reported: changed function'
            return False, 'called new, but the kernel has it'
        alias = self._alias(d)
        if alias:
            return True, 'reported as `%s`' % alias
        told = a.diagnosed(d.name) or a.left_out(d.section)
        if told:
            return True, 'told: ' + told
        if self._traced(d):
            return True, 'derived from the code, which is compared'
        if d.kind == 'label' and d.mates and all(self._reported(m) or a.diagnosed(m) for m in d.mates):
            return True, 'told of ' + ' '.join(sorted(d.mates))
        if d.kind == 'data' or d.kind == 'label':
            ground = self._copied(d)
            if ground:
                return True, ground
        ground = self._gone(d)
        if ground:
            return True, ground
        return self._lines(d)

    def _traced(self, d):
        """
        Where ftrace hooks a function. objtool or the compiler lists each hook that the code has, the call or the no-ops of its
        section, and the code is compared here too. The kernel has its own list, from its own build.
        """
        return d.kind == 'table' and d.section in ('__mcount_loc', '__patchable_function_entries')

    def _reported(self, name):
        a = self.answer
        return name in a.functions or base(name) in {base(f) for f in a.functions} or \
            bool(a.items.get(name, set()) & {'changed', 'new'})

    @staticmethod
    def _known(d):
        """The running kernel has it under this name, and others may use it."""
        return d.orig is not None and d.patched is not None and d.orig.bind != O.LOCAL and d.orig.name == d.patched.name

    def _alias(self, d):
        y = d.patched
        if y is None or y.shndx not in self.patched.at:
            return None
        return next((z.name for z in self.patched.at[y.shndx]
                     if z.value == y.value and z.name != y.name and self._reported(z.name)), None)

    def _user_names(self):
        """symbol index -> names of functions and data of the patched object that refer to it."""
        if self.users is None:
            self.users = {}
            for s in self.patched.sections:
                for r in s.relocs:
                    t = self.comparison.pair.place(self.patched, r, 4 if s.code() and r.kind == 'pc' else 0)
                    if t.kind != 'here':
                        continue
                    for y, _ in self.comparison.pair.names(self.patched, t)[0][:1]:
                        inside, _ = self.patched.names_at(s.index, r.offset)
                        self.users.setdefault(y.index, set()).add(inside[0][0].name if inside else s.name)
        return self.users

    def _copied(self, d):
        """A changed constant that comes along, with each function that uses it."""
        if d.patched is None or self._known(d):
            return None
        place = '%s+0x%x' % (self.patched.sections[d.patched.shndx].name, d.patched.value)
        if d.name not in self.answer.items and place not in self.answer.items:
            return None
        left = {u for u in self._user_names().get(d.patched.index, ()) if not self._reported(u) and u not in self.answer.items}
        left = {u for u in left if not u.startswith(('.', '__ksymtab')) and not table_of(u)}
        return None if left else 'comes along, with all that use it'

    def _gone(self, d):
        ground = self._bound(d) if d.kind == 'label' else None
        if ground:
            return ground
        if d.kind == 'label' and d.patched is None and d.diffs[0].what == 'local, was global':
            return 'nobody else of the object is asked'
        return None

    def _bound(self, d):
        """What was not weak is in the kernel; what was may be missing, so that all who refer to it count as changed."""
        if d.diffs[0].what == 'reference of binding %d, was %d' % (O.WEAK, O.GLOBAL):
            return 'the kernel has what was not weak'
        if d.diffs[0].what != 'reference of binding %d, was %d' % (O.GLOBAL, O.WEAK):
            return None
        users = [self.patched.names_at(s.index, r.offset)[0] for s in self.patched.sections if s.alloc()
                 for r in s.relocs if r.sym.name == d.name]
        if all(u and self._reported(u[0][0].name) for u in users):
            return 'reported: all that refer to it'
        return None

    def _lines(self, d):
        """Differences in line numbers alone, proved here."""
        grounds = []
        for one in d.diffs:
            ok, ground = self.proofs.prove(d, one)
            if not ok:
                return False, ground or 'the tool says nothing'
            grounds.append(ground)
        self.line_grounds += grounds
        return True, 'line numbers: ' + ', '.join(sorted(set(grounds)))

    def copied_state(self):
        """Variables that the running kernel has and the patch has again: what they hold would be lost."""
        if self.answer.status != 0:
            return
        sections = {s.name: s for s in self.patched.sections}
        count = collections.Counter()
        for obj, step in ((self.orig, -1), (self.patched, 1)):
            for y in obj.symbols:
                if y.shndx == O.COMMON or y.shndx in obj.at and y.type not in (O.SECTION, O.FILE) and \
                        not obj.sections[y.shndx].code() and (step < 0 or not obj.sections[y.shndx].constant()):
                    count[O.plain(y.name)] += step
        for item in self.answer.report.get('items', []):
            s = sections.get(item['section'])
            name = O.plain(item['name'])
            if s is None or s.constant() or s.code() or item['kind'] == 'special entry' or s.name == '.toc':
                continue
            if item['verdict'] in ('copy', 'changed', 'new') and not fresh(item, s):
                count[name] -= 1
                if count[name] < 0:
                    yield Difference('state', item['name'], [Diff(0, 0, 'a variable of the running kernel, again in the patch')])

    def uncovered(self):
        """Functions that are not replaced although they changed: all that leads to them in the running kernel has to be."""
        functions = self.answer.report.get('functions', [])
        names = [f['name'] for f in functions if not f['replaced']]
        if self.answer.status != 0 or not names and not self.answer.named:
            return
        module = self.answer.report['object'] != 'vmlinux'
        callers = covered.Callers(self.orig.path, self.patched.path, module, self.answer.named)
        found = callers.of(names + [n for n in self.answer.named if not callers.defines(n)])
        replaced = {f['name'] for f in functions if f['replaced']}
        for words in found.obstacles + ['%s is not replaced' % n for n in sorted(found.replaced - replaced)]:
            yield Difference('covered', ' '.join(names), [Diff(0, 0, words)])
        for name in sorted(n for n in replaced if any(f['name'] == n and f['reason'] for f in functions)):
            if name not in found.replaced:
                yield Difference('covered', name, [Diff(0, 0, 'replaced without need')])

    def run(self, out=None):
        """[(difference, ground)] without an explanation; all are written to out."""
        bad = []
        for d in self.differences + list(self.copied_state()) + list(self.uncovered()):
            ok, ground = self.explain(d) if d.kind not in NEVER else (False, NEVER[d.kind])
            (self.grounds if ok else bad).append(ground if ok else (d, ground))
            if out:
                print('%s %s\n    tool: %s' % ('  ' if ok else '! ', d, ground), file=out)
        return bad


def main():
    if sys.argv[1:2] == ['--list'] and len(sys.argv) == 4:
        found = Comparison(O.Object(sys.argv[2]), O.Object(sys.argv[3])).run()
        for d in found:
            for one in d.diffs:
                print('%s %s %s' % (d.kind, d.name, one))
        sys.exit(1 if found else 0)
    if len(sys.argv) < 4:
        sys.exit(__doc__.strip())
    bindir, orig, patched = sys.argv[1:4]
    answer = Answer(bindir, orig, patched, sys.argv[4:])
    audit = Audit(orig, patched, answer)
    bad = audit.run(sys.stdout)
    print('tool: status %d, %d functions; audit: %d differences, %d unexplained'
          % (answer.status, len(answer.functions), len(audit.differences), len(bad)))
    sys.exit(1 if bad else 0)


if __name__ == '__main__':
    main()
