# SPDX-License-Identifier: GPL-2.0-or-later
"""Form kpatch, read by its documented layout alone, and what its records have to say.

A record of .kpatch.relocations is turned into the relocation that it stands for, so that verify.py proves it like any
other; what a relocation does not hold (addresses, sizes, who applies it) is checked here against the symbol table that
was given and against the objects.
"""
import collections
import re

import dump as D
import elf as E
import verify as V

FUNC, SYMBOL, RELOCATION, ARCH, CALLBACK = 56, 40, 40, 16, 16
POINTERS = {'.kpatch.funcs': (FUNC, (0, 40, 48)), '.kpatch.symbols': (SYMBOL, (24, 32)),
            '.kpatch.relocations': (RELOCATION, (0, 24, 32)), '.kpatch.arch': (ARCH, (0, 8)),
            '.kpatch.callbacks.pre_patch': (CALLBACK, (0, 8)), '.kpatch.callbacks.post_patch': (CALLBACK, (0, 8)),
            '.kpatch.callbacks.pre_unpatch': (CALLBACK, (0, 8)), '.kpatch.callbacks.post_unpatch': (CALLBACK, (0, 8))}

Ksym = collections.namedtuple('Ksym', 'src sympos bind type name objname')
Record = collections.namedtuple('Record', 'section offset type external addend objname ksym at')


class KpatchElf(E.Elf):
    """An object of form kpatch: `ksyms`, `records`, and each record as a relocation of the section that it relocates."""

    def __init__(self, path):
        super().__init__(path)
        self.problems = []
        self.plain = {s.index: [r.offset for r in s.relocs] for s in self.sections}
        for s in self.sections:
            if s.name in POINTERS and s.type != E.SHT_RELA:
                self.check_pointers(s, *POINTERS[s.name])
        self.ksyms = [self.read_symbol(at) for at in range(0, self.size_of('.kpatch.symbols'), SYMBOL)]
        self.records = [self.read_record(at) for at in range(0, self.size_of('.kpatch.relocations'), RELOCATION)]
        for record in self.records:
            self.add_relocation(record)
        for s in self.sections:
            s.relocs.sort(key=lambda r: r.offset)

    def size_of(self, name):
        s = self.section(name)
        return s.size if s else 0

    def check_pointers(self, s, size, fields):
        """Whole records; in each, the pointers and nothing else are absolute relocations of words that are zero."""
        want = sorted(at + field for at in range(0, s.size, size) for field in fields)
        if s.size % size:
            self.problems.append('%s has %d bytes: no whole number of records' % (s.name, s.size))
        elif [r.offset for r in s.relocs] != want:
            self.problems.append('%s has relocations at %s, not at %s' % (s.name, [r.offset for r in s.relocs], want))
        for r in s.relocs:
            if r.type != E.POINTER[self.machine]:
                self.problems.append('%s+%#x: a pointer of type %s' % (s.name, r.offset, self.reloc_name(r.type)))
            if any(s.data[r.offset:r.offset + 8]):
                self.problems.append('%s+%#x: the word of a pointer is not zero' % (s.name, r.offset))
        if not s.flags & E.SHF_ALLOC or s.type != E.SHT_PROGBITS:
            self.problems.append('%s is not loaded data' % s.name)

    def follow(self, section, at):
        """(section, offset) of a pointer."""
        symbol, addend = D.pointer(self, section, at)
        if symbol is None or symbol.section is None:
            raise E.ElfError('%s+%#x leads nowhere' % (section.name, at))
        return symbol.section, symbol.value + addend

    def string(self, section, at):
        target, offset = self.follow(section, at)
        if target.name != '.kpatch.strings':
            self.problems.append('%s+%#x: a string of %s' % (section.name, at, target.name))
        return self.cstring(target.data, offset)

    def read_symbol(self, at):
        s = self.section('.kpatch.symbols')
        src, sympos, bind, kind = self.unpack('QQBB', at, s.data)
        if any(s.data[at + 18:at + 24]):
            self.problems.append('.kpatch.symbols+%#x: padding is not zero' % at)
        return Ksym(src, sympos, bind, kind, self.string(s, at + 24), self.string(s, at + 32))

    def read_record(self, at):
        s = self.section('.kpatch.relocations')
        kind, external, addend = self.unpack('IIq', at + 8, s.data)
        section, offset = self.follow(s, at)
        table, place = self.follow(s, at + 32)
        if table.name != '.kpatch.symbols' or place % SYMBOL:
            raise E.ElfError('.kpatch.relocations+%#x: ksym leads to %s+%#x' % (at, table.name, place))
        return Record(section, offset, kind, external, addend, self.string(s, at + 24), place // SYMBOL, at)

    def add_relocation(self, record):
        ksym = self.ksyms[record.ksym]
        r, r.symbol, r.table = E.Reloc(), E.Symbol(), E.Section()
        r.offset, r.type, r.addend = record.offset, record.type, record.addend
        r.table.name = '.klp.rela.%s.%s' % (record.objname, record.section.name)
        r.symbol.name = '.klp.sym.%s.%s,%d' % (ksym.objname, ksym.name, ksym.sympos)
        r.symbol.shndx, r.symbol.section = E.SHN_LIVEPATCH, None
        r.symbol.index = r.symbol.value = r.symbol.size = r.symbol.type = r.symbol.other = 0
        r.symbol.bind = E.STB_GLOBAL
        record.section.relocs.append(r)


class Verifier(V.Verifier):
    """verify.py on form kpatch: the compiler's way with ftrace locations is one section for each."""

    def check_contract(self):
        super().check_contract()
        self.problems = [p for p in self.problems if not p.endswith('loaded sections are called ' + V.TRACE[1])]
        for s in self.out.sections:
            if s.name == V.TRACE[1] and s.type != E.SHT_RELA:
                self.check_trace_section(s)

    def check_trace_section(self, s):
        targets = {r.symbol.section.index for r in s.relocs if r.symbol.section is not None}
        if s.size != 8 or len(s.relocs) != 1:
            self.say('%s has %d bytes and %d relocations, not one site' % (s.name, s.size, len(s.relocs)))
        if not s.flags & E.SHF_LINK_ORDER or targets != {s.link}:
            self.say('%s is linked to section %d, not to that of its function (%s)' % (s.name, s.link, targets))


class Checker:
    """The records of one object of form kpatch."""

    def __init__(self, out, orig, patched, table, symvers, twins):
        self.out, self.orig, self.patched, self.table = out, orig, patched, table
        self.symvers, self.twins = symvers, twins  # exported name: by which module
        self.parent = table.parent
        self.problems = list(out.problems)

    def say(self, text):
        self.problems.append(text)

    def origin(self, what, name, src, sympos, local=False):
        """Address and position of a name are those of its entry in the table; local functions are counted from 1, if the
        table has all of the parent."""
        local = local and self.table.whole()
        wanted = [(e.address, self.table.position(e) or int(local)) for e in self.table.find(name)]
        if (src, sympos) not in wanted:
            self.say('%s `%s`: address %#x and position %d, not %s' % (
                what, name, src, sympos, ' or '.join('%#x and %d' % w for w in wanted) or 'anything: it is not there'))

    # ---- .kpatch.funcs ----

    def check_functions(self):
        rows = D.records(self.out)
        if len({r[0].index for r in rows if r[0]}) != len(rows):
            self.say('.kpatch.funcs: two records for one function, or one without')
        for symbol, new_size, old_addr, old_size, sympos, name, objname in rows:
            was = [y.size for y in self.orig.symbols if y.type == E.STT_FUNC and y.name == name]
            local = any(y.bind == E.STB_LOCAL for y in self.orig.symbols if y.type == E.STT_FUNC and y.name == name)
            if new_size != symbol.size:
                self.say('.kpatch.funcs `%s`: new size %d, not %d' % (name, new_size, symbol.size))
            if old_size not in was:
                self.say('.kpatch.funcs `%s`: old size %d, not %s' % (name, old_size, was))
            if objname != self.parent:
                self.say('.kpatch.funcs `%s`: object %s, not %s' % (name, objname, self.parent))
            self.origin('.kpatch.funcs', name, old_addr, sympos, local)

    def check_callbacks(self):
        for kind, symbol, objname in D.callbacks(self.out):
            if objname != self.parent or symbol is None or symbol.type != E.STT_FUNC:
                self.say('.kpatch.callbacks.%s: a record that is not of %s' % (kind, self.parent))

    # ---- .kpatch.symbols ----

    def home(self, name):
        """Where a symbol that no vmlinux exports lives."""
        if self.table.entries(name) or name == '__this_module':
            return self.parent
        module = self.symvers.get(name)
        return module if module and module != 'vmlinux' else 'vmlinux'

    def properties(self, name):
        """(bind, type) that the patched object's symbols of this name, or of its twin's, have."""
        names = {name} | {new for new, old in self.twins.items() if old == name}
        return {(y.bind, y.type) for y in self.patched.symbols if y.name in names}

    def check_ksyms(self):
        numbers = [r.ksym for r in self.out.records]
        if numbers != list(range(len(self.out.ksyms))):
            self.say('.kpatch.symbols: %d records, used by relocations in the order %s' % (len(self.out.ksyms), numbers))
        for k in self.out.ksyms:
            home = self.home(k.name)
            if k.objname != home:
                self.say('.kpatch.symbols `%s`: object %s, not %s' % (k.name, k.objname, home))
            elif self.table.entries(k.name):
                self.origin('.kpatch.symbols', k.name, k.src, k.sympos)
            elif (k.src, k.sympos) != (0, 0):
                self.say('.kpatch.symbols `%s`: address %#x and position %d of what no table has' % (k.name, k.src,
                                                                                                     k.sympos))
            if (k.bind, k.type) not in self.properties(k.name):
                self.say('.kpatch.symbols `%s`: bind %d and type %d, not %s' % (k.name, k.bind, k.type,
                                                                              sorted(self.properties(k.name))))

    # ---- .kpatch.relocations ----

    def check_records(self):
        places = collections.Counter((r.section.index, r.offset) for r in self.out.records)
        for r in self.out.records:
            where = '.kpatch.relocations for %s+%#x' % (r.section.name, r.offset)
            home = self.out.ksyms[r.ksym].objname
            when = 'vmlinux' if home == 'vmlinux' else self.parent
            if places[r.section.index, r.offset] > 1 or r.offset in self.out.plain[r.section.index]:
                self.say('%s: the place is relocated twice' % where)
            if r.objname != when:
                self.say('%s: applied with %s, not with %s' % (where, r.objname, when))
            if r.external != (home not in ('vmlinux', self.parent)):
                self.say('%s: external is %d, and the symbol is of %s' % (where, r.external, home))

    def check_strings(self):
        s = self.out.section('.kpatch.strings')
        if s is not None and s.size and s.data[-1]:
            self.say('.kpatch.strings: the last string does not end')

    def run(self):
        for y in self.out.symbols:
            if y.shndx == E.SHN_LIVEPATCH or y.name.startswith('.klp.'):
                self.say('`%s` is a symbol of another form' % y.name)
        for s in self.out.sections:
            if s.name.startswith('.klp.'):
                self.say('%s is a section of another form' % s.name)
        self.check_functions()
        self.check_callbacks()
        self.check_ksyms()
        self.check_records()
        self.check_strings()
        return self.problems


def klp_relocations(elf):
    """Each KLP relocation of an object in any form, in words: where it is, of which type, and what it means."""
    found = collections.Counter()
    for s in elf.sections:
        if not s.alloc() or s.type == E.SHT_RELA:
            continue
        for r in s.relocs:
            k = elf.klp_reloc(r)
            if not k:
                continue
            cover = sorted(y.name for y in elf.covering(s, r.offset) if y.type == E.STT_FUNC)
            at = r.offset - next((y.value for y in elf.covering(s, r.offset) if y.type == E.STT_FUNC), 0)
            found['%s: %s+%#x %s %s:%s,%d%+d (with %s)' % (s.name, '/'.join(cover), at, elf.reloc_name(r.type), k[1], k[2],
                                                          k[3], r.addend, k[0])] += 1
    return found


def text_symbols(listing, out, patched):
    """What `nm` says of functions: a changed one is local, and nothing is text that is none in the patched object."""
    letters = collections.defaultdict(set)
    for line in listing.splitlines():
        m = re.match(r'[0-9a-f]{16} (\S) (.*)$', line)
        if m and m.group(1) in 'tTwWi':
            letters[m.group(2)].add(m.group(1))
    changed = {row[0].name for row in D.records(out) if row[0] is not None}
    for name in sorted(changed):
        if letters.get(name) != {'t'}:
            yield 'nm prints %s for the changed `%s`' % (sorted(letters.get(name, [])) or 'nothing', name)
    theirs = {y.name for y in patched.symbols if y.section is not None and y.section.code()}
    for name in sorted(set(letters) - theirs):
        yield 'nm prints `%s` as text, and the patched object has no such code' % name
    children = {y.name for y in patched.symbols if y.type == E.STT_FUNC
                and re.sub(r'\.cold(?:\.\d+)?$', '', y.name) in changed}
    for name in sorted(children - set(letters)):
        yield 'the code `%s` of a changed function is missing' % name


def trace_sections(elf):
    return [s for s in elf.sections if s.name == V.TRACE[1] and s.type != E.SHT_RELA]
