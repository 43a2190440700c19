# SPDX-License-Identifier: GPL-2.0-or-later
"""count_inputs.py - the inputs of counts.py, made in a directory

The objects are fixtures, which are kept in the repository: no compiler of today decides what they are. Each function
writes into `work` and returns the arguments of create-diff-object.
"""
import os
import subprocess

OBJECTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fixtures", "obj")
SIDES = ("orig", "patched")

# Fixtures whose names do not collide, so that `ld -r` makes one object of them, of which a patch can be written. The list is
# fixed: a new fixture is no change of speed.
MANY = """
address-in-code alias alt-emptied alt-feature ambiguous array-end-kept bss-new bug-flags callbacks callers-chain callers-local
callers-tail-call changed-callee-chain changed-function cold-changed cold-split comdat compressed-debug const-chain const-cycle
constant-fresh-compared constant-fresh-read constant-held constant-held-returned copy-call-sites extable-target falls-through
float-constant fresh-by-name func-name-compared function-table hooked-at-start hooked-padding ignore-function ignore-table
initcall inline-changed joined-alternative label-table line-as-data line-both-ways line-constant line-constant-known-callee
line-followed line-not-argument literal-compared long-name merged-callers missing-reference module-callbacks
module-dependency-missing module-jump-label-vmlinux module-key-branched-to module-local-chain module-tracepoint
names-alias-changed once-call padded percpu-same rodata-named-same rodata-string-changed runtime-first-use runtime-several
runtime-shift-unrelated sched-text section-moved size-between-own static-local-empty static-local-swapped string-backwards
string-compared-harmless string-merged-neighbour ubsan-type weak weak-linked weak-reference
""".split()
UNIT = ["changed-function", "cold-changed", "label-table", "changed-callee-chain", "inline-changed", "function-table"]
SYMBOLS, EXPORTS = 40000, 6000


def link(work, name, fixtures):
    for side in SIDES:
        objects = [f"{OBJECTS}/{f}.gcc.{side}.o" for f in fixtures]
        subprocess.run(["ld", "-r", "--no-warn-execstack", "-o", f"{work}/{name}.{side}.o", *objects], check=True)
    return [f"{name}.{side}.o" for side in SIDES] + ["out.o"]


def small(work):
    return link(work, "small", ["changed-function"])


def many(work):
    return link(work, "many", MANY)


def rows_of(path):
    """(kind, binding, name, size) of each symbol that a kernel linked from the object would have: local ones behind their FILE."""
    lines = subprocess.run(["readelf", "-sW", path], capture_output=True, text=True, check=True).stdout.split("\n")
    words = [line.split() for line in lines]
    rows = [(w[3], w[4], w[7], w[2]) for w in words if len(w) == 8 and w[0][:-1].isdigit()]
    return [row for row in rows if row[0] in ("FILE", "FUNC", "OBJECT", "NOTYPE")]


def kernel_rows(path):
    """A few functions, in a kernel of many."""
    others = [(f"subsystem_{i % 97}_function_{i}", i) for i in range(SYMBOLS)]
    yield "NOTYPE", "GLOBAL", "_stext", 0
    for name, i in others[::2]:
        yield "FUNC", "GLOBAL", name, 64
    yield from sorted(rows_of(path), key=lambda row: row[1] != "LOCAL")
    yield "FILE", "LOCAL", "behind.c", 0
    for name, i in others[1::2]:
        yield "FUNC", "LOCAL" if i % 3 else "GLOBAL", name, 64


def symbols(work):
    arguments = link(work, "unit", UNIT)
    with open(f"{work}/symbols", "w", encoding="ascii") as f:
        f.write("\nSymbol table '.symtab' contains 1 entries:\n   Num:    Value          Size Type    Bind   Vis      Ndx Name\n")
        for i, (kind, bind, name, size) in enumerate(kernel_rows(f"{work}/unit.orig.o")):
            address, index = (0, "ABS") if kind == "FILE" else (0xffffffff81000000 + 64 * i, 1)
            kind = "FUNC" if kind == "NOTYPE" and bind == "GLOBAL" else kind
            f.write(f"{i:6}: {address:016x} {size:>5} {kind:7} {bind:6} DEFAULT  {index:>3} {name}\n")
    with open(f"{work}/symvers", "w", encoding="ascii") as f:
        for i in range(EXPORTS):
            f.write(f"0x{i * 2654435761 % 2**32:08x}\tsubsystem_{i % 97}_function_{i}\tvmlinux\tEXPORT_SYMBOL_GPL\t\n")
    return ["-m", "vmlinux", "-k", "symbols", "-s", "symvers", *arguments]


INPUTS = {"small": small, "many": many, "symbols": symbols}
