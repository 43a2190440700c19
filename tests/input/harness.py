# SPDX-License-Identifier: GPL-2.0-or-later
"""Run a command, look at everything that it did, count the verdicts."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, 'tests', 'lib'))
from progress import Progress  # noqa: E402

FIXTURES = os.path.join(ROOT, 'tests', 'fixtures', 'obj')
SIZES = ('ALT', 'BUG', 'EX', 'JUMP', 'PARA', 'ORC', 'STATIC_CALL', 'PRINTK_INDEX', 'FIXUP')
SANITIZER = re.compile(r'Sanitizer|runtime error:|LeakSanitizer')
ERROR = re.compile(r'^error\[([a-z0-9-]+)\]: (.*)', re.M)


TIMEOUT = 20  # seconds; a sanitized run takes a tenth of one


class Skip(Exception):
    pass


class Failed(Exception):
    pass


def expect(condition, text):
    if not condition:
        raise Failed(text)


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err
        self.errors = ERROR.findall(err)


class Harness:
    """`work`: scratch; `out_dir`: where nothing may be left."""

    def __init__(self, bindir, pattern, suite='input'):
        self.bin = os.path.abspath(bindir)
        self.pattern = re.compile(pattern)
        self.passed = self.failed = self.skipped = 0
        self.progress = Progress(suite, 'cases')
        self.work = tempfile.mkdtemp(prefix='elfdiff-input.')
        self.out_dir = os.path.join(self.work, 'out')
        os.mkdir(self.out_dir)
        self.out = os.path.join(self.out_dir, 'out.o')
        self.env = {k: v for k, v in os.environ.items() if not k.endswith('_STRUCT_SIZE')}

    def run_suites(self, name, suites):
        """All of them, also behind one that fails; the line that sums them. Returns the exit status."""
        try:
            for suite in suites:
                try:
                    suite.run(self)
                except Failed as why:
                    self.failed += 1
                    print('FAIL %s: %s' % (suite.__name__, why))
        finally:
            self.close()
        print('%s: %d passed, %d failed, %d skipped' % (name, self.passed, self.failed, self.skipped))
        return 1 if self.failed or not self.passed else 0

    def close(self):
        shutil.rmtree(self.work, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.work, name)

    def write(self, name, data):
        with open(self.path(name), 'wb') as f:
            f.write(data)
        return self.path(name)

    def run(self, *args, command='create-diff-object', env=None, preexec=None, stdout=subprocess.PIPE):
        p = subprocess.run([os.path.join(self.bin, command)] + list(args), stdout=stdout, stderr=subprocess.PIPE,
                           stdin=subprocess.DEVNULL, timeout=TIMEOUT, env=dict(self.env, **(env or {})),
                           preexec_fn=preexec, check=False)
        out = (p.stdout or b'').decode('utf-8', 'backslashreplace')
        r = Result(p.returncode, out, p.stderr.decode('utf-8', 'backslashreplace'))
        expect(not SANITIZER.search(r.err), 'sanitizer report:\n' + r.err)
        expect(r.code >= 0, 'killed by signal %d' % -r.code)
        return r

    def case(self, name, test, *args):
        if not self.pattern.search(name):
            return
        try:
            test(*args)
            self.passed += 1
        except Skip as why:
            self.skipped += 1
            print('SKIPPED %s: %s' % (name, why))
        except Failed as why:
            self.failed += 1
            print('FAIL %s: %s' % (name, why))
        except (ValueError, KeyError, IndexError, OSError) as why:  # what it wrote cannot even be read
            self.failed += 1
            print('FAIL %s: %s: %s' % (name, type(why).__name__, why))
        except subprocess.TimeoutExpired:
            self.failed += 1
            print('FAIL %s: no end within %d s' % (name, TIMEOUT))
        finally:
            shutil.rmtree(self.out_dir)
            os.mkdir(self.out_dir)
            self.progress.step()

    # ---- one clear error ----

    def one_error(self, *args, names=None, error_id=None, **how):
        """Status 1, one error with cause and hint, nothing on stdout, nothing new or changed beside OUT.
        `names`: what the error has to mention."""
        before = snapshot(self.out_dir)
        r = self.run(*args, **how)
        expect(r.code == 1, 'exit status %d instead of 1\n%s%s' % (r.code, r.out, r.err))
        expect(len(r.errors) == 1, '%d errors instead of one\n%s' % (len(r.errors), r.err))
        expect('\n  cause   ' in r.err and '\n  hint    ' in r.err, 'cause or hint is missing\n' + r.err)
        expect(r.out == '', 'something on the standard output: ' + r.out)
        expect(snapshot(self.out_dir) == before, 'the output directory changed: %s' % os.listdir(self.out_dir))
        if names:
            expect(names in r.err, 'the error does not name %s\n%s' % (names, r.err))
        if error_id:
            expect(r.errors[0][0] == error_id, 'error %s instead of %s' % (r.errors[0][0], error_id))
        return r


def snapshot(directory):
    ret = {}
    for name in os.listdir(directory):
        path = os.path.join(directory, name)
        st = os.lstat(path)
        data = open(path, 'rb').read() if os.path.isfile(path) else None
        ret[name] = (st.st_ino, st.st_mode, st.st_mtime_ns, data)
    return ret


def fixture(case, compiler='gcc'):
    """The pair of objects of a fixture."""
    pair = [os.path.join(FIXTURES, '%s.%s.%s.o' % (case, compiler, side)) for side in ('orig', 'patched')]
    if not all(map(os.path.exists, pair)):
        raise Skip('tests/fixtures/obj has no %s.%s' % (case, compiler))
    return pair
