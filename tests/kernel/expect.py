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
from bisect import bisect_right
from collections import defaultdict

import elf

# Size of an entry, and the offset of the relocation that names the owner. x86_64, Linux 6.1.
SPECIAL = {"__jump_table": (16, 0), ".altinstructions": (12, 0), "__bug_table": (12, 0), "__ex_table": (12, 0),
           ".parainstructions": (16, 0), ".static_call_sites": (8, 0), ".smp_locks": (4, 0)}
PC_RELATIVE = {2, 4, 9}  # R_X86_64_PC32, PLT32, GOTPCREL

ENDBR = 4  # bytes: of an instruction that may stand before the call to __fentry__


class View:
    """The functions of one object and what each of them is."""

    def __init__(self, obj):
        self.obj = obj
        self.labels = defaultdict(list)  # section index: sorted [(offset, size, name)]
        for s in obj.symbols:
            if 0 < s.shndx < len(obj.sections) and s.type in (elf.STT_FUNC, elf.STT_OBJECT):
                self.labels[s.shndx].append((s.value, s.size, s.name))
        for found in self.labels.values():
            found.sort()
        self.starts = {index: [label[0] for label in found] for index, found in self.labels.items()}
        self.entries = self._special_entries()
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
        adjust = 4 if text and r.type in PC_RELATIVE else 0
        offset = s.value + r.addend + adjust
        if section.flags & elf.SHF_STRINGS:
            return "string", self.obj.string_at(section, offset)
        label = self.label(section.index, offset)
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
                width = 8 if r.type in (1, 24) else 4
                data[r.offset - begin:r.offset - begin + width] = bytes(width)
                found.append((r.offset - begin, r.type, self.target(r, text, depth)))
        return bytes(data), tuple(found)

    def _special_entries(self):
        """{(section index, offset of the owning instruction): entries as they compare}"""
        entries = defaultdict(list)
        for section in self.obj.sections:
            if section.name not in SPECIAL:
                continue
            size, owner_at = SPECIAL[section.name]
            by_entry = defaultdict(list)
            for r in self.obj.relocs(section):
                by_entry[r.offset // size].append(r)
            for number, relocs in by_entry.items():
                begin = number * size
                owner = next((r for r in relocs if r.offset == begin + owner_at), None)
                if owner is None:
                    continue
                sign = [section.name]
                data = bytearray(section.data[begin:begin + size])
                for r in relocs:
                    data[r.offset - begin:r.offset - begin + 4] = bytes(4)
                    if section.name == ".altinstructions" and r.offset == begin + 4:
                        length = section.data[begin + 11]
                        at = r.symbol.value + r.addend
                        sign.append(self._content(self.obj.sections[r.symbol.shndx], at, at + length, 1))
                    elif section.name == "__jump_table" and r.offset == begin + 8:
                        sign.append((self.target(r._replace(addend=r.addend & ~3), False), r.addend & 3))
                    else:
                        sign.append((r.offset - begin, self.target(r, False, 1)))
                sign.append(bytes(data))
                entries[owner.symbol.shndx].append((owner.symbol.value + owner.addend, tuple(sign)))
        return entries

    def _disassembly(self, index):
        """Functions of a section that holds several, as text in which a place is a symbol and an offset."""
        section, text = self.obj.sections[index], defaultdict(list)
        shown = subprocess.run(["objdump", "-d", "--no-show-raw-insn", "-w", "-j", section.name, self.obj.path],
                               capture_output=True, text=True, check=True).stdout
        relocs = {r.offset: r for r in self.obj.relocs(section)}
        at = sorted(relocs)
        lines = [m for m in (re.match(r"\s*([0-9a-f]+):\t(.*)", line) for line in shown.split("\n")) if m]
        for n, m in enumerate(lines):
            begin = int(m[1], 16)
            end = int(lines[n + 1][1], 16) if n + 1 < len(lines) else section.size
            label = self.label(index, begin)
            if not label:
                continue
            words = re.sub(r"[0-9a-f]+ <([^>+]+)(\+0x[0-9a-f]+)?>", lambda w: elf.base_name(w[1]) + (w[2] or ""), m[2])
            found = [relocs[o] for o in at[bisect_right(at, begin - 1):bisect_right(at, end - 1)]]
            if found:
                words = re.sub(r"#.*|0x[0-9a-f]+|\b[0-9a-f]+\b|\S+\+0x\S+", "", words)
            text[label[0]].append((begin - label[0], words.strip(),
                                   tuple((r.offset - begin, r.type, self.target(r, True)) for r in found)))
        return text

    def functions(self):
        """{name of the group: what it is}; its .cold is part of it."""
        exact = {f.name for f in self.obj.functions()}
        starts = defaultdict(set)
        for f in self.obj.functions():
            starts[f.shndx].add(f.value)
        found, disassembled = defaultdict(list), {}
        for f in self.obj.functions():
            section = self.obj.sections[f.shndx]
            if len(starts[f.shndx]) > 1:
                if f.shndx not in disassembled:
                    disassembled[f.shndx] = self._disassembly(f.shndx)
                code = tuple(disassembled[f.shndx][f.value])
            else:
                code = self._content(section, f.value, f.value + f.size)
            special = sorted(((at - f.value, sign) for at, sign in self.entries[f.shndx]
                              if f.value <= at < f.value + f.size), key=repr)
            parent = re.sub(r"\.cold\b.*", "", f.name)
            found[parent if parent in exact else f.name].append((elf.base_name(f.name) != f.name, code, tuple(special)))
        return {name: sorted(parts, key=repr) for name, parts in found.items()}

    def aliases(self):
        return {name: sorted(names) for names in self.names.values() for name in names}

    def patchable(self, name):
        """Can a live patch replace the function: traceable, and kept after boot?"""
        traceable = self.obj.traceable()
        return any(not self.obj.sections[f.shndx].name.startswith(".init") and
                   any((f.shndx, f.value + n) in traceable for n in (0, ENDBR))
                   for f in self.obj.functions() if f.name == name)


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
