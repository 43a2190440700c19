#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""directory.py - build directories of real units, against the same units one by one

    directory.py BINDIR LAB UNITS

Of the corpus (corpus.py), all units of modules that have several, and MOST of vmlinux, in a directory as they were and in one
that has the edits. What is refused, and for what reasons, must be what is refused of the pairs one by one; without those, each
output must be what `ld -r` makes of the units' own, and any number of jobs must write the same bytes, also two at once
under make's jobserver.
"""
import collections
import filecmp
import json
import os
import shutil
import subprocess
import sys
import tempfile

import corpus
import judge
from corpus import Progress

LINKED = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib", "linked.py")  # it has another elf.py
MOST = 12


def choose(lab, listed):
    units = [corpus.Unit(lab, n) for n in corpus.units_of(lab, listed) if os.path.exists(f"{lab}/bld/{n[:-2]}.o")]
    units = [u for u in units if os.path.exists(u.object("edit"))]
    of = collections.Counter(u.module for u in units)
    modules = [u for u in units if u.module and (of[u.module] > 1)]
    return [u for u in units if not u.module][:MOST] + (modules or [u for u in units if u.module][:MOST])


class Place:
    def __init__(self, bindir, lab, units, work):
        self.bindir, self.lab, self.units, self.work = os.path.abspath(bindir), lab, units, work
        self.modules = judge.find_modules(lab)
        self.symbols = ["-k", f"{lab}/vmlinux", "-s", f"{lab}/bld/Module.symvers"]
        for name in sorted({u.module for u in units if u.module in self.modules}):
            self.symbols += ["-k", self.modules[name]]
        self.wrong = []
        for u in units:
            d, base = os.path.split(u.stem)
            for side, path in (("orig", u.orig), ("patched", u.object("edit"))):
                os.makedirs(f"{work}/{side}/{d}", exist_ok=True)
                shutil.copy(path, f"{work}/{side}/{u.stem}.o")
                shutil.copy(f"{lab}/bld/{d}/.{base}.o.cmd", f"{work}/{side}/{d}")

    def command(self, *args):
        return [f"{self.bindir}/create-diff-object", "-q", "--form", "linkable", *self.symbols, *args]

    def run(self, *args):
        return subprocess.run(self.command(*args), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def directories(self, out, *args):
        report = f"{self.work}/report"
        r = self.run("--json", report, *args, f"{self.work}/orig", f"{self.work}/patched", f"{self.work}/{out}")
        with open(report, encoding="utf-8") as f:
            return r.returncode, json.load(f)

    def single(self, unit):
        """(status, ids of refusals, output) of the pair alone."""
        out, report = f"{self.work}/single/{unit.stem.replace('/', '%')}.o", f"{self.work}/report"
        r = self.run("-m", unit.module or "vmlinux", "--json", report, f"{self.work}/orig/{unit.stem}.o",
                     f"{self.work}/patched/{unit.stem}.o", out)
        with open(report, encoding="utf-8") as f:
            ids = sorted(d["id"] for d in json.load(f)["diagnostics"] if d["severity"] == "refusal")
        return r.returncode, ids, out

    def expect(self, condition, text):
        if not condition:
            self.wrong.append(text)


def compare_refusals(place, singles):
    status, report = place.directories("refused")
    states = {0: "changed", 2: "refused", 3: "unchanged"}
    for u in report["units"]:
        code, ids, _ = singles[u["path"]]
        found = sorted(d["id"] for d in u["diagnostics"] if d["severity"] == "refusal")
        place.expect((u["state"], found) == (states.get(code), ids), f"{u['path']}: {u['state']} {found}, alone {code} {ids}")
    refused = [p for p, s in singles.items() if s[0] == 2]
    place.expect(status == (2 if refused else 0), f"status {status} with {len(refused)} refused units")
    place.expect(not refused or not os.path.exists(f"{place.work}/refused"), "something was written all the same")
    for path in refused:
        shutil.copy(f"{place.work}/orig/{path}", f"{place.work}/patched/{path}")


def compare_outputs(place, singles):
    status, report = place.directories("j1", "-j", "1")
    place.expect(status == 0, f"status {status} without the refused units")
    parts = collections.defaultdict(list)
    for u in report["units"]:
        if u["state"] == "changed":
            parts[u["object"]].append(singles[u["path"]][2])
    for name in parts:
        r = subprocess.run([sys.executable, "-B", LINKED, f"{place.work}/j1/{name}.o", *parts[name]], stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True)
        place.expect(r.returncode == 0, f"{name}: {r.stdout}")
    place.expect(sorted(os.listdir(f"{place.work}/j1")) == sorted(n + ".o" for n in parts), "other files are written")
    return {n: len(p) for n, p in parts.items()}


def compare_jobs(place):
    place.directories("j4", "-j", "4")
    with open(f"{place.work}/Makefile", "w", encoding="utf-8") as f:
        for name in ("m1", "m2"):
            words = " ".join(place.command(f"{place.work}/orig", f"{place.work}/patched", f"{place.work}/{name}"))
            f.write(f"all: {name}\n{name}:\n\t+@{words}\n")
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    r = subprocess.run(["make", "-s", "-j2", "-C", place.work, "all"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env)
    place.expect(r.returncode == 0 and not r.stdout, f"make: {r.stdout}")
    names = sorted(os.listdir(f"{place.work}/j1"))
    for other in ("j4", "m1", "m2"):
        differ = filecmp.cmpfiles(f"{place.work}/j1", f"{place.work}/{other}", names, shallow=False)[1:]
        place.expect(not any(differ), f"{other}: other bytes: {differ}")


def main():
    bindir, lab, listed = sys.argv[1:4]
    units = choose(lab, listed)
    with tempfile.TemporaryDirectory(prefix="elfdiff-directory.") as work:
        place = Place(bindir, lab, units, work)
        os.mkdir(f"{work}/single")
        singles = {f"{u.stem}.o": place.single(u) for u in Progress("directory", "units by themselves", len(units)).each(units)}
        compare_refusals(place, singles)
        counts = compare_outputs(place, singles)
        compare_jobs(place)
    for line in place.wrong:
        print(f"FAIL {line}")
    print(f"{len(units)} units in build directories: {', '.join(f'{n} of {o}' for o, n in sorted(counts.items()))}")
    print(f"check-directories: {3 - min(len(place.wrong), 3)} passed, {len(place.wrong)} failed, 0 skipped")
    sys.exit(1 if place.wrong else 0)


if __name__ == "__main__":
    main()
