#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""union.py - what changed in a whole kernel is what changed in its units

    union.py BINDIR WHOLE

The functions that are reported of the pair of vmlinux.o must be those that are reported of the units' pairs, by name and size:
what the many others of the large pair have in common with them hides nothing. WHOLE is what whole.sh made.
"""
import collections
import json
import subprocess
import sys


def functions(tool, orig, patched):
    done = subprocess.run([tool, "-q", "-n", "-m", "vmlinux", "--json", "-", orig, patched], capture_output=True, text=True)
    if done.returncode not in (0, 2, 3):
        sys.exit(f"union.py: {orig}: status {done.returncode}: {done.stderr}")
    found = json.loads(done.stdout)["functions"]
    return collections.Counter((f["name"], f["original_size"], f["patched_size"]) for f in found)


def compare(bindir, whole):
    """(functions of the whole, of the units, lines about what only one of them has)"""
    tool, units = f"{bindir}/create-diff-object", collections.Counter()
    with open(f"{whole}/pick.units", encoding="utf-8") as f:
        stems = [line.strip()[:-2] for line in f]
    for stem in stems:
        units += functions(tool, f"{whole}/bld/{stem}.o", f"{whole}/units/{stem}/edit.o")
    everything = functions(tool, f"{whole}/orig-vmlinux.o", f"{whole}/edit-vmlinux.o")
    wrong = [f"only in the whole kernel: {key}" for key in everything - units] + [f"only in its unit: {key}" for key in units - everything]
    return sum(everything.values()), sum(units.values()), wrong


def main():
    all_of_it, of_units, wrong = compare(*sys.argv[1:3])
    for line in wrong:
        print(f"FAIL {line}")
    print(f"changed functions: {all_of_it} of the whole kernel, {of_units} of its units")
    print(f"union: {int(not wrong)} passed, {int(bool(wrong))} failed, 0 skipped")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
