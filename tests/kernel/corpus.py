#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""corpus.py - compile each unit of a list again: unchanged, with a comment, with an edit

    corpus.py LAB UNITS                            needs every unit's object and .cmd file in LAB/bld
    corpus.py --compile LAB UNIT SOURCE OUT        compile SOURCE as if it were UNIT
    corpus.py --list LAB UNITS                     the units, LIMIT of them where that is set, less those that the
                                                   kernel's configuration does not build

For unit net/ipv4/tcp.c the results are in LAB/units/net/ipv4/tcp/: same.o, comment.o, edit.o, lines.o (the edit, with
lines added before it) and unit.json (the edit; the functions that it changed, by expect.py). The compiler and objtool
run exactly as kbuild ran them, on a copied source with the same __FILE__. What is there and was made from the same
input is used again. With SEED=2 other edits are made, in LAB/units2.
"""
import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import edit
import elf
import expect

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))
from progress import Progress  # noqa: E402

VARIANTS = ["same", "comment", "edit", "lines"]
MOST_TRIES = 15
NO_OBJECT = "kbuild has made no object of it"


def read(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        return f.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as f:
        f.write(text)


class Unit:
    def __init__(self, lab, name):
        self.lab, self.name = lab, name
        self.stem = name[:-2]
        self.orig = f"{lab}/bld/{self.stem}.o"
        self.dir = f"{lab}/units{os.environ.get('SEED', '')}/{self.stem}"
        self.source = read(f"{lab}/linux/{name}")
        self.command = self._command()
        self.module = self._module()
        self.results = None

    def _command(self):
        d, base = os.path.split(self.stem)
        text = read(f"{self.lab}/bld/{d}/.{base}.o.cmd")
        command = re.match(r"(?:saved)?cmd_\S+ := (.*)", text)[1].strip()
        # kbuild runs it after the compiler, and writes no word of it.
        traced = " -pg " in command and "CONFIG_FTRACE_MCOUNT_USE_RECORDMCOUNT=y\n" in read(f"{self.lab}/bld/.config")
        return command + f" ; ./scripts/recordmcount {self.stem}.o" if traced else command

    def _module(self):
        m = re.search(r"-DKBUILD_MODNAME='\"(\w+)\"'", self.command)
        return m[1] if "-DMODULE" in self.command and m else None

    def key(self):
        tools = "".join(read(os.path.join(os.path.dirname(__file__), f)) for f in
                        ("edit.py", "elf.py", "expect.py", "corpus.py", "machines.py"))
        return hashlib.sha256((self.command + self.source + tools).encode("utf-8", "surrogateescape")).hexdigest()

    def object(self, variant):
        return f"{self.dir}/{variant}.o"

    def compile(self, variant, source):
        """Compile another source as this unit; returns None, or the compiler's complaint."""
        root = f"{self.dir}/{variant}"
        out, old_source = self.object(variant), f"{self.lab}/linux/{self.name}"
        # UBSAN has the path as it is, which no -fmacro-prefix-map changes.
        source = f'#line 1 "{old_source}"\n{source}'
        write(f"{root}/{self.name}", source)
        stamp = hashlib.sha256((self.command + source).encode("utf-8", "surrogateescape")).hexdigest()
        if os.path.exists(out) and os.path.exists(out + ".key") and read(out + ".key") == stamp:
            return None
        command = re.sub(r"-Wp,-MMD,\S+", "", self.command)
        command = command.replace(f"-c -o {self.stem}.o {old_source}",
                                  f"-w -iquote {os.path.dirname(old_source)} "
                                  f"-c -o {out} {root}/{self.name}")
        command = re.sub(r"(?<=\s)%s\.o\b" % re.escape(self.stem), out, command)
        done = subprocess.run(["sh", "-ec", command.replace(" ; ", "\n")], cwd=f"{self.lab}/bld",
                              env=dict(os.environ, PATH=f"{self.lab}/bin:{os.environ['PATH']}"),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode or not os.path.exists(out):
            return done.stderr or "failed without a word"
        write(out + ".key", stamp)
        return None

    def find_edit(self, orig):
        """The first edit that compiles to other code; [edit, changed functions]."""
        for number, e in enumerate(edit.edits(self.name, self.source, orig)):
            if number >= MOST_TRIES:
                break
            if self.compile("edit", edit.apply(self.source, e)):
                continue
            groups = expect.changed(orig, elf.Object(self.object("edit")))
            if groups:
                return e, groups
        return None, []

    def make(self):
        try:
            with open(f"{self.dir}/unit.json", encoding="utf-8") as f:
                self.results = json.load(f)
            if self.results["key"] == self.key() and all(os.path.exists(self.object(v)) for v in VARIANTS):
                return None
        except (OSError, ValueError, KeyError):
            pass
        for variant, source in (("same", self.source), ("comment", edit.with_comment(self.source))):
            complaint = self.compile(variant, source)
            if complaint:
                return f"{variant}: {complaint[-2000:]}"
        orig = elf.Object(self.orig)
        e, groups = self.find_edit(orig)
        if not e:
            return "no edit of it compiles to other code"
        complaint = self.compile("lines", edit.with_lines(self.source, e))
        if complaint:
            return f"lines: {complaint[-2000:]}"
        self.results = {"key": self.key(), "function": e.function, "kind": e.kind, "line": e.line + 1, "old": e.old,
                        "new": e.new, "changed": groups, "unpatchable": expect.unpatchable(orig, groups)}
        write(f"{self.dir}/unit.json", json.dumps(self.results, indent=1))
        return None


def open_unit(lab, name):
    """None where kbuild has made no object of it, or no command tells how."""
    try:
        return Unit(lab, name)
    except (OSError, TypeError):
        return None


def make(lab, name):
    unit = open_unit(lab, name)
    return unit.make() if unit else NO_OBJECT


def listed_units(lab, path):
    """Of each line the first file that the kernel's source has: files were renamed and divided."""
    with open(path, encoding="utf-8") as f:
        lines = [line.split("#")[0].split() for line in f]
    names = [next((n for n in line if os.path.exists(f"{lab}/linux/{n}")), line[0]) for line in lines if line]
    limit = int(os.environ.get("LIMIT") or 0)
    return [names[n * len(names) // limit] for n in range(limit)] if 0 < limit < len(names) else names


def not_configured(lab, path):
    """Those of the list that the kernel's configuration does not build (compile.sh)."""
    known = f"{lab}/not-configured"
    left_out = set(read(known).split()) if os.path.exists(known) else ()
    return [name for name in listed_units(lab, path) if name in left_out]


def units_of(lab, path):
    left_out = not_configured(lab, path)
    return [name for name in listed_units(lab, path) if name not in left_out]


def compile_one(lab, name, source, out):
    unit = Unit(lab, name)
    complaint = unit.compile("other", read(source))
    if complaint:
        sys.exit(complaint)
    shutil.copyfile(unit.object("other"), out)


def main():
    if sys.argv[1] == "--compile":
        compile_one(*sys.argv[2:])
        return
    if sys.argv[1] == "--list":
        print("\n".join(units_of(*sys.argv[2:4])))
        return
    lab, listed = sys.argv[1:3]
    names, failed = units_of(lab, listed), 0
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = [(n, pool.submit(make, lab, n)) for n in names]
        for name, job in Progress("corpus", "units", len(names)).each(jobs):
            complaint = job.result()
            if complaint:
                failed += 1
                print(f"{name}: {complaint}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
