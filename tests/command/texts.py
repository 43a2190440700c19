# SPDX-License-Identifier: GPL-2.0-or-later
"""What --help says, and what the manual page says."""
import os
import re
import subprocess

from harness import ROOT, Result, Skip, expect

SCRIPTS = {'kpatch': 8, 'kpatch-build': 1}
COMMANDS = {'create-diff-object': 1, 'create-klp-module': 1, **SCRIPTS}


def ask(h, name, *args):
    """A script lies beside the build directory, and has no sanitizer's words to look for."""
    if name not in SCRIPTS:
        if not os.path.exists(os.path.join(h.bin, name)):
            raise Skip(name + ' is not built')
        return h.run(*args, command=name)
    p = subprocess.run([os.path.join(ROOT, 'scripts', name), *args], capture_output=True, text=True, timeout=20,
                       stdin=subprocess.DEVNULL, env=dict(h.env, KPATCH_TOOLS=h.bin), check=False)
    return Result(p.returncode, p.stdout, p.stderr)


def page_of(name):
    with open(os.path.join(ROOT, 'man', '%s.%d' % (name, COMMANDS[name])), encoding='utf-8') as f:
        return f.read()


def section_of(page, name):
    return page.split('\n.SH %s\n' % name)[1].split('\n.SH ')[0]


def help_options(text):
    """`-m, --object NAME` of each option, in order."""
    return [m.strip() for m in re.findall(r'^  ((?:-\w, |    )--\S+(?: \S+)*)(?=  |$)', text, re.M)]


def man_options(page):
    """The same from the tagged paragraphs of the section OPTIONS."""
    tags = re.findall(r'^\.TP\n(.*)$', section_of(page, 'OPTIONS'), re.M)
    return [re.sub(r'\\f[BIR]', '', t).replace('\\-', '-') for t in tags]


def options_agree(h, name):
    told, written = help_options(ask(h, name, '--help').out), man_options(page_of(name))
    expect(len(told) > 2 and told == written, 'in --help: %s\nin the man page: %s' % (told, written))


def statuses_agree(h, name):
    told = re.search(r'^Exit status: (.*)\Z', ask(h, name, '--help').out, re.M | re.S)
    expect(told, '--help has no line `Exit status: ` at its end')
    told = re.findall(r'(?:^|, ?\n?|\bor )(\d+) (?=[a-z])', told.group(1))
    written = re.findall(r'^\.TP\n(?:\.B )?([\d, ]+)$', section_of(page_of(name), 'EXIT STATUS'), re.M)
    written = re.findall(r'\d+', ' '.join(written))
    expect(len(told) > 2 and told == written, 'in --help: %s\nin the man page: %s' % (told, written))


def form_of_help(h, name):
    r = ask(h, name, '--help')
    expect(r.code == 0 and r.err == '', 'status %d\n%s' % (r.code, r.err))
    expect(re.match(r'Usage: %s (COMMAND )?\[OPTION\]\.\.\. ' % name, r.out), r.out.split('\n')[0])
    expect(max(map(len, r.out.splitlines())) <= 100, 'a line of --help is too long')
    options = [line for line in r.out.splitlines() if 'usage:' in line or line.startswith('options:')]
    expect(not options, 'spelled otherwise: %s' % options)


def version(h, name):
    with open(os.path.join(ROOT, 'VERSION'), encoding='utf-8') as f:
        want = '%s %s' % (name, f.read().strip())
    if name != 'kpatch':  # which is told when it is installed
        with open(os.path.join(h.bin, '..', 'commit'), encoding='utf-8') as f:
            want += ' (%s)' % f.read().strip()
    r = ask(h, name, '--version')
    expect(r.code == 0 and r.out == want + '\n', repr(r.out))


def one_spelling(_):
    """`Usage:`, in every file that prints it."""
    found = []
    for top in ('create-diff-object', 'create-klp-module', 'tests'):
        for directory, _, files in os.walk(os.path.join(ROOT, top)):
            for name in files:
                if name.endswith(('.c', '.sh', '.bash')) or '.' not in name:
                    found += spelled_otherwise(os.path.join(directory, name))
    expect(not found, '\n'.join(found))


def spelled_otherwise(path):
    with open(path, encoding='utf-8', errors='replace') as f:
        return ['%s:%d: %s' % (os.path.relpath(path, ROOT), n, line.strip()) for n, line in enumerate(f, 1)
                if re.search(r'(^|["?])(usage|USAGE):', line)]


def run(h):
    for name in COMMANDS:
        for test in (form_of_help, options_agree, statuses_agree, version):
            if name == 'kpatch-build' and test in (form_of_help, statuses_agree):
                continue  # its --help has not that form yet
            h.case('%s texts: %s' % (name, test.__name__.replace('_', ' ')), test, h, name)
    h.case('all texts: one spelling of Usage', one_spelling, h)
