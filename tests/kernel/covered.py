#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""covered.py - who leads to functions that ftrace cannot redirect?

    covered.py ORIG PATCHED NAME... [--module] [--elsewhere NAME]...

prints the functions that have to be replaced so that control comes to none of these, and each reference that no
replacement catches. Found from the relocations and the disassembly of the original, without a look at the library.
"""
import collections
import re
import subprocess
import sys
from bisect import bisect_right

import elf

# Relocations of branches, by machine (e_machine); those of x86 and s390 have a branch's opcode before them.
X86, ARM64, S390, PPC64 = 62, 183, 22, 21
BRANCH_TYPES = {ARM64: {279, 280, 282, 283}, PPC64: {10, 11, 116}}
# Lists of places in code, and of names: nobody calls what stands there.
NO_CALLS = (".discard", "__mcount_loc", "__patchable_function_entries", ".orc_", ".smp_locks", ".parainstructions", ".static_call_sites",
            ".call_sites", ".return_sites", ".retpoline_sites", ".ibt_endbr_seal", ".cfi_sites", ".kcfi_traps", "__bug_table",
            "__ex_table", "__jump_table", ".altinstructions", ".eh_frame", ".debug", ".s390_", "_kprobe_blacklist",
            "_error_injection_whitelist", ".printk_index", ".kpatch.", ".comment", ".note", ".llvm", "runtime_")
BOOT = (".initcall", ".con_initcall", ".init.setup")

Found = collections.namedtuple("Found", "replaced obstacles")


class Callers:
    def __init__(self, path, patched=None, module=False, elsewhere=()):
        self.obj, self.module, self.elsewhere = elf.Object(path), module, set(elsewhere)
        self.number = int.from_bytes(bytes(self.obj.raw[18:20]), "little" if self.obj.order == "<" else "big")
        self.here = {elf.base_name(f.name) for f in elf.Object(patched).functions()} if patched else None
        self.starts = collections.defaultdict(list)
        for f in self.obj.functions():
            self.starts[f.shndx].append((f.value, f.size, f.name, f.bind))
        for found in self.starts.values():
            found.sort()
        self.traced = {f.name for f in self.obj.traceable()} | self._hooked()
        self.references = self._references()

    def _hooked(self):
        """Functions with a call that ftrace takes over, in objects of which no tool has made a list yet."""
        calls = [(s, r.offset) for s in self.obj.sections if s.flags & elf.SHF_EXECINSTR for r in self.obj.relocs(s)
                 if r.symbol.name in ("__fentry__", "_mcount")]
        return {f[2] for f in (self.function_at(s.index, at) for s, at in calls) if f}

    # ---- references: {function led to: [(function, place, how, at its start)]} ----

    def function_at(self, index, offset):
        found = self.starts.get(index, [])
        n = bisect_right(found, (offset, 1 << 62)) - 1
        if n < 0 or not offset < found[n][0] + max(found[n][1], 1):
            return None
        first = found[n][0]
        return min((f for f in found if f[0] == first), key=lambda f: (f[3] == 0, f[2]))

    @staticmethod
    def home(name):
        """Of outlined code its function."""
        return re.sub(r"\.cold\b.*", "", name)

    def is_branch(self, data, r):
        if self.number == X86:
            return r.type in (2, 4) and (data[r.offset - 1] in (0xe8, 0xe9) or
                                         (data[r.offset - 2] == 0x0f and data[r.offset - 1] & 0xf0 == 0x80))
        if self.number == S390:
            return r.offset >= 2 and data[r.offset - 2] == 0xc0 and data[r.offset - 1] & 15 in (4, 5)
        return r.type in BRANCH_TYPES.get(self.number, ())

    def _references(self):
        found = collections.defaultdict(list)
        for s in self.obj.sections:
            if not s.flags & elf.SHF_ALLOC or s.name.startswith(NO_CALLS):
                continue
            text = bool(s.flags & elf.SHF_EXECINSTR)
            data = bytes(s.data)
            for r in self.obj.relocs(s):
                shift = self.obj.machine.shift.get(r.type, 0) if text else 0
                branch = text and self.is_branch(data, r)
                if not r.symbol.shndx:
                    found[r.symbol.name].append((s, r.offset, branch, True))
                    continue
                at = r.symbol.value + r.addend + shift
                to = self.function_at(r.symbol.shndx, at)
                if to:
                    found[self.home(to[2])].append((s, r.offset, branch, at == to[0] and ".cold" not in to[2]))
            if text and len({f[0] for f in self.starts.get(s.index, ())}) > 1:
                self._resolved(s, found)
        return found

    def _resolved(self, s, found):
        """What the assembler has resolved within a section of several functions."""
        shown = subprocess.run([self.obj.machine.prefix + "objdump", "-dr", "--no-show-raw-insn", "-w", "-j", s.name, self.obj.path],
                               capture_output=True, text=True, check=True).stdout
        at = {r.offset + n for r in self.obj.relocs(s) for n in range(-4, 1)}
        for m in re.finditer(r"^\s*([0-9a-f]+):\t(\S+)\s+(?:\S+,)?([0-9a-f]+) <[^>]+>$", shown, re.M):
            place, target = int(m[1], 16), int(m[3], 16)
            to, here = self.function_at(s.index, target), self.function_at(s.index, place)
            if to and here and to != here and place not in at:
                found[self.home(to[2])].append((s, place, not m[2].startswith(("lea", "larl", "adr")), target == to[0]))

    def defines(self, name):
        return any(f.name == name for f in self.obj.functions())

    # ---- the walk ----

    def _owner_of_replacement(self, s, offset):
        """Whose code an alternative's replacement becomes a part of."""
        best = None
        for table in self.obj.sections:
            relocs = self.obj.relocs(table) if table.name == ".altinstructions" else []
            for code, new in zip(relocs, relocs[1:]):
                start = new.symbol.value + new.addend
                if new.symbol.shndx == s.index and code.offset + 4 == new.offset and start <= offset and (not best or start >= best[0]):
                    best = start, self.function_at(code.symbol.shndx, code.symbol.value + code.addend)
        return best[1] if best else None

    def _names(self, name):
        """All names of the place where a function begins."""
        for f in self.obj.functions():
            if f.name == name:
                yield from ((g.name, g.bind) for g in self.obj.symbols if g.shndx == f.shndx and g.value == f.value
                            and g.name and g.type != elf.STT_SECTION)

    def _listed(self, name):
        return any(re.match(r"__BTF_ID__func__%s__\d+$" % re.escape(name), y.name) for y in self.obj.symbols)

    def _boot(self, name):
        return any(f.name == name and self.obj.sections[f.shndx].name.startswith((".init", ".exit")) for f in self.obj.functions())

    def of(self, names):
        replaced, obstacles, todo = set(), [f"{name} is gone after boot" for name in names if self._boot(name)], list(names)
        seen = set(todo)
        while todo:
            name = todo.pop()
            for other, bind in self._names(name):
                if bind and other not in self.elsewhere:
                    obstacles.append(f"{other} is global")
            if self._listed(name):
                obstacles.append(f"{name} is in .BTF_ids")
            for s, offset, branch, begins in self.references.get(name, ()):
                self._judge(name, s, offset, branch, begins, replaced, obstacles, seen, todo)
        return Found(replaced, obstacles)

    def _judge(self, name, s, offset, branch, begins, replaced, obstacles, seen, todo):
        here = self.function_at(s.index, offset)
        if s.name == ".altinstr_replacement":
            here = self._owner_of_replacement(s, offset)
        caller = self.home(here[2]) if here else None
        boot = s.name.startswith((".init", ".exit")) and not self.module
        if not branch:
            own = caller == name or (not here and not s.flags & elf.SHF_EXECINSTR)
            if (begins or not own) and not (boot and s.name.startswith(BOOT)):
                obstacles.append(f"{s.name}+{offset:#x} has the address of {name}")
        elif not caller:
            obstacles.append(f"{s.name}+{offset:#x} leads to {name}")
        elif boot or caller == name:
            pass
        elif s.name.startswith((".init", ".exit")):
            obstacles.append(f"{caller} of {s.name} calls {name}")
        elif caller in self.traced and (self.here is None or elf.base_name(caller) in self.here):
            replaced.add(caller)
        elif caller not in seen:
            seen.add(caller)
            todo.append(caller)


def main():
    words = sys.argv[1:]
    elsewhere = [words[i + 1] for i, w in enumerate(words) if w == "--elsewhere"]
    words = [w for i, w in enumerate(words) if not w.startswith("--") and (not i or words[i - 1] != "--elsewhere")]
    found = Callers(words[0], words[1], "--module" in sys.argv, elsewhere).of(words[2:])
    print("\n".join([*sorted(found.replaced), *("! " + o for o in found.obstacles)]))


if __name__ == "__main__":
    main()
