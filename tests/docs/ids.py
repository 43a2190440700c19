#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ids.py: what is wrong with docs/ids.txt, a line each: ids of the sources that it lacks, those that no source has, and
fields that are missing. A test that has nothing to say prints nothing."""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TABLE = 'docs/ids.txt'
ID = r'[a-z][a-z0-9]*(?:-[a-z0-9]+)*'
# What is spelled like an id in the sources of the library and the commands, and is none. Options are in files of their own.
NO_IDS = {'dm-mod', 'snd-hda', 'thread-local'}


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8', errors='surrogateescape') as f:
        return f.read()


def sources(*patterns):
    found = [p for pattern in patterns for p in glob.glob(os.path.join(ROOT, pattern), recursive=True)]
    return sorted(os.path.relpath(p, ROOT) for p in found)


def without_comments(text):
    return re.sub(r'/\*.*?\*/|//[^\n]*', ' ', text, flags=re.S)


# ---- the table -------------------------------------------------------------------

def table():
    """[(line, {field: text})] of each id"""
    rows, field = [], None
    for number, line in enumerate(read(TABLE).splitlines(), 1):
        m = re.match(r'(id|of|means|why|way out|see): (.*)|(example):$', line)
        if m and m.group(1) == 'id':
            rows.append((number, {'id': m.group(2)}))
        elif m and rows:
            field = m.group(1) or m.group(3)
            rows[-1][1][field] = m.group(2) or ''
        elif line.startswith(' ') and rows and field:
            rows[-1][1][field] += line
        else:
            field = None
    return rows


def breaches_of_form(rows):
    commands, seen = set(said()), set()
    guide = read('docs/guide.md') if os.path.exists(os.path.join(ROOT, 'docs/guide.md')) else ''
    for number, row in rows:
        if not re.fullmatch(ID, row['id']):
            yield number, '`%s` is no id' % row['id']
        for field in ('of', 'means', 'way out'):
            if not row.get(field):
                yield number, '%s has no `%s`' % (row['id'], field)
        if row.get('of') not in commands:
            yield number, '%s is of nobody that is known' % row['id']
        if (row['id'], row.get('of')) in seen:
            yield number, '%s is there twice' % row['id']
        if 'see' in row and not re.search(r'^#+ %s$' % re.escape(row['see']), guide, re.M):
            yield number, 'docs/guide.md has no heading `%s`' % row['see']
        seen.add((row['id'], row.get('of')))


# ---- the sources -----------------------------------------------------------------

def arguments(text, start):
    """Those of a call whose parenthesis is open before `start`, as they stand there."""
    depth, found, begun, i = 0, [], start, start
    while i < len(text):
        c = text[i]
        if c == '"':
            i = re.compile(r'"(?:\\.|[^"\\])*"', re.S).match(text, i).end()
            continue
        if c in '([{':
            depth += 1
        elif c in ')]}':
            if not depth:
                return found + [text[begun:i].strip()]
            depth -= 1
        elif c == ',' and not depth:
            found.append(text[begun:i].strip())
            begun = i + 1
        i += 1
    return []


def takers(texts):
    """{function: number of the argument that is `const char *id`}"""
    found = {}
    for text in texts:
        for m in re.finditer(r'^[a-z][\w *]*?\b(\w+)\(', text, re.M):
            for n, argument in enumerate(arguments(text, m.end())):
                if argument == 'const char *id':
                    found[m.group(1)] = n
    return found


def ids_of(texts, functions):
    """Those that are passed as an id, or that a field of the name is set to."""
    found = set()
    for text in texts:
        for m in re.finditer(r'\bid = ([^;{}]*?)[,;}]', text):
            found |= set(re.findall(r'"(%s)"' % ID, m.group(1)))
        for m in re.finditer(r'\b(\w+)\(', text):
            if m.group(1) in functions:
                given = arguments(text, m.end())
                n = functions[m.group(1)]
                found |= set(re.findall(r'"(%s)"' % ID, given[n])) if n < len(given) else set()
    return found


def spelled_like(texts):
    return {word for text in texts for word in re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', text)}


def ids_of_c(folder):
    paths = sources(folder + '/**/*.c', folder + '/**/*.h')
    texts = [without_comments(read(p)) for p in paths]
    plain = [t for p, t in zip(paths, texts) if not p.endswith('/options.c')]
    return ids_of(texts, takers(texts)) | (spelled_like(plain) - NO_IDS)


def ids_of_scripts(pattern, *paths):
    text = '\n'.join(read(p) for p in sources(*paths) if os.path.isfile(os.path.join(ROOT, p)))
    return set(re.findall(r'\b%s (%s) ["\']' % (pattern, ID), text)) | set(re.findall(r"'error\[(%s)\]" % ID, text))


def said():
    return {'library': ids_of_c('lib/elfdiff'), 'create-diff-object': ids_of_c('create-diff-object'),
            'create-klp-module': ids_of_c('create-klp-module'), 'build.sh': ids_of_scripts(r'die \d', 'kmod/build.sh') | {'usage'},
            'kpatch': ids_of_scripts(r'die \$\w+', 'scripts/kpatch', 'scripts/kpatch.d/*'),
            'kpatch-boot': ids_of_scripts('die', 'scripts/kpatch-boot') | {'usage'},
            'kpatch-build': ids_of_scripts('(?:die|warn|refuse|fail_with_log|set --)', 'scripts/kpatch-build', 'scripts/kpatch-build.d/*.bash')}


def in_goldens():
    """{(severity, id)}"""
    return {m for p in sources('tests/golden/*.txt') for m in re.findall(r'^(error|warning|note)\[(.*?)\]', read(p), re.M)}


def breaches_of_severity(rows):
    """A text says of what is no error what it is, as the goldens have it; `(warning)` at its beginning says that it is nothing else."""
    texts = {row['id']: row.get('means', '') for _, row in rows if row.get('of') == 'library'}
    for severity, name in sorted(in_goldens()):
        text = texts.get(name)
        if text is None:
            yield 1, '%s, which tests/golden has, is not in the table' % name
        elif severity == 'error' and re.match(r'\((warning|note)', text) or severity != 'error' and severity not in text:
            yield 1, 'the text of %s does not say that it is %s' % (name, severity)


# ---- the guide -------------------------------------------------------------------

def anchors(text):
    """What GitHub makes of the headings: of two that are equal, the second gets a number."""
    return {re.sub(r'[^a-z0-9_ -]', '', heading.lower()).replace(' ', '-') for heading in re.findall(r'^#+ (.*)', text, re.M)}


def links_to_nothing():
    text = read('docs/guide.md')
    linked = re.findall(r'\]\(#([^)]*)\)', text) + re.findall(r'\]\(guide\.md#([^)]*)\)', read('docs/migration.md'))
    for name in sorted(set(linked) - anchors(text)):
        yield 1, 'docs/guide.md has no heading for the link #' + name


# ---- both ------------------------------------------------------------------------

def breaches():
    rows = table()
    yield from breaches_of_form(rows)
    yield from links_to_nothing()
    sets = said()
    for of, ids in sorted(sets.items()):
        rows_of = {row['id']: number for number, row in rows if row.get('of') == of}
        if len(ids) < 3:
            yield 1, 'too few ids are found in the sources of ' + of
        for name in sorted(ids - set(rows_of)):
            # A directory's units are told in the library's words.
            if of == 'library' or name not in sets['library']:
                yield 1, '%s of %s is not in the table' % (name, of)
        for name in sorted(set(rows_of) - ids):
            yield rows_of[name], 'no source of %s has %s' % (of, name)
    yield from breaches_of_severity(rows)


def main():
    found = 0
    for number, what in breaches():
        print('%s:%d: %s' % (TABLE, number, what))
        found += 1
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
