# SPDX-License-Identifier: GPL-2.0-or-later
"""Check a report of kpatch-build --json: schema.py REPORT [EXPRESSION], which is Python about r, the report."""
import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'command'))
import schema  # noqa: E402


def load(*path):
    with open(os.path.join(*path), encoding='utf-8') as f:
        return json.load(f)


def wrong(report):
    for name, part in (('build-report', report), ('directory-report', report['comparison'])):
        wanted = load(ROOT, 'docs', name + '.schema.json')
        yield from schema.check(part, wanted, wanted, name) if part is not None else ()


r = load(sys.argv[1])
errors = list(wrong(r))
if not errors and len(sys.argv) > 2 and not eval('(' + sys.argv[2] + ')'):
    errors = ['not so: ' + sys.argv[2]]
print('\n'.join(errors))
sys.exit(bool(errors))
