#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""edit.py - a small change inside one function of a translation unit

    edit.py UNIT SOURCE OBJECT [N]

prints the N-th edit (default 0) of the unit as a diff. The function, the place and the kind of change follow
from the unit's name (and $SEED) alone: two runs give the same edit. corpus.py takes the first that compiles to other code.

An edit keeps the number of lines, so that __LINE__ stays the same everywhere; with_lines() is the same change
with lines added in front of it.
"""
import difflib
import hashlib
import os
import random
import re
import sys
from collections import namedtuple

import elf

Edit = namedtuple("Edit", "function kind line old new")


def blank(source):
    """The source with comments, strings and preprocessor lines as spaces, byte for byte and line for line."""
    def spaces(m):
        return re.sub(r"[^\n]", " ", m.group())
    token = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'|^[ \t]*\#(?:\\\n|/\*.*?\*/|[^\n])*""",
                       re.S | re.M)
    return token.sub(spaces, source)


def conditional_lines(source):
    """Numbers of lines between #if and #endif, each with its innermost #if: {line: number of the #if}."""
    inside, stack = {}, []
    for number, text in enumerate(source.split("\n")):
        directive = re.match(r"[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b", text)
        if directive and directive[1].startswith("if"):
            stack.append(number)
        elif directive and directive[1] == "endif" and stack:
            stack.pop()
        elif directive and stack:
            stack[-1] = number
        if stack:
            inside[number] = stack[-1]
    return inside


class Function:
    """A function definition in kernel style: its `{` and `}` stand alone in the first column."""

    def __init__(self, name, code, begin, open_brace, close_brace):
        self.name = name
        self.header = re.sub(r"\s+", " ", code[begin:open_brace])
        self.first = code.count("\n", 0, open_brace) + 1
        self.last = code.count("\n", 0, close_brace) - 1

    def arguments(self):
        inside = self.header[self.header.index("(") + 1:self.header.rindex(")")]
        names = [re.match(r".*?(\w+)\s*$", a) for a in inside.split(",") if "(" not in a and "[" not in a]
        return [m[1] for m in names if m and m[1] != "void" and " " in m.string.strip()]

    def bail_out(self):
        """A return statement that fits the declared type, or None."""
        declared = self.header[:self.header.index(self.name)]
        declared = re.sub(r"\b(static|inline|noinline|extern|const|__always_inline|noinline_for_stack|asmlinkage)\b", "",
                          declared).strip()
        if "*" in declared:
            return "return NULL;"
        return {"void": "return;", "int": "return -5;", "ssize_t": "return -5;", "long": "return -5;",
                "bool": "return true;", "u32": "return 7;", "unsigned int": "return 7;", "unsigned long": "return 7;",
                "size_t": "return 7;", "u64": "return 7;", "loff_t": "return 7;", "__poll_t": "return 0;"}.get(declared)


def find_function(code, name):
    found = []
    for m in re.finditer(r"^[A-Za-z_][^;{}#]*?\b%s\s*\([^;{}]*\)\s*\n\{\n" % re.escape(name), code, re.M):
        end = code.find("\n}", m.end() - 1)
        if end >= 0:
            found.append(Function(name, code, m.start(), m.end() - 2, end + 1))
    return found[0] if len(found) == 1 else None


def candidates(obj):
    """Names of the functions that a live patch can replace: traceable, in the object under their own name.

    Where nothing is traceable (most of lib/), all functions: the change has to be refused then.
    """
    names = []
    for f in obj.traceable() or obj.functions():
        section = obj.sections[f.shndx].name
        if re.match(r"\.(init|exit|meminit|ref|noinstr|entry)\b", section) or "." in f.name:
            continue
        if f.size >= 48:
            names.append(f.name)
    return sorted(set(names))


# Each kind takes one line (raw and blanked) and gives the new line, or None where it does not apply.

def statement_place(lines, code, n):
    """Can a statement stand in front of line n?"""
    if not re.match(r"\t+(if \(|return\b|while \(|for \(|switch \(|[a-z]\w*\(|[a-z][\w>.-]* [-+|&]?= )", code[n]):
        return False
    before = n - 1
    while before > 0 and not code[before].strip():
        before -= 1
    return bool(re.search(r"[;{}]\s*$", code[before])) and not lines[n].rstrip().endswith("\\")


def insert(statement):
    def kind(rng, function, lines, code, n):
        text = statement(rng, function) if callable(statement) else statement
        if text is None or not statement_place(lines, code, n):
            return None
        indent = re.match(r"\t+", lines[n])[0]
        return indent + text + " " + lines[n][len(indent):]
    return kind


def condition(rng, function):
    arguments, bail_out = function.arguments(), function.bail_out()
    if not arguments or not bail_out:
        return None
    return "if ((unsigned long)%s == 0x%xUL) %s" % (rng.choice(arguments), rng.randrange(0x1000, 0x7000), bail_out)


def message(rng, function):
    return '_printk("%s: elfdiff %d\\n", __func__);'.replace("%d", str(rng.randrange(1000)))


def substitute(pattern, replace):
    def kind(rng, function, lines, code, n):
        found = [m for m in re.finditer(pattern, code[n])]
        if not found or re.match(r"\t+(case|default|static|goto|BUILD_BUG)", code[n]):
            return None
        m = rng.choice(found)
        return lines[n][:m.start()] + replace(m) + lines[n][m.end():]
    return kind


def string(rng, function, lines, code, n):
    found = [m for m in re.finditer(r'"(?:\\.|[^"\\])*"', lines[n])]
    found = [m for m in found if re.search(r"[a-z]{3}", m[0]) and re.match(r"\t", lines[n])]
    if not found or re.match(r"\s*(\*|/)|.*(asm|static)", lines[n]):
        return None
    m = rng.choice(found)
    at = rng.choice([w.start() for w in re.finditer(r"(?<![%\\0-9lhz.-])[a-z]{3}", m[0])] or [None])
    if at is None:
        return None
    at += m.start()
    return lines[n][:at] + chr(ord("a") + (ord(lines[n][at]) - ord("a") + 1) % 26) + lines[n][at + 1:]


KINDS = {
    "condition": insert(condition),
    "constant": substitute(r"(?<![\w.\[])([2-9]|[1-9]\d+)(?![\w.\]])", lambda m: str(int(m[1]) + 1)),
    "operator": substitute(r" (<|>|==|!=|&&|\|\|) ",
                           lambda m: " %s " % {"<": "<=", ">": ">=", "==": "!=", "!=": "==", "&&": "||", "||": "&&"}[m[1]]),
    "negation": substitute(r"\bif \((!?)(?=[a-z][\w>.-]*\)( \{)?$)", lambda m: "if (" if m[1] else "if (!"),
    "string": string,
    "call": insert(lambda rng, _: rng.choice(["dump_stack();", "yield();", "synchronize_rcu();", "(void)ktime_get();",
                                              "schedule();", "msleep(%d);" % rng.randrange(1, 99)])),
    "static": insert("{ static unsigned long elfdiff_hits; elfdiff_hits++; barrier(); }"),
    "warning": insert("WARN_ON_ONCE(!current->mm && current->flags == 0x%x);" % 0x77),
    "message": insert(message),
    "debug": insert(lambda rng, _: 'pr_debug("elfdiff %d\\n");' % rng.randrange(1000)),
    "resched": insert("cond_resched();"),
}


def place(rng, kind, function, lines, code, conditional):
    """The edit of one kind in one function, at a place where it applies; or None."""
    numbers = list(range(function.first, function.last + 1))
    rng.shuffle(numbers)
    for n in numbers:
        if conditional.get(n) != conditional.get(function.first):
            continue
        new = KINDS[kind](rng, function, lines, code, n)
        if new and new != lines[n]:
            return Edit(function.name, kind, n, lines[n], new)
    return None


def edits(unit, source, obj):
    """All edits of a unit, the preferred one first: at most three of a kind."""
    rng = random.Random(hashlib.sha256((unit + os.environ.get("SEED", "")).encode()).digest())
    lines, code_text = source.split("\n"), blank(source)
    code, conditional = code_text.split("\n"), conditional_lines(source)
    names, kinds = candidates(obj), list(KINDS)
    rng.shuffle(names)
    rng.shuffle(kinds)
    functions = [f for f in (find_function(code_text, n) for n in names[:60]) if f]
    for kind in kinds:
        found = 0
        for function in functions:
            e = place(rng, kind, function, lines, code, conditional)
            if e:
                yield e
                found += 1
            if found == 3:
                break


def apply(source, edit):
    lines = source.split("\n")
    assert lines[edit.line] == edit.old
    lines[edit.line] = edit.new
    return "\n".join(lines)


def with_lines(source, edit):
    lines = source.split("\n")
    lines[edit.line:edit.line + 1] = ["", "\t/* two lines more */", edit.new]
    return "\n".join(lines)


def with_comment(source):
    return "/* one line more */\n" + source


def main():
    unit, path, obj = sys.argv[1:4]
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        source = f.read()
    wanted = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    for n, edit in enumerate(edits(unit, source, elf.Object(obj))):
        if n == wanted:
            print(f"{edit.function}: {edit.kind}, line {edit.line + 1}")
            sys.stdout.writelines(difflib.unified_diff(source.splitlines(True), apply(source, edit).splitlines(True),
                                                       "a/" + unit, "b/" + unit, n=1))
            return
    sys.exit(f"edit.py: no edit number {wanted} for {unit}")


if __name__ == "__main__":
    main()
