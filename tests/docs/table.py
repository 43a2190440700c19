# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of what is not run as it is shown; its head says how it is written."""
import os
import re


class Row:
    """What is true of some commands: kind is `not run`, `run by`, `varies` or `needs`."""

    def __init__(self, line, kind, detail, reason):
        self.line, self.kind, self.detail, self.reason = line, kind, detail, reason
        self.used = set()


KINDS = {
    'not run': r'not run(): (.+)',
    'run by': r'run by (\S+ `.+`): (.+)',
    'varies': r'varies ([\d. ]+): (.+)',
    'needs': r'needs (\S+): (.+)',
}


def parse(text):
    """{(document, command): [Row]}, and what is wrong with it"""
    rows, wrong, names, described = {}, [], [], False
    for number, line in enumerate(text.split('\n'), 1):
        if not line.strip() or line.startswith('#'):
            continue
        if not line.startswith('\t'):
            names = names if not described else []
            described = False
            document, _, command = line.partition(': ')
            if not command or (document, command) in rows:
                wrong.append('%d: no command, or a second time: %s' % (number, line))
            names.append((document, command))
            rows[document, command] = []
            continue
        described = True
        for kind, pattern in KINDS.items():
            m = re.fullmatch(pattern, line.strip())
            if m:
                row = Row(number, kind, m.group(1), m.group(2))
                for name in names:
                    rows[name].append(row)
                break
        else:
            wrong.append('%d: neither of %s: %s' % (number, ', '.join(KINDS), line.strip()))
    wrong += ['%s: %s: nothing is said of it' % name for name, found in rows.items() if not found]
    return rows, wrong


def runs_it(root, detail):
    """FILE `TEXT`: whether FILE has TEXT"""
    path, _, text = detail.partition(' ')
    try:
        with open(os.path.join(root, path), encoding='utf-8') as f:
            return text.strip('`') in f.read()
    except OSError:
        return False
