#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""history.py LAB NEW DIR [LIMIT] - what changed from a lab's source to the newer source NEW, as patches in DIR

Of each .c file that changed and that the lab's kernel may hold (its name is that of a FILE symbol of vmlinux, or there are modules in
its directory or above), LIMIT of them, spread over the list:

    fNNN.patch      the file alone
    fNNN.all.patch  with the changed headers that it reaches, and of which its change uses names, where there are any; but for
                    those of include/, which reach thousands of units and would take hours

and of each directory with two to eight such files dNNN.patch, all of these with the directory's changed headers.
Prints lines `NAME FILE...`.
"""
import filecmp
import functools
import os
import re
import subprocess
import sys

PRUNED = ('Documentation', 'tools', 'samples', 'scripts', '.git', 'LICENSES', 'certs', 'usr', 'rust')
MOST_OF_DIRECTORY = 8
NOT_NAMES = set('if for while switch return sizeof defined __attribute__ struct enum union static inline extern const void unsigned signed '
                'char short int long bool true false NULL'.split())


def sources(root):
    """Paths of .c and .h files below root that may be the kernel's."""
    for at, directories, names in os.walk(root):
        rel = os.path.relpath(at, root)
        if rel == '.':
            directories[:] = [d for d in directories if d not in PRUNED]
        elif rel == 'arch':
            directories[:] = ['x86']
        directories.sort()
        for name in sorted(names):
            if name.endswith(('.c', '.h')):
                yield os.path.normpath(os.path.join(rel, name))


def changes(old, new):
    for path in sources(old):
        before, after = os.path.join(old, path), os.path.join(new, path)
        if os.path.exists(after) and not filecmp.cmp(before, after, shallow=False):
            yield path


def builtin_names(vmlinux):
    out = subprocess.run(['readelf', '-sW', vmlinux], capture_output=True, text=True, check=True).stdout
    return {m.group(1) for m in re.finditer(r' FILE +LOCAL +DEFAULT +ABS (\S+)', out)}


def module_directories(modules):
    return {os.path.normpath(os.path.relpath(at, modules)) for at, _, names in os.walk(modules) if any('.ko' in n for n in names)}


def candidates(lab, changed):
    builtin, modules = builtin_names(lab + '/vmlinux'), module_directories(lab + '/modules')
    for path in changed:
        above = os.path.dirname(path)
        if path.endswith('.c') and (os.path.basename(path) in builtin or above in modules or os.path.dirname(above) in modules):
            yield path


@functools.cache
def text_of(path):
    with open(path, encoding='latin-1') as f:
        return f.read()


@functools.cache
def includes(root, path):
    """Files that a file includes, as far as they are below the root."""
    found = []
    for name in re.findall(r'^\s*#\s*include\s*["<]([^">]+)[">]', text_of(os.path.join(root, path)), re.M):
        for base in (os.path.dirname(path), 'include', 'arch/x86/include', 'include/uapi', 'arch/x86/include/uapi'):
            at = os.path.normpath(os.path.join(base, name))
            if os.path.isfile(os.path.join(root, at)):
                found.append(at)
                break
    return found


def reachable(root, path):
    found, todo = {path}, [path]
    while todo:
        new = set(includes(root, todo.pop())) - found
        found |= new
        todo += new
    return found


def added(old, new, path):
    """What the newer file has, without comments."""
    lines = diff_of(old, new, path).decode('latin-1').splitlines(True)[2:]
    return ''.join(line[1:] for line in lines if re.match(r'\+\s*(?!\s|/?\*)', line))


def gives(old, new, header):
    """Names that a changed header has anew, or whose declaration it may have changed."""
    lines = added(old, new, header)
    return (set(re.findall(r'\w+', lines)) - set(re.findall(r'\w+', text_of(os.path.join(old, header)))) | set(re.findall(r'(\w+)\(', lines))) - NOT_NAMES


def needed_headers(old, new, path, changed):
    """Changed headers that a file reaches, of which its change, or that of such a header, uses what they give."""
    reached = sorted(p for p in reachable(new, path) if p in changed and p.endswith('.h') and '/include/' not in '/' + p)
    found, at, used = set(), path, set()
    while at:
        found.add(at)
        used |= set(re.findall(r'\w+', added(old, new, at)))
        at = next((h for h in reached if h not in found and gives(old, new, h) & used), None)
    return sorted(found - {path})


@functools.cache
def diff_of(old, new, path):
    return subprocess.run(['diff', '-u', '--label', 'a/' + path, '--label', 'b/' + path, os.path.join(old, path), os.path.join(new, path)],
                          capture_output=True, check=False).stdout


def write_patch(old, new, paths, out):
    with open(out, 'wb') as f:
        for path in paths:
            f.write(diff_of(old, new, path))


def spread(items, limit):
    return items if not 0 < limit < len(items) else [items[n * len(items) // limit] for n in range(limit)]


def main():
    lab, new, out = sys.argv[1:4]
    limit = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    old = lab + '/linux'
    os.makedirs(out, exist_ok=True)
    changed = set(changes(old, new))
    files = sorted(candidates(lab, changed))
    for number, path in enumerate(spread(files, limit)):
        name = 'f%03d' % number
        headers = needed_headers(old, new, path, changed)
        write_patch(old, new, [path], '%s/%s.patch' % (out, name))
        if headers:
            write_patch(old, new, [path] + headers, '%s/%s.all.patch' % (out, name))
        print(name, path)
    wholes = sorted({os.path.dirname(path) for path in files})
    wholes = [(d, [p for p in files if os.path.dirname(p) == d]) for d in wholes]
    wholes = [(d, f) for d, f in wholes if 2 <= len(f) <= MOST_OF_DIRECTORY]
    for number, (directory, members) in enumerate(spread(wholes, limit // 4)):
        name = 'd%03d' % number
        paths = members + sorted(p for p in changed if p.endswith('.h') and os.path.dirname(p) == directory)
        write_patch(old, new, paths, '%s/%s.patch' % (out, name))
        print(name, *paths)


main()
