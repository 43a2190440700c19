# SPDX-License-Identifier: GPL-2.0-or-later
"""Build directories of small units, with the .cmd files that kbuild would have written."""
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
CC = os.environ.get('CC', 'gcc')
FLAGS = ['-std=gnu11', '-O2', '-nostdinc', '-ffreestanding', '-fno-strict-aliasing', '-fno-common', '-ffunction-sections',
         '-fdata-sections', '-fno-asynchronous-unwind-tables', '-fno-stack-protector', '-fno-pic', '-fno-pie', '-mcmodel=kernel',
         '-mno-red-zone', '-mno-sse', '-fcf-protection=none', '-fno-jump-tables', '-pg', '-mfentry', '-mrecord-mcount',
         '-I' + os.path.join(os.path.dirname(HERE), 'fixtures', 'src')]


def usable():
    """The units are compiled as x86_64's kernel is."""
    try:
        machine = subprocess.run([CC, '-dumpmachine'], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    return machine.startswith('x86_64')


def quote(text):
    return "'\"%s\"'" % text


class Unit:
    """`path`: without .o, from the top of the build directory. `module`: its path, or None. `source`: with .S if it is no C."""

    def __init__(self, path, module=None, source=None, name=None, flags=()):
        self.path, self.module, self.flags = path, module, list(flags)
        source = source or os.path.basename(path)
        self.source = source if source.endswith('.S') else source + '.c'
        self.name = name or os.path.basename(module or path)  # what kbuild calls KBUILD_MODNAME

    def command(self, saved):
        suffix = self.source[-2:]
        macros = ['-D__KERNEL__'] + (['-DMODULE'] if self.module else [])
        if suffix == '.c':
            macros += ["-DKBUILD_MODFILE=" + quote(self.module or self.path),
                       "-DKBUILD_BASENAME=" + quote(os.path.basename(self.path)), "-DKBUILD_MODNAME=" + quote(self.name)]
        return '%scmd_%s.o := gcc -Wp,-MMD,x.d %s -c -o %s.o /src/%s%s   ; ./tools/objtool/objtool --orc %s.o\n' % (
            'saved' if saved else '', self.path, ' '.join(macros), self.path, self.path, suffix, self.path)


class Trees:
    """orig/ and patched/ below `work`."""

    def __init__(self, work, units, saved=False):
        self.work, self.units, self.saved = work, units, saved
        self.orig, self.patched = os.path.join(work, 'orig'), os.path.join(work, 'patched')
        for side in (self.orig, self.patched):
            for unit in units:
                self.compile(side, unit)

    def file(self, side, path):
        name = os.path.join(side, path)
        os.makedirs(os.path.dirname(name), exist_ok=True)
        return name

    def compile(self, side, unit):
        out = self.file(side, unit.path + '.o')
        flags = unit.flags + (['-DPATCHED'] if side == self.patched else [])
        subprocess.run([CC, *FLAGS, *flags, '-c', '-o', out, os.path.join(HERE, 'src', unit.source)], check=True)
        self.say(side, unit.path + '.o', unit.command(self.saved))
        return out

    def say(self, side, target, command):
        directory, name = os.path.split(target)
        with open(self.file(side, os.path.join(directory, '.%s.cmd' % name)), 'w', encoding='utf-8') as f:
            f.write(command + '\nsource_%s := /src/%s\n\ndeps_%s := \\\n  /src/include/x.h \\\n' % (target, target, target))

    def write(self, side, path, data):
        with open(self.file(side, path), 'wb') as f:
            f.write(data)

    def command(self, side, target, words):
        self.say(side, target, 'cmd_%s := %s' % (target, words))
