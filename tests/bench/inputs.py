# SPDX-License-Identifier: GPL-2.0-or-later
"""inputs.py - what bench.py measures, made in a directory of objects that are there"""
import json
import os
import shutil
import subprocess

PARTS = (8, 4, 2)


def link(out, objects, cwd=None):
    listed = f"{out}.objects"
    with open(listed, "w", encoding="utf-8") as f:
        f.write("\n".join(objects))
    subprocess.run(["ld", "-r", "-z", "noexecstack", "-o", out, f"@{listed}"], check=True, cwd=cwd)
    os.unlink(listed)
    return out


def units_in(path):
    with open(path, encoding="utf-8") as f:
        return [line.strip()[:-2] for line in f]


def part_of(whole, work, objects, nth):
    """Every nth of the objects, and of those that have an edit: (orig, patched)."""
    edited = {f"{stem}.o": f"{whole}/units/{stem}/edit.o" for stem in units_in(f"{whole}/pick.units")}
    kept = {o for group in ([o for o in objects if o in edited], [o for o in objects if o not in edited]) for o in group[::nth]}
    chosen = [o for o in objects if o in kept]
    return (link(f"{work}/part{nth}.orig.o", chosen, f"{whole}/bld"),
            link(f"{work}/part{nth}.patched.o", [edited.get(o, o) for o in chosen], f"{whole}/bld"))


def parts(whole, work):
    """Pairs of growing size, the last of which is the whole kernel."""
    listed = subprocess.run(["ar", "t", "vmlinux.a"], cwd=f"{whole}/bld", capture_output=True, text=True, check=True).stdout.split()
    found = [part_of(whole, work, listed, nth) for nth in PARTS]
    return found + [(f"{whole}/orig-vmlinux.o", f"{whole}/edit-vmlinux.o")]


def size(*paths):
    return sum(os.path.getsize(p) for p in paths)


def tables(lab, work):
    """The kernel's symbols as `readelf -s` prints them, and what it exports."""
    with open(f"{work}/vmlinux.symbols", "w", encoding="utf-8") as f:
        subprocess.run(["readelf", "-s", "--wide", f"{lab}/vmlinux"], stdout=f, check=True)
    return f"{work}/vmlinux.symbols", shutil.copy(f"{lab}/bld/Module.symvers", f"{work}/Module.symvers")


def copy_unit(lab, work, stem):
    d, base = os.path.split(stem)
    for side, path in (("orig", f"{lab}/bld/{stem}.o"), ("patched", f"{lab}/units/{stem}/edit.o")):
        os.makedirs(f"{work}/{side}/{d}", exist_ok=True)
        shutil.copy(path, f"{work}/{side}/{stem}.o")
        shutil.copy(f"{lab}/bld/{d}/.{base}.o.cmd", f"{work}/{side}/{d}")


def directories(tool, lab, work):
    """Two build directories of the lab's edited units, but for those that are refused by themselves; (number, orig, patched)."""
    stems = [os.path.relpath(d, f"{lab}/units") for d, _, files in os.walk(f"{lab}/units") if "edit.o" in files and "unit.json" in files]
    stems = [stem for stem in sorted(stems) if os.path.exists(f"{lab}/bld/{stem}.o")]
    for stem in stems:
        copy_unit(lab, work, stem)
    done = subprocess.run([tool, "-q", "-n", "--json", "-", f"{work}/orig", f"{work}/patched"], capture_output=True, text=True)
    report = json.loads(done.stdout)
    refused = [u["path"] for u in report["units"] if u["state"] not in ("changed", "unchanged")]
    for path in refused:
        shutil.copy(f"{work}/orig/{path}", f"{work}/patched/{path}")
    return len(stems) - len(refused), f"{work}/orig", f"{work}/patched"
