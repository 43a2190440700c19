#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""merged.py - the whole corpus in one pair of objects

    merged.py BINDIR LAB UNITS

`ld -r` makes one object of all units as they were and one of all that were edited (corpus.py): tens of thousands of
sections, hundreds of static functions and variables of one name. The functions that changed must be those that changed
in the units one by one; nothing may be called changed without an edit, and 60 seconds must do.

One refusal is the link's: it puts .data.once and the like of all units together, where an address that is loaded by itself may
count from any variable. On x86 instructions have memory for an operand, and say which it is.
"""
import collections
import json
import os
import subprocess
import sys
import time

import corpus
import machines
from corpus import Progress

TIME_LIMIT = 60
OF_THE_LINK = {"ambiguous-address"}


def report(bindir, orig, patched):
    """Names of the changed functions, and the ids of what went wrong."""
    out = subprocess.run([f"{bindir}/create-diff-object", "-q", "-n", "-m", "vmlinux", "--json", "-", orig, patched],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=TIME_LIMIT)
    facts = json.loads(out.stdout)
    return (out.returncode, collections.Counter(f["name"] for f in facts["functions"]),
            collections.Counter(d["id"] for d in facts["diagnostics"] if d["severity"] in ("refusal", "failure")))


def link(objects, out):
    subprocess.run([machines.of_file(objects[0]).prefix + "ld", "-r", "-z", "muldefs", "-o", out, *objects], check=True)  # every module has an init_module
    return out


def main():
    bindir, lab, listed = sys.argv[1:4]
    units = [corpus.Unit(lab, n) for n in corpus.units_of(lab, listed) if os.path.exists(f"{lab}/bld/{n[:-2]}.o")]
    units = [u for u in units if os.path.exists(u.object("edit"))]
    orig = link([u.orig for u in units], f"{lab}/merged.orig.o")
    edited = link([u.object("edit") for u in units], f"{lab}/merged.edit.o")
    expected, expected_ids = collections.Counter(), collections.Counter()
    for u in Progress("merged", "units by themselves", len(units)).each(units):
        _, functions, ids = report(bindir, u.orig, u.object("edit"))
        expected += functions
        expected_ids += ids

    wrong = []
    start = time.monotonic()
    _, functions, ids = report(bindir, orig, edited)
    seconds = time.monotonic() - start
    lost = {i for i in ids - expected_ids if i in OF_THE_LINK} if machines.of_file(units[0].orig) is not machines.X86_64 else set()
    for i in lost:
        del ids[i]
    for text, names in (("changed in the merged object alone", functions - expected),
                        ("changed in its unit alone", expected - functions),
                        ("refused in the merged object alone", ids - expected_ids)):
        if names:
            wrong.append(f"{text}: {', '.join(sorted(names))}")
    status = report(bindir, orig, orig)[0]
    if status != 3:
        wrong.append(f"exit status {status}, not 3, for the merged object and itself")
    for line in wrong:
        print(f"FAIL {line}")
    print(f"{len(units)} units in one object of {os.path.getsize(orig) >> 20} MB: {sum(functions.values())} changed functions "
          f"in {seconds:.1f} s")
    os.unlink(orig)
    os.unlink(edited)
    if lost:
        print(f"SKIPPED refusals that the link makes necessary: {', '.join(sorted(lost))}")
    print(f"check-merged: {3 - min(len(wrong), 3)} passed, {len(wrong)} failed, {len(lost)} skipped")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
