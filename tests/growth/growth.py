# SPDX-License-Identifier: GPL-2.0-or-later
"""growth.py BINDIR [PATTERN]: what n things cost, and four times as many

Each case of lists.py, lists_module.py and lists_out.py is run with n and with 4 n under callgrind; what counts is instructions, less those of a run that
does nothing. Four times the input may take five times as long: sorting is not linear, and nothing else may be worse.
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), 'lib')]

import cases  # noqa: E402
import lists  # noqa: E402,F401
import lists_module  # noqa: E402,F401
import lists_out  # noqa: E402,F401

N, TIMES, MOST, TIMEOUT = 400, 4, 5.0, 120
COMMANDS = ('create-diff-object', 'create-klp-module')


def instructions(bindir, work, args):
    out = os.path.join(work, 'callgrind')
    name, args = (args[0], args[1:]) if args[0] in COMMANDS else (COMMANDS[0], args)
    p = subprocess.run(['valgrind', '--tool=callgrind', '--callgrind-out-file=' + out, os.path.join(bindir, name), *args], cwd=work,
                       capture_output=True, text=True, errors='replace', timeout=TIMEOUT, check=False)
    if p.returncode not in (0, 1, 2, 3):
        raise OSError('status %d\n%s' % (p.returncode, p.stderr[-2000:]))
    with open(out, encoding='utf-8', errors='replace') as f:
        return int(re.search(r'^(?:summary|totals): (\d+)', f.read(), re.M)[1]), p


def cost(bindir, make, n):
    with tempfile.TemporaryDirectory(prefix='elfdiff-growth.') as work:
        files, args, *before = make(n)
        for name, data in files.items():
            with open(os.path.join(work, name), 'wb') as f:
                f.write(data)
        for command in before:
            subprocess.run([os.path.join(bindir, COMMANDS[0]), *command], cwd=work, capture_output=True, check=True)
        return instructions(bindir, work, args)


def judge(bindir, name, floor):
    """(what is wrong or None, a line for people)"""
    make = cases.CASES[name]
    try:
        (less, p), (more, _) = cost(bindir, make, N), cost(bindir, make, TIMES * N)
    except subprocess.TimeoutExpired:
        return True, '%s: no end within %d s' % (name, TIMEOUT)
    except OSError as why:
        return True, '%s: %s' % (name, why)
    if 'damaged-object' in p.stderr or 'too-large' in p.stderr or p.returncode == 1:
        return True, '%s: the input is no good: %s' % (name, p.stderr[-600:])
    ratio = (more - floor) / (less - floor)
    return ratio > MOST, '%s: %.2f times, %.1f and %.1f million instructions' % (name, ratio, less / 1e6, more / 1e6)


def main():
    bindir, pattern = os.path.abspath(sys.argv[1]), re.compile(sys.argv[2] if len(sys.argv) > 2 else '.')
    with tempfile.TemporaryDirectory() as work:
        floor = instructions(bindir, work, ('--version', ))[0]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for wrong, line in pool.map(lambda name: judge(bindir, name, floor), filter(pattern.search, cases.CASES)):
            failed += bool(wrong)
            passed += not wrong
            if wrong or os.environ.get('V'):
                print(('FAIL ' if wrong else '') + line, flush=True)
    print('growth: %d passed, %d failed, 0 skipped' % (passed, failed))
    return 1 if failed or not passed else 0


sys.exit(main())
