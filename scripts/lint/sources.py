#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sources.py CHECK <FILES: print `file:line: what is wrong` for each breach of a rule; see RULES below."""
import functools
import os
import re
import sys

LIBRARY = 'lib/elfdiff'
LAYERS = 'ARCHITECTURE.md'  # its table says which folder of the library may include which, and the headers of which libraries
HEADERS = {
    'libelf': re.compile(r'<(libelf|gelf)\.h>'),
    'libdw': re.compile(r'<(dwarf|elfutils/\w+)\.h>'),
    'zlib': re.compile(r'<zlib\.h>'),
    'Zydis': re.compile(r'<Zydis\b'),
}
MACHINE = re.compile(r'\b(EM_[A-Z0-9_]+|R_(?:X86_64|386|390|PPC|PPC64|AARCH64|ARM|LARCH|RISCV)_\w+)\b')
BANNED = {
    'lib': 'exit _exit abort assert printf fprintf vprintf vfprintf puts fputs putc putchar fputc perror getenv '
           'secure_getenv setlocale strcpy strcat sprintf vsprintf strtok gets alloca '
           'strerror_l system popen pthread_create'.split(),
    'memory': 'malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf getline open_memstream'.split(),
    'command': 'strcpy strcat sprintf vsprintf strtok gets alloca system popen assert'.split(),
}
MAN_PAGE = re.compile(r'man/[^/]+\.[1-8]$')
SPDX = 'SPDX-License-Identifier: GPL-2.0-or-later'
LONGEST_FUNCTION, LONGEST_FILE, WIDEST_LINE = 100, 600, 120


def read(path):
    with open(path, encoding='utf-8', errors='surrogateescape') as f:
        return f.read()


def blank(match):
    return re.sub(r'[^\n]', ' ', match.group(0))


def code_of(path):
    """Comments and strings blanked; lines stay where they are."""
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, read(path), flags=re.S)


def line_of(text, at):
    return text.count('\n', 0, at) + 1


def is_c(path):
    return path.endswith(('.c', '.h'))


def in_project(path):
    return is_c(path) and path.startswith(('lib/', 'include/', 'create-'))


@functools.lru_cache()
def layer_table():
    """(row's line, folders it may include, libraries) by folder, from the table in LAYERS."""
    rows, inside = {}, False
    for n, line in enumerate(read(LAYERS).splitlines(), 1):
        cells = [c.strip() for c in line.strip().strip('|').split('|')] if line.startswith('|') else []
        if cells[:2] == ['folder', 'may include']:
            inside = True
        elif inside and not cells:
            break
        elif inside and not cells[0].startswith('-'):
            rows[cells[0].strip('`/')] = (n, cells[1].replace('`', '').split(), cells[2].replace('`', '').split())
    return rows


def below(folder, table, seen):
    """All that a folder reaches by the table."""
    for other in table[folder][1] if folder in table else []:
        if other not in seen:
            seen.add(other)
            below(other, table, seen)
    return seen


def table_breaches():
    """Rows and folders that do not fit, and circles."""
    table = layer_table()
    folders = {d for d in os.listdir(LIBRARY) if os.path.isdir(os.path.join(LIBRARY, d))}
    if not table:
        yield 1, 'there is no table that begins with `| folder | may include |`'
    for folder in sorted(folders - set(table)):
        yield 1, 'the table of layers has no row for %s/%s/' % (LIBRARY, folder)
    for folder, (n, others, libraries) in table.items():
        if folder not in folders:
            yield n, 'there is no folder %s/%s/' % (LIBRARY, folder)
        for other in set(others) - set(table):
            yield n, '%s/ may include %s/, which has no row' % (folder, other)
        for library in set(libraries) - set(HEADERS):
            yield n, 'it is not known what the headers of %s are called' % library
        if folder in below(folder, table, set()):
            yield n, '%s/ reaches itself: layers have no circles' % folder


def folder_of(path):
    """The folder of a file of the library, or None."""
    parts = os.path.relpath(path, LIBRARY).split('/')
    return parts[0] if len(parts) == 2 else None


def may_include(path, name):
    """None, or why a file of the library may not include "name"."""
    own, other = folder_of(path), folder_of(os.path.join(LIBRARY, name))
    if os.path.exists(os.path.join('include', name)):
        return None
    if not other or not os.path.exists(os.path.join(LIBRARY, name)):
        return 'cannot find "%s" in include/ or, by folder, in %s/' % (name, LIBRARY)
    if other == own:
        return None
    if other not in layer_table().get(own, (0, [], []))[1]:
        return '%s/ may not include %s/ (see %s)' % (own, other, LAYERS)
    if os.path.basename(name) == 'internal.h':
        return '%s is for files of %s/ alone' % (name, other)
    return None


def library_breaches(path, line):
    """Headers of libraries that a folder does not use."""
    libraries = layer_table().get(folder_of(path), (0, [], []))[2]
    for library, header in HEADERS.items():
        if header.search(line) and library not in libraries:
            yield '%s is not used in %s/ (see %s)' % (library, folder_of(path), LAYERS)


def layers(path):
    """A file includes what the table lets its folder include; a command the public headers alone."""
    if path == LAYERS:
        yield from table_breaches()
    if not in_project(path):
        return
    library = path.startswith('lib/')
    if library and not folder_of(path):
        yield 1, 'a source of the library stands in a folder of %s/' % LIBRARY
        return
    for n, line in enumerate(read(path).splitlines(), 1):
        m = re.match(r'\s*#\s*include\s+(?:"([^"]+)"|<[^>]+>)', line)
        if not m:
            continue
        why = may_include(path, m.group(1)) if library and m.group(1) else None
        if why:
            yield n, why
        if not library and m.group(1) and not any(
                os.path.exists(os.path.join(d, m.group(1))) for d in (os.path.dirname(path), 'include', 'commands')):
            yield n, '"%s" is not a public header' % m.group(1)
        if library:
            for what in library_breaches(path, line):
                yield n, what


def names(path):
    """Two sources of one name would be one member of the static library."""
    if path.startswith('lib/') and path.endswith('.c'):
        for folder in sorted(os.listdir(LIBRARY)):
            other = os.path.join(LIBRARY, folder, os.path.basename(path))
            if other < path and os.path.exists(other):
                yield 1, '%s has the same name' % other


def machines(path):
    """EM_* and R_<ARCH>_* under arch/ alone."""
    if not in_project(path) or path.startswith(LIBRARY + '/arch/'):
        return
    text = code_of(path)
    for m in MACHINE.finditer(text):
        yield line_of(text, m.start()), '%s outside lib/elfdiff/arch/' % m.group(1)


def banned(path):
    """Calls that the library (or anyone) does not make."""
    if not in_project(path):
        return
    words = list(BANNED['lib' if path.startswith('lib/') else 'command'])
    if path.startswith('lib/') and path != LIBRARY + '/base/arena.c':
        words += BANNED['memory']
    if path.startswith('create-') and not path.endswith(('/options.c', '/jobserver.c')):
        words.append('getenv')
    text = code_of(path)
    if path.startswith('include/'):
        return
    for m in re.finditer(r'^\s*#\s*include\s+<(err|error|assert)\.h>', read(path), re.M):
        yield line_of(read(path), m.start(1)), '<%s.h> is not used here' % m.group(1)
    # A member of that name (p->free()) or a prototype's argument is not the function.
    for m in re.finditer(r'(?<![\w.>])(%s)\s*\(' % '|'.join(words), text):
        # The one place where two threads are at work, of which none writes what both see.
        if path == LIBRARY + '/run/both_sides.c' and m.group(1) == 'pthread_create':
            continue
        # The run itself exists before its arena: elfdiff_new() and elfdiff_free().
        # dwarf_getscopes() hands out memory that its caller frees.
        if path == LIBRARY + '/lines/inlined.c' and m.group(1) == 'free':
            continue
        if path == LIBRARY + '/run/elfdiff.c' and m.group(1) in ('calloc', 'malloc', 'free'):
            continue
        yield line_of(text, m.start()), '%s() is not used here' % m.group(1)


def spdx(path):
    """Every source and script says its licence near the top."""
    name = os.path.basename(path)
    if path.endswith(('.c', '.h', '.S', '.s', '.py', '.sh')) or MAN_PAGE.match(path) or name == 'Makefile':
        if SPDX not in '\n'.join(read(path).splitlines()[:3]):
            yield 1, 'no line `%s`' % SPDX


def functions(path):
    """(line, name, length) of each function in kernel style: its braces stand in the first column."""
    start, name = None, ''
    for n, line in enumerate(code_of(path).splitlines(), 1):
        if line.startswith('{'):
            start = n
        elif line.startswith('}') and start:
            yield start, name, n - start - 1
            start = None
        elif not start:
            m = re.match(r'[A-Za-z_].*?(\w+)\(', line)
            name = m.group(1) if m else name


def lengths(path):
    """Functions and files that are too long."""
    if not path.endswith(('.c', '.h', '.py', '.sh')):
        return
    lines = read(path).splitlines()
    if len(lines) > LONGEST_FILE:
        yield LONGEST_FILE, 'the file has %d lines, over %d' % (len(lines), LONGEST_FILE)
    if is_c(path):
        for n, name, length in functions(path):
            if length > LONGEST_FUNCTION:
                yield n, '%s() has %d lines, over %d' % (name, length, LONGEST_FUNCTION)


def width(path):
    """Lines that are too wide."""
    if not in_project(path):
        return
    for n, line in enumerate(read(path).splitlines(), 1):
        if len(line.expandtabs(8)) > WIDEST_LINE:
            yield n, 'the line is %d columns wide, over %d' % (len(line.expandtabs(8)), WIDEST_LINE)


def whitespace(path):
    """Trailing white space, carriage returns, no newline at the end."""
    if not (path.endswith(('.c', '.h', '.S', '.py', '.sh', '.md', '.json', '.map', '.in')) or MAN_PAGE.match(path) or
            os.path.basename(path) == 'Makefile'):
        return
    text = read(path)
    for n, line in enumerate(text.split('\n'), 1):
        if line != line.rstrip():
            yield n, 'trailing white space'
    if text and not text.endswith('\n'):
        yield line_of(text, len(text)), 'no newline at the end'
    if text.endswith('\n\n'):
        yield line_of(text, len(text)), 'empty line at the end'


RULES = {f.__name__: f for f in (layers, names, machines, banned, spdx, lengths, width, whitespace)}


def main():
    found = 0
    for path in sys.stdin.read().splitlines():
        for n, what in RULES[sys.argv[1]](path):
            print('%s:%d: %s' % (path, n, what))
            found += 1
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
