#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prove that a patch object holds what the patched object holds.

verify.py ORIG PATCHED OUT [patched-name=original-name ...]

For each function and each piece of data in OUT: its bytes are those of the
patched object, and each relocation means the same symbolic target. A special
table has an entry for an included function exactly if the patched object has,
and no other. KLP references are well formed. `twins` says by what name the
original knows a symbol that the compiler numbered anew (NEW: by none, though it may
have another one of that name).
"""
import collections
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import detour as K  # noqa: E402
import distance as S  # noqa: E402
import original as O  # noqa: E402
import dump as D  # noqa: E402
import elf as E  # noqa: E402
import empty as N  # noqa: E402
import flow as F  # noqa: E402
import runtime as R  # noqa: E402
import toc as T  # noqa: E402

# section: (bytes of an entry, offset in it of the field that names the code it belongs to)
TABLES = {
    '__bug_table': (12, 0), '__ex_table': (12, 0), '__jump_table': (16, 0), '.altinstructions': (12, 0),
    '.smp_locks': (4, 0), '.parainstructions': (16, 0), '.static_call_sites': (8, 0), '.call_sites': (4, 0),
    '.retpoline_sites': (4, 0), '.return_sites': (4, 0), '.ibt_endbr_seal': (4, 0), '.orc_unwind_ip': (4, 0),
    '.s390_indirect_call': (4, 0), '.s390_indirect_jump': (4, 0), '.s390_indirect_branches': (4, 0),
    '.s390_return_reg': (4, 0), '.s390_return_mem': (4, 0),
}
TABLES_OF = {
    E.EM_PPC64: {'__ex_table': (8, 0), '__ftr_fixup': (48, 16), '__mmu_ftr_fixup': (48, 16), '__fw_ftr_fixup': (48, 16),
                 '__lwsync_fixup': (8, 0), '__barrier_nospec_fixup': (8, 0)},
}
PARALLEL = {'.orc_unwind_ip': ('.orc_unwind', 6)}
TRACE = ('__mcount_loc', '__patchable_function_entries')
OWN = ('.kpatch.', '.klp.')


def alloc_symbols(elf, kinds=(E.STT_FUNC, E.STT_OBJECT, E.STT_NOTYPE)):
    for s in elf.sections:
        if s.alloc() and not s.name.startswith(OWN):
            for y in s.symbols:
                if y.type in kinds:
                    yield y


def content(section, start, size):
    if section.type == E.SHT_NOBITS:
        return bytes(size)
    return section.data[start:start + size]


def relocs_in(section, start, end):
    return [r for r in section.relocs if start <= r.offset < end and r.type != 0]


class Verifier(F.Flow, N.Empty, S.Distance, R.Runtime, T.Toc, K.Detour, O.Original):
    def __init__(self, orig, patched, out, twins=None, drops=(), itself=False, addresses=None, entries=None, named=()):
        """`itself`: OUT is the patched object (a test of this class), no patch. `addresses`: where the symbol table that
        was given has a name that is meant. `entries`: sizes of tables' entries that are not those of TABLES. `named`: see check_bindings()."""
        self.itself, self.addresses, self.named = itself, addresses or {}, set(named)
        self.orig, self.patched, self.out = (E.Elf(p) if isinstance(p, str) else p for p in (orig, patched, out))
        self.twins, self.drops = twins or {}, drops
        self.problems, self.known_loads = [], None
        self.tables = dict(TABLES, **TABLES_OF.get(self.patched.machine, {}))
        self.tables.update({name: (size, self.tables[name][1]) for name, size in (entries or {}).items()})
        self.bound = {}  # symbol of out: symbol of patched
        self.matched_content = set()
        self.boundaries = self.find_boundaries(self.patched)
        self.commons = {(y.name, y.size) for y in self.patched.symbols if y.shndx == E.SHN_COMMON}
        self.by_name = {}
        for y in alloc_symbols(self.patched):
            self.by_name.setdefault(y.name, []).append(y)

    def say(self, text):
        if text not in self.problems:
            self.problems.append(text)

    @staticmethod
    def find_boundaries(elf):
        """Where pieces of a section begin: its symbols and what relocations lead to."""
        found = {}
        for s in elf.sections:
            found.setdefault(s.index, set()).update(s.starts)
            if not s.alloc():
                continue
            for r in s.relocs:
                y = r.symbol
                if y.section is not None:
                    found.setdefault(y.section.index, set()).add(y.value + r.addend + elf.bias(s, r))
        return {i: sorted(v) for i, v in found.items()}

    # ---- targets ----

    def names_at(self, elf, symbol, address):
        """All (symbol, offset) that the place may be called."""
        if symbol.name.startswith('.L'):
            return []
        if symbol.type != E.STT_SECTION:
            same = [y for y in symbol.section.symbols if y.value == symbol.value and y.type == symbol.type]
            return [(y, address - y.value) for y in same or [symbol]]
        cover = elf.covering(symbol.section, address)
        ends = [y for y in symbol.section.symbols if y.size and y.value + y.size == address
                and not symbol.section.code() and (not cover or elf is self.out or any(self.side_by_side(y, z) for z in cover))]
        return [(y, address - y.value) for y in cover + ends if not y.name.startswith(('.L', '$'))]

    def side_by_side(self, before, after):
        """In the original, one ends where the other begins: the end of an array is the variable behind it."""
        first, then = ([z for z in alloc_symbols(self.orig) if z.name == self.kernel_name(y.name)]
                       for y in (before, after))
        return any(a.section is b.section and a.value + a.size == b.value for a in first for b in then)

    def kernel_name(self, name):
        """What the original calls it; NEW when it has no such thing."""
        return self.twins.get(name, name)

    def match_reloc(self, osec, oreloc, psec, preloc):
        """None, or in words why two relocations do not mean the same."""
        if oreloc.type != preloc.type:
            return 'type %s, not %s' % (self.out.reloc_name(oreloc.type), self.patched.reloc_name(preloc.type))
        if self.is_empty(self.patched, psec, preloc):
            return self.match_empty(osec, oreloc, psec, preloc)
        if self.is_end(preloc, psec):
            return self.match_end(osec, oreloc, psec, preloc)
        beyond = self.beyond(psec, preloc)
        obias, pbias = (elf.bias(s, r) - beyond for elf, s, r in ((self.out, osec, oreloc), (self.patched, psec, preloc)))
        return self.match_target(oreloc, oreloc.addend + obias, preloc.symbol, preloc.addend + pbias)

    def match_target(self, oreloc, ooff, psymbol, poff):
        want = D.place(self.patched, psymbol, poff)
        have = D.place(self.out, oreloc.symbol, ooff)
        why = 'target is %s, not %s' % (have, want)
        osymbol = oreloc.symbol
        if osymbol.section is None:
            klp = self.out.klp_reloc(oreloc)
            name = klp[2] if klp else osymbol.name
            if psymbol.section is None:
                good = (psymbol.name, poff) == (name, ooff)
            else:
                names = self.names_at(self.patched, psymbol, psymbol.value + poff)
                good = any((self.kernel_name(y.name), at) == (name, ooff) for y, at in names)
                why = next(filter(None, (self.cut_through(y, at) for y, at in names)), None) if good else why
                good = good and why is None
            return None if good else why
        if psymbol.shndx == E.SHN_COMMON:
            return None if (osymbol.name, ooff) == (psymbol.name, poff) else why
        if psymbol.section is None:
            return why
        if self.stepped_into(self.patched, psymbol, poff):
            return None if self.stepped_into(self.out, osymbol, ooff) and ooff == poff and self.out.string_at(
                osymbol.section, osymbol.value) == self.patched.string_at(psymbol.section, psymbol.value) else why
        oaddr, paddr = osymbol.value + ooff, psymbol.value + poff
        return self.match_place(osymbol, oaddr, psymbol, paddr) and why

    @staticmethod
    def stepped_into(elf, symbol, offset):
        """`.LC1 - 1`, `.LC1 + sizeof`: an address beside a string that the code counts up or down before it reads."""
        if not symbol.name.startswith('.L') or not symbol.section.strings():
            return False
        text = elf.string_at(symbol.section, symbol.value)
        return offset < 0 or (text is not None and (symbol.section.entsize or 1) == 1 and offset > len(text))

    def inner_code(self, section, start, end):
        """Functions of the output that relocations of the patched object's data lead into the middle of."""
        for r in relocs_in(section, start, end):
            if r.symbol.section is not None and r.symbol.section.code():
                address = r.symbol.value + r.addend
                for y in self.patched.covering(r.symbol.section, address):
                    if y.type == E.STT_FUNC and y.value < address and self.included(y):
                        yield y

    def cut_through(self, psymbol, poff):
        """Why the running kernel's piece will not do, though it has the right name; or None."""
        section = psymbol.section
        if section.code():
            if psymbol.type == E.STT_FUNC and 0 < poff < psymbol.size and self.included(psymbol):
                return 'leads into the middle of the running kernel\'s `%s`, and the output has its own' % psymbol.name
        elif not section.flags & E.SHF_WRITE or section.name.startswith('.data.rel.ro'):
            for y in self.inner_code(section, psymbol.value, psymbol.value + psymbol.size):
                return 'the running kernel\'s `%s` holds labels of `%s`, and the output has its own' % (psymbol.name,
                                                                                                    y.name)
        return None

    def match_place(self, osymbol, oaddr, psymbol, paddr):
        osec, psec = osymbol.section, psymbol.section
        if paddr < 0 and set(psec.starts) == {0}:  # one table, counted from an index that it does not have
            return self.match_place(osymbol, oaddr - paddr, psymbol, 0)
        text = self.patched.string_at(psec, paddr)
        if text is not None:
            return self.out.string_at(osec, oaddr) != text
        pnames = self.names_at(self.patched, psymbol, paddr)
        if pnames:
            for oy, oat in self.names_at(self.out, osymbol, oaddr):
                for py, pat in pnames:
                    if oy.name == py.name and oat == pat and self.bind(oy, py):
                        # a label without a size vouches for nothing but its name
                        return py.size == 0 and self.match_anonymous(osec, oaddr, psec, paddr)
            return True
        return self.match_anonymous(osec, oaddr, psec, paddr)

    def bind(self, osymbol, psymbol):
        """Two symbols are one; a symbol of the output stands for one of the patched object alone."""
        known = self.bound.setdefault(osymbol.index, psymbol)
        return known is psymbol or (known.section is psymbol.section and known.value == psymbol.value)

    def match_anonymous(self, osec, oaddr, psec, paddr):
        """Places without a name: the content tells, up to where the next piece begins."""
        key = (osec.index, oaddr, psec.index, paddr)
        if key in self.matched_content:
            return False
        self.matched_content.add(key)
        if paddr > psec.size or paddr < 0 or oaddr < 0:
            return True
        if self.patched.machine == E.EM_PPC64 and psec.name == '.toc':
            end = min(psec.size, paddr + 8)
        elif psec.flags & E.SHF_MERGE and psec.entsize:
            end = min(psec.size, paddr - paddr % psec.entsize + psec.entsize)
        else:
            later = [b for b in self.boundaries.get(psec.index, []) if b > paddr]
            end = min(later[0] if later else psec.size, psec.size)
        size = end - paddr
        if oaddr + size > osec.size:
            return True
        return bool(self.compare_range(osec, oaddr, psec, paddr, size))

    # ---- content ----

    def compare_range(self, osec, ostart, psec, pstart, size):
        """What differs, in words (empty: nothing)."""
        found = []
        orelocs = {r.offset - ostart: r for r in relocs_in(osec, ostart, ostart + size)}
        prelocs = {r.offset - pstart: r for r in relocs_in(psec, pstart, pstart + size)}
        obytes, pbytes = bytearray(content(osec, ostart, size)), bytearray(content(psec, pstart, size))
        if len(obytes) != size or len(pbytes) != size:
            return ['is cut off']
        found += self.compare_loads(osec, ostart, psec, pstart, size, orelocs, obytes, pbytes)
        self.undo_far_form(orelocs, prelocs, obytes, pbytes)
        for at in sorted(set(prelocs) - set(orelocs)):
            found.append('+%#x: no relocation for %s' % (at, D.place(self.patched, prelocs[at].symbol,
                                                                    prelocs[at].addend)))
        for at, r in sorted(orelocs.items()):
            why = None
            if at in prelocs:
                why = self.match_reloc(osec, r, psec, prelocs[at])
            else:
                why = self.match_recovered(osec, r, psec, pstart, at)
                width = self.out.width(r)
                obytes[at:at + width] = pbytes[at:at + width]
            if why:
                found.append('+%#x: %s' % (at, why))
        found += self.compare_operands(osec, ostart, psec, pstart, obytes, pbytes)
        if obytes != pbytes:
            at = next(i for i in range(size) if obytes[i] != pbytes[i])
            found.append('+%#x: bytes %s, not %s' % (at, obytes[at:at + 8].hex(' '), pbytes[at:at + 8].hex(' ')))
        return found

    def match_recovered(self, osec, r, psec, pstart, at):
        """A relocation that the assembler had resolved: the displacement in the code says where to."""
        insn = self.patched.instruction(psec, pstart + at)
        known = self.patched.operands[psec.index].get(insn[0]) if insn else None
        if known is None:
            return 'a relocation that the patched object does not have'
        start = self.out.instruction(osec, r.offset)
        if start is None or self.out.operands[osec.index].get(start[0], (0, None))[1] != known[1]:
            return 'a relocation in an instruction that is not `%s`' % known[1].strip()
        address = known[2]
        cover = self.patched.covering(psec, address)
        if not cover:
            return 'a relocation for a branch to no symbol'
        return self.match_target(r, r.addend + self.out.bias(osec, r), cover[0], address - cover[0].value)

    def check_symbol(self, osymbol):
        if (osymbol.name, osymbol.size) in self.commons and osymbol.section.type == E.SHT_NOBITS:
            return
        candidates = self.by_name.get(osymbol.name, [])
        if osymbol.index in self.bound:
            candidates = [self.bound[osymbol.index]]
        if not candidates:
            self.say('`%s` is defined in the output and not in the patched object' % osymbol.name)
            return
        first = None
        for p in candidates:
            found = []
            if p.size != osymbol.size:
                found.append('has %d bytes, not %d' % (osymbol.size, p.size))
            elif p.entry != osymbol.entry:
                found.append('has its local entry point at %d, not at %d' % (osymbol.entry, p.entry))
            else:
                saved = dict(self.bound) if len(candidates) > 1 else None
                found += self.compare_range(osymbol.section, osymbol.value, p.section, p.value, p.size)
                found += self.compare_lead(osymbol, p)
                if not found and self.bind(osymbol, p):
                    return
                self.bound = self.bound if saved is None else saved
            first = first or found
        for text in first or ['stands for two symbols of the patched object']:
            self.say('`%s` %s' % (osymbol.name, text))

    def check_symbols(self):
        for y in alloc_symbols(self.out):
            special = y.section.name in self.tables or y.section.name in TRACE
            if y.type in (E.STT_FUNC, E.STT_OBJECT) and y.size and not special:
                self.check_symbol(y)
            elif y.type == E.STT_FUNC:
                self.check_symbol(y)
            elif not y.name.startswith('.L') and not special:
                self.check_label(y)

    def inside(self, elf, y):
        """Where a label stands: {(function or datum, offset in it)}"""
        return {(z.name, y.value - z.value) for z in elf.covering(y.section, y.value) if z.size and z is not y}

    def check_label(self, osymbol):
        """A name without a size says where it is, and nothing else."""
        candidates = self.by_name.get(osymbol.name, [])
        if not candidates:
            self.say('`%s` is defined in the output and not in the patched object' % osymbol.name)
        elif not any(self.inside(self.out, osymbol) == self.inside(self.patched, p) for p in candidates):
            self.say('`%s` stands at %s, not at %s' % (osymbol.name, sorted(self.inside(self.out, osymbol)),
                                                      sorted(self.inside(self.patched, candidates[0]))))

    # ---- special tables ----

    def entries(self, elf, name, size):
        for s in elf.sections:
            if s.name != name or s.type in (E.SHT_RELA, E.SHT_NOBITS):
                continue
            # the last one may lack what aligns the next
            whole = -(-s.size // size) * size
            if whole - s.size >= max(s.align, 1):
                self.say('%s: %s has %d bytes: no whole number of entries' % (os.path.basename(elf.path), name, s.size))
            for at in range(0, whole - size + 1, size):
                yield s, at

    def owner(self, elf, section, at):
        """(function symbol, offset) of the code that an entry belongs to, or None."""
        for r in section.relocs:
            if r.offset == at and r.symbol.section is not None:
                address = r.symbol.value + r.addend
                cover = [y for y in elf.covering(r.symbol.section, address) if y.type == E.STT_FUNC]
                if cover:
                    return cover[0], address - cover[0].value
        return None

    def included(self, psymbol):
        """The function is in the output (as this one of several of its name)."""
        same = [o for o in self.out_functions.get(psymbol.name, [])]
        if len(self.by_name.get(psymbol.name, [])) < 2:
            return bool(same)
        return any(self.bound.get(o.index) is psymbol for o in same)

    def parallel(self, elf, name, section, at, size):
        if name not in PARALLEL:
            return b''
        other, width = PARALLEL[name]
        s = elf.section(other)
        return s.data[at // size * width:at // size * width + width] if s else b'none'

    def same_entry(self, oentry, pentry, size):
        (osec, oat), (psec, pat) = oentry, pentry
        name = psec.name
        if self.parallel(self.out, name, osec, oat, size) != self.parallel(self.patched, name, psec, pat, size):
            return ['its entry of %s differs' % PARALLEL[name][0]]
        there = min(size, psec.size - pat, osec.size - oat)
        if any(content(osec, oat + there, size - there)):
            return ['what the patched object does not have is not empty']
        return self.compare_range(osec, oat, psec, pat, there)

    def check_table(self, name, size, owner_at):
        wanted = {}
        for s, at in self.entries(self.patched, name, size):
            own = self.owner(self.patched, s, at + owner_at)
            if own and self.included(own[0]):
                wanted.setdefault((own[0].name, own[1]), []).append((s, at))
        for s, at in self.entries(self.out, name, size):
            own = self.owner(self.out, s, at + owner_at)
            if own is None:
                if not self.payload_entry(name, size, s, at) and not self.is_detour_unwind(name, s, at):
                    self.say('%s+%#x belongs to no function of the output' % (name, at))
                continue
            here = wanted.get((own[0].name, own[1]), [])
            found = None
            for candidate in here:
                found = self.same_entry((s, at), candidate, size)
                if not found:
                    here.remove(candidate)
                    break
            if found is None:
                self.say('%s+%#x (for %s+%#x): the patched object has no such entry' % (name, at, own[0].name, own[1]))
            for text in found or []:
                self.say('%s+%#x (for %s+%#x): %s' % (name, at, own[0].name, own[1], text))
        if name in self.drops:
            return
        for (function, offset), rest in sorted(wanted.items()):
            for _ in [] if name == K.TABLE and (function, offset) in self.tested else rest:
                self.say('%s has no entry for %s+%#x' % (name, function, offset))

    def payload_entry(self, name, size, osec, oat):
        """An entry of code without a name (.fixup, .altinstr_replacement) that the patched object has, too."""
        return any(self.owner(self.patched, s, at) is None and not self.same_entry((osec, oat), (s, at), size)
                   for s, at in self.entries(self.patched, name, size))

    # ---- ftrace locations ----

    def trace_sites(self, elf):
        """{(section index, address of the function): [offsets]}"""
        sites = {}
        for s in elf.sections:
            if s.name in TRACE and s.type != E.SHT_RELA:
                for r in s.relocs:
                    own = self.owner(elf, s, r.offset) or self.in_front(elf, r)
                    if own is None:
                        if elf is self.out:
                            self.say('%s+%#x leads to no function' % (s.name, r.offset))
                        continue
                    sites.setdefault((own[0].section.index, own[0].value), []).append(own[1])
        return sites

    @staticmethod
    def in_front(elf, r):
        """What owner() says of two instructions of aarch64 that stand in front of a function (CALL_OPS)."""
        place = r.symbol.value + r.addend
        here = [y for y in r.symbol.section.symbols if y.type == E.STT_FUNC and y.value == place + 8] if r.symbol.section else []
        return (here[0], -8) if here and elf.machine == E.EM_AARCH64 else None

    def fentry_offset(self, elf, function):
        for r in relocs_in(function.section, function.value, function.value + min(function.size, 24)):
            if r.symbol.name == E.TRACE.get(elf.machine, '__fentry__'):
                return self.patched.instruction_start(function.section, r.offset) - function.value
        return None

    def check_trace(self):
        have, recorded = self.trace_sites(self.out), self.trace_sites(self.patched)
        for name, functions in self.out_functions.items():
            for f in functions:
                p = self.bound.get(f.index)
                if p is None:
                    continue
                want = recorded.get((p.section.index, p.value), [])
                at = self.fentry_offset(self.patched, p)
                if not want and at is not None and not recorded and not self.itself:
                    want = [at]
                found = have.get((f.section.index, f.value), [])
                if sorted(found) != sorted(want):
                    self.say('`%s` has ftrace locations at %s, not at %s' % (name, found, want))

    # ---- records ----

    def check_records(self):
        for symbol, new_size, old_addr, old_size, position, name, objname in D.records(self.out):
            if symbol is None or symbol.section is None or symbol.type != E.STT_FUNC:
                self.say('.kpatch.funcs: the record of `%s` has no new function' % name)
                continue
            if new_size != symbol.size + self.detour_bytes(symbol):
                self.say('.kpatch.funcs: `%s` has %d bytes, not %d' % (name, symbol.size, new_size))
            if self.kernel_name(symbol.name) != name and symbol.name != name:
                aliases = [y.name for y in alloc_symbols(self.out) if y.section is symbol.section
                           and y.value == symbol.value]
                if name not in aliases:
                    self.say('.kpatch.funcs: `%s` is replaced by `%s`' % (name, symbol.name))
            sizes = {y.size for y in alloc_symbols(self.orig) if y.name == name}
            if old_size not in sizes:
                self.say('.kpatch.funcs: `%s` had %s bytes, not %d' % (name, sorted(sizes), old_size))
            wanted = self.addresses.get(name, {0})
            if isinstance(old_addr, str):
                if (old_addr, objname) != ('vmlinux:%s,%d' % (name, position), 'vmlinux'):
                    self.say('.kpatch.redirects: the original of `%s`, %d, is %s' % (name, position, old_addr))
            elif old_addr not in wanted:
                self.say('.kpatch.funcs: `%s` has the old address %#x, not %s' % (name, old_addr,
                                                                                ' or '.join(map(hex, sorted(wanted)))))
            if not objname:
                self.say('.kpatch.funcs: `%s` has no object' % name)

    def check_addresses(self):
        """A patched function's address is the original's; a call of what is here stays here."""
        changed = {r[0].index for r in D.records(self.out) if r[0] is not None}
        for s in self.out.sections:
            if not s.alloc() or s.name.startswith('.kpatch.') or s.name in self.tables or s.name in TRACE:
                continue
            for r in s.relocs:
                call = self.out.is_call(s, r)
                if r.symbol.section is not None and not call:
                    address = r.symbol.value + r.addend + self.out.bias(s, r)
                    for y in self.out.covering(r.symbol.section, address):
                        if y.index in changed and address == y.value:
                            self.say('%s+%#x takes the address of the new `%s`' % (s.name, r.offset, y.name))
                klp = self.out.klp_reloc(r)
                name = klp[2] if klp else r.symbol.name
                here = [f for f in self.out_functions.get(name, []) if not f.name.startswith('__fentry__')]
                if call and r.symbol.section is None and here and len(self.by_name.get(name, [])) == 1:
                    self.say('%s+%#x calls the original `%s` though the output has it' % (s.name, r.offset, name))

    # ---- the kernel's contract ----

    def check_contract(self):
        names = collections.Counter(s.name for s in self.out.sections if s.alloc())
        for name, count in sorted(names.items()):
            if count > 1:
                self.say('%d loaded sections are called %s' % (count, name))
        for y in self.out.symbols:
            if y.shndx == E.SHN_COMMON:
                self.say('`%s` is a common symbol' % y.name)
        table = next((s for s in self.out.sections if s.type == E.SHT_SYMTAB), None)
        local = [y.bind == E.STB_LOCAL for y in self.out.symbols]
        if table is None or local != sorted(local, reverse=True) or table.info != sum(local):
            self.say('local symbols do not come first, or sh_info does not count them')
        for s in self.out.sections:
            if s.type == E.SHT_RELA:
                self.check_reloc_section(s)
            if s.type == E.SHT_GROUP:
                self.say('a section group is left: %s' % s.name)
            for r in s.relocs:
                width = self.out.width(r)
                if r.offset + width > s.size:
                    self.say('%s+%#x: the relocation leaves the section' % (s.name, r.offset))

    def check_reloc_section(self, s):
        target = self.out.sections[s.info]
        klp = s.name.startswith('.klp.rela.')
        relocs = [r for r in target.relocs if r.table is s]
        if not klp:
            for r in relocs:
                if r.symbol.shndx == E.SHN_LIVEPATCH:
                    self.say('%s names the livepatch symbol `%s`' % (s.name, r.symbol.name))
                k = self.out.klp(r.symbol)
                if k and k[0]:
                    self.check_when(s.name, target, k[0], k[1], k[2])
            return
        if not s.flags & E.SHF_RELA_LIVEPATCH or not s.flags & E.SHF_ALLOC or not s.flags & E.SHF_INFO_LINK:
            self.say('%s has flags %#x' % (s.name, s.flags))
        when, _, rest = s.name[len('.klp.rela.'):].partition('.')
        if '.' + rest != target.name and rest != target.name:
            self.say('%s relocates %s' % (s.name, target.name))
        if not target.alloc():
            self.say('%s relocates %s, which is not loaded' % (s.name, target.name))
        if not relocs:
            self.say('%s is empty' % s.name)
        for r in relocs:
            if r.symbol.shndx != E.SHN_LIVEPATCH:
                self.say('%s names `%s`, which is not a livepatch symbol' % (s.name, r.symbol.name))
            else:
                k = self.out.klp(r.symbol)
                self.check_when(s.name, target, when, k[1], k[2])

    def check_when(self, where, target, when, home, name):
        if when != 'vmlinux' and home == 'vmlinux':
            self.say('%s: `%s` of vmlinux in a relocation of %s is refused by the kernel' % (where, name, when))
        if when == 'vmlinux' and home != 'vmlinux':
            self.say('%s: `%s` of %s is not there yet when vmlinux relocations are applied' % (where, name, home))
        if when != 'vmlinux' and (target.name in self.tables or target.name in TRACE):
            self.say('%s: `%s` would be found after %s was read' % (where, name, target.name))

    def check_bindings(self):
        """A second global of the kernel's name would be a clash: copies are local, but for those that objects share."""
        globals_of_orig = {y.name for y in self.orig.symbols if y.bind != E.STB_LOCAL and y.shndx != E.SHN_UNDEF}
        for y in alloc_symbols(self.out):
            if y.name in globals_of_orig and (y.bind == E.STB_LOCAL) == (y.name in self.named):
                self.say('`%s`, which the kernel has, binds as %d in the output' % (y.name, y.bind))

    def run(self):
        self.check_contract()
        self.undo_detours()
        self.out_functions = {}
        for y in alloc_symbols(self.out, (E.STT_FUNC,)):
            self.out_functions.setdefault(y.name, []).append(y)
        self.check_symbols()
        self.check_runs_on()
        for name, (size, owner_at) in self.tables.items():
            self.check_table(name, size, owner_at)
        self.check_trace()
        self.check_runtime()
        if not self.itself:
            self.check_records()
            self.check_originals()
            self.check_bindings()
        self.check_addresses()
        self.check_reach()
        return self.problems


if __name__ == '__main__':
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    found = Verifier(*sys.argv[1:4], twins=dict(a.split('=') for a in sys.argv[4:])).run()
    sys.stdout.writelines(line + '\n' for line in found)
    sys.exit(1 if found else 0)
