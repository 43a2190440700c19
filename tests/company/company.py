# SPDX-License-Identifier: GPL-2.0-or-later
"""An object of several units: a fixture and others, linked as ld links built-in.a, at the beginning, in the middle or at the end."""
import subprocess

import elf as E
import case as C

UNITS = 12
# Whose meaning is not that of one unit: who patches whom, or what a module is; what is not code of x86_64; and parts of the image.
NOT_QUIET = ('.kpatch.', '.modinfo', '.gnu.l', '__versions', '.init', '.exit', '.group', '.debug', '.altinstr', '.text..')


class Unit:
    """What an object defines and wants by global names, and the names of its sections."""

    def __init__(self, path):
        elf = E.Elf(path)
        named = [y for y in elf.symbols[1:] if y.bind != E.STB_LOCAL]
        self.path = path
        self.wants = {y.name for y in named if y.shndx == E.SHN_UNDEF}
        self.defines = {y.name for y in named} - self.wants
        self.sections = {s.name for s in elf.sections}


def is_quiet(pair, unit):
    """Its tables are today's, and the tool finds nothing in it that it would refuse in any kernel."""
    return not (pair.words('entries') or any(name.startswith(NOT_QUIET) for name in unit.sections) or
                pair.run(objects=[unit.path] * 2).status != 3)


def others(pairs):
    """Units that can keep company with another."""
    found = [(p, Unit(p.orig)) for p in pairs]
    return [u for p, u in found if is_quiet(p, u)]


def choose(units, first, pair, case):
    """
    A dozen, from the first on, that have no name in common with each other, nor anything to do with the pair's objects. What
    the whole object is asked about counts as well: who calls a function, and entries of another size.
    """
    own, wanted = (set().union(*s) for s in ([c.defines for c in case], [c.wants for c in case]))
    asked, tables = own | set(pair.named()), set(pair.entries())
    taken, chosen = set(own), []
    for i in range(len(units)):
        unit = units[(first + i) % len(units)]
        if unit.path != pair.orig and not (unit.defines & (taken | wanted) or unit.wants & asked or unit.sections & tables):
            chosen.append(unit)
            taken |= unit.defines
        if len(chosen) == UNITS:
            break
    return chosen


def link(path, case, company, place):
    """`place`: of the case among them."""
    inputs = [u.path for u in company]
    inputs.insert(place, case)
    r = subprocess.run(['ld', '-r', '-o', path] + inputs, capture_output=True, text=True, timeout=60, check=False)
    if r.returncode:
        raise C.Failed('ld -r: ' + r.stderr)
