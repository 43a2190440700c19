# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands that the documents show.

In Markdown: the lines of a code block without a language, or of the language `sh`; a block that holds no commands is
marked as ```text. And words between backquotes that are a command with its arguments: the first of them is `make`, one
of the commands, or a script by its path. In a manual page: the examples, which stand between .nf or .EX and .fi or .EE
in the section EXAMPLES, unless the line before says `.\\" no commands`.

A block in which lines begin with `$ ` or `# ` is a transcript: those lines are commands, and what stands between them is
all that the command before prints, with the standard error. A line `...` in it stands for any lines, `...` in a line
for anything. In other blocks each line is a command, and what it prints is not shown. A comment may follow a command.
"""
import collections
import glob
import os
import re

# output: the lines that are shown, or None where none are
Command = collections.namedtuple('Command', 'document line text output')
COMMANDS = ('make', 'create-diff-object', 'create-klp-module', 'kpatch', 'kpatch-boot', 'kpatch-build')
# What groff makes of a character's name, of those that examples use.
ESCAPES = {'\\-': '-', '\\e': '\\', '\\&': '', '\\(aq': "'", '\\(dq': '"', '\\(ga': '`', '\\(ha': '^', '\\(ti': '~',
           '\\(lq': '“', '\\(rq': '”', '\\(rs': '\\'}


def documents(root):
    found = [p for pattern in ('*.md', 'docs/**/*.md', 'man/*.[1-8]') for p in glob.glob(os.path.join(root, pattern), recursive=True)]
    return sorted(os.path.relpath(p, root) for p in found)


def key(text):
    """The command in one line, without its comment: how the table names it."""
    text = re.sub(r'\s*\\\n\s*', ' ', text)
    return re.sub(r'\s+#\s.*', '', text).strip()


def joined(lines):
    """Lines that end with a backslash with those that follow: [(number, text)]"""
    found, begun = [], None
    for number, line in lines:
        if begun:
            begun = (begun[0], begun[1] + '\n' + line)
        else:
            begun = (number, line)
        if not line.endswith('\\'):
            found.append(begun)
            begun = None
    return found + ([begun] if begun else [])


def of_block(document, lines):
    """lines: [(number, text)]"""
    transcript = any(re.match(r'[$#] ', text) for _, text in lines)
    found = []
    for number, text in joined(lines):
        if not transcript:
            if text.strip():
                found.append(Command(document, number, text.strip(), None))
        elif re.match(r'[$#] ', text):
            found.append(Command(document, number, text[2:], []))
        elif found:
            found[-1].output.append(text)
        else:
            raise ValueError('%s:%d: output without a command' % (document, number))
    for command in found:
        while command.output and not command.output[-1].strip():
            command.output.pop()
    return found


def of_spans(document, text, root):
    """Between backquotes. What is in a code block has been blanked."""
    found = []
    for m in re.finditer(r'(?<!`)`([^`]+)`(?!`)', text):
        words = m.group(1).split()
        if len(words) > 1 and (words[0] in COMMANDS or is_script(root, words[0])):
            found.append(Command(document, text.count('\n', 0, m.start()) + 1, ' '.join(words), None))
    return found


def is_script(root, path):
    return '/' in path and os.path.isfile(os.path.join(root, path))


def of_markdown(document, text, root):
    found, outside, block = [], [], None
    for number, line in enumerate(text.split('\n'), 1):
        fence = re.match(r'```(\w*)', line)
        if fence and block is None:
            block, language = [], fence.group(1)
        elif fence:
            found += of_block(document, block) if language in ('', 'sh') else []
            block = None
        elif block is not None:
            block.append((number, line))
        outside.append('' if fence or block is not None else line)
    if block is not None:
        raise ValueError('%s: a code block without an end' % document)
    return sorted(found + of_spans(document, '\n'.join(outside), root), key=lambda c: c.line)


def plain(line):
    """An example's line as groff prints it."""
    return re.sub(r'\\(?:\(..|.)', lambda m: ESCAPES.get(m.group(0), m.group(0)), line).strip('\t')


def of_page(document, text):
    found, section, block, before = [], '', None, ''
    for number, line in enumerate(text.split('\n'), 1):
        if line.startswith('.SH'):
            section = line[4:].strip('"')
        elif section == 'EXAMPLES':
            if line in ('.nf', '.EX') and block is None:
                block, commands = [], before != '.\\" no commands'
            elif line in ('.fi', '.EE') and block is not None:
                found += of_block(document, block) if commands else []
                block = None
            elif block is not None and not line.startswith('.'):
                block.append((number, plain(line)))
        before = line
    return found


def commands_of(root, document):
    with open(os.path.join(root, document), encoding='utf-8') as f:
        text = f.read()
    return of_markdown(document, text, root) if document.endswith('.md') else of_page(document, text)


def missing_paths(root, document):
    """Files of the source that a document names, in a link or between backquotes, and that are not there."""
    with open(os.path.join(root, document), encoding='utf-8') as f:
        text = f.read()
    if not document.endswith('.md'):
        return []
    named = re.findall(r'\]\(([^)#:]+)\)', text)
    named += re.findall(r'`((?:docs|include|kmod|lib|man|scripts|tests|create-[\w-]+)/[\w./*-]+)`', text)
    return [n for n in named if not glob.glob(os.path.join(root, n)) and not glob.glob(os.path.join(root, os.path.dirname(document), n))]
