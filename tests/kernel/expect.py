#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""expect.py - which functions did the compiler change?

    expect.py ORIG PATCHED

prints one changed function to a line (its aliases beside it). Found from the bytes of each function, what its
relocations lead to (strings and numbered constants by content, everything else by name and offset), and its
entries in the special sections. A .cold counts as its function: jumps lead there, and
back. A .part is called, and counts by itself. The lines of __bug_table count:
compare only objects in which no line has moved.
"""
import re
import subprocess
import sys
from bisect import bisect_left, bisect_right
from collections import defaultdict

import elf
import machines


class View:
    """The functions of one object and what each of them is."""

    def __init__(self, obj):
        self.obj, self.machine = obj, obj.machine
        self.disassembled, self.functions_of = {}, defaultdict(set)
        for f in obj.functions():
            self.functions_of[f.shndx].add(f.value)
        self.labels = defaultdict(list)  # section index: sorted [(offset, size, name)]
        for s in obj.symbols:
            if 0 < s.shndx < len(obj.sections) and s.type in (elf.STT_FUNC, elf.STT_OBJECT):
                self.labels[s.shndx].append((s.value, s.size, s.name))
        for found in self.labels.values():
            found.sort()
        self.starts = {index: [label[0] for label in found] for index, found in self.labels.items()}
        self.entries = self._special_entries()
        self.traceable = obj.traceable()
        self.names = defaultdict(list)  # (section, offset): aliases
        for f in obj.functions():
            self.names[f.shndx, f.value].append(f.name)

    def label(self, index, offset):
        at = bisect_right(self.starts.get(index, []), offset) - 1
        if at >= 0:
            value, size, name = self.labels[index][at]
            if offset < value + max(size, 1):
                return value, size, name
        return None

    def target(self, r, text, depth=0):
        """What a relocation leads to, in words that are the same in both objects."""
        s = r.symbol
        if not 0 < s.shndx < len(self.obj.sections):
            return s.name, r.addend
        section = self.obj.sections[s.shndx]
        offset = s.value + r.addend + (self.machine.shift.get(r.type, 0) if text else 0)
        if section.name == self.machine.slots:
            return "slot", self._content(section, offset, offset + 8, depth + 1)
        if section.flags & elf.SHF_STRINGS:
            return "string", self.obj.string_at(section, offset)
        label = self.label(section.index, offset)
        table = None if label or depth else machines.table_of(self.machine, section, self.obj.relocs(section))
        if table:
            return section.name, offset % table.size, self._entry_at(section, table, offset // table.size)
        if not label:
            return re.sub(r"\d+", "N", section.name), offset, self._constant(section, offset, 16, depth)
        value, size, name = label
        if re.search(r"\.\d+$", name) and not section.flags & (elf.SHF_WRITE | elf.SHF_EXECINSTR):
            return "constant", offset - value, self._constant(section, value, size, depth)
        return elf.base_name(re.sub(r"(__UNIQUE_ID_\w+?)\d+(\.\d+)?$", r"\1", name)), offset - value

    def _constant(self, section, begin, size, depth):
        if section.flags & elf.SHF_WRITE or depth > 3:
            return None
        return self._content(section, begin, begin + size, depth + 1)

    def _content(self, section, begin, end, depth=0):
        """Bytes outside relocated fields, and the relocations with their targets."""
        data, found = bytearray(section.data[begin:end]), []
        text = bool(section.flags & elf.SHF_EXECINSTR)
        for r in self.obj.relocs(section):
            if begin <= r.offset < end:
                width = self.machine.fields.get(r.type, 0)
                data[r.offset - begin:r.offset - begin + width] = bytes(width)
                found.append((r.offset - begin, r.type, self.target(r, text, depth)))
        return bytes(data), tuple(found)

    def _entry_at(self, section, table, number):
        """An entry to which code refers (a warning of Linux 7 does): whose it is, and what."""
        begin = number * table.size
        relocs = {r.offset - begin: r for r in self.obj.relocs(section) if begin <= r.offset < begin + table.size}
        owner = relocs.pop(table.owner)
        return self.target(owner, False, 1), self._entry(table, section.data[begin:begin + table.size], relocs)

    def _special_entries(self):
        """{section index: [(offset of the owning instruction, entry as it compares)]}"""
        entries = defaultdict(list)
        for section in self.obj.sections:
            table = machines.table_of(self.machine, section, self.obj.relocs(section))
            if not table:
                continue
            by_entry = defaultdict(dict)
            for r in self.obj.relocs(section):
                number, offset = divmod(r.offset, table.size)
                by_entry[number][offset] = r._replace(addend=r.addend - offset) if table.whole else r
            for number, relocs in by_entry.items():
                owner = relocs.get(table.owner)
                if owner:
                    entry = section.data[number * table.size:(number + 1) * table.size]
                    sign = (section.name, *self._entry(table, entry, relocs))
                    entries[owner.symbol.shndx].append((owner.symbol.value + owner.addend, sign))
        return entries

    def _entry(self, table, entry, relocs):
        """An entry as it compares, from its bytes and its relocations by their offsets in it."""
        data, sign = bytearray(entry), []
        for offset, r in relocs.items():
            width = self.machine.fields.get(r.type, 0)
            data[offset:offset + width] = bytes(width)
            if offset == table.key:
                sign.append((self.target(r._replace(addend=r.addend & ~3), False), r.addend & 3))
            elif offset == table.payload:
                sign.append(self._replacement(table, entry, relocs))
            elif offset != table.end:
                sign.append((offset, self.target(r, False, 1)))
        return sign + [bytes(data)]

    def _replacement(self, table, entry, relocs):
        """What an alternative is replaced with."""
        r = relocs[table.payload]
        begin = r.symbol.value + r.addend
        length = entry[table.length] if table.end is None else relocs[table.end].symbol.value + relocs[table.end].addend - begin
        if not length and table.callback:
            return self.target(r, False, 1)
        return self._code(r.symbol.shndx, begin, length)

    def _disassembly(self, index):
        """A section as text, line by line, in which a place is a symbol and an offset: [(offset, words, relocations)]"""
        section, text = self.obj.sections[index], []
        shown = subprocess.run([self.machine.prefix + "objdump", "-d", "--no-show-raw-insn", "-w", "-j", section.name,
                                self.obj.path], capture_output=True, text=True, check=True).stdout
        relocs = self.obj.relocs(section)
        at = [r.offset for r in relocs]
        lines = [m for m in (re.match(r"\s*([0-9a-f]+):\t(.*)", line) for line in shown.split("\n")) if m]
        for n, m in enumerate(lines):
            begin = int(m[1], 16)
            end = int(lines[n + 1][1], 16) if n + 1 < len(lines) else section.size
            found = relocs[bisect_left(at, begin):bisect_left(at, end)]
            if found:  # what stands at the place that the field leads to as it is, says nothing
                words = re.sub(r"#.*|<[^>]+>|0x[0-9a-f]+|\b[0-9a-f]+\b", "", m[2])
            else:
                words = re.sub(r"[0-9a-f]+ <([^>+]+)(\+0x[0-9a-f]+)?>", lambda w: elf.base_name(w[1]) + (w[2] or ""), m[2])
            text.append((begin, words.strip(), tuple((r.offset - begin, r.type, self.target(r, True)) for r in found)))
        return text

    def _code(self, index, begin, size):
        """Code as it compares. What jumps within a section that holds several functions has no relocation, and moves."""
        if len(self.functions_of[index]) < 2:
            return self._content(self.obj.sections[index], begin, begin + size)
        if index not in self.disassembled:
            self.disassembled[index] = self._disassembly(index)
        lines = self.disassembled[index]
        lines = lines[bisect_left(lines, (begin,)):bisect_left(lines, (begin + size,))]
        return tuple((at - begin, words, relocs) for at, words, relocs in lines)

    def functions(self):
        """{name of the group: what it is}; its .cold is part of it."""
        exact, found = {f.name for f in self.obj.functions()}, defaultdict(list)
        for f in self.obj.functions():
            special = sorted(((at - f.value, sign) for at, sign in self.entries[f.shndx]
                              if f.value <= at < f.value + f.size), key=repr)
            parent = re.sub(r"\.cold\b.*", "", f.name)
            code = self._code(f.shndx, f.value, f.size)
            found[parent if parent in exact else f.name].append((elf.base_name(f.name) != f.name, code, tuple(special)))
        return {name: sorted(parts, key=repr) for name, parts in found.items()}

    def aliases(self):
        return {name: sorted(names) for names in self.names.values() for name in names}

    def patchable(self, name):
        """Can a live patch replace the function: traceable, and kept after boot?"""
        return any(f.name == name and not self.obj.sections[f.shndx].name.startswith(".init") for f in self.traceable)


def clone_of(name):
    return elf.base_name(name), ".part" in name


def changed(orig, patched):
    """[[name, alias...]...] of the functions that exist in both and differ."""
    old, new = View(orig), View(patched)
    old_functions, new_functions = old.functions(), new.functions()
    # A clone may get another suffix: foo.isra.0 becomes foo.constprop.0. What remains when part of foo was inlined is no clone.
    lost = {clone_of(n): n for n in old_functions if n not in new_functions}
    aliases, found = old.aliases(), []
    for name, parts in new_functions.items():
        twin = name if name in old_functions else lost.get(clone_of(name))
        if twin and old_functions[twin] != parts:
            group = aliases.get(twin, [twin])
            if group not in found:
                found.append(group)
    return sorted(found)


def unpatchable(orig, groups):
    view = View(orig)
    return sorted(g[0] for g in groups if not any(view.patchable(n) for n in g))


def main():
    orig, patched = (elf.Object(p) for p in sys.argv[1:3])
    groups = changed(orig, patched)
    hopeless = unpatchable(orig, groups)
    for group in groups:
        print(" ".join(group) + (" (cannot be patched)" if group[0] in hopeless else ""))


if __name__ == "__main__":
    main()
