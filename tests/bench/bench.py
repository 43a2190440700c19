#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench.py - what create-diff-object costs, as a multiple of the floor

    bench.py BUILDDIR LAB WHOLE UNITS UNIT

First the table of what was aimed at (rows.py), then the units of the list UNITS one by one, without kernel symbols, and all of
them linked into one object. Times are medians of RUNS alternating runs; see measure.py. BUILDDIR/bench has bench.json and
bench.svg afterwards.
"""
import json
import os
import shutil
import sys

import inputs
import measure
import plot
import rows

HEAD = f"{'':28}{'MB':>7}{'floor ms':>10}{'tool ms':>10}{'ratio':>7}{'floor Mi':>11}{'tool Mi':>10}{'ratio':>7}"


def measure_unit(bench, orig, patched):
    """[seconds of the floor and of the tool, their instructions]; None if the pair is refused."""
    tool, floor = bench.pair(orig, patched)
    try:
        tool_costs, floor_costs = measure.alternate(tool, floor)
    except measure.Refused:
        return None
    return [measure.median(floor_costs, "cpu"), measure.median(tool_costs, "cpu"), *bench.count(floor, tool)]


def show_unit(name, size, measured):
    if measured is None:
        print(f"{name:28}{size / 1e6:7.1f}   refused or failed: not measured")
        return
    floor, tool, floor_ir, tool_ir = measured
    counted = f"{floor_ir / 1e6:11.1f}{tool_ir / 1e6:10.1f}{tool_ir / floor_ir:7.1f}" if floor_ir and tool_ir else ""
    print(f"{name:28}{size / 1e6:7.1f}{floor * 1e3:10.1f}{tool * 1e3:10.1f}{tool / max(floor, 1e-4):7.1f}{counted}", flush=True)


def show_units(bench, listed):
    pairs = [(u, f"{bench.lab}/bld/{u}.o", f"{bench.lab}/units/{u}/edit.o") for u in inputs.units_in(listed)]
    pairs = [p for p in pairs if os.path.exists(p[2])]
    if not pairs:
        print("units one by one: SKIPPED: none is compiled; make check-kernel does that")
        return []
    print(HEAD)
    found = [(name, inputs.size(orig), measure_unit(bench, orig, patched)) for name, orig, patched in pairs]
    pairs = [p for p, (_, _, m) in zip(pairs, found) if m]
    sums = [sum(values) for values in zip(*[[v or 0 for v in m] for _, _, m in found if m])]
    found.append(("sum of the units", sum(size for _, size, m in found if m), sums or None))
    if not sums:
        return found
    linked = [inputs.link(f"{bench.work}/units.{side}.o", [p[n] for p in pairs]) for n, side in ((1, "orig"), (2, "patched"))]
    found.append(("all in one object", inputs.size(linked[0]), measure_unit(bench, *linked)))
    for row in found:
        show_unit(*row)
    return found


def draw(bench, path):
    lines = [("create-diff-object", 1), ("its processor time", 3), ("the floor", 2)]
    plot.draw(path, "Time against size: a kernel's objects, every 8th, 4th, half and all", "MB of both inputs", "seconds",
              [(name, [(0, 0)] + [(p[0] / 1e6, p[column]) for p in bench.points]) for name, column in lines])


def show_rows(bench, unit):
    print(f"{'':54}{'measured':>8}     {'aim':12}")
    table = []
    for make, *more in ((rows.whole_rows, ), (rows.symbol_rows, unit), (rows.job_rows, )):
        try:
            made = make(bench, *more)
        except measure.Refused as why:
            made = [rows.Row(make.__name__, None, "", note=f"refused or failed: {why}")]
        for row in made:
            print(row.line(), flush=True)
        table += made
    return table


def main():
    (build, lab, whole), (listed, unit) = map(os.path.abspath, sys.argv[1:4]), sys.argv[4:6]
    results, work = f"{build}/bench", f"{build}/bench/work"
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    bench = rows.Bench(build, lab, whole, work)
    print("load average before: {:.1f} {:.1f} {:.1f}; {} processors; {} runs".format(*os.getloadavg(), os.cpu_count(), measure.RUNS))
    table = show_rows(bench, unit.removesuffix(".c"))
    units = show_units(bench, listed)
    print("load average after: {:.1f} {:.1f} {:.1f}".format(*os.getloadavg()))
    with open(f"{results}/bench.json", "w", encoding="utf-8") as f:
        json.dump({"runs": measure.RUNS, "load": os.getloadavg(), "rows": [r.record() for r in table],
                   "sizes": [dict(zip(("bytes", "wall", "floor_wall", "cpu", "floor_cpu"), p)) for p in bench.points],
                   "units": [{"name": n, "bytes": s, "measured": m} for n, s, m in units]}, f, indent=1)
    print(f"{results}/bench.json")
    if bench.points:
        draw(bench, f"{results}/bench.svg")
        print(f"{results}/bench.svg")
    shutil.rmtree(work)
    return 1 if any(r.name.endswith("as its units") and r.met() is False for r in table) else 0


if __name__ == "__main__":
    sys.exit(main())
