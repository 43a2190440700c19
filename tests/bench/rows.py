# SPDX-License-Identifier: GPL-2.0-or-later
"""rows.py - the rows of bench.py's table: what is measured, and what was aimed at"""
import os
import shutil

import inputs
import measure
import union

WHOLE_TIMES, WHOLE_MEMORY, GROWTH, COLD_TIMES, WARM_MS, JOBS_TIMES = 8.0, 1.5, 10.0, 3.0, 5.0, 1.8


class Row:
    """`aim` is the most that `value` may be, or with `least` the least; None: no aim, or not measured"""

    def __init__(self, name, value, unit, aim=None, note="", least=False):
        self.name, self.value, self.unit, self.aim, self.note, self.least = name, value, unit, aim, note, least

    def met(self):
        if self.value is None or self.aim is None:
            return None
        return self.value >= self.aim if self.least else self.value <= self.aim

    def line(self):
        if self.value is None:
            return f"{self.name:54}SKIPPED: {self.note}"
        aim = f"{'>=' if self.least else '<='} {self.aim:g} {self.unit}" if self.aim is not None else ""
        verdict = {True: "met", False: "MISSED", None: ""}[self.met()]
        return f"{self.name:54}{self.value:8.2f} {self.unit:3} {aim:12}{verdict:8}{self.note}"

    def record(self):
        return {"name": self.name, "value": self.value, "unit": self.unit, "aim": self.aim, "met": self.met(), "note": self.note}


class Bench:
    """`work` is a directory of its own; what the plot needs is left in `points`: (bytes, seconds of the tool, of the floor)."""

    def __init__(self, build, lab, whole, work):
        self.tool, self.floor = f"{build}/bin/create-diff-object", f"{build}/tests/bench/floor"
        self.text_floor, self.bindir = f"{build}/tests/bench/text_floor", f"{build}/bin"
        self.lab, self.whole, self.work, self.points = lab, whole, work, []

    def pair(self, orig, patched):
        return [self.tool, "-q", orig, patched, f"{self.work}/out.o"], [self.floor, orig, patched]

    def count(self, *commands):
        return [measure.instructions(c, f"{self.work}/count") for c in commands]


def instruction_row(bench, name, tool, floor, aim=None):
    counts = bench.count(tool, floor)
    if None in counts:
        return Row(name, None, "x", note="neither perf's counter nor valgrind is there")
    return Row(name, counts[0] / counts[1], "x", aim, f"{counts[0] / 1e6:.0f} against {counts[1] / 1e6:.0f} million")


def whole_rows(bench):
    names = ("whole kernel: time until it ends", "whole kernel: user + system time", "whole kernel: instructions",
             "whole kernel: peak memory, of both inputs", "whole kernel: growth of time per byte", "whole kernel: as its units")
    if not os.path.exists(f"{bench.whole}/edit-vmlinux.o"):
        return [Row(n, None, "", note=f"no whole kernel in {bench.whole}; tests/bench/whole.sh builds it") for n in names]
    pairs = inputs.parts(bench.whole, bench.work)
    costs = measure.alternate(*[command for p in pairs for command in bench.pair(*p)])
    tools, floors = costs[::2], costs[1::2]
    sizes = [inputs.size(*p) for p in pairs]
    bench.points = [(s, measure.median(t, "wall"), measure.median(f, "wall"), measure.median(t, "cpu"), measure.median(f, "cpu"))
                    for s, t, f in zip(sizes, tools, floors)]
    rows = [Row(name, measure.ratio(tools[-1], floors[-1], what), "x", WHOLE_TIMES,
                f"{measure.median(tools[-1], what):.2f} s against {measure.median(floors[-1], what):.3f} s")
            for name, what in zip(names, ("wall", "cpu"))]
    rows.append(instruction_row(bench, names[2], *bench.pair(*pairs[-1]), aim=WHOLE_TIMES))
    peak = measure.median(tools[-1], "memory")
    rows.append(Row(names[3], peak / sizes[-1], "x", WHOLE_MEMORY, f"{peak / 1e6:.0f} MB; the inputs have {sizes[-1] / 1e6:.0f} MB"))
    return rows + [growth_row(names[4], sizes, tools), union_row(bench, names[5])]


def growth_row(name, sizes, tools):
    per_byte = [measure.median(t, "cpu") / s for s, t in zip(sizes, tools)]
    note = ", ".join(f"{p * 1e9:.2f}" for p in per_byte) + " ns of user + system time per byte, of 1/8, 1/4, 1/2, 1"
    return Row(name, (per_byte[-1] / per_byte[0] - 1) * 100, "%", GROWTH, note)


def union_row(bench, name):
    of_whole, of_units, wrong = union.compare(bench.bindir, bench.whole)
    return Row(name, len(wrong), "", 0, f"differences; {of_whole} changed functions, {of_units} in its units")


def symbol_rows(bench, stem):
    cold, warm = f"{stem}.o with symbols, no cache", f"{stem}.o with symbols, a cache"
    pair = [f"{bench.lab}/bld/{stem}.o", f"{bench.lab}/units/{stem}/edit.o"]
    if not all(map(os.path.exists, pair)):
        return [Row(n, None, "", note="the unit is not compiled; make check-kernel does that") for n in (cold, warm)]
    symbols, symvers = inputs.tables(bench.lab, bench.work)
    command = [bench.tool, "-q", "-m", "vmlinux", "-k", symbols, "-s", symvers, *pair, f"{bench.work}/out.o"]
    floor = [bench.text_floor, symbols, symvers]
    tool_costs, floor_costs = measure.alternate([*command, "--no-cache"], floor)
    milliseconds = [1e3 * measure.median(c, "cpu") for c in (tool_costs, floor_costs)]
    note = "user + system time: {:.1f} ms against {:.1f} ms of text_floor".format(*milliseconds)
    rows = [Row(cold, measure.ratio(tool_costs, floor_costs, "cpu"), "x", COLD_TIMES, note),
            instruction_row(bench, f"{cold}: instructions", [*command, "--no-cache"], floor, aim=COLD_TIMES)]
    before = set(os.listdir(bench.work))
    costs, = measure.alternate(command, runs=2 * measure.RUNS)
    caches = len(set(os.listdir(bench.work)) - before - {"out.o"})
    return rows + [Row(warm, 1e3 * measure.median(costs, "cpu"), "ms", WARM_MS, f"user + system time; {caches} caches were written")]


def job_rows(bench):
    name = "build directories: -j1 against -j2"
    if not os.path.isdir(f"{bench.lab}/units"):
        return [Row(name, None, "", note="no units are compiled; make check-kernel does that")]
    count, *sides = inputs.directories(bench.tool, bench.lab, bench.work)
    commands = [[bench.tool, "-q", "-j", jobs, *sides, f"{bench.work}/out{jobs}"] for jobs in "12"]
    one, two = measure.alternate(*commands)
    note = (f"{measure.median(one, 'wall'):.2f} s against {measure.median(two, 'wall'):.2f} s, of {count} units; {os.cpu_count()} processors, "
            f"load average {os.getloadavg()[0]:.1f}")
    rows = [Row(name, measure.ratio(one, two, "wall"), "x", JOBS_TIMES, note, least=True)]
    for side in sides:
        shutil.rmtree(side)
    return rows
