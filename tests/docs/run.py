# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the commands of the documents, and compare what they print with what is shown."""
import difflib
import os
import re
import shutil
import subprocess
import tempfile
import time

import documents
import table

TIME_LIMIT = 600


class Verdicts:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def say(self, text):
        print(text, flush=True)

    def ok(self, what):
        self.passed += 1
        self.say('ok %s' % what)

    def fail(self, what, why):
        self.failed += 1
        self.say('FAIL %s: %s' % (what, why))

    def skip(self, what, why):
        self.skipped += 1
        self.say('SKIPPED %s: %s' % (what, why))


def number(text):
    """A pattern for the number where it stands alone."""
    return r'(?<![\w.])%s(?!\w|\.\d)' % re.escape(text)


def pattern_of(shown, varying):
    """What is shown, as a regular expression for what is printed."""
    special, lines = '|'.join([r'\.\.\.'] + [number(n) for n in varying]), []
    for line in shown:
        if line.strip() == '...':
            lines.append(r'(?:.*\n)*?')
            continue
        parts = re.split('(%s)' % special, line)  # every second part is a match
        parts[::2] = map(re.escape, parts[::2])
        parts[1::2] = ['.*' if p == '...' else r'\d+(?:\.\d+)?' for p in parts[1::2]]
        lines.append(''.join(parts) + r'\n')
    return ''.join(lines)


def complaint(command, status, printed, varying):
    """Why this is not what the document says, or None."""
    refused = any(re.match(r'error\[', line) for line in command.output or ())
    if (status != 0) != refused:
        return 'exit status %d\n%s' % (status, indented(printed))
    stale = [n for n in varying if not re.search(number(n), '\n'.join(command.output or []))]
    if stale:
        return 'commands.txt says that %s varies, which is not shown' % ', '.join(stale)
    if command.output is None or re.fullmatch(pattern_of(command.output, varying), printed):
        return None
    shown = [line + '\n' for line in command.output]
    return 'it prints something else\n' + indented(''.join(difflib.unified_diff(shown, printed.splitlines(True), 'shown', 'printed')))


def indented(text):
    return ''.join('    %s\n' % line for line in text.splitlines()).rstrip()


def execute(command, place):
    """Its status and all that it prints."""
    try:
        p = subprocess.run(['sh', '-c', command.text], cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, timeout=TIME_LIMIT, check=False)
        return p.returncode, p.stdout.decode('utf-8', 'replace')
    except subprocess.TimeoutExpired as e:
        return -1, (e.stdout or b'').decode('utf-8', 'replace') + 'no end within %d s\n' % TIME_LIMIT


def one(verdicts, root, command, rows, place):
    name = '%s:%d: %s' % (command.document, command.line, documents.key(command.text))
    kinds = {row.kind: row for row in rows}
    if 'not run' in kinds:
        verdicts.skip(name, kinds['not run'].reason)
    elif 'run by' in kinds:
        if table.runs_it(root, kinds['run by'].detail):
            verdicts.ok('%s (run by %s)' % (name, kinds['run by'].detail.split(' ')[0]))
        else:
            verdicts.fail(name, 'commands.txt:%d: that is not in it: %s' % (kinds['run by'].line, kinds['run by'].detail))
    elif 'needs' in kinds and not shutil.which(kinds['needs'].detail):
        verdicts.skip(name, '%s is not installed' % kinds['needs'].detail)
    else:
        began = time.monotonic()
        why = complaint(command, *execute(command, place), kinds['varies'].detail.split() if 'varies' in kinds else [])
        if why:
            verdicts.fail(name, why)
        else:
            verdicts.ok('%s (%.1f s)' % (name, time.monotonic() - began))


def run_document(verdicts, root, document, rows, template):
    try:
        commands = documents.commands_of(root, document)
    except ValueError as why:
        verdicts.fail(document, why)
        return
    for path in documents.missing_paths(root, document):
        verdicts.fail(document, 'it names `%s`, which is not there' % path)
    with tempfile.TemporaryDirectory(prefix='elfdiff-docs.') as scratch:
        place = os.path.join(scratch, 'place')
        shutil.copytree(template, place, symlinks=True)
        for command in commands:
            said = rows.get((document, documents.key(command.text)), [])
            one(verdicts, root, command, said, place)
    for (where, text), said in rows.items():
        if where == document and text not in [documents.key(c.text) for c in commands]:
            verdicts.fail('commands.txt:%d' % (said[0].line if said else 0), '%s has no command `%s`' % (where, text))


def run_all(verdicts, root, text, template, picked='.'):
    """The documents of root whose names fit, each in its own copy of template; text is the table."""
    rows, wrong = table.parse(text)
    names = documents.documents(root)
    wrong += ['%s is no document' % where for where in sorted({where for where, _ in rows} - set(names))]
    for why in wrong:
        verdicts.fail('commands.txt', why)
    for document in names:
        if re.search(picked, document):
            run_document(verdicts, root, document, rows, template)
