# SPDX-License-Identifier: GPL-2.0-or-later
"""The system fails, a signal comes, others use the same files: a clear message, and nothing half done.

fault.c, which is preloaded, makes one call go wrong.
"""
import errno
import os
import random
import shutil
import signal
import subprocess
import threading
import time

from harness import Skip, expect, fixture, snapshot

CALLS = {'open': (errno.EACCES, errno.EMFILE), 'read': (errno.EIO, errno.EINTR, 'short', 'cut'), 'fstat': (errno.EIO, ),
         'write': (errno.ENOSPC, errno.EIO, 'short'), 'truncate': (errno.ENOSPC, ), 'rename': (errno.EACCES, errno.EXDEV),
         'chmod': (errno.EPERM, ), 'close': (errno.EIO, )}
MOST = 200  # calls of one name


def library(h):
    path = os.path.join(os.path.dirname(h.bin), 'tests', 'input', 'fault.so')
    if not os.path.exists(path):
        raise Skip('%s is not built' % path)
    return path


def commands(h):
    """(name, arguments by paths a, b, out): every way in which files are read and written"""
    a, b = fixture('changed-function')
    part = h.path('part.o')
    if not os.path.exists(part):
        h.run(a, b, part)
    symbols = h.write('System.map', b'ffffffff81000000 T changed\nffffffff81000100 T unchanged\n')
    return {'compare': ('create-diff-object', (a, b), ('-k', symbols, '--json', 'report')),
            'convert': ('create-klp-module', (part, ), ()),
            'check': ('create-diff-object', ('--check', part), None)}


def start_over(h):
    shutil.rmtree(h.out_dir)
    os.mkdir(h.out_dir)
    for name in ('out.o', 'report'):
        h.write(os.path.join('out', name), b'old')


def arguments(h, inputs, options):
    """Copies of the inputs, which may be cut; what is written, in out_dir."""
    copies = [shutil.copy(i, h.path('input%d' % n)) if os.path.exists(i) else i for n, i in enumerate(inputs)]
    if options is None:
        return copies
    return [os.path.join(h.out_dir, 'report') if o == 'report' else o for o in options] + copies + [h.out]


def whole(h):
    """What a run leaves, without times."""
    return {name: entry[3] for name, entry in snapshot(h.out_dir).items()}


def judge(h, r, good, what):
    """All of it, or the error that says why not."""
    left = whole(h)
    old = {name: b'old' for name in ('out.o', 'report')}
    if r.code in (0, 3):
        expect(left == good, '%s: status %d, and not what is written otherwise: %s' % (what, r.code, sorted(left)))
        return
    expect(r.code in (1, 2) and r.errors, '%s: status %d\n%s' % (what, r.code, r.err))
    expect('\n  cause   ' in r.err and '\n  hint    ' in r.err, '%s: cause or hint is missing\n%s' % (what, r.err))
    expect(sorted(left) == sorted(old), '%s: left behind: %s' % (what, sorted(left)))
    # a report may tell of the failure; a patch that is there without its report is told of
    expect(left['out.o'] in (b'old', good.get('out.o')), '%s: the output is neither old nor whole' % what)


def one_call(h, name, call):
    command, inputs, options = commands(h)[name]
    start_over(h)
    h.run(*arguments(h, inputs, options), command=command)
    good, log = whole(h), h.path('log')
    for mode in CALLS[call]:
        for number in range(1, MOST):
            start_over(h)
            if os.path.exists(log):
                os.unlink(log)
            # in a sandbox, the library could not write its log
            env = {'LD_PRELOAD': library(h), 'FAULT': '%s %d %s' % (call, number, mode), 'FAULT_LOG': log,
                   'ASAN_OPTIONS': 'verify_asan_link_order=0'}
            r = h.run('--no-sandbox', *arguments(h, inputs, options), command=command, env=env)
            judge(h, r, good, '%s %d: %s' % (call, number, mode))
            if not os.path.exists(log):
                break
        expect(number > 1 or mode == 'cut' or call not in ('open', 'read'), 'no call was touched')


def with_cache(h, call, there):
    """Symbols whose cache is written, or read: it is there as a whole or not at all, and the outcome is the same."""
    a, b = fixture('changed-function')
    kernel, log, out = h.path('kernel'), h.path('log'), os.path.join(h.out_dir, 'out.o')
    os.makedirs(kernel, exist_ok=True)
    symbols, cache = os.path.join(kernel, 'System.map'), os.path.join(kernel, 'System.map.elfdiff')
    lines = b''.join(b'ffffffff81000%d00 T %s\n' % (i, name)
                     for i, name in enumerate((b'changed', b'unchanged', b'_printk', b'__x86_return_thunk')))
    lines += b'0000000000000000 a nobody\n' * 3000

    def prepare():
        start_over(h)
        if os.path.exists(log):
            os.unlink(log)
        if not os.path.exists(symbols) or os.path.getsize(symbols) != len(lines):  # a new file has no cache
            with open(symbols, 'wb') as f:
                f.write(lines)
            time.sleep(2.5)
        if os.path.exists(cache):
            os.unlink(cache)
        if there:
            h.run('--no-sandbox', '-k', symbols, '--check', a)
            if not os.path.exists(cache):
                raise Skip('this file system has no caches')
    prepare()
    h.run('--no-sandbox', '-k', symbols, a, b, out)
    good = whole(h)
    for mode in CALLS[call]:
        if mode == 'cut':  # what changes is read as it is: see changing_input()
            continue
        for number in range(1, MOST):
            prepare()
            env = {'LD_PRELOAD': library(h), 'FAULT': '%s %d %s' % (call, number, mode), 'FAULT_LOG': log,
                   'ASAN_OPTIONS': 'verify_asan_link_order=0'}
            r = h.run('--no-sandbox', '-k', symbols, a, b, out, env=env)
            judge(h, r, good, '%s %d: %s' % (call, number, mode))
            left = set(os.listdir(kernel)) - {'System.map', 'System.map.elfdiff'}
            expect(not left, 'left behind: %s' % left)
            if os.path.exists(cache):
                r = h.run('-k', symbols, a, b, out)
                expect(r.code == 0 and whole(h) == good,
                       '%s %d: %s: the cache that is left tells something else' % (call, number, mode))
            if not os.path.exists(log):
                break


def popen(h, args, command='create-diff-object'):
    return subprocess.Popen([os.path.join(h.bin, command), *args], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            stdin=subprocess.DEVNULL, env=h.env)


def signals(h, name, number):
    """At moments spread over a run, and a little beyond it."""
    command, inputs, options = commands(h)[name]
    start_over(h)
    began = time.monotonic()
    h.run(*arguments(h, inputs, options), command=command)
    lasts, good, rng = time.monotonic() - began, whole(h), random.Random(number)
    temporary = os.path.join(h.work, 'temporary')
    for _ in range(60):
        start_over(h)
        shutil.rmtree(temporary, ignore_errors=True)
        os.mkdir(temporary)
        h.env['TMPDIR'] = temporary
        p = popen(h, arguments(h, inputs, options), command)
        time.sleep(rng.uniform(0, 1.2 * lasts))
        p.send_signal(number)
        p.wait()
        left = whole(h)
        expect(left['out.o'] in (b'old', good['out.o']), 'the output is neither old nor whole')
        if number != signal.SIGKILL:
            expect(set(left) == {'out.o', 'report'}, 'left behind: %s' % sorted(left))
            expect(not os.listdir(temporary), 'left behind: %s' % os.listdir(temporary))
    del h.env['TMPDIR']


def two_runs(h):
    a, b = fixture('changed-function')
    pairs = ((a, b), fixture('new-global-function'))
    outputs = []
    for pair in pairs:
        h.run(*pair, h.out)
        with open(h.out, 'rb') as f:
            outputs.append(f.read())
    for _ in range(30):
        for p in [popen(h, (*pair, h.out)) for pair in pairs]:
            p.wait()
            expect(p.returncode == 0, 'status %d' % p.returncode)
        expect(whole(h) in [{'out.o': o} for o in outputs], 'neither of the two outputs')


def changing_input(h, kind):
    """An input is cut, grown and rewritten while it is read."""
    command, inputs, options = commands(h)['compare']
    args = arguments(h, inputs, options)
    path = h.path('input1') if kind == 'object' else h.path('System.map')
    with open(path, 'rb') as f:
        data = f.read()
    if kind == 'vmlinux':  # large: parts of it are read
        data = open(os.path.join(h.bin, 'create-diff-object'), 'rb').read()
        data += bytes(max(0, (2 << 20) - len(data)))
    stop = threading.Event()

    def change():
        rng = random.Random(1)
        while not stop.is_set():
            with open(path, 'r+b' if os.path.exists(path) else 'wb') as f:
                f.truncate(rng.randrange(len(data)))
                f.write(data[:rng.randrange(len(data))])
                f.write(data)
    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(40):
            start_over(h)
            r = h.run(*args, command=command)
            expect(r.code in (0, 1, 2, 3), 'status %d' % r.code)
            expect(set(whole(h)) == {'out.o', 'report'}, 'left behind: %s' % sorted(whole(h)))
    finally:
        stop.set()
        thread.join()


def read_only(h):
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'ro', 'none', h.out_dir], stderr=subprocess.DEVNULL, check=False).returncode:
        raise Skip('cannot mount a tmpfs here')
    try:
        a, b = fixture('changed-function')
        h.one_error(a, b, h.out, error_id='unwritable')
        h.one_error(a, b, h.path('elsewhere.o'), '--json', os.path.join(h.out_dir, 'report'))
        expect(not os.path.exists(h.path('elsewhere.o')), 'the patch was written, its report was not')
    finally:
        subprocess.run(['umount', h.out_dir], check=True)


def run(h):
    for name in ('compare', 'convert', 'check'):
        for call in CALLS:
            h.case('faults: %s, %s' % (name, call), one_call, h, name, call)
    for call in CALLS:
        h.case('faults: cache written, %s' % call, with_cache, h, call, False)
        h.case('faults: cache read, %s' % call, with_cache, h, call, True)
    for name in ('compare', 'convert'):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            h.case('faults: %s, %s' % (name, signal.Signals(number).name), signals, h, name, number)
    h.case('faults: two runs onto one output', two_runs, h)
    for kind in ('object', 'System.map', 'vmlinux'):
        h.case('faults: changing ' + kind, changing_input, h, kind)
    h.case('faults: read-only directory', read_only, h)
