#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""build.py LAB BINDIR WORK NAME [--no-replace] [--kdir DIR] PATCH - a patch of the kernel's source to WORK/livepatch-NAME.ko

Each unit that the patch touches is compiled before and after as kbuild does it (corpus.py), compared, and the results are
linked by kmod/build.sh and finished by create-klp-module: the way of kpatch-build, without its comforts. Exit status 2 when
create-diff-object refuses the patch; what a command says goes to the standard error output.
"""
import argparse
import glob
import lzma
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'kernel'))
import corpus  # noqa: E402

# Where objtool is delayed to the link, kbuild runs it on the unit instead; kmod/build.sh tells more.
OBJTOOL = ['delay-objtool=', 'objtool-args=$(filter-out --ibt,$(objtool-args-y))$(if $(part-of-module), --module)']


class Unit(corpus.Unit):
    def __init__(self, lab, name, work):
        if not os.path.exists('%s/bld/%s.o' % (lab, name[:-2])):
            run(['sh', ROOT + '/tests/kernel/kbuild.sh', lab] + OBJTOOL + [name[:-2] + '.o'])
        super().__init__(lab, name)
        self.dir = '%s/%s' % (work, self.stem)


def run(argv, **options):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, check=False, **options)
    if done.returncode:
        print('failed: ' + ' '.join(argv), file=sys.stderr)
        sys.exit(2 if done.returncode == 2 else 1)


def shipped(lab, module, work):
    """The module as the distribution ships it, uncompressed."""
    # A file's name may have dashes where the module's has underscores.
    name = re.sub('_', '[_-]', module)
    found = glob.glob('%s/modules/**/%s.ko*' % (lab, name), recursive=True)
    if not found:
        sys.exit('no module `%s` in %s/modules' % (module, lab))
    if not found[0].endswith('.xz'):
        return found[0]
    path = os.path.join(work, module + '.ko')
    with lzma.open(found[0]) as packed, open(path, 'wb') as f:
        f.write(packed.read())
    return path


def patched_sources(lab, patch, work):
    with open(patch, encoding='utf-8') as f:
        names = re.findall(r'^\+\+\+ b/(\S+)', f.read(), re.M)
    tree = os.path.join(work, 'patched')
    for name in names:
        corpus.write(os.path.join(tree, name), corpus.read(os.path.join(lab, 'linux', name)))
    run(['patch', '-s', '-p1', '-d', tree, '-i', os.path.abspath(patch)])
    return [(name, corpus.read(os.path.join(tree, name))) for name in names]


def diff(options, name, source, form):
    unit = Unit(options.lab, name, options.work)
    complaint = unit.compile('after', source)
    if complaint:
        sys.exit('%s: %s' % (name, complaint))
    out = unit.dir + '/diff.o'
    argv = [options.bindir + '/create-diff-object', '-q', '--form', form, '-k', options.lab + '/vmlinux',
            '-s', options.lab + '/bld/Module.symvers']
    if unit.module:
        argv += ['-m', unit.module, '-k', shipped(options.lab, unit.module, options.work)]
    run(argv + [unit.orig, unit.object('after'), out])
    return out, unit.module


def main():
    parser = argparse.ArgumentParser()
    for name in ('lab', 'bindir', 'work', 'name'):
        parser.add_argument(name)
    parser.add_argument('--no-replace', action='store_true')
    parser.add_argument('--kdir')
    parser.add_argument('patch')
    options = parser.parse_args()
    options.lab = os.path.realpath(options.lab)
    os.makedirs(options.work, exist_ok=True)
    sources = patched_sources(options.lab, options.patch, options.work)
    # Of several, the last is in the other form, and create-klp-module merges them.
    pairs = [diff(options, name, source, 'klp' if n and n == len(sources) - 1 else 'linkable')
             for n, (name, source) in enumerate(sources)]
    objects = [p[0] for p in pairs]
    if len(objects) > 1:
        merged = options.work + '/merged.o'
        run([options.bindir + '/create-klp-module', '--form', 'linkable'] + objects + [merged])
        objects = [merged]
    linked, finished = ('%s/%s.ko' % (options.work, n) for n in ('linked', 'livepatch-' + options.name))
    run(['sh', ROOT + '/kmod/build.sh', '--kdir', options.kdir or options.lab + '/bld', '--name',
         'livepatch-' + options.name] + ['--no-replace'] * options.no_replace + objects + [linked])
    argv = [options.bindir + '/create-klp-module']
    if not options.kdir:
        argv += ['-k', options.lab + '/vmlinux', '-s', options.lab + '/bld/Module.symvers']
        for module in sorted({p[1] for p in pairs if p[1]}):
            argv += ['-k', shipped(options.lab, module, options.work)]
    run(argv + [linked, finished])
    run(['strip', '-g', finished])


if __name__ == '__main__':
    main()
