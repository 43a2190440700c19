#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""corpus.py SOURCE DIR FUNCTIONS [LIMIT] - a patch for each of many functions, DIR/cNN.patch

A line of FUNCTIONS is `unit function`, and what a kernel may have instead of it, `unit function` again: sources were divided, and
functions renamed. LIMIT takes that many lines, spread over the list. The patch puts a NOP at the function's start. Prints lines
`cNN unit function`, or `absent unit function` where this kernel's source has none of them.
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
    """The text, or None: the source has no such function."""
    path = os.path.join(source, unit)
    if not os.path.exists(path):
        return None
    with open(path, encoding='utf-8') as f:
        old = f.read()
    new = with_nop(old, function)
    return new and ''.join(difflib.unified_diff(old.splitlines(True), new.splitlines(True), 'a/' + unit, 'b/' + unit))


def lines_of(path, limit):
    with open(path, encoding='utf-8') as f:
        lines = [line.split() for line in f if line.strip() and not line.startswith('#')]
    return [lines[n * len(lines) // limit] for n in range(limit)] if 0 < limit < len(lines) else lines


def main():
    source, out, listed = sys.argv[1:4]
    os.makedirs(out, exist_ok=True)
    for number, words in enumerate(lines_of(listed, int(sys.argv[4]) if len(sys.argv) > 4 else 0)):
        name = 'c%02d' % number
        pairs = list(zip(words[::2], words[1::2]))
        text, pair = next(((t, p) for t, p in ((patch(source, *p), p) for p in pairs) if t), (None, pairs[0]))
        if text:
            with open('%s/%s.patch' % (out, name), 'w', encoding='utf-8') as f:
                f.write(text)
        print(name if text else 'absent', *pair)


main()
