#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench.py - what create-diff-object costs, as a multiple of the floor

    bench.py BUILDDIR LAB UNITS

For each unit, and for all of them in one object: the median of user + system time over alternating runs of both
programs, and the number of instructions where valgrind is there (the time of a run of a few milliseconds is mostly
process start; instructions are not). The tool runs as a user of it would without kernel symbols: two objects in, one out;
reading an 80 MB vmlinux would be a cost of its own.
"""
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys

RUNS = int(os.environ.get("RUNS") or 9)


def cost(command):
    """Seconds of user and system time; the exit status must be one that ends a full comparison."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    status = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if status not in (0, 3):
        return None
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def instructions(command, scratch):
    if not shutil.which("valgrind"):
        return None
    subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={scratch}", *command],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(scratch, encoding="utf-8", errors="replace") as f:
        found = re.search(r"^(?:summary|totals): (\d+)", f.read(), re.M)
    os.unlink(scratch)
    return int(found[1]) if found else None


def measure(build, orig, patched, scratch):
    floor = [f"{build}/tests/bench/floor", orig, patched]
    tool = [f"{build}/bin/create-diff-object", "-q", orig, patched, scratch + ".o"]
    times = {"floor": [], "tool": []}
    for _ in range(RUNS):
        for name, command in (("floor", floor), ("tool", tool)):
            seconds = cost(command)
            if seconds is None:
                return None
            times[name].append(seconds)
    return (statistics.median(times["floor"]), statistics.median(times["tool"]),
            instructions(floor, scratch), instructions(tool, scratch))


def link(objects, out):
    subprocess.run(["ld", "-r", "-o", out, *objects], check=True)
    return out


def show(name, size, measured):
    if measured is None:
        print(f"{name:28}{size / 1e6:7.1f}   refused or failed: not measured")
        return
    floor, tool, floor_ir, tool_ir = measured
    counted = f"{floor_ir / 1e6:11.1f}{tool_ir / 1e6:10.1f}{tool_ir / floor_ir:7.1f}" if floor_ir and tool_ir else ""
    print(f"{name:28}{size / 1e6:7.1f}{floor * 1e3:9.1f}{tool * 1e3:9.1f}{tool / max(floor, 1e-4):7.1f}{counted}", flush=True)


def main():
    build, lab, listed = sys.argv[1:4]
    with open(listed, encoding="utf-8") as f:
        units = [line.strip()[:-2] for line in f]
    scratch, pairs = f"{lab}/bench", []
    for u in units:
        pairs.append((u, f"{lab}/bld/{u}.o", f"{lab}/units/{u}/edit.o"))
    pairs.append(("all in one object", link([p[1] for p in pairs], f"{lab}/bench.orig.o"),
                  link([p[2] for p in pairs], f"{lab}/bench.edit.o")))
    print(f"{'':28}{'MB':>7}{'floor ms':>9}{'tool ms':>9}{'ratio':>7}{'floor Mi':>11}{'tool Mi':>10}{'ratio':>7}")
    sums = [0.0, 0.0, 0, 0]
    for name, orig, patched in pairs:
        measured = measure(build, orig, patched, scratch)
        if name == pairs[-1][0] and sums[0]:
            show("sum of the units", 0, sums)
        show(name, os.path.getsize(orig), measured)
        if measured:
            sums = [a + (b or 0) for a, b in zip(sums, measured)]


if __name__ == "__main__":
    main()
