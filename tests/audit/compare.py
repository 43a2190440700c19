# SPDX-License-Identifier: GPL-2.0-or-later
"""compare.py - every difference between two objects: functions, data, labels, tables, what no symbol names"""
import struct
from collections import defaultdict

import decode as D
import objfile as O
from pair import Diff, Pair, Place

# Tables whose entries belong to the function that their first relocation leads to: sizes of an entry that kernels
# have had, by the structures' definitions (0: the size of the relocation). The whole table has to agree with one.
TABLES = {
    '__bug_table': (12, 24, 16, 6, 8), '__ex_table': (12, 8, 16), '__jump_table': (16, 24, 12),
    '.altinstructions': (12, 14, 13, 16), '.static_call_sites': (8,), '.parainstructions': (16,), '.smp_locks': (0,),
    '.return_sites': (0,), '.retpoline_sites': (0,), '.call_sites': (0,), '.ibt_endbr_seal': (0,), '.cfi_sites': (0,),
    '__mcount_loc': (0,), '__patchable_function_entries': (0,), '__ftr_fixup': (48,),
    '__fault_tags': (8,), '__bug_frames': (12,),
}
# Tables of which an entry's last relocation may be missing: a replacement of nothing; a handler, on s390 from 5.9 to 5.16.
LAST_MAY_LACK = {
    '.altinstructions': lambda places, size, end: True,
    '__ex_table': lambda places, size, end: size == 16 and all({at, at + 4} <= places for at in range(0, end, size)) and
    {p % size for p in places} <= {0, 4, 8},
}
OWNER = {'__ftr_fixup': 16}  # where an entry says whose it is, if not at its start; all is relative to the entry
# Derived from the code by objtool or the compiler, and read by unwinders alone.
DERIVED = ('.orc_unwind', '.eh_frame', '.comment', '.note.GNU-stack', '.discard', '.llvm', '.orc_header')
MODINFO = '.modinfo'
REPLACEMENT, AUX = '.altinstr_replacement', '.altinstr_aux'  # of static_cpu_has(): what runs before it is decided


class Difference:
    """kind: function, data, label, table, section or common; name: whose; diffs: where and what."""

    def __init__(self, kind, name, diffs, orig=None, patched=None, section=''):
        self.kind, self.name, self.diffs = kind, name, diffs
        self.orig, self.patched, self.section = orig, patched, section
        self.mates = set()  # of a label: what stands at the same place on one side alone

    def __str__(self):
        return '%s %s: %s%s' % (self.kind, self.name, self.diffs[0],
                                ' (and %d more)' % (len(self.diffs) - 1) if len(self.diffs) > 1 else '')


def table_of(name):
    return TABLES.get(name) or ((0,) if name.startswith(('.s390_', 'runtime_ptr', 'runtime_shift')) else None)


class Comparison:
    def __init__(self, orig, patched, last=()):
        """last: names of functions to compare after the others, so that these tell which numbered variable is which."""
        self.o, self.p, self.found, self.last = orig, patched, [], set(last)
        self.pair = Pair(orig, patched)
        self.replaced = {}

    def run(self):
        if self.o.machine != self.p.machine:
            return [Difference('section', 'machine', [Diff(0, 0, '%d, was %d' % (self.p.machine, self.o.machine))])]
        self._things()
        self._labels()
        self._commons()
        self._tables()
        self._rest()
        self._bytecode()
        return self.found

    # ---- functions and variables ----

    def _items(self, obj, symbol_pairs):
        for symbols in obj.at.values():
            for y in symbols:
                yield y

    def _things(self):
        queue = sorted(self.pair.twin, key=lambda x: (self.pair.twin[x].name in self.last, x))
        seen = set()
        for x in queue:
            self._thing(self.o.symbols[x], self.pair.twin[x])
            seen.add(x)
        # numbered variables that a reference has paired meanwhile, and what they lead to
        while True:
            more = [x for x in sorted(self.pair.twin) if x not in seen]
            if not more:
                return
            for x in more:
                seen.add(x)
                self._thing(self.o.symbols[x], self.pair.twin[x])

    def _extent(self, obj, y):
        s = obj.sections[y.shndx]
        if y.size:
            return y.shndx, y.value, min(y.value + y.size, s.size)
        later = [v for v in obj.keys[y.shndx] if v > y.value]
        end = min(later) if later else s.size
        if not s.code():
            end = min(end, obj.chunk(y.shndx, y.value))
        return y.shndx, y.value, end

    def _thing(self, x, y):
        s, t = self.o.sections[x.shndx], self.p.sections[y.shndx]
        function = x.type in (O.FUNC, O.IFUNC) or s.code()
        kind = 'function' if function else 'data'
        if not function and O.plain(x.name) != x.name and all(O.section_kind(z.name).startswith(('.rodata', '.data.rel.ro'))
                                                              for z in (s, t)):
            return  # compared where it is used
        if s.name in TABLES or s.strings() or s.name == MODINFO:
            return
        a, b = self._extent(self.o, x), self._extent(self.p, y)
        diffs = []
        if O.section_kind(s.name) != O.section_kind(t.name) and (s.flags & 7 != t.flags & 7 or self._boot(s) != self._boot(t)
                                                                 or s.code()):
            diffs.append(Diff(0, 0, 'section %s, was %s' % (t.name, s.name)))
        if s.code() and t.code():
            diffs += self.pair.compare_code(a, b)
        elif s.code() == t.code():
            if s.type != t.type and not any(s.data[a[1]:a[2]]) and not any(t.data[b[1]:b[2]]) and not s.relocs:
                pass  # zeros are zeros
            diffs += self.pair.compare_data(a, b)
        if diffs:
            self.found.append(Difference(kind, y.name, diffs, x, y, t.name))

    @staticmethod
    def _boot(s):
        return s.name.startswith(('.init', '.exit', '.meminit', '.ref'))

    # ---- names ----

    def _globals(self, obj):
        found = {}
        for y in obj.symbols:
            if y.bind != O.LOCAL and y.name and y.type not in (O.SECTION, O.FILE):
                found[y.name] = y
        return found

    def _labels(self):
        one, two = self._globals(self.o), self._globals(self.p)
        for name in sorted(set(one) & set(two)):
            a, b = one[name], two[name]
            words = []
            if (a.shndx == O.UNDEF) != (b.shndx == O.UNDEF):
                if self._used(self.o, a) and self._used(self.p, b):
                    words.append('%s, was %s' % tuple('undefined' if y.shndx == O.UNDEF else 'defined' for y in (b, a)))
            elif a.shndx != O.UNDEF:
                words += self._label(a, b)
            elif a.bind != b.bind:
                words.append('reference of binding %d, was %d' % (b.bind, a.bind))
            if words:
                self.found.append(Difference('label', name, [Diff(0, 0, w) for w in words], a, b))
                if len(words) == 1 and words[0].startswith('stands on'):
                    self.found[-1].mates = self._mates(self.o, a) ^ self._mates(self.p, b)
        locals_ = {y.name for v in self.p.at.values() for y in v if y.bind == O.LOCAL}
        for name in sorted(set(one) - set(two)):
            if one[name].shndx not in (O.UNDEF,) and name in locals_:
                self.found.append(Difference('label', name, [Diff(0, 0, 'local, was global')], one[name]))

    def _used(self, obj, y):
        return y.shndx == O.UNDEF or any(r.sym is y for s in obj.sections for r in s.relocs)

    def _label(self, a, b):
        if O.COMMON in (a.shndx, b.shndx) or O.ABS in (a.shndx, b.shndx):
            if (a.shndx, a.value, a.size) != (b.shndx, b.value, b.size):
                yield 'value or size of a common or absolute symbol'
            return
        if a.bind != b.bind:
            yield 'binding %d, was %d' % (b.bind, a.bind)
        if a.type != b.type:
            yield 'type %d, was %d' % (b.type, a.type)
        mates = self._mates(self.o, a), self._mates(self.p, b)
        if mates[0] != mates[1]:
            yield 'stands on %s, was on %s' % (' '.join(sorted(mates[1])) or 'a thing of its own',
                                               ' '.join(sorted(mates[0])) or 'a thing of its own')

    @staticmethod
    def _mates(obj, y):
        return {O.plain(z.name) for z in obj.at.get(y.shndx, ()) if z.value == y.value and z.name != y.name and
                z.type in (O.FUNC, O.OBJECT, O.IFUNC)}

    def _commons(self):
        one, two = ({y.name: (y.size, y.value) for y in obj.symbols if y.shndx == O.COMMON} for obj in (self.o, self.p))
        for name in sorted(set(one) & set(two)):
            if one[name] != two[name]:
                self.found.append(Difference('common', name, [Diff(0, 0, 'size and alignment %s, was %s' % (two[name], one[name]))]))

    # ---- tables ----

    def _entries(self, obj, name):
        """owner -> [(section, start, end)], or None where the table is none that we can cut."""
        found = defaultdict(list)
        for s in obj.sections:
            if s.name != name or not s.alloc() or not s.size:
                continue
            size = self._entry_size(s, table_of(name))
            if size is None:
                return None
            for at in range(0, s.size, size):
                r = s.between(at + OWNER.get(name, 0), at + size)[0]
                t = self.pair.place(obj, r, -OWNER.get(name, 0))
                owner = self._owner(obj, t) if t.kind == 'here' else None
                found[owner.index if owner else -1].append((s.index, at, at + size))
        return found

    def _owner(self, obj, t):
        """Whose code a place is in, or behind the end of; or whom it replaces there."""
        if obj.sections[t.section].name == REPLACEMENT:
            return next((y for y, section, start, end in self._replacements(obj)
                         if section == t.section and start <= t.offset < end), None)
        if obj.sections[t.section].name == AUX:
            return next((y for at, y in reversed(self._users(obj, t.section)) if at <= t.offset), None)
        names = self.pair.names(obj, t)[0]
        if names:
            return next((n for n, _ in names if n.type == O.FUNC), names[0][0])
        before = [y for y in obj.at.get(t.section, ()) if y.value <= t.offset]
        return before[-1] if before and obj.sections[t.section].code() else None

    def _users(self, obj, section):
        """[(offset in code without a name, the function that jumps there)], in order."""
        found = []
        for s in obj.sections:
            for r in s.relocs if s.code() else ():
                inside = obj.names_at(s.index, r.offset)[0]
                if r.sym.shndx == section and s.index != section and inside:
                    found.append((r.sym.value + r.addend + (4 if r.kind == 'pc' else 0), inside[0][0]))
        return sorted(found, key=lambda u: u[0])

    @staticmethod
    def _entry_size(s, sizes):
        if not s.relocs:
            return None
        for size in sizes:
            size = size or s.relocs[0].size
            places = {r.offset for r in s.relocs}
            if s.size % size == 0 and all(at + OWNER.get(s.name, 0) in places for at in range(0, s.size, size)):
                if len({tuple(o - at for o in sorted(places & set(range(at, at + size)))) for at in range(0, s.size, size)}) \
                        == 1 or s.name in LAST_MAY_LACK and LAST_MAY_LACK[s.name](places, size, s.size):
                    return size
        return None

    def _tables(self):
        for name in sorted({s.name for obj in (self.o, self.p) for s in obj.sections if s.alloc() and table_of(s.name)}):
            one, two = self._entries(self.o, name), self._entries(self.p, name)
            if one is None or two is None:
                self._whole(name)
                continue
            for x in sorted(one):
                y = self.pair.twin.get(x)
                if x >= 0 and y is None:
                    continue  # its function is gone
                other = two.pop(y.index if y else -1, [])
                diffs = self._table(name, one[x], other)
                if diffs:
                    self.found.append(Difference('table', y.name if y else '(nobody)', diffs, self.o.symbols[x] if y else None, y, name))
            for index, entries in sorted(two.items()):
                y = self.p.symbols[index] if index >= 0 else None
                if y is None or y.index in self.pair.back:
                    self.found.append(Difference('table', y.name if y else '(nobody)',
                                                 [Diff(0, 0, '%d entries of %s, was 0' % (len(entries), name))],
                                                 self.pair.back.get(index), y, name))

    def _table(self, name, one, two):
        if len(one) != len(two):
            return [Diff(0, 0, '%d entries of %s, was %d' % (len(two), name, len(one)))]
        diffs = []
        for a, b in zip(one, two):
            for d in self._entry(name, a, b):
                diffs.append(Diff(a[1], b[1], 'entry of %s: %s' % (name, d.what), d.numbers, d.field))
        return diffs

    def _entry(self, name, a, b):
        if name == '.altinstructions':
            return self._alternative(a, b)
        if name == '__ftr_fixup' and self._replaced_by_nothing(self.o, a) and self._replaced_by_nothing(self.p, b):
            a, b = (a[0], a[1], a[1] + 32), (b[0], b[1], b[1] + 32)
        found = self.pair.compare_data(a, b, name in OWNER)
        if name == '__bug_table' and len(found) == 1 and 'bytes' in found[0].what:
            size = a[2] - a[1]
            at = {12: 8, 24: 16, 16: 8}.get(size)
            x, y = self.o.sections[a[0]].data[a[1]:a[2]], self.p.sections[b[0]].data[b[1]:b[2]]
            if at and self._without(self.o, a, x, at) == self._without(self.p, b, y, at):
                order = 'little' if self.o.order == '<' else 'big'
                found[0].numbers = tuple(int.from_bytes(d[at:at + 2], order) for d in (x, y))
                found[0].field, found[0].what = 'bug', 'line of struct bug_entry'
        return found

    @staticmethod
    def _replaced_by_nothing(obj, e):
        """The last two of four places, each relative to the entry: where the replacement begins and ends."""
        at = {r.offset - e[1]: (r.sym.shndx, r.sym.value + r.addend - (r.offset - e[1])) for r in obj.sections[e[0]].between(e[1], e[2])}
        return 32 in at and at[32] == at.get(40)

    @staticmethod
    def _without(obj, a, data, at):
        out = bytearray(data)
        out[at:at + 2] = b'\0\0'
        for r in obj.sections[a[0]].between(a[1], a[2]):
            out[r.offset - a[1]:r.offset - a[1] + r.size] = bytes(r.size)
        return bytes(out)

    @staticmethod
    def _length(obj, e):
        return obj.sections[e[0]].data[e[1] + {14: 13, 16: 13}.get(e[2] - e[1], 11)]

    def _alternative(self, a, b):
        """An entry means its place, its condition, and the code of its replacement: not where that stands."""
        sides, rest = [], []
        for obj, e in ((self.o, a), (self.p, b)):
            s = obj.sections[e[0]]
            relocs = s.between(e[1], e[2])
            length = self._length(obj, e)
            place = self.pair.place(obj, relocs[1], 0) if len(relocs) > 1 else None
            rest.append((s.data[e[1] + 8:e[2]], len(relocs), relocs[0].kind))
            sides.append((self.pair.place(obj, relocs[0], 0), place, length))
        if rest[0] != rest[1]:
            return [Diff(0, 0, 'condition or lengths %s, was %s' % (rest[1][0].hex(), rest[0][0].hex()))]
        found = self.pair.compare_place(sides[0][0], sides[1][0])
        one, two = sides[0][1], sides[1][1]
        if one and two and sides[0][2] and one.kind == two.kind == 'here':
            for d in self.pair.compare_code((one.section, one.offset, one.offset + sides[0][2]),
                                            (two.section, two.offset, two.offset + sides[1][2])):
                found = found + [Diff(0, 0, 'replacement ' + str(d))]
        return found

    # ---- what no symbol names ----

    def _gaps(self, obj, name):
        found = []
        for s in obj.sections:
            if s.name != name or not s.alloc() or not s.size:
                continue
            covered = sorted((y.value, self._extent(obj, y)[2]) for y in obj.at.get(s.index, ()))
            at = 0
            for start, end in covered + [(s.size, s.size)]:
                if start > at and not self._silent(obj, s, at, start):
                    found.append((s.index, at, start))
                at = max(at, end)
        return found

    def _replacements(self, obj):
        """(whose, section, start, end) of code that alternatives put elsewhere: compared with their entries."""
        if obj not in self.replaced:
            entries = [(obj.symbols[y] if y >= 0 else None, *e)
                       for y, found in (self._entries(obj, '.altinstructions') or {}).items() for e in found]
            self.replaced[obj] = []
            for owner, index, start, end in entries:
                relocs = obj.sections[index].between(start, end)
                t = self.pair.place(obj, relocs[1], 0) if len(relocs) > 1 else None
                if t and t.kind == 'here':
                    self.replaced[obj].append((owner, t.section, t.offset, t.offset + self._length(obj, (index, start, end))))
        return self.replaced[obj]

    def _silent(self, obj, s, start, end):
        if s.code():
            data = bytearray(s.data[start:end])
            for _, section, first, last in self._replacements(obj):
                if section == s.index and start <= first < last <= end:
                    data[first - start:last - start] = bytes(last - first)
            return D.is_padding(obj.machine, bytes(data).strip(b'\0'))
        if any(start <= m < end for m in obj.boundaries(s.index) if m > 0 or s.constant()) and s.constant():
            return True  # compared where it is used
        if s.between(start, end):
            return False
        if not obj.boundaries(s.index) and O.section_kind(s.name) in ('.rodata', '.data'):
            return True  # what debug information alone refers to: all units' are one section, which nobody reads as a whole
        if self._is_build_id(obj, s.data[start:end]):
            return True
        # padding between variables: nothing leads into it
        return not any(s.data[start:end]) or bool(obj.at.get(s.index)) and end - start < max(s.align, 32) and \
            not any(start < m < end for m in obj.boundaries(s.index))

    @staticmethod
    def _is_build_id(obj, data):
        """The linker's hash of what it linked, as a note: of owner GNU, type 3. It says nothing that the rest does not."""
        return len(data) > 16 and struct.unpack(obj.order + 'III4s', data[:16])[0::2] == (4, 3) and data[12:16] == b'GNU\0'

    def _rest(self):
        names = {s.name for obj in (self.o, self.p) for s in obj.sections if s.alloc()}
        for name in sorted(names):
            if table_of(name) or name.startswith(DERIVED) or name in (REPLACEMENT, AUX, '.fixup', '.toc') or \
                    name.startswith('__ftr_alt_'):
                continue
            if name == MODINFO:
                self._modinfo()
                continue
            if name == '.BTF_ids':
                self._btf_ids()
            if any(s.strings() and s.name == name for s in self.o.sections + self.p.sections):
                continue
            self._whole(name)

    def _modinfo(self):
        """Strings, of which the order tells nothing."""
        one, two = (sorted(t for s in obj.sections if s.name == MODINFO for t in s.data.split(b'\0') if t) for obj in (self.o, self.p))
        if one != two:
            words = [b' '.join(t for t in a if t not in b).decode('utf-8', 'replace') for a, b in ((two, one), (one, two))]
            self.found.append(Difference('section', MODINFO, [Diff(0, 0, '%s, was %s' % tuple(words))], section=MODINFO))

    def _btf_ids(self):
        """Sets of types: the names of their members are what the linker's helper turns into numbers."""
        one, two = ([(y.value, O.plain(y.name)) for y in obj.symbols if 0 < y.shndx < len(obj.sections) and y.name and
                     obj.sections[y.shndx].name == '.BTF_ids' and y.type not in (O.SECTION, O.FILE)] for obj in (self.o, self.p))
        if sorted(one) != sorted(two):
            at = sorted(set(one) ^ set(two))[0] if set(one) != set(two) else one[0]
            self.found.append(Difference('section', '.BTF_ids', [Diff(at[0], at[0], 'other names, `%s` first' % at[1])], section='.BTF_ids'))

    def _whole(self, name):
        """Gaps of one section, one after the other."""
        one, two = ([list(g) for g in self._gaps(obj, name)] if not table_of(name) else
                    [[s.index, 0, s.size] for s in obj.sections if s.name == name and s.alloc()] for obj in (self.o, self.p))
        if not one and not two:
            return
        diffs = []
        if len(one) != len(two):
            diffs.append(Diff(0, 0, '%d pieces without a name, was %d' % (len(two), len(one))))
        for a, b in zip(one, two):
            code = self.o.sections[a[0]].code()
            compare = self.pair.compare_code if code else self.pair.compare_data
            own = [Diff(d.orig + a[1], d.patched + b[1], d.what) for d in compare(tuple(a), tuple(b))]
            before = [y for y in self.p.at.get(b[0], ()) if y.value < b[2]] if code and own else []
            if before:
                self.found.append(Difference('function', before[-1].name, own, None, before[-1], name))
            else:
                diffs += own
        if diffs:
            self.found.append(Difference('section', name, diffs, section=name))

    def _bytecode(self):
        """Objects of a compiler's intermediate language have their meaning there, unless the machine code is beside it."""
        if all(any(s.code() and s.size for s in obj.sections) for obj in (self.o, self.p)):
            return
        one, two = ([(s.name.split('.')[3:4], s.data) for s in obj.sections if s.name.startswith('.gnu.lto_.')]
                    for obj in (self.o, self.p))
        if len(one) != len(two) or any(a[1] != b[1] for a, b in zip(one, two)):
            self.found.append(Difference('section', '.gnu.lto_', [Diff(0, 0, 'bytecode differs')]))


def compare(orig, patched):
    return Comparison(O.Object(orig), O.Object(patched)).run()


__all__ = ['Comparison', 'Difference', 'Place', 'compare']
