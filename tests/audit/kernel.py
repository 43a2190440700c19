#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""kernel.py BINDIR LAB UNITS - audit real objects: each unit's variants by tests/kernel/corpus.py, LIMIT=n takes n units

A unit is compared with itself compiled again, with a comment added, with an edit, and with the edit and lines moved; the
last three without DWARF too. Units that are not compiled are compiled; --ready takes those that are.
"""
import os
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'kernel'))
import corpus  # noqa: E402
import report  # noqa: E402

VARIANTS = ('same', 'comment', 'edit', 'lines')


def bare(path):
    """A copy without DWARF, made once."""
    out = path[:-2] + '.bare.o'
    if 'units' not in os.path.dirname(path):
        raise ValueError('%s is no place for copies' % path)
    if not os.path.exists(out) or os.path.getmtime(out) < os.path.getmtime(path):
        subprocess.run(['objcopy', '--strip-debug', '--keep-file-symbols', path, out], check=True)
    return out


def jobs(lab, listed, ready):
    for name in corpus.units_of(lab, listed):
        try:
            unit = corpus.Unit(lab, name)
        except (OSError, TypeError):
            if not ready:
                yield report.Job(name, 'missing', 'missing', [], None)
            continue
        if not ready:
            unit.make()
        options = ['-m', unit.module] if unit.module else []
        options += ['-s', '%s/bld/Module.symvers' % lab]
        for variant in VARIANTS:
            path = unit.object(variant)
            if not os.path.exists(path) and ready:
                continue
            yield report.Job('%s %s' % (name, variant), unit.orig, path, options, None)
            if os.path.exists(path) and variant != 'same':
                # `same` is compiled from the same source, and has a directory that is ours to write
                yield report.Job('%s %s without DWARF' % (name, variant), bare(unit.object('same')), bare(path), options, None)


def main():
    verbose, ready = ('-v' in sys.argv), ('--ready' in sys.argv)
    bindir, lab, listed = [a for a in sys.argv[1:] if not a.startswith('-')][:3]
    sys.exit(report.run(os.path.abspath(bindir), jobs(lab, listed, ready), verbose))


if __name__ == '__main__':
    main()
