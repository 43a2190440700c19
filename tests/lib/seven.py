# SPDX-License-Identifier: GPL-2.0-or-later
"""A fixture through kpatch-build's command line: seven operands, form kpatch, `ld -r`, create-klp-module.

What comes out is held against the objects and the symbol table (kpatch.py), and its KLP relocations against those that
form klp has for the same inputs.
"""
import os
import re
import subprocess

import dump as D
import elf as E
import kpatch as K
import symtab as T
import verify as V

SIZES = {'ALT_STRUCT_SIZE': '12', 'BUG_STRUCT_SIZE': '12', 'EX_STRUCT_SIZE': '12', 'JUMP_STRUCT_SIZE': '16',
         'PARA_STRUCT_SIZE': '16', 'STATIC_CALL_STRUCT_SIZE': '8'}
PATCH = 'livepatch-fixture'


def functions(elf):
    """The records of functions; positions 0 and 1 of a unique name are the same place, and each form has its own."""
    return sorted((row[0].name if row[0] else None,) + row[1:4] + (row[4] or 1,) + row[5:] for row in D.records(elf))


def exports(path):
    """{name: module} of a Module.symvers"""
    found = {}
    if os.path.exists(path) and path != os.devnull:
        with open(path) as f:
            for line in f:
                words = line.split()
                found[words[1]] = os.path.basename(words[2])
    return found


class Seven:
    def __init__(self, case, run):
        self.case, self.run = case, run
        self.orig, self.patched = E.Elf(case.orig), E.Elf(case.patched)
        self.parent, self.symvers = self.parent_name(), self.symvers_file()
        self.twins = dict(w.split('=') for w in case.words('twin'))
        self.given = self.given_table()
        self.table = self.given or T.from_pair(self.orig, self.patched, self.parent, exports(self.symvers))
        with open(self.path('symtab'), 'w') as f:
            f.write(self.table.text())

    def path(self, name):
        place = os.path.join(self.case.scratch, 'seven')
        os.makedirs(place, exist_ok=True)
        return os.path.join(place, name)

    def say(self, text):
        self.case.say('seven operands: ' + text)

    # ---- the operands ----

    def parent_name(self):
        options = self.case.words('options')
        if '-m' in options:
            return options[options.index('-m') + 1]
        modinfo = self.orig.section('.modinfo')
        name = re.search(rb'(?:^|\0)name=([^\0]*)\0', modinfo.data) if modinfo else None
        return name.group(1).decode() if name else 'fixture' if modinfo else 'vmlinux'

    def symvers_file(self):
        inputs = self.case.inputs()
        return inputs[inputs.index('-s') + 1] if '-s' in inputs else os.devnull

    def given_table(self):
        """What the case has for -k, as far as it is about the parent; of a module, its symbols."""
        inputs = self.case.inputs()
        if '-k' not in inputs:
            return None
        if self.case.words('module'):
            return self.module_table(inputs[inputs.index('-k') + 1])
        sizes = {y.name: y.size for y in self.orig.symbols if y.section is not None}
        table = T.from_file(inputs[inputs.index('-k') + 1], self.parent, sizes)
        for word in self.case.words('position'):
            name, position = word.split('=')
            for e in table.entries(name):
                e.own = table.position(e) == int(position)
        return table

    def module_table(self, path):
        text = subprocess.run(['readelf', '-sW', path], check=True, capture_output=True, text=True).stdout
        with open(self.path('module'), 'w') as f:
            f.write(text)
        return T.from_file(self.path('module'), self.parent, {})

    def operands(self, out):
        return [self.case.orig, self.case.patched, self.parent, self.path('symtab'), self.symvers, PATCH, out]

    def named(self):
        """What no operand tells."""
        return [word for name in self.case.named() for word in ('--replace-callers', name)]

    # ---- what is done with them ----

    def tool(self):
        """With the option that decides what is a part of the patch."""
        return [self.case.tool()] + [o for o in self.case.words('options') if o.startswith('--skip-init')]

    def make(self, out, *options, **env):
        status, _, stderr = self.run(self.tool() + self.named() + list(options) + self.operands(out), self.case.scratch, **env)
        return status, stderr

    def make_klp(self, out):
        argv = self.tool() + ['-m', self.parent, '-k', self.path('symtab'), '-s', self.symvers]
        return self.run(argv + self.named() + [self.case.orig, self.case.patched, out], self.case.scratch)[0]

    def finish(self, kpatch, out):
        """`ld -r`, then create-klp-module, as kpatch-build does after kbuild."""
        linked = self.path('linked.o')
        self.case.link(kpatch, linked)
        argv = [os.path.join(self.case.bindir, 'create-klp-module'), '-d', '-n', '-k', self.path('symtab'), linked, out]
        status, _, stderr = self.run(argv, self.case.scratch)
        if status:
            self.say('create-klp-module: status %d: %s' % (status, stderr.strip().replace('\n', '\n    ')))
        return not status

    def compare(self, klp, finished):
        """Symbol by symbol: both ways lead to the same KLP relocations, and to the same object."""
        want, have = (K.klp_relocations(E.Elf(p)) for p in (klp, finished))
        for what, rows in (('lacks', want - have), ('alone has', have - want)):
            for row in sorted(rows):
                self.say('form kpatch, linked and finished, %s %s' % (what, row))
        self.case.same_meaning('seven operands -> ld -r -> create-klp-module', klp, finished,
                               r'section (?:\.kpatch\.strings|\.kpatch\.funcs|__patchable_function_entries) ')
        want, have = (functions(E.Elf(p)) for p in (klp, finished))
        if want != have:
            self.say('form kpatch, linked and finished, replaces %s, and form klp %s' % (have, want))

    def check_object(self, path):
        out = K.KpatchElf(path)
        problems = K.Verifier(self.orig, self.patched, out, self.twins, self.case.words('drops'),
                              addresses=self.table.addresses(), named=self.case.named(), entries=self.case.entries()).run()
        problems += K.Checker(out, self.orig, self.patched, self.table, exports(self.symvers), self.twins).run()
        listing = subprocess.run(['nm', path], capture_output=True, text=True, check=True).stdout
        problems += K.text_symbols(listing, out, self.patched)
        for text in problems:
            self.say(text)
        self.check_expectations(out)

    def check_expectations(self, out):
        have = {(k.objname, k.name) for k in out.ksyms}
        for word in self.case.words('klp'):
            home, _, name = word.partition(',')[0].partition(':')
            if (home, name) not in have:
                self.say('no record of %s' % word)
        self.case.check_functions(out)
        defined = {y.name for y in V.alloc_symbols(out)}
        for names, there in ((self.case.words('present'), True), (self.case.words('absent'), False)):
            for name in names:
                if (name in defined) != there:
                    self.say('`%s` is %sdefined' % (name, 'not ' if there else ''))

    def go(self):
        kpatch, klp, finished = (self.path(n) for n in ('kpatch.o', 'klp.o', 'finished.o'))
        words = self.case.words('seven-status') or self.case.words('status') or ['0']
        status, stderr = self.make(kpatch, '-d')
        if str(status) not in words:
            self.say('status %d, not %s\n    %s' % (status, ' or '.join(words), stderr.strip().replace('\n', '\n    ')))
        if os.path.exists(kpatch) != (status == 0):
            self.say('status %d, and an output file: %s' % (status, os.path.exists(kpatch)))
        if self.make_klp(klp) != status:
            self.say('form klp has another status')
        if status:
            return
        self.check_object(kpatch)
        if self.finish(kpatch, finished):
            self.compare(klp, finished)
        self.check_environment(kpatch)

    def check_environment(self, kpatch):
        """kpatch-build says how large entries are; the objects do, too."""
        if self.orig.machine != E.EM_X86_64:
            return
        again = self.path('again.o')
        if self.make(again, **SIZES)[0] or open(again, 'rb').read() != open(kpatch, 'rb').read():
            self.say('the *_STRUCT_SIZE variables of x86_64 change the output')
