#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run fixtures: case.py [--update] BINDIR SCRATCH CASE.COMPILER...

Leaves SCRATCH/CASE.COMPILER.report for each case: `PASS name`, `SKIP name: why`
or `FAIL name: problem` with the other problems below it. What is expected stands in the header
comment of the case's source; see tests/fixtures/README.
"""
import difflib
import fnmatch
import os
import re
import shutil
import subprocess
import sys
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import dump as D  # noqa: E402
import elf as E  # noqa: E402
import seven as S  # noqa: E402
import meaning as M  # noqa: E402
import verify as V  # noqa: E402

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FIXTURES = os.path.join(TESTS, 'fixtures')
SOURCES = os.path.join(FIXTURES, 'src')
GOLDEN = os.path.join(TESTS, 'golden')

KEYS = {'proves', 'note', 'status', 'changed', 'redirected', 'changed-includes', 'klp', 'no-klp', 'undefined', 'no-undefined',
        'present', 'absent', 'id', 'id-if-refused', 'mentions', 'mentions-if-refused', 'options', 'module', 'symvers', 'twin', 'drops',
        'callbacks', 'position', 'when', 'no-sections', 'merge', 'compilers', 'flags', 'generated', 'seven-status',
        'entries', 'pasted', 'no-stub'}


class Failed(Exception):
    pass


def directives(source, compiler):
    """The header comment as {key: [words]}; `key[compiler]` counts for that compiler alone."""
    found = {}
    with open(source) as f:
        lines = f.read().splitlines()
    for line in lines[1:]:
        m = re.match(r'^// ([a-z-]+)(?:\[(\w+)\])?:(.*)$', line)
        if not m:
            break
        if m.group(1) not in KEYS:
            raise Failed('%s: unknown directive `%s`' % (os.path.basename(source), m.group(1)))
        if m.group(2) in (None, compiler):
            found.setdefault(m.group(1), []).extend(m.group(3).split())
    if 'proves' not in found:
        raise Failed('%s does not say what it proves' % os.path.basename(source))
    return found


def run(argv, cwd, **env):
    full = dict(os.environ, LC_ALL='C', ASAN_OPTIONS='exitcode=99:detect_leaks=1', **env)
    full['UBSAN_OPTIONS'] = 'exitcode=99:halt_on_error=1:print_stacktrace=1'
    r = subprocess.run(argv, cwd=cwd, env=full, capture_output=True, timeout=120)
    return r.returncode, r.stdout.decode('utf-8', 'replace'), r.stderr.decode('utf-8', 'replace')


class Case:
    def __init__(self, name, bindir, scratch, update):
        self.name, self.bindir, self.update = name, bindir, update
        self.case, self.compiler = name.rsplit('.', 1)
        self.source = next(p for p in (os.path.join(SOURCES, self.case + e) for e in ('.c', '.S')) if os.path.exists(p))
        self.want = directives(self.source, self.compiler)
        self.scratch = os.path.join(scratch, name)
        os.makedirs(self.scratch)
        self.problems = []
        self.objects = os.path.join(FIXTURES, 'obj')
        if 'generated' in self.want:
            self.objects = self.scratch
            # without the compiler there are no objects, and the case is skipped
            subprocess.run(['sh', os.path.join(FIXTURES, 'build.sh')], check=False, capture_output=True,
                           env=dict(os.environ, OUT=self.scratch, FIXTURES=self.case))
        self.orig = os.path.join(self.objects, name + '.orig.o')
        self.patched = os.path.join(self.objects, name + '.patched.o')

    def say(self, text):
        self.problems.append(text)

    def words(self, key):
        return self.want.get(key, [])

    def tool(self):
        return os.path.join(self.bindir, 'create-diff-object')

    def inputs(self):
        """-k and -s: the case's own files, or what every kernel exports."""
        args = []
        syms = os.path.join(SOURCES, self.name + '.syms')
        if not os.path.exists(syms):
            syms = os.path.join(SOURCES, self.case + '.syms')
        symvers = os.path.join(SOURCES, self.case + '.symvers')
        if self.words('module'):
            args += ['-k', os.path.join(self.objects, self.name + '.ko')]
        if os.path.exists(syms):
            args += ['-k', syms]
        if os.path.exists(symvers):
            args += ['-s', symvers]
        elif self.words('symvers') != ['none']:
            args += ['-s', os.path.join(SOURCES, 'default.symvers')]
        return args

    def named(self):
        """Functions of which an option says that callers elsewhere are replaced."""
        options = self.words('options')
        return [options[i + 1] for i, option in enumerate(options) if option == '--replace-callers']

    def relative(self, path):
        return os.path.relpath(path, FIXTURES)

    def diff(self, out, extra=(), cwd=FIXTURES, absolute=False, patched=None):
        place = (lambda p: p) if absolute else self.relative
        args = [place(a) if a.startswith('/') else a for a in self.inputs()]
        argv = [self.tool()] + list(extra) + self.words('options') + args
        argv += [place(self.orig), place(patched or self.patched), out]
        status, stdout, stderr = run(argv, cwd)
        if status not in (0, 1, 2, 3) or 'runtime error' in stderr or 'Sanitizer' in stderr:
            raise Failed('status %d: %s' % (status, stderr.strip()[-2000:]))
        return status, stdout, stderr

    # ---- the checks ----

    def check_status(self, status, stderr, out):
        allowed = [int(w) for w in self.words('status')] or [0]
        if status not in allowed:
            self.say('status %d, not %s\n    %s' % (status, ' or '.join(map(str, allowed)),
                                                    stderr.strip().replace('\n', '\n    ')))
        if status and os.path.exists(out):
            self.say('status %d and yet an output file' % status)
        if not status and not os.path.exists(out):
            self.say('status 0 and no output file')
        for name in self.words('id') + (self.words('id-if-refused') if status in (1, 2) else []):
            if '[%s]' % name not in stderr:
                self.say('no diagnostic [%s]' % name)
        must = self.words('mentions') + (self.words('mentions-if-refused') if status in (1, 2) else [])
        for word in must:
            if word not in stderr:
                self.say('no diagnostic mentions `%s`' % word)
        if status in (1, 2):
            self.check_wording(stderr)
        leftovers = [n for n in os.listdir(self.scratch) if n not in ('klp.o', 'linkable.o', 'again', 'seven')
                     and not n.startswith(self.name)]
        if leftovers:
            self.say('files left behind: %s' % ' '.join(leftovers))

    def check_wording(self, stderr):
        """A refusal says its cause and a way out."""
        blocks = re.split(r'(?m)^(?=(?:error|refused|warning|notice)\b)', stderr)
        errors = [b for b in blocks if re.match(r'(error|refused)\[[a-z0-9-]+\]: ', b)]
        if not errors:
            self.say('no line `error[<id>]: ...` though the status says so')
        for b in errors:
            if not re.search(r'(?m)^\s+cause\s+\S', b) or not re.search(r'(?m)^\s+hint\s+\S', b):
                self.say('no cause or no hint in: %s' % b.splitlines()[0])

    def check_functions(self, out):
        rows = D.records(out)
        have = [r[5] for r in rows]
        left = list(have)
        for word in self.words('changed'):
            found = next((n for n in word.split('|') if n in left), None)
            if found is None:
                self.say('`%s` is not in .kpatch.funcs' % word)
            else:
                left.remove(found)
        if 'changed' in self.want:
            for name in left:
                self.say('`%s` is in .kpatch.funcs and did not change' % name)
        for name in self.words('changed-includes'):
            if name not in have:
                self.say('`%s` is not in .kpatch.funcs' % name)
        if 'redirected' in self.want or D.redirects(out):
            have = sorted(r[5] for r in D.redirects(out))
            if have != sorted(self.words('redirected')):
                self.say('.kpatch.redirects has %s, not %s' % (have, self.words('redirected')))
        positions = dict(w.split('=') for w in self.words('position'))
        for row in rows:
            if row[5] in positions and row[4] != int(positions[row[5]]):
                self.say('position %d of `%s`, not %s' % (row[4], row[5], positions[row[5]]))
        options = self.words('options')
        name = options[options.index('-m') + 1] if '-m' in options else None
        for row in rows:
            if name and row[6] != name:
                self.say('`%s` is recorded for %s, not %s' % (row[5], row[6], name))
        have = {(kind, symbol.name) for kind, symbol, _ in D.callbacks(out) if symbol is not None}
        want = {tuple(w.split('=')) for w in self.words('callbacks')}
        for what, names in (('missing', want - have), ('not expected', have - want)):
            for kind, symbol in sorted(names):
                self.say('callback %s=%s is %s' % (kind, symbol, what))

    def check_symbols(self, out):
        klp = M.klp_symbols(out)
        for word in self.words('klp'):
            home, _, rest = word.partition(':')
            name, _, position = rest.partition(',')
            if not any(k[1] == home and k[2] == name and (not position or k[3] == int(position)) for k in klp):
                near = [('%s:%s,%d' % k[1:]) for k in klp if k[2] == name]
                self.say('no KLP reference to %s%s' % (word, ' (but %s)' % ' '.join(near) if near else ''))
        for pattern in self.words('no-klp'):
            for k in sorted(klp):
                if fnmatch.fnmatchcase(k[2], pattern):
                    self.say('KLP reference to %s:%s' % (k[1], k[2]))
        for word in self.words('when'):
            name, when = word.split('=')
            if {k[0] for k in klp if k[2] == name} != {when}:
                self.say('`%s` is resolved with %s, not with %s' % (name, sorted({k[0] for k in klp if k[2] == name}),
                                                                    when))
        defined = {y.name for y in V.alloc_symbols(out)}
        undefined = {y.name for y in out.symbols if y.shndx == E.SHN_UNDEF and not out.klp(y)}
        for names, have, word in ((self.words('present'), defined, 'defined'),
                                  (self.words('undefined'), undefined, 'an ordinary undefined symbol')):
            for name in names:
                if name not in have:
                    self.say('`%s` is not %s' % (name, word))
        for names, have, word in ((self.words('absent'), defined, 'defined'),
                                  (self.words('no-undefined'), undefined, 'an ordinary undefined symbol'),
                                  (self.words('no-sections'), {s.name for s in out.sections}, 'a section')):
            for name in names:
                if name in have:
                    self.say('`%s` is %s in the output' % (name, word))

    def entries(self):
        """Tables whose entries have another size than today's: {name: bytes}."""
        return {k: int(v) for k, v in (w.split('=') for w in self.words('entries'))}

    def verify(self, path, form):
        out = E.Elf(path)
        twins = dict(w.split('=') for w in self.words('twin'))
        addresses = self.seven.given.addresses() if self.seven.given else None
        for text in V.Verifier(self.orig, self.patched, out, twins, self.words('drops'), addresses=addresses, named=self.named(),
                               entries=self.entries()).run():
            self.say('%s: %s' % (form, text))
        livepatch = [s.name for s in out.sections if s.name.startswith('.klp.rela.')]
        linkable = [y.name for y in out.symbols if y.name.startswith('.klp.sym.rela.')]
        if form == 'klp' and linkable:
            self.say('klp: has linkable symbols: %s' % ' '.join(linkable))
        if form == 'linkable' and (livepatch or any(y.shndx == E.SHN_LIVEPATCH for y in out.symbols)):
            self.say('linkable: has KLP sections or symbols')
        status, stdout, stderr = run(['readelf', '-aW', path], self.scratch)
        if status or 'arning' in stderr or 'rror' in stderr or '<corrupt' in stdout or '<unknown>' in stdout:
            self.say('%s: readelf: %s' % (form, stderr.strip() or 'corrupt'))
        return out

    def link(self, source, target):
        machine = E.Elf(source).machine
        status, _, stderr = run(E.LINKER[machine] + ['-r', '-o', target, source], self.scratch)
        if status or stderr:
            self.say('ld -r: %s' % stderr.strip())

    def convert(self, form, source, target):
        argv = [os.path.join(self.bindir, 'create-klp-module'), '--form', form, source, target]
        status, _, stderr = run(argv, self.scratch)
        if status:
            self.say('create-klp-module --form %s: status %d: %s' % (form, status, stderr.strip()))
            return False
        return True

    def same_meaning(self, what, one, two, but=r'(?!)'):
        a, b = (M.symbolic(E.Elf(p)) for p in (one, two))
        a, b = ([t for t in m if not re.match(r'section \S+ \S+ \d+ \d+ 0 ', t) and not re.match(but, t)]
                for m in (a, b))
        if a != b:
            delta = [t for t in difflib.unified_diff(a, b, lineterm='', n=0) if t[:3] not in ('---', '+++')]
            self.say('%s changed the meaning:\n    %s' % (what, '\n    '.join(delta[:6])))

    def round_trip(self, klp, linkable):
        path = lambda n: os.path.join(self.scratch, n)
        self.link(linkable, path('linked.o'))
        if not self.convert('linkable', klp, path('to-linkable.o')):
            return
        self.same_meaning('klp -> linkable', linkable, path('to-linkable.o'))
        if not self.convert('klp', path('to-linkable.o'), path('and-back.o')):
            return
        self.same_meaning('klp -> linkable -> klp', klp, path('and-back.o'))
        if os.path.exists(path('linked.o')) and self.convert('klp', path('linked.o'), path('finished.o')):
            self.same_meaning('klp -> linkable -> ld -r -> klp', klp, path('finished.o'))

    def check_deterministic(self, first, stdout):
        place = os.path.join(self.scratch, 'again')
        os.makedirs(place)
        out = os.path.join(place, 'klp.o')
        status, again, _ = self.diff(out, ['-v', '--explain'], cwd=place, absolute=True)
        if os.path.exists(first) != os.path.exists(out):
            self.say('two runs, one output')
        elif os.path.exists(out) and open(first, 'rb').read() != open(out, 'rb').read():
            self.say('two runs, two outputs')
        hide = lambda text: re.sub(r'\S*/([^/\s]+\.o)\b', r'\1', text)
        if hide(stdout) != hide(again):
            self.say('two runs, two explanations')

    def check_itself(self):
        """Of an object that is read at all, nothing changed between it and itself, unless callers are replaced all the same."""
        if '1' in self.words('status') or self.named():
            return
        out = os.path.join(self.scratch, 'again', 'itself.o')
        status, _, stderr = self.diff(out, patched=self.orig)
        if status != 3 or os.path.exists(out):
            self.say('the original with itself: status %d: %s' % (status, stderr.strip().replace('\n', '\n    ')))

    def check_check(self, klp):
        argv = [self.tool(), '--check', klp] + self.inputs()
        status, _, stderr = run(argv, self.scratch)
        if status:
            self.say('--check: status %d: %s' % (status, stderr.strip().replace('\n', '\n    ')))

    # ---- golden ----

    def golden(self, status, stdout, stderr, out):
        text = 'status %d\n' % status
        hide = lambda t: t.replace(self.scratch + '/', '').replace(self.relative(self.scratch) + '/', '')
        for title, body in (('explanation', stdout), ('diagnostics', stderr)):
            if body:
                text += '---- %s\n%s' % (title, hide(body))
        if out:
            text += '---- output\n' + D.dump(out)
        path = os.path.join(GOLDEN, self.name + '.txt')
        if self.update and self.problems:
            return  # what is wrong is not worth keeping
        if self.update:
            with open(path, 'w') as f:
                f.write(text)
            return
        if not os.path.exists(path):
            self.say('no golden %s' % os.path.relpath(path, TESTS))
            return
        with open(path) as f:
            want = f.read()
        if want != text:
            delta = [t for t in difflib.unified_diff(want.splitlines(), text.splitlines(), lineterm='', n=0)
                     if t[:3] not in ('---', '+++')]
            self.say('golden differs:\n    %s' % '\n    '.join(delta[:8]))

    def run(self):
        klp, linkable = (os.path.join(self.scratch, n) for n in ('klp.o', 'linkable.o'))
        self.seven = S.Seven(self, run)
        status, stdout, stderr = self.diff(klp, ['-v', '--explain'])
        self.check_status(status, stderr, klp)
        self.check_deterministic(klp, stdout)
        self.check_itself()
        made = os.path.exists(klp)
        if made:
            out = self.verify(klp, 'klp')
            self.check_functions(out)
            self.check_symbols(out)
            self.check_check(klp)
            if self.diff(linkable, ['--form', 'linkable'])[0]:
                self.say('linkable: not written')
            else:
                self.verify(linkable, 'linkable')
                self.round_trip(klp, linkable)
        self.seven.go()
        if 'generated' not in self.want:
            self.golden(status, stdout, stderr, klp if made else None)


def why_skipped(case):
    if not os.path.exists(case.orig) or not os.path.exists(case.patched):
        return 'no objects: make fixtures makes them, where the compiler is installed'
    machine = E.Elf(case.orig).machine
    for program in (E.OBJDUMP[machine], E.LINKER[machine][0]):
        if not shutil.which(program):
            return '%s is not installed' % program
    return None


def one(name, bindir, scratch, update):
    try:
        case = Case(name, bindir, scratch, update)
        why = why_skipped(case)
        if why:
            return 'SKIP %s: %s' % (name, why)
        try:
            case.run()
        except (Failed, E.ElfError, subprocess.TimeoutExpired) as e:
            case.say(str(e))
        except Exception:  # a broken output must not take the other cases of this process along
            case.say(traceback.format_exc().strip())
        problems = case.problems
        shutil.rmtree(case.scratch)
    except Failed as e:
        problems = [str(e)]
    if not problems:
        return 'PASS %s' % name
    return '\n'.join(['FAIL %s: %s' % (name, problems[0])] + ['  ' + p for p in problems[1:]])


def main(argv):
    update = argv[:1] == ['--update']
    bindir, scratch = (os.path.abspath(p) for p in argv[update:update + 2])
    for name in argv[update + 2:]:
        text = one(name, bindir, scratch, update)
        with open(os.path.join(scratch, name + '.report'), 'w') as f:
            f.write(text + '\n')


if __name__ == '__main__':
    main(sys.argv[1:])
