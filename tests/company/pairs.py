# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures as the tool gets them, and all that comes out of a run."""
import json
import os
import re
import subprocess
from collections import namedtuple

import case as C

OBJECTS = os.path.join(C.FIXTURES, 'obj')
TIMEOUT = 60  # seconds

Outcome = namedtuple('Outcome', 'status diagnostics output explanation')  # in the order in which they are compared


class Pair(C.Case):
    """One fixture. The symbols that it has (`-k`) are those of its unit: other objects are compared without."""

    def __init__(self, bindir, name, scratch):
        super().__init__(name, bindir, scratch, False)

    def arguments(self, own):
        given, kept = self.inputs(), []
        for option, value in zip(given[::2], given[1::2]):
            if own or option != '-k':
                kept += [option, self.relative(value)]
        return self.words('options') + kept

    def run(self, *options, objects=None):
        """`objects`: others than the fixture's own."""
        written = os.path.join(self.scratch, 'out.o')
        if os.path.exists(written):
            os.remove(written)
        pair = objects or [self.relative(p) for p in (self.orig, self.patched)]
        argv = [self.tool()] + list(options) + self.arguments(not objects) + list(pair) + [written]
        r = subprocess.run(argv, cwd=C.FIXTURES, capture_output=True, timeout=TIMEOUT, check=False)
        data = None
        if os.path.exists(written):
            with open(written, 'rb') as f:
                data = f.read()
        return Outcome(r.returncode, r.stderr.decode('utf-8', 'replace'), data, r.stdout.decode('utf-8', 'replace'))

    def report(self, objects):
        """What it replaces and refers to, wherever it stands: (outcome, functions, references)."""
        path = os.path.join(self.scratch, 'report')
        outcome = self.run('--json', path, objects=objects)
        with open(path, encoding='utf-8') as f:
            r = json.load(f)
        items = [re.sub(r'\+0x[0-9a-f]+$', '', i['name'] or '') for i in r['items']]
        functions = sorted((f['name'], f['replaced'], f['by_kprobe'], f['original_size'], f['patched_size'], f['position'])
                           for f in r['functions'])
        references = sorted((y['name'], y['how'], str(y['object']), str(y['when']), y['position'], items[y['item']], y['item_offset'])
                            for y in r['references'])
        return outcome, functions, references


def names(pattern):
    """All fixtures that have objects."""
    found = sorted(n[:-len('.orig.o')] for n in os.listdir(OBJECTS) if n.endswith('.orig.o'))
    return [n for n in found if re.search(pattern, n)]
