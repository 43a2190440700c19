#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""corpus.py SOURCE DIR FUNCTIONS [LIMIT] - a patch for each of many functions, DIR/cNN.patch

A line of FUNCTIONS is `unit function`; LIMIT takes that many, spread over the list. The patch puts a NOP at the function's
start. Prints lines `cNN unit function`; a function that this kernel's source does not have gets a patch that does not apply,
so that it counts as not built.
"""
import difflib
import os
import re
import sys

# __asm__: not every unit includes what defines asm_volatile_goto and the like; this needs nothing.
NOP = '\t__asm__ __volatile__("nop");\n'


def with_nop(source, function):
    """The function's body begins at the first brace in the first column after its name in the first column's line."""
    m = re.search(r'^[A-Za-z_][^;{}()]*\b%s\([^;{}]*\)[^;{}]*\n\{\n' % re.escape(function), source, re.M)
    return source[:m.end()] + NOP + source[m.end():] if m else None


def patch(source, unit, function):
    with open(os.path.join(source, unit), encoding='utf-8') as f:
        old = f.read()
    new = with_nop(old, function)
    if not new:
        return '--- a/%s\n+++ b/%s\n@@ -1,1 +1,2 @@\n-%s is not in this source\n+%s' % (unit, unit, function, NOP)
    return ''.join(difflib.unified_diff(old.splitlines(True), new.splitlines(True), 'a/' + unit, 'b/' + unit))


def main():
    source, out, listed = sys.argv[1:4]
    limit = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    os.makedirs(out, exist_ok=True)
    with open(listed, encoding='utf-8') as f:
        pairs = [line.split() for line in f if line.strip() and not line.startswith('#')]
    if 0 < limit < len(pairs):
        pairs = [pairs[n * len(pairs) // limit] for n in range(limit)]
    for number, (unit, function) in enumerate(pairs):
        name = 'c%02d' % number
        with open('%s/%s.patch' % (out, name), 'w', encoding='utf-8') as f:
            f.write(patch(source, unit, function))
        print(name, unit, function)


main()
