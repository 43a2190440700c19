# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said of an id, of a misspelt word, and in which colour."""
import os
import pty
import re
import subprocess

from harness import ROOT, expect, fixture
from texts import ask

COMMANDS = ('create-diff-object', 'create-klp-module')
KPATCH_BUILD = os.path.join(ROOT, 'scripts', 'kpatch-build')
ESCAPE = '\x1b['


def table():
    """The ids of docs/ids.txt with the first words of what each means."""
    with open(os.path.join(ROOT, 'docs', 'ids.txt'), encoding='utf-8') as f:
        return re.findall(r'^id: (\S+)\nof: (\S+)\nmeans: (\S+ \S+)', f.read(), re.M)


def every_id_is_explained(h):
    rows = table()
    expect(len(rows) > 150, '%d ids' % len(rows))
    for name, of, begins in rows:
        r = h.run('--explain-id', name)
        head = name if of == 'library' else '%s of %s' % (name, of)
        found = re.search(r'(?m)^%s\n  (\S+ \S+)' % re.escape(head), r.out)
        expect(r.code == 0 and found and found.group(1) == begins, '%s: status %d\n%s%s' % (name, r.code, r.out, r.err))
        expect(max(map(len, r.out.splitlines())) <= 100, 'a line is too long:\n' + r.out)


def ids_are_listed(h):
    told = h.run('--explain-id', 'list').out.split()
    expect(sorted(told) == sorted({name for name, _, _ in table()}), 'in another list: %s' % told)


def unknown_ids(h):
    for given, meant in (('data-changd', 'data-changed'), ('klp-smybol-name', 'klp-symbol-name'), ('nottraceable', 'not-traceable')):
        h.one_error('--explain-id', given, error_id='usage', names='did you mean `%s`?' % meant)
    for given in ('', 'x', 'frobnicate', 'data-changed ' * 5000):
        h.one_error('--explain-id', given, error_id='usage', names='--explain-id list')
        h.one_error('--explain-id', given, command=COMMANDS[1], error_id='usage', names='`create-klp-module --explain-id list`')
    h.one_error('--explain-id', 'klp-smybol-name', command=COMMANDS[1], error_id='usage', names='did you mean `klp-symbol-name`?')


def both_commands_explain_alike(h):
    for name in ('klp-symbol-name', 'data-changed', 'list'):
        expect(h.run('--explain-id', name, command=COMMANDS[1]).out == h.run('--explain-id', name).out != '', name)


def misspelt_words(h):
    for command, given, meant in (
            (COMMANDS[0], '--simvers', '`--symvers`?'), (COMMANDS[0], '--dryrun', '`--dry-run`?'),
            (COMMANDS[0], '--no-', '`--no-cache` or `--no-sandbox`?'), (COMMANDS[0], '--skip-inti=f', '`--skip-init`?'),
            (COMMANDS[0], '--form=likable', '`linkable`?'), (COMMANDS[1], '--verbsoe', '`--verbose`?')):
        h.one_error(given, 'a', 'b', 'c', command=command, error_id='usage', names='did you mean ' + meant)
    for command, given in ((COMMANDS[0], '--zzz'), (COMMANDS[0], '--' + 'x' * 5000), (COMMANDS[0], '--form=zzz'),
                           (COMMANDS[1], '--zzz'), (COMMANDS[1], '--symvers')):
        r = h.one_error(given, command=command, error_id='usage', names='--help` lists the options')
        expect('did you mean' not in r.err, r.err)


def words_of_kpatch_build(h):
    for given, meant in (('--max-unit', '--max-units'), ('--skpi-init', '--skip-init'), ('--colour', '--color')):
        h.one_error(given, '1', command=KPATCH_BUILD, error_id='usage', names='did you mean `%s`?' % meant)
    for given in ('--zzz', '-Z', '--' + 'x' * 5000):
        r = h.one_error(given, command=KPATCH_BUILD, error_id='usage', names='see kpatch-build --help')
        expect('did you mean' not in r.err, r.err)
    for name in ('data-changed', 'list', 'reach'):
        expect(ask(h, 'kpatch-build', '--explain-id', name).out == h.run('--explain-id', name).out != '', name)


def on_terminal(h, command, *args, **env):
    """What an error of the command looks like where the standard error is a terminal."""
    ours, theirs = pty.openpty()
    given = {k: v for k, v in h.env.items() if k not in ('NO_COLOR', 'TERM')}
    try:
        subprocess.run([os.path.join(h.bin, command), *args], stderr=theirs, stdin=subprocess.DEVNULL, timeout=20,
                       env=dict(given, KPATCH_TOOLS=h.bin, **env), check=False)
        return os.read(ours, 65536).decode()
    finally:
        os.close(theirs)
        os.close(ours)


def colors(h):
    for command in (*COMMANDS, KPATCH_BUILD):
        for args, env, wanted in (((), {'TERM': 'xterm'}, True), ((), {'TERM': 'xterm', 'NO_COLOR': ''}, True),
                                  ((), {'TERM': 'xterm', 'NO_COLOR': '1'}, False), ((), {'TERM': 'dumb'}, False), ((), {}, False),
                                  (('--color=never', ), {'TERM': 'xterm'}, False), (('--color=auto', ), {'TERM': 'xterm'}, True),
                                  (('--color', ), {'NO_COLOR': '1'}, True), (('--color=always', ), {'TERM': 'dumb'}, True)):
            said = on_terminal(h, command, *args, **env)
            expect('error[usage]' in said and (ESCAPE in said) == wanted, '%s %s %s: %r' % (command, args, env, said))
        r = h.run(command=command, env={'TERM': 'xterm', 'KPATCH_TOOLS': h.bin})
        expect(r.code == 1 and ESCAPE not in r.err, 'colours in a file: %r' % r.err)
        h.one_error('--color=blue', command=command, error_id='usage', names='blue')


def severities(h):
    """Each has a colour of its own, and nothing but the first words has one."""
    begun = set()
    for pair in (fixture('data-changed'), fixture('changed-function')):
        for line in h.run('--color', '-v', '-n', *pair).err.splitlines():
            m = re.match(r'(\x1b\[[0-9;]*m)(error|warning|note)\[[a-z-]+\]:\x1b\[0m [^\x1b]*$', line)
            expect(m or ESCAPE not in line, repr(line))
            begun |= {m.groups()} if m else set()
    expect({word for _, word in begun} >= {'error', 'warning'}, begun)
    expect(len({color for color, _ in begun}) == len({word for _, word in begun}), begun)


def run(h):
    for test in (every_id_is_explained, ids_are_listed, unknown_ids, both_commands_explain_alike, misspelt_words, words_of_kpatch_build, colors, severities):
        h.case('words: ' + test.__name__.replace('_', ' '), test, h)
