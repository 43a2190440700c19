#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""judge.py - run create-diff-object on the corpus and judge each outcome

    judge.py BINDIR LAB UNITS

For every unit of the list (made by corpus.py):

  same      compiled again                   nothing changed (exit 3)
  comment   a comment line at the top, so    nothing changed: only __LINE__ moved
            every line moved
  nodwarf   the same, without DWARF          nothing changed, by the names of the callees
  edit      a change in one function         exactly the functions that the compiler changed (expect.py) are in
                                             .kpatch.funcs, with their sizes and positions; `--check` finds nothing
  lines     the same change, lines moved     the same functions, and none but what comment calls changed

A refusal (exit 2) of an edit counts as passed when it says why; it is required where a changed function cannot be
patched at all, and forced where s390x would have to reach the kernel's data from a module. One that ftrace cannot redirect is
not listed: its callers are, all of them and no others (covered.py). More than five in a hundred (rounded up: a sample may hold
one) of other refusals fail: a tool that refuses
everything is no use. Fewer than two false changes in a hundred are tolerated for comment and lines, and five for nodwarf: they
are named, and count as skipped.
"""
import collections
import concurrent.futures
import json
import math
import os
import re
import struct
import subprocess
import sys

import corpus
import covered
import elf
import machines
from corpus import Progress

TIME_LIMIT = 120
R_390_PC32DBL = 19
CASES = ["same", "comment", "nodwarf", "edit", "lines"]
# Without DWARF a line number is known by its callee alone, and one that no list knows is rightly called a change.
TOLERATED = {"comment": 0.02, "lines": 0.02, "nodwarf": 0.05}
WHY_TOLERATED = {"comment": "a line number that is called a change", "lines": "a line number that is called a change",
                 "nodwarf": "without DWARF a line number is called a change"}
MOST_UNFORCED = 0.05

# result: ok, refused, false, wrong; called: the functions that are falsely called changed
Outcome = collections.namedtuple("Outcome", "result why diagnostics called", defaults=[()])


class Kernel:
    """Positions of vmlinux's functions, by name and source file."""

    def __init__(self, path):
        self.places = collections.defaultdict(list)
        file = ""
        for s in elf.Object(path).symbols:
            if s.type == elf.STT_FILE:
                file = s.name
            elif s.name and s.shndx and s.type != elf.STT_SECTION:
                self.places[s.name].append((s.value, file if s.bind == 0 else ""))
        for found in self.places.values():
            found.sort()

    def position(self, name, file):
        """The position, or None where name and file do not tell."""
        found = self.places[name]
        if len(found) == 1:
            return 0
        here = [n for n, (_, f) in enumerate(found, 1) if f == file]
        return here[0] if len(here) == 1 else None


def find_modules(lab):
    found = {}
    for d, _, files in os.walk(f"{lab}/modules"):
        for f in files:
            if f.endswith(".ko"):
                found[f[:-3].replace("-", "_")] = os.path.join(d, f)
    return found


class Judge:
    def __init__(self, bindir, lab):
        self.tool, self.lab = f"{bindir}/create-diff-object", lab
        self.kernel, self.modules = Kernel(f"{lab}/vmlinux"), find_modules(lab)

    def sources(self, unit):
        args = ["-k", f"{self.lab}/vmlinux", "-s", f"{self.lab}/bld/Module.symvers"]
        if unit.module in self.modules:
            args += ["-k", self.modules[unit.module]]
        return args

    def run(self, args):
        try:
            done = subprocess.run([self.tool, *args], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  errors="replace", timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            return -1, f"took longer than {TIME_LIMIT} s"
        return done.returncode, done.stderr

    def diff(self, unit, orig, patched, out):
        module = ["-m", unit.module] if unit.module else []
        if os.path.exists(out):
            os.unlink(out)
        return self.run([*module, *self.sources(unit), orig, patched, out])

    def unchanged(self, unit, orig, patched):
        out = f"{unit.dir}/unchanged.out.o"
        status, said = self.diff(unit, orig, patched, out)
        if status == 3:
            return Outcome("ok", "", [])
        if status == 0:
            names = [record["name"] for record in records(elf.Object(out))]
            return Outcome("false", "called changed: " + ", ".join(names), [], names)
        if status == 2:
            return Outcome("false", "refused: " + first_lines(said), ids(said))
        return Outcome("wrong", f"exit {status}: {first_lines(said)}", ids(said))

    def nodwarf(self, unit):
        pair = []
        for name, path in (("orig", unit.orig), ("comment", unit.object("comment"))):
            pair.append(f"{unit.dir}/{name}.nodwarf.o")
            if not os.path.exists(pair[-1]) or os.path.getmtime(pair[-1]) < os.path.getmtime(path):
                subprocess.run([machines.of_file(path).prefix + "objcopy", "--strip-debug", "--keep-file-symbols", path, pair[-1]], check=True)
        return self.unchanged(unit, *pair)

    def edited(self, unit, variant, false=()):
        """`false`: functions that are called changed wherever lines move; they count as such here, too."""
        out = f"{unit.dir}/{variant}.out.o"
        status, said = self.diff(unit, unit.orig, unit.object(variant), out)
        hopeless, callers = self.without_location(unit)
        if status == 2:
            return self.refused(said, out)
        if status == 3:
            return Outcome("wrong", "change missed in " + names_of(unit.results["changed"]), [])
        if status != 0:
            return Outcome("wrong", f"exit {status}: {first_lines(said)}", ids(said))
        if hopeless:
            return Outcome("wrong", "written, but cannot be patched: " + ", ".join(hopeless), [])
        complaint, called = self.judge_output(unit, out, callers, false)
        if complaint:
            return Outcome("wrong", complaint, [])
        status, said = self.run(["--check", out, *self.sources(unit)])
        if status != 0 or ids(said):
            return Outcome("wrong", f"--check says (exit {status}): {first_lines(said)}", ids(said))
        if called:
            return Outcome("false", "called changed, as after a comment: " + ", ".join(called), [], called)
        return Outcome("ok", "", [])

    def refused(self, said, out):
        if os.path.exists(out):
            return Outcome("wrong", "refused, but wrote a file", ids(said))
        blocks = re.split(r"^(?=\w+\[)", said, flags=re.M)
        errors = [b for b in blocks if b.startswith("error[")]
        if not errors or not all(re.search(r"^  cause +\S", b, re.M) and re.search(r"^  hint +\S", b, re.M) for b in errors):
            return Outcome("wrong", "refused without cause and hint: " + first_lines(said), ids(said))
        return Outcome("refused", first_lines(said), ids(said))

    def without_location(self, unit):
        """
        Of the changed functions that ftrace cannot redirect: what leads to them apart from functions that can be replaced, and
        these, all of which have to be. If there is any of the first, no patch can be made.
        """
        names = unit.results["unpatchable"]
        if not names:
            return [], set()
        found = covered.Callers(unit.orig, unit.object("edit"), bool(unit.module)).of(names)
        return found.obstacles, found.replaced

    def judge_output(self, unit, out, callers, false):
        """(what is wrong or None, the functions of `false` that are called changed)"""
        got = records(elf.Object(out))
        without = unit.results["unpatchable"]
        expected = [g for g in unit.results["changed"] if g[0] not in without]
        expected += [[name] for name in sorted(callers) if not any(name in g for g in expected)]
        listed = {r["name"] for r in got}
        missing = [g for g in expected if not any(same_function(n, m) for n in g for m in listed)]
        surplus = sorted(m for m in listed if not any(same_function(n, m) for g in expected for n in g))
        called = [m for m in surplus if m in false]
        if missing or called != surplus:
            return "; ".join(filter(None, [missing and "missing " + names_of(missing),
                                           surplus and "surplus " + ", ".join(surplus)])), []
        if len(listed) != len(got):
            return "a function is listed twice", []
        sizes = collections.defaultdict(set)
        for f in elf.Object(unit.orig).functions():
            sizes[f.name].add(f.size)
        for r in got:
            complaint = self.judge_record(unit, r, sizes)
            if complaint:
                return f"record of {r['name']}: {complaint}", []
        return None, called

    def judge_record(self, unit, r, sizes):
        if r["objname"] != (unit.module or "vmlinux"):
            return f"object {r['objname']}"
        if r["old_size"] not in sizes[r["name"]]:
            return f"old size {r['old_size']}, the original has {sorted(sizes[r['name']])}"
        if elf.base_name(r["new_name"]) != elf.base_name(r["name"]) or r["new_size"] != r["new_symbol_size"]:
            return f"leads to {r['new_name']}, size {r['new_size']} of {r['new_symbol_size']}"
        position = None if unit.module else self.kernel.position(r["name"], os.path.basename(unit.name))
        if position is not None and position != r["sympos"]:
            return f"position {r['sympos']}, vmlinux says {position}"
        return None

    def judge(self, unit):
        comment = self.unchanged(unit, unit.orig, unit.object("comment"))
        unit.results["hopeless"] = bool(self.without_location(unit)[0])
        edited, lines = self.edited(unit, "edit"), self.edited(unit, "lines", comment.called)
        if edited.result == "ok" and lines.result == "refused":
            lines = Outcome("wrong", "refused, but not where no line moved: " + lines.why, lines.diagnostics)
        return {"same": self.unchanged(unit, unit.orig, unit.object("same")),
                "comment": comment,
                "nodwarf": self.nodwarf(unit),
                "edit": edited, "lines": lines}


def records(obj):
    """The records of .kpatch.funcs (struct kpatch_patch_func)."""
    section = obj.by_name[".kpatch.funcs"]
    relocs, found = {r.offset: r for r in obj.relocs(section)}, []
    for at in range(0, section.size, 56):
        _, new_size, _, old_size, sympos, _, _ = struct.unpack_from(obj.order + "7Q", section.data, at)
        r = relocs[at]
        new = next(f for f in obj.functions() if f.shndx == r.symbol.shndx and f.value == r.symbol.value + r.addend)
        text = {}
        for key, offset in (("name", 40), ("objname", 48)):
            r = relocs[at + offset]
            text[key] = obj.string_at(obj.sections[r.symbol.shndx], r.symbol.value + r.addend).decode()
        found.append({"new_name": new.name, "new_symbol_size": new.size, "new_size": new_size, "old_size": old_size,
                      "sympos": sympos, **text})
    return found


def same_function(expected, listed):
    """A function stands for its .cold."""
    return re.sub(r"\.cold\b.*", "", listed) == re.sub(r"\.cold\b.*", "", expected)


def names_of(groups):
    return ", ".join(g[0] for g in groups)


def ids(said):
    return re.findall(r"^error\[([\w-]+)\]", said, re.M)


def first_lines(said):
    errors = re.findall(r"^error.*", said, re.M) or said.strip().split("\n")[-1:]
    return " | ".join(errors[:3]) + (f" | and {len(errors) - 3} more" if len(errors) > 3 else "")


def subsystem(name):
    parts = name.split("/")
    return "/".join(parts[:2]) if parts[0] in ("fs", "kernel", "net", "drivers", "arch") and len(parts) > 2 else parts[0]


JUDGE = None


def start(bindir, lab):
    global JUDGE
    JUDGE = Judge(bindir, lab)


def judge_unit(name):
    unit = corpus.open_unit(JUDGE.lab, name)
    complaint = unit.make() if unit else corpus.NO_OBJECT
    if complaint:
        return name, None, {c: Outcome("wrong", complaint, []) for c in CASES}
    try:
        return name, unit.results, JUDGE.judge(unit)
    except (OSError, LookupError, ValueError, StopIteration, struct.error, subprocess.SubprocessError) as e:
        return name, unit.results, {c: Outcome("wrong", f"output cannot be read: {e!r}", []) for c in CASES}


def reads_by_distance(obj, names):
    """The functions read or write data of the kernel by its distance, for which s390x has no other form: lrl, strl, crl ..."""
    for f in obj.functions():
        section = obj.sections[f.shndx]
        for r in obj.relocs(section) if f.name in names else ():
            where = r.symbol.shndx and obj.sections[r.symbol.shndx]
            if (f.value <= r.offset < f.value + f.size and r.type == R_390_PC32DBL and section.data[r.offset - 2] in (0xc4, 0xc6)
                    and (not where or where.flags & elf.SHF_WRITE)):
                return True
    return False


def is_forced(lab, name, results, outcome):
    """Before Linux 6.10 modules of s390x are farther from the kernel than an instruction reaches."""
    if results["hopeless"]:
        return True
    return set(outcome.diagnostics) == {"out-of-reach"} and reads_by_distance(
        elf.Object(corpus.Unit(lab, name).object("edit")), {n for g in results["changed"] for n in g})


def print_table(outcomes):
    rows = collections.OrderedDict()
    for name, _, found in sorted(outcomes, key=lambda o: subsystem(o[0])):
        for key in (subsystem(name), "all"):
            row = rows.setdefault(key, collections.Counter())
            row["units"] += 1
            for case in CASES:
                row[case, found[case].result] += 1
    rows.move_to_end("all")
    print(f"{'':18}{'units':>6}{'same':>6}{'comment':>9}{'nodwarf':>9}"
          f"{'edit: written':>15}{'refused':>9}{'wrong':>7}{'lines: written':>16}{'refused':>9}{'wrong':>7}")
    for key, r in rows.items():
        wrong = {c: r[c, "wrong"] + r[c, "false"] for c in CASES}
        print(f"{key:18}{r['units']:6}{r['same', 'ok']:6}{r['comment', 'ok']:9}{r['nodwarf', 'ok']:9}"
              f"{r['edit', 'ok']:15}{r['edit', 'refused']:9}{wrong['edit']:7}"
              f"{r['lines', 'ok']:16}{r['lines', 'refused']:9}{wrong['lines']:7}")


def print_refusals(outcomes):
    by_id = collections.defaultdict(list)
    for name, results, found in outcomes:
        for i in sorted(set(found["edit"].diagnostics)):
            by_id[i].append((name, results, found["edit"]))
    for i, found in sorted(by_id.items()):
        print(f"\nedit, [{i}]: {len(found)}")
        for name, results, outcome in found:
            print(f"  {name} ({results['function']}, {results['kind']}): {outcome.why}")


def tolerated_cases(outcomes):
    """Those in which so few units were falsely called changed that they count as skipped."""
    false = collections.Counter(case for _, _, found in outcomes for case, o in found.items() if o.result == "false")
    return {case for case, share in TOLERATED.items() if false[case] < share * len(outcomes)}


def verdict(outcome, tolerated):
    if outcome.result in ("ok", "refused"):
        return "passed"
    return "skipped" if outcome.result == "false" and tolerated else "failed"


def print_verdicts(outcomes, tolerated):
    for name, results, found in outcomes:
        for case, outcome in found.items():
            edited = f" ({results['function']}, {results['kind']})" if results and case in ("edit", "lines") else ""
            false = "false change, " if outcome.result == "false" else ""
            said = verdict(outcome, case in tolerated)
            if said == "skipped":
                print(f"SKIPPED {case} {name}: {WHY_TOLERATED[case]}; fewer than {TOLERATED[case]:.0%} of the units: {outcome.why}")
            elif said == "failed":
                print(f"FAIL {case} {name}{edited}: {false}{outcome.why}")


def main():
    bindir, lab, listed = sys.argv[1:4]
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count(), initializer=start, initargs=(bindir, lab)) as pool:
        units = corpus.units_of(lab, listed)
        outcomes = list(Progress("judge", "units", len(units)).each(pool.map(judge_unit, units)))
    tolerated = tolerated_cases(outcomes)
    count = collections.Counter(verdict(outcome, case in tolerated) for _, _, found in outcomes for case, outcome in found.items())
    print_verdicts(outcomes, tolerated)
    left_out = corpus.not_configured(lab, listed)
    count["skipped"] += len(left_out)
    for name in left_out:
        print(f"SKIPPED {name}: the configuration does not build it")
    print(f"\nHow many of {len(outcomes)} units came to what; a refusal that gives its reason passes:")
    print_table(outcomes)
    print_refusals(outcomes)
    unforced = [n for n, results, found in outcomes
                if found["edit"].result == "refused" and not is_forced(lab, n, results, found["edit"])]
    too_many = len(unforced) if len(unforced) > math.ceil(MOST_UNFORCED * len(outcomes)) else 0
    if unforced:
        print(f"\n{'FAIL ' if too_many else ''}refused, though each changed function by itself can be patched "
              f"({MOST_UNFORCED:.0%} of the units may be, rounded up): {', '.join(unforced)}")
    failed = count["failed"] + too_many
    print(f"\ncheck-kernel: {count['passed'] - too_many} passed, {failed} failed, {count['skipped']} skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
