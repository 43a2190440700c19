# SPDX-License-Identifier: GPL-2.0-or-later
"""What the test of the documents has to see: small documents with a fault each, and some without."""
import os
import tempfile

import run

TRANSCRIPT = '```\n$ printf "one 12\\ntwo 3.5 s\\n"\n%s\n```\n'
PAGE = '.SH NAME\nx\n.SH EXAMPLES\nText:\n.PP\n%s.SH SEE ALSO\n'
REFUSED = '```\n$ echo "error[x]: no"; exit %d\nerror[x]: no\n```\n'

# name of the document, its text, the table, and (passed, failed, skipped)
CASES = (
    ('README.md', '```\ntrue\ntrue   # a comment\n```\n', '', (2, 0, 0)),
    ('README.md', '```\nfalse\n```\n', '', (0, 1, 0)),
    ('README.md', '```\necho a; exit 0\n```\n', '', (1, 0, 0)),  # what it prints is not shown
    ('README.md', '```text\nfalse\n```\n', '', (0, 0, 0)),
    ('README.md', '```sh\ntest 1 = \\\n  1\n```\n', '', (1, 0, 0)),
    ('README.md', '```\n$ touch a\n# cat a\n```\n', '', (2, 0, 0)),  # one place for one document
    ('README.md', TRANSCRIPT % 'one 12\ntwo 3.5 s', '', (1, 0, 0)),
    ('README.md', TRANSCRIPT % 'one 12\ntwo 3.5', '', (0, 1, 0)),
    ('README.md', TRANSCRIPT % 'one 12', '', (0, 1, 0)),
    ('README.md', TRANSCRIPT % '', '', (0, 1, 0)),  # in a transcript nothing is shown where nothing is printed
    ('README.md', TRANSCRIPT % '...\ntwo ...', '', (1, 0, 0)),
    ('README.md', TRANSCRIPT % 'one 12\n...', '', (1, 0, 0)),
    ('README.md', TRANSCRIPT % 'one 13\ntwo 9 s', '', (0, 1, 0)),
    ('README.md', TRANSCRIPT % 'one 13\ntwo 9 s', 'varies 13 9: why', (1, 0, 0)),
    ('README.md', TRANSCRIPT % 'one 13\ntwo 9 s', 'varies 13: why', (0, 1, 0)),
    ('README.md', TRANSCRIPT % 'one 12\ntwo 3.5 s', 'varies 14: why', (0, 1, 0)),  # which is not shown
    ('README.md', REFUSED % 1, '', (1, 0, 0)),
    ('README.md', REFUSED % 0, '', (0, 1, 0)),  # a refusal has a status
    ('README.md', '```\nshown\n$ true\n```\n', '', (0, 1, 0)),  # output of what?
    ('README.md', '```\ntrue\n', '', (0, 1, 0)),  # no end
    ('README.md', 'See `make -f none` and `make`, `x y`.\n', '', (0, 1, 0)),
    ('README.md', 'See `tests/none.sh` and [it](none.md), `tests/*.x`.\n', '', (0, 3, 0)),
    ('README.md', 'See `tests/here.sh`, [it](tests/here.sh).\n', '', (0, 0, 0)),
    ('README.md', 'See `tests/here.sh FILE`.\n', '', (1, 0, 0)),
    ('docs/sub/more.md', '```\nfalse\n```\n', '', (0, 1, 0)),
    ('README.md', '```\nfalse\n```\n', 'not run: why', (0, 0, 1)),
    ('README.md', '```\nfalse\n```\n', 'needs no-such-program: why', (0, 0, 1)),
    ('README.md', '```\nfalse\n```\n', 'needs sh: why', (0, 1, 0)),
    ('README.md', '```\nfalse\n```\n', 'run by tests/here.sh `exit 0`: why', (1, 0, 0)),
    ('README.md', '```\nfalse\n```\n', 'run by tests/here.sh `exit 1`: why', (0, 1, 0)),
    ('README.md', '```\nfalse\n```\n', 'run by tests/none.sh `exit 0`: why', (0, 1, 0)),
    ('README.md', '```\ntrue\n```\n', 'not run:', (1, 2, 0)),  # no reason
    ('README.md', '```\ntrue\n```\n', '', (1, 1, 0), 'README.md: false\n\tnot run: why\n'),  # no such command
    ('README.md', '```\ntrue\n```\n', '', (1, 1, 0), 'README.md: true\n'),  # a row that says nothing
    ('README.md', '```\ntrue\n```\n', '', (1, 1, 0), 'NONE.md: true\n\tnot run: why\n'),
    ('README.md', '```\ntrue\n```\n', '', (0, 1, 1), 'README.md: true\n\tnot run: why\nREADME.md: true\n\tnot run: why\n'),
    ('man/x.1', PAGE % '.nf\n.RS\ntest \\(aq\\(aq = "" \\-a 1 \\e\n  = 1\ntrue\n.RE\n.fi\n', '', (2, 0, 0)),
    ('man/x.8', PAGE % '.EX\n\ttrue\n.EE\n.PP\n.EX\n\tfalse\n.EE\n', '', (1, 1, 0)),
    ('man/x.1', PAGE % '.\\" no commands\n.EX\nfalse\n.EE\n', '', (0, 0, 0)),
    ('man/x.1', '.SH OPTIONS\n.nf\nfalse\n.fi\n', '', (0, 0, 0)),
)


class Silent(run.Verdicts):
    def say(self, text):
        pass


def counted(name, text, said, rows=None):
    with tempfile.TemporaryDirectory(prefix='elfdiff-docs.') as root:
        for path, content in ((name, text), ('tests/here.sh', 'exit 0\n')):
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), 'w', encoding='utf-8') as f:
                f.write(content)
        if said:
            commands = run.documents.commands_of(root, name)
            rows = '%s: %s\n\t%s\n' % (name, run.documents.key(commands[0].text), said)
        verdicts = Silent()
        template = os.path.join(root, 'template')
        os.makedirs(os.path.join(template, 'tests'))
        with open(os.path.join(template, 'tests', 'here.sh'), 'w', encoding='utf-8') as f:
            f.write('#!/bin/sh\n')
        os.chmod(f.name, 0o755)
        run.run_all(verdicts, root, rows or '', template)
        return verdicts.passed, verdicts.failed, verdicts.skipped


def check(verdicts):
    for name, text, said, wanted, *rows in CASES:
        found = counted(name, text, said, *rows)
        if found != wanted:
            verdicts.fail('the test of the documents', 'passed, failed, skipped are %s, not %s, of %s:\n%s\n%s' % (
                found, wanted, name, text, said or ''.join(rows)))
            return
    verdicts.ok('the test of the documents sees what it has to see')
