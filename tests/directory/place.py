# SPDX-License-Identifier: GPL-2.0-or-later
"""What the cases have in common: directories of their own, runs of the command, looks at what it wrote."""
import json
import os
import subprocess

from harness import ROOT, expect
import schema
from trees import Trees, Unit

MODULE = 'drivers/demo-mod'
KERNEL = [Unit('kernel/first'), Unit('kernel/second'), Unit('kernel/lines'), Unit('kernel/same')]
PARTS = [Unit('drivers/part', MODULE), Unit('drivers/rest', MODULE)]


class Place:
    """Two build directories, and a third one for what is written."""

    def __init__(self, h, name, units, **how):
        self.h = h
        self.work = h.path(name)
        self.trees = Trees(self.work, units, **how)
        self.orig, self.patched = self.trees.orig, self.trees.patched
        self.out = os.path.join(self.work, 'out')
        self.kernel = self.link_kernel([u for u in units if not u.module])
        self.modules = self.list_modules([u for u in units if u.module])

    def run(self, *options, out=None, **how):
        return self.h.run(*options, *self.symbols(), self.orig, self.patched, out or self.out, **how)

    def symbols(self):
        return [word for path in (self.kernel, self.modules) if path for word in ('-k', path)]

    def wants(self, status, *options, **how):
        r = self.run(*options, **how)
        expect(r.code == status, 'status %d instead of %d\n%s%s' % (r.code, status, r.out, r.err))
        return r

    def outputs(self, out=None):
        out = out or self.out
        return sorted(os.listdir(out)) if os.path.isdir(out) else None

    def path(self, *names):
        return os.path.join(self.work, *names)

    def account(self, r):
        """The line that accounts for all objects, as numbers by their words."""
        last = r.out.splitlines()[-1].replace(' (dry run, nothing written)', '')
        total, rest = last.split(': ')
        numbers = {words.split(' ', 1)[1]: int(words.split(' ', 1)[0]) for words in rest.split(', ')}
        expect(int(total.split()[0]) == sum(numbers.values()), 'the account does not add up: ' + last)
        return {k: v for k, v in numbers.items() if v}

    def report(self, *options, status=0):
        self.wants(status, '--json', self.path('report'), *options)
        with open(self.path('report'), encoding='utf-8') as f:
            report = json.load(f)
        with open(os.path.join(ROOT, 'docs', 'directory-report.schema.json'), encoding='utf-8') as f:
            wanted = json.load(f)
        wrong = list(schema.check(report, wanted, wanted))
        expect(not wrong, '\n'.join(wrong))
        return report

    def link_kernel(self, units):
        """A vmlinux of the original's objects, with their FILE symbols."""
        out = self.path('vmlinux')
        running = self.trees.compile(self.work, Unit('running'))
        subprocess.run(['ld', '-z', 'muldefs', '-o', out, '-e', '0', '-Ttext=0xffffffff81000000', '--defsym=_stext=0xffffffff81000000',
                        '--defsym=__fentry__=_stext', '--defsym=__x86_return_thunk=_stext', running,
                        *[os.path.join(self.orig, u.path + '.o') for u in units]], check=True, stderr=subprocess.DEVNULL)
        return out

    def list_modules(self, units):
        """As /proc/kallsyms shows them."""
        out, address = self.path('kallsyms'), 0xffffffffc0000000
        with open(out, 'w', encoding='utf-8') as f:
            for unit in units:
                text = subprocess.run(['nm', '--defined-only', os.path.join(self.orig, unit.path + '.o')], check=True,
                                      capture_output=True, text=True).stdout
                for line in text.splitlines():
                    _, kind, name = line.split()
                    f.write('%x %s %s\t[%s]\n' % (address, kind, name, os.path.basename(unit.module).replace('-', '_')))
                    address += 64
        return out if units else None


def both(report, state):
    return [u['path'] for u in report['units'] if u['state'] == state]


def ids(report):
    return sorted(d['id'] for u in report['units'] for d in u['diagnostics']) + sorted(d['id'] for d in report['diagnostics'])
