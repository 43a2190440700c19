# SPDX-License-Identifier: GPL-2.0-or-later
"""pair.py - do two pieces of two objects mean the same?

Pieces are compared side by side. A reference means the named thing that it leads to, or, where that has no name that
lasts (a string, a constant, a jump table), what stands there, and what that refers to in turn.
"""
import bisect
import re
from collections import defaultdict

import decode as D
import objfile as O

MOST = 40  # differences told of one thing


class Diff:
    """One difference inside a thing: offsets from its start, words, and the two numbers where it is one immediate."""

    def __init__(self, orig, patched, what, numbers=None, field=None):
        self.orig, self.patched, self.what, self.numbers, self.field = orig, patched, what, numbers, field

    def __str__(self):
        return '+0x%x: %s' % (self.orig, self.what)


class Place:
    """What a relocation or a branch leads to."""
    __slots__ = ('kind', 'name', 'section', 'offset', 'sym')

    def __init__(self, kind, name=None, section=None, offset=0, sym=None):
        self.kind, self.name, self.section, self.offset, self.sym = kind, name, section, offset, sym


class Pair:
    def __init__(self, orig, patched):
        self.o, self.p = orig, patched
        self.twin = {}        # orig symbol index -> patched Sym
        self.back = {}
        self.done = {}        # contents that were compared
        self._pair()

    # ---- which name is which ----

    def _named(self, obj):
        found = defaultdict(list)
        for symbols in obj.at.values():
            for y in symbols:
                found[O.plain(y.name), y.type in (O.FUNC, O.IFUNC)].append(y)
        return found

    def tie(self, a, b):
        self.twin[a.index], self.back[b.index] = b, a

    def _pair(self):
        one, two = self._named(self.o), self._named(self.p)
        self.numbers = (one, two)
        for key in one:
            left, right = list(one[key]), list(two.get(key, []))
            if len(left) == len(right) == 1:
                self.tie(left[0], right[0])
                continue
            if key[1]:
                self._pair_functions(left, right)

    def _pair_functions(self, left, right):
        """Namesakes: equal ones first, then those of one name and file, then by their order."""
        for step in range(4):
            raw = {y.index: self._raw(obj, y) for obj, side in ((self.o, left), (self.p, right)) for y in side}
            for a in list(left):
                name = lambda y: (y.name, y.file) if step in (0, 2) else None
                b = next((b for b in right if name(a) == name(b) and (step > 1 or raw[a.index] == raw[b.index])), None)
                if b:
                    self.tie(a, b)
                    left.remove(a)
                    right.remove(b)

    def _raw(self, obj, y):
        s = obj.sections[y.shndx]
        data = bytearray(s.data[y.value:y.value + y.size])
        relocs = s.between(y.value, y.value + y.size)
        for r in relocs:
            data[r.offset - y.value:r.offset - y.value + r.size] = bytes(r.size)
        return bytes(data), tuple((r.offset - y.value, r.kind, O.plain(r.sym.name)) for r in relocs)

    # ---- where something leads ----

    def place(self, obj, r, adjust):
        y, addend = r.sym, r.addend + adjust
        if y.shndx == O.UNDEF:
            return Place('undefined', y.name, offset=addend)
        if y.shndx == O.COMMON:
            return Place('common', y.name, offset=addend)
        if y.shndx == O.ABS or y.shndx >= len(obj.sections):
            return Place('absolute', y.name if y.type != O.SECTION else '', offset=y.value + addend)
        named = y if y.type not in (O.SECTION, O.FILE) and y in obj.at.get(y.shndx, ()) else None
        return Place('here', None, y.shndx, y.value + addend, named)

    def names(self, obj, t):
        """[(Sym, delta)] that a place may be called by."""
        inside, ends = obj.names_at(t.section, t.offset)
        if not inside and not t.sym and obj.sections[t.section].code():
            inside = self._before(obj, t)
        own = [(t.sym, t.offset - t.sym.value)] if t.sym else []
        return own + [n for n in inside if n not in own], ends

    @staticmethod
    def _before(obj, t):
        """Padding before a function: its name, and a negative distance."""
        keys = obj.keys.get(t.section, [])
        n = bisect.bisect_right(keys, t.offset)
        if n < len(keys) and keys[n] - t.offset <= 64 and \
                D.is_padding(obj.machine, obj.sections[t.section].data[t.offset:keys[n]]):
            return [(obj.at[t.section][n], t.offset - keys[n])]
        return []

    def text(self, obj, t):
        if t.kind != 'here':
            return '%s%s%+d' % ('' if t.kind == 'undefined' else t.kind + ' ', t.name, t.offset) if t.offset else str(t.name)
        s = obj.sections[t.section]
        inside, _ = self.names(obj, t)
        if inside:
            return inside[0][0].name + ('+0x%x' % inside[0][1] if inside[0][1] else '')
        if s.strings():
            return '"%s"' % obj.string(t.section, t.offset).decode('utf-8', 'replace')[:160]
        return '%s+0x%x' % (s.name, t.offset)

    def compare_place(self, a, b):
        """[] if both places mean the same; otherwise Diffs (of lines alone, or words)."""
        words = [Diff(0, 0, 'refers to %s, was %s' % (self.text(self.p, b), self.text(self.o, a)))]
        if a.kind != b.kind:
            # A symbol that is defined on one side alone keeps its name; labels tell what became of it.
            names = [n for obj, t in ((self.o, a), (self.p, b)) for n in self._bare(obj, t)]
            return [] if len(names) == 2 and names[0] == names[1] else words
        if a.kind != 'here':
            return [] if (a.name, a.offset) == (b.name, b.offset) else words
        s, t = self.o.sections[a.section], self.p.sections[b.section]
        if s.strings() and t.strings():
            return self._strings(self.o.string(a.section, a.offset), self.p.string(b.section, b.offset), words)
        (one, one_ends), (two, two_ends) = self.names(self.o, a), self.names(self.p, b)
        if self._lasting(one) and self._lasting(two):
            if any(self._same_name(x, y) for x in one for y in two):
                return []
            return words
        if one_ends or two_ends:
            if any(self._same_name(x, y) for x in one + one_ends for y in two + two_ends if self._is_lasting(x[0])):
                return []
        if s.code() != t.code() or s.constant() != t.constant() and not self._by_content(s, t):
            return words
        if one and two and not self._by_content(s, t) and not s.code():
            return self._writable(one[0], two[0], words)
        return self.compare_content(a, b, words)

    @staticmethod
    def _strings(x, y, words):
        if x == y:
            return []
        one, two = re.split(rb'(\d+)', x), re.split(rb'(\d+)', y)
        if len(one) == len(two):
            numbers = [n for n in range(len(one)) if one[n] != two[n]]
            if len(numbers) == 1 and numbers[0] % 2:
                words[0].numbers, words[0].field = (int(one[numbers[0]]), int(two[numbers[0]])), 'string'
        return words

    def _bare(self, obj, t):
        if t.kind == 'here':
            own = [n for n in self.names(obj, t)[0] if n[0].bind != O.LOCAL]
            return [(own[0][0].name, own[0][1])] if own else []
        return [(t.name, t.offset)] if t.kind in ('undefined', 'common') else []

    def _is_lasting(self, y):
        obj_numbers = self.numbers[0].get((O.plain(y.name), y.type in (O.FUNC, O.IFUNC)), [])
        if y.type in (O.FUNC, O.IFUNC) or y.name.startswith('__BTF_ID__'):
            return True  # what is in .BTF_ids is known by its name alone: pahole and resolve_btfids fill it in
        return O.plain(y.name) == y.name and len(obj_numbers) <= 1

    def _lasting(self, found):
        return bool(found) and self._is_lasting(found[0][0])

    def _same_name(self, x, y):
        (a, d), (b, e) = x, y
        if d != e:
            return False
        if a.index in self.twin or b.index in self.back:
            return self.twin.get(a.index) is b
        return O.plain(a.name) == O.plain(b.name)

    @staticmethod
    def _by_content(s, t):
        return s.constant() and t.constant() or s.name == t.name and s.name in ('__dyndbg', '__tracepoint_str')

    def _writable(self, x, y, words):
        """Numbered variables: each stands for one of the other object, everywhere."""
        (a, d), (b, e) = x, y
        if d != e or O.plain(a.name) != O.plain(b.name) or a.size != b.size:
            return words
        if a.index in self.twin or b.index in self.back:
            return [] if self.twin.get(a.index) is b else words
        self.tie(a, b)
        return []

    # ---- contents ----

    def compare_content(self, a, b, words):
        s, t = self.o.sections[a.section], self.p.sections[b.section]
        a, b = self._whole(a, b)
        key = (a.section, a.offset, b.section, b.offset)
        if key in self.done:
            return self.done[key]
        self.done[key] = []
        if not 0 <= a.offset < s.size or not 0 <= b.offset < t.size:
            same = (a.offset, s.size, s.data) == (b.offset, t.size, t.data)
            self.done[key] = [] if same else words
        elif s.code():
            n = min(self._run(self.o, a), self._run(self.p, b))
            found = self.compare_code((a.section, a.offset, a.offset + n), (b.section, b.offset, b.offset + n))
            self.done[key] = found and words
        else:
            named = [n[0][0] for n in (self.names(self.o, a)[0], self.names(self.p, b)[0]) if n]
            sizes = {y.size for y in named}
            one, two = self._extent(self.o, a), self._extent(self.p, b)
            if len(named) == 2 and len(sizes) == 2 and one - a.offset != two - b.offset:
                self.done[key] = words
            n = min(one - a.offset, two - b.offset)
            found = self.compare_data((a.section, a.offset, a.offset + n), (b.section, b.offset, b.offset + n), True)
            lines = [f for f in found if f.field == 'ddebug']
            if len(lines) < len(found):
                other = next(f for f in found if f.field != 'ddebug')
                self.done[key] = [Diff(0, 0, '%s (there %s)' % (words[0].what, other))]
            else:
                self.done[key] = self.done[key] or lines
        return self.done[key]

    def _whole(self, a, b):
        """Inside a variable: all of it, as for the key in a struct _ddebug."""
        inside = [[n for n in self.names(obj, t)[0] if 0 <= n[1] < n[0].size] for obj, t in ((self.o, a), (self.p, b))]
        if not all(inside) or inside[0][0][1] != inside[1][0][1] or self.o.sections[a.section].code():
            return a, b
        return tuple(Place('here', None, t.section, t.offset - n[0][1]) for t, n in zip((a, b), inside))

    def _extent(self, obj, t):
        inside, _ = self.names(obj, t)
        if inside and inside[0][0].size and inside[0][1] < inside[0][0].size:
            return min(inside[0][0].value + inside[0][0].size, obj.sections[t.section].size)
        return obj.chunk(t.section, t.offset)

    def _run(self, obj, t):
        """How far code without a name goes: to the jump that ends it."""
        s = obj.sections[t.section]
        for i in D.decode(obj.machine, s.data[t.offset:t.offset + 96], t.offset):
            if i.mnemonic in ('jmp', 'ret', 'b', 'j', 'br', 'ud2'):
                return i.at + i.size - t.offset
        return min(96, s.size - t.offset)

    def compare_data(self, a, b, anonymous=False):
        """Differences of two ranges (section, start, end) of data, side by side."""
        s, t = self.o.sections[a[0]], self.p.sections[b[0]]
        found = []
        if a[2] - a[1] != b[2] - b[1]:
            return [Diff(0, 0, 'size %d, was %d' % (b[2] - b[1], a[2] - a[1]))]
        one, two = s.between(a[1], a[2]), t.between(b[1], b[2])
        if [(r.offset - a[1], r.kind) for r in one] != [(r.offset - b[1], r.kind) for r in two]:
            return [Diff(0, 0, 'relocations at other places or of other kinds')]
        x, y = bytearray(s.data[a[1]:a[2]]), bytearray(t.data[b[1]:b[2]])
        for r, q in zip(one, two):
            at = r.offset - a[1]
            x[at:at + r.size] = y[at:at + r.size] = bytes(r.size)
            found += self._pointer(a, b, r, q, at, anonymous)
        if x != y:
            at = next(n for n in range(len(x)) if x[n] != y[n])
            found.append(self._bytes(s, at, bytes(x), bytes(y)))
        return found[:MOST]

    def _bytes(self, s, at, x, y):
        if s.name == '__dyndbg' and len(x) % 56 == 0:
            # struct _ddebug: lineno is 18 bits at byte 32
            mask = lambda d: b''.join(d[n:n + 32] + bytes([0, 0, d[n + 34] & 0xfc]) + d[n + 35:n + 56]
                                      for n in range(0, len(d), 56))
            if mask(x) == mask(y):
                line = lambda d: int.from_bytes(d[32:35], 'little') & 0x3ffff
                return Diff(at, at, 'lineno of struct _ddebug', (line(x), line(y)), 'ddebug')
        return Diff(at, at, 'bytes %s, was %s' % (y[at:at + 8].hex(), x[at:at + 8].hex()))

    def _pointer(self, a, b, r, q, at, anonymous):
        pc = r.kind == 'pc' and anonymous
        one, two = self.place(self.o, r, -at if pc else 0), self.place(self.p, q, -at if pc else 0)
        return [Diff(at, at, f.what, f.numbers, f.field) for f in self.compare_place(one, two)]

    # ---- code ----

    def compare_code(self, a, b):
        """Differences of two ranges of instructions, side by side."""
        s, t = self.o.sections[a[0]], self.p.sections[b[0]]
        one = D.decode(self.o.machine, s.data[a[1]:a[2]], a[1])
        two = D.decode(self.p.machine, t.data[b[1]:b[2]], b[1])
        found = []
        for i, j in zip(one, two):
            if (i.at - a[1], i.size) != (j.at - b[1], j.size):
                found.append(Diff(i.at - a[1], j.at - b[1], '`%s %s`, was `%s %s`' % (j.mnemonic, j.text, i.mnemonic, i.text)))
                break
            found += self._instruction(a, b, i, j)
            if len(found) >= MOST:
                break
        if not found and len(one) != len(two):
            found.append(Diff(a[2] - a[1], b[2] - b[1], 'size %d, was %d' % (b[2] - b[1], a[2] - a[1])))
        return found

    def _instruction(self, a, b, i, j):
        s, t = self.o.sections[a[0]], self.p.sections[b[0]]
        one, two = s.between(i.at, i.at + i.size), t.between(j.at, j.at + j.size)
        at, to = i.at - a[1], j.at - b[1]
        if [(r.offset - i.at, r.kind) for r in one] != [(r.offset - j.at, r.kind) for r in two]:
            return [Diff(at, to, 'relocations of another kind in `%s %s`' % (j.mnemonic, j.text))]
        x, y = bytearray(s.data[i.at:i.at + i.size]), bytearray(t.data[j.at:j.at + j.size])
        found = []
        for r, q in zip(one, two):
            if r.kind not in ('call', 'jump', 'page', 'adr', 'g0', 'g1', 'g2', 'g3', 'rel24') and not r.kind.startswith('lo12'):
                n = r.offset - i.at
                x[n:n + r.size] = y[n:n + r.size] = bytes(r.size)
            found += [Diff(at, to, f.what, f.numbers, f.field) for f in
                      self.compare_place(self.place(self.o, r, self._adjust(self.o, r, i)),
                                         self.place(self.p, q, self._adjust(self.p, q, j)))]
        if not one:
            x_to, y_to = D.branch_target(self.o.machine, i), D.branch_target(self.p.machine, j)
            if x_to is not None and y_to is not None and not (a[1] <= x_to < a[2] and b[1] <= y_to < b[2]):
                if i.mnemonic != j.mnemonic:
                    return [Diff(at, to, 'branch `%s`, was `%s`' % (j.mnemonic, i.mnemonic))]
                return [Diff(at, to, f.what) for f in self.compare_place(Place('here', None, a[0], x_to),
                                                                         Place('here', None, b[0], y_to))]
            if x_to is not None and y_to is not None and x_to - a[1] == y_to - b[1] and i.mnemonic == j.mnemonic and \
                    i.text.rsplit(',', 1)[:-1] == j.text.rsplit(',', 1)[:-1]:
                return []
        if x != y:
            numbers = None if found else D.immediates(i, j)
            found.append(Diff(at, to, '`%s %s`, was `%s %s`' % (j.mnemonic, j.text, i.mnemonic, i.text), numbers))
        return found

    @staticmethod
    def _adjust(obj, r, i):
        """What the addend of a relocation in an instruction makes up for."""
        if obj.machine == O.X86 and r.kind in ('pc', 'gotpc'):
            return i.at + i.size - r.offset
        if obj.machine == O.S390 and r.kind == 'pcdbl':
            return i.at - r.offset
        return 0
