#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""thinlto.py - edits of a kernel's source, and which functions of two vmlinux.o differ

    thinlto.py edit PRISTINE SOURCE EDITS   insert the statements of EDITS into the units' functions, without a new line
    thinlto.py judge BINDIR DIR             what create-diff-object says of DIR/orig-vmlinux.o and edit-vmlinux.o, against a comparison of
                                            its own; DIR is what thinlto.sh made

The comparison knows nothing of twins: functions are the same if they have one name, without what ThinLTO and compilers append, and the
same bytes and relocations, which lead to things of one name at one distance, or to the same text or constants.
"""
import bisect
import collections
import hashlib
import json
import os
import re
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "kernel"))
import elf  # noqa: E402

STATEMENTS = {
    "nop": '__asm__ __volatile__("nop");',
    "static": "{ static unsigned long elfdiff_hits; elfdiff_hits++; barrier(); }",
    "message": '_printk("elfdiff %s\\n", __func__);',
    "warning": "WARN_ON_ONCE(!current->mm && current->flags == 0x77);",
    "resched": "cond_resched();",
}

# R_X86_64_*: bytes of the field; what counts from its place has an addend that is 4 too small
FIELDS = {0: 0, 1: 8, 2: 4, 4: 4, 10: 4, 11: 4, 24: 8}
RELATIVE = (2, 4)
SHF_MERGE = 0x10


# --- edits ----------------------------------------------------------------------------------------------

def read_edits(path):
    with open(path, encoding="utf-8") as f:
        return [line.split(None, 2) for line in f if line.strip() and not line.startswith("#")]


def insert(text, function, statement):
    """Behind the first brace in the first column after the function's name in the first column's line."""
    m = re.search(r"^[A-Za-z_][^;{}()]*\b%s\([^;{}]*\)[^;{}]*\n\{\n" % re.escape(function), text, re.M)
    if not m:
        sys.exit(f"thinlto.py: no {function}")
    return text[:m.end() - 1] + " " + statement + text[m.end() - 1:]


def edit(pristine, source, edits):
    texts = {}
    for unit, function, what in read_edits(edits):
        if unit not in texts:
            with open(os.path.join(pristine, unit), encoding="utf-8") as f:
                texts[unit] = f.read()
        texts[unit] = insert(texts[unit], function, STATEMENTS.get(what.strip(), what.strip()))
    for unit, text in texts.items():
        path = os.path.join(source, unit)
        os.unlink(path)  # it may be a link to the pristine one
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    print(f"{len(texts)} units")


# --- comparison -----------------------------------------------------------------------------------------

def base_name(name):
    name = re.sub(r"(\.llvm\.\d+|\.\d+)+$", "", name)
    return re.sub(r"(__UNIQUE_ID_\w*?|__addressable_\w*?)\d+$", r"\1", name)


class Kernel:
    """One vmlinux.o."""

    def __init__(self, path):
        self.obj = elf.Object(path)
        self.labels = collections.defaultdict(dict)  # by section and value: the first symbol there
        for s in self.obj.symbols:
            if 0 < s.shndx < len(self.obj.sections) and s.type not in (elf.STT_SECTION, elf.STT_FILE):
                self.labels[s.shndx].setdefault(s.value, s)
        self.values = {section: sorted(of) for section, of in self.labels.items()}
        self.offsets, self.known = {}, {}

    def promoted(self):
        return sum(".llvm." in s.name and 0 < s.shndx and s.type in (elf.STT_FUNC, elf.STT_OBJECT) for s in self.obj.symbols)

    def sources(self):
        return sum(s.type == elf.STT_FILE for s in self.obj.symbols)

    def functions(self):
        """{name: Counter of contents}, of all that is code and has a size"""
        found = collections.defaultdict(collections.Counter)
        for s in self.obj.functions():
            if self.obj.sections[s.shndx].flags & elf.SHF_EXECINSTR and s.size:
                found[base_name(s.name)][self.content(s.shndx, s.value, s.size)] += 1
        return found

    def relocs(self, section, start, end):
        all_of_it = self.obj.relocs(self.obj.sections[section])
        if section not in self.offsets:
            self.offsets[section] = [r.offset for r in all_of_it]
        at = self.offsets[section]
        return all_of_it[bisect.bisect_left(at, start):bisect.bisect_left(at, end)]

    def content(self, section, start, size, depth=0):
        key = section, start, size
        if key not in self.known:
            self.known[key] = None  # of what leads to itself
            data = bytearray(self.obj.sections[section].data[start:start + size])
            targets = []
            for r in self.relocs(section, start, start + size):
                at, width = r.offset - start, FIELDS[r.type]
                data[at:at + width] = bytes(width)
                targets.append((at, r.type, self.target(r, depth) if width else None))
            self.known[key] = hashlib.sha256(bytes(data) + repr(targets).encode()).hexdigest()
        return self.known[key]

    def label_of(self, section, offset):
        values = self.values.get(section, [])
        at = bisect.bisect_right(values, offset) - 1
        label = self.labels[section][values[at]] if at >= 0 else None
        return label if label and (not label.size or offset < label.value + label.size) else None

    def target(self, r, depth):
        s = r.symbol
        if not 0 < s.shndx < len(self.obj.sections):
            return base_name(s.name), r.addend
        section = self.obj.sections[s.shndx]
        offset = s.value + r.addend + (4 if r.type in RELATIVE else 0)
        if section.flags & SHF_MERGE and section.flags & elf.SHF_STRINGS:
            return "text", self.obj.string_at(section, offset)
        if section.flags & SHF_MERGE:
            return "constant", section.name, bytes(section.data[offset:offset + 16])
        label = s if s.type != elf.STT_SECTION else self.label_of(s.shndx, offset)
        name = label.name if label else section.name
        return base_name(name), offset - (label.value if label else 0), self.constant(section, label, depth)

    def constant(self, section, label, depth):
        """What stands in a constant, up to the fourth that leads to another."""
        fixed = not section.flags & (elf.SHF_WRITE | elf.SHF_EXECINSTR) and section.type != elf.SHT_NOBITS
        if depth >= 4 or not fixed or not section.name.startswith(".rodata"):
            return None
        if label:
            return self.content(section.index, label.value, label.size, depth + 1)
        return self.content(section.index, 0, len(section.data), depth + 1)


def differences(orig, patched):
    """(names of functions that differ, names of those that only the patched kernel has)"""
    was, now = orig.functions(), patched.functions()
    changed = {n for n in now if n in was and was[n] != now[n]} | {n for n in was if n not in now}
    return changed, {n for n in now if n not in was}


# --- what the tool says ---------------------------------------------------------------------------------

def reported(bindir, directory):
    command = [f"{bindir}/create-diff-object", "-q", "-n", "-m", "vmlinux", "-k", f"{directory}/vmlinux", "-s",
               f"{directory}/bld/Module.symvers", "--json", "-", f"{directory}/orig-vmlinux.o",
               f"{directory}/edit-vmlinux.o"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"thinlto.py: status {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def judge(bindir, directory):
    orig, patched = Kernel(f"{directory}/orig-vmlinux.o"), Kernel(f"{directory}/edit-vmlinux.o")
    print(f"{len(orig.obj.sections)} sections, {len(orig.obj.functions())} functions of {orig.sources()} sources, "
          f"{orig.promoted()} things that ThinLTO made global")
    changed, new = differences(orig, patched)
    report = reported(bindir, directory)
    told = collections.Counter(base_name(f["name"]) for f in report["functions"])
    items = {base_name(i["name"]) for i in report["items"] if i["kind"] == "function"}
    wrong = [f"reported and not changed: {n}" for n in sorted(set(told) - changed)]
    wrong += [f"changed and not reported: {n}" for n in sorted(changed - set(told))]
    wrong += [f"neither changed nor new, and in the output: {n}" for n in sorted(items - changed - new)]
    for line in wrong:
        print(f"FAIL {line}")
    print(f"changed functions: {sum(told.values())} reported, {len(changed)} by the other comparison; new: {len(new)}")
    return 1 if wrong else 0


def main():
    if sys.argv[1] == "edit":
        return edit(*sys.argv[2:5])
    return judge(*sys.argv[2:4])


if __name__ == "__main__":
    sys.exit(main())
