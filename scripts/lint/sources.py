#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sources.py CHECK <FILES: print `file:line: what is wrong` for each breach of a rule; see RULES below."""
import fnmatch
import os
import re
import sys

# Layers of ARCHITECTURE.md; the first pattern that fits counts. A file that is not listed is one of layer 4, where
# live patching is known.
LAYERS = [
    ('lib/elfdiff/elfdiff.c', 5),
    ('lib/elfdiff/arch.h', 1),  # the contract that layer 3 fulfils: types, no code
    ('lib/elfdiff/arch/*', 3),
    ('include/*', 0),
    ('lib/elfdiff/%s.*', ('arena', 'vec', 'index', 'bytes', 'diag', 'sort'), 0),
    ('lib/elfdiff/%s.*', ('object', 'names', 'special', 'form_names'), 1),
    ('lib/elfdiff/%s.*', ('load', 'input', 'model', 'model_*', 'elf_out', 'output_file', 'kernel_symbols', 'symbol_*',
                          'symvers', 'form_kpatch*', 'klp_arch', 'inlined', 'lines', 'line_files', 'line_section', 'line_unit'), 2),
    ('lib/elfdiff/*', 4),
]
FILE_LIBRARIES = re.compile(r'<(libelf|gelf|zlib|dwarf|elfutils/\w+)\.h>')
CONSTANTS_ALONE = {'<dwarf.h>'}  # names of numbers: who reads the bytes may use them, at layer 2
MACHINE = re.compile(r'\b(EM_[A-Z0-9_]+|R_(?:X86_64|386|390|PPC|PPC64|AARCH64|ARM|LARCH|RISCV)_\w+)\b')
BANNED = {
    'lib': 'exit _exit abort assert printf fprintf vprintf vfprintf puts fputs putc putchar fputc perror getenv '
           'secure_getenv setlocale strcpy strcat sprintf vsprintf strtok gets alloca '
           'strerror_l system popen'.split(),
    'memory': 'malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf getline open_memstream'.split(),
    'command': 'strcpy strcat sprintf vsprintf strtok gets alloca system popen assert'.split(),
}
MAN_PAGE = re.compile(r'man/[^/]+\.[1-8]$')
SPDX = 'SPDX-License-Identifier: GPL-2.0-or-later'
LONGEST_FUNCTION, LONGEST_FILE, WIDEST_LINE = 100, 600, 120


def layer(path):
    for row in LAYERS:
        patterns = [row[0] % n for n in row[1]] if len(row) == 3 else [row[0]]
        if any(fnmatch.fnmatch(path, p) for p in patterns):
            return row[-1]
    return None


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


def resolve(path, name):
    for directory in (os.path.dirname(path), 'lib/elfdiff', 'include'):
        if os.path.exists(os.path.join(directory, name)):
            return os.path.join(directory, name)
    return None


def layers(path):
    """A file includes its own layer and lower ones; a command the public headers alone."""
    if not in_project(path):
        return
    own = layer(path)
    for n, line in enumerate(read(path).splitlines(), 1):
        m = re.match(r'\s*#\s*include\s+("([^"]+)"|<[^>]+>)', line)
        if not m:
            continue
        target = resolve(path, m.group(2)) if m.group(2) else None
        if m.group(2) and not target:
            yield n, 'cannot find %s' % m.group(1)
        elif target and path.startswith('create-') and target.startswith('lib/'):
            yield n, 'a command includes %s, which is internal to the library' % target
        elif target and path.startswith('lib/') and layer(target) > own:
            yield n, 'layer %d includes %s of layer %d' % (own, target, layer(target))
        if FILE_LIBRARIES.match(m.group(1)) and own != 2:
            yield n, '%s outside layer 2' % m.group(1)
        if m.group(1).startswith('<Zydis') and path != 'lib/elfdiff/arch/x86_64.c':
            yield n, 'Zydis outside arch/x86_64.c'


def machines(path):
    """EM_* and R_<ARCH>_* under arch/ alone."""
    if not in_project(path) or path.startswith('lib/elfdiff/arch/'):
        return
    text = code_of(path)
    for m in MACHINE.finditer(text):
        yield line_of(text, m.start()), '%s outside lib/elfdiff/arch/' % m.group(1)


def banned(path):
    """Calls that the library (or anyone) does not make."""
    if not in_project(path):
        return
    words = list(BANNED['lib' if path.startswith('lib/') else 'command'])
    if path.startswith('lib/') and path != 'lib/elfdiff/arena.c':
        words += BANNED['memory']
    if path.startswith('create-') and not path.endswith('/options.c'):
        words.append('getenv')
    text = code_of(path)
    if path.startswith('include/'):
        return
    for m in re.finditer(r'^\s*#\s*include\s+<(err|error|assert)\.h>', read(path), re.M):
        yield line_of(read(path), m.start(1)), '<%s.h> is not used here' % m.group(1)
    # A member of that name (p->free()) or a prototype's argument is not the function.
    for m in re.finditer(r'(?<![\w.>])(%s)\s*\(' % '|'.join(words), text):
        # The run itself exists before its arena: elfdiff_new() and elfdiff_free().
        # dwarf_getscopes() hands out memory that its caller frees.
        if path == 'lib/elfdiff/inlined.c' and m.group(1) == 'free':
            continue
        if path == 'lib/elfdiff/elfdiff.c' and m.group(1) in ('calloc', 'malloc', 'free'):
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


RULES = {f.__name__: f for f in (layers, machines, banned, spdx, lengths, width, whitespace)}


def main():
    found = 0
    for path in sys.stdin.read().splitlines():
        for n, what in RULES[sys.argv[1]](path):
            print('%s:%d: %s' % (path, n, what))
            found += 1
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
