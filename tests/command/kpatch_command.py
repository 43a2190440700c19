# SPDX-License-Identifier: GPL-2.0-or-later
"""kpatch-build's command lines: seven operands, -a, -d, and create-klp-module's -n."""
import os
import re
import shutil
import subprocess
import sys

from command import load_report
from harness import ROOT, Skip, expect, fixture

sys.path.append(os.path.join(ROOT, 'tests', 'lib'))
import elf as E  # noqa: E402
import kpatch as K  # noqa: E402
import symtab as T  # noqa: E402
from seven import SIZES, exports  # noqa: E402

SYMVERS = os.path.join(ROOT, 'tests', 'fixtures', 'src', 'default.symvers')


class Pair:
    """A fixture, a symbol table for it, and the operands of kpatch-build."""

    def __init__(self, h, case, compiler='gcc', parent='vmlinux', symvers=SYMVERS, decoys=True):
        self.h, self.parent, self.symvers = h, parent, symvers
        self.orig, self.patched = fixture(case, compiler)
        self.table = T.from_pair(E.Elf(self.orig), E.Elf(self.patched), parent, exports(symvers), decoys)
        self.symtab = self.write_symtab(case)

    def write_symtab(self, name, **how):
        return self.h.write(name + '.symtab', self.table.text(**how).encode())

    def run(self, out, *options, **how):
        operands = [self.orig, self.patched, self.parent, self.symtab, self.symvers, 'livepatch-x', out]
        return self.h.run(*options, *operands, **how)

    def make(self, out, *options, **how):
        """The object, proved against the objects and the table."""
        r = self.run(out, *options, **how)
        expect(r.code == 0, 'status %d\n%s' % (r.code, r.err))
        elf = K.KpatchElf(out)
        orig, patched = E.Elf(self.orig), E.Elf(self.patched)
        found = K.Verifier(orig, patched, elf, addresses=self.table.addresses()).run() if '-a' not in options else []
        found += K.Checker(elf, orig, patched, self.table, exports(self.symvers), {}).run()
        expect(not found, '\n'.join(found))
        return elf


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def link(h, out, *objects):
    ld = E.LINKER[E.Elf(objects[0]).machine]
    if not shutil.which(ld[0]):
        raise Skip(ld[0] + ' is not installed')
    r = subprocess.run(ld + ['-r', '-o', h.path(out)] + list(objects), capture_output=True, text=True, check=False)
    expect(not r.returncode and not r.stderr, 'ld -r: ' + r.stderr)
    return h.path(out)


def finish(h, out, *args):
    r = h.run(*args, h.path(out), command='create-klp-module')
    expect(r.code == 0, 'create-klp-module: status %d\n%s' % (r.code, r.err))
    return E.Elf(h.path(out))


# ---- operands and options ---------------------------------------------------------------------

def operand_counts(h):
    p = Pair(h, 'changed-function')
    whole = [p.orig, p.patched, 'vmlinux', p.symtab, SYMVERS, 'livepatch-x', h.out]
    for count in (4, 5, 6):
        h.one_error(*whole[:count], error_id='usage', names='unexpected operand')
    h.one_error(*whole, 'more', error_id='usage', names='unexpected operand')
    h.one_error('-m', 'vmlinux', *whole, error_id='usage', names='--object')
    for form in ('klp', 'linkable'):
        h.one_error('--form', form, *whole, error_id='usage', names='seven operands')
    h.one_error('--check', h.out, *whole, error_id='usage')
    for place in (0, 1, 3, 4):
        wrong = whole[:place] + [h.path('none')] + whole[place + 1:]
        h.one_error(*wrong, names=h.path('none'))
    r = h.run('--form', 'kpatch', *whole)
    expect(r.code == 0 and os.path.exists(h.out), r.err)


def klp_arch_is_for_kpatch(h):
    pair = fixture('changed-function')
    for options in ((), ('--form', 'klp'), ('--form', 'linkable')):
        h.one_error('-a', *options, *pair, h.out, error_id='usage', names='--klp-arch')
        h.one_error('--klp-arch', *options, *pair, h.out, error_id='usage', names='--klp-arch')
    expect(h.run('-a', '--form', 'kpatch', *pair, h.out).code == 0, '-a --form kpatch is refused')


def statuses(h):
    for case, want in (('changed-function', 0), ('data-changed', 2), ('unchanged', 3)):
        p = Pair(h, case)
        r = p.run(h.out, '--debug')
        expect(r.code == want, '%s: status %d\n%s' % (case, r.code, r.err))
        expect(os.path.exists(h.out) == (want == 0), '%s: the output' % case)
        if want == 0:
            os.unlink(h.out)
    p = Pair(h, 'changed-function')
    r = p.run(h.out, '-n')
    expect(r.code == 0 and not os.path.exists(h.out), 'a dry run writes')
    p.patched = h.path('none')
    expect(p.run(h.out).code == 1, 'a missing object is no error')


def debug_is_verbose(h):
    p = Pair(h, 'ignore-unneeded')
    texts = [p.run(h.out, *options).err for options in (('-d', ), ('-v', ), ('--debug', ), ())]
    expect(texts[0] == texts[1] == texts[2] != texts[3], 'the options -d and -v differ')
    one = link(h, 'linked.o', h.out)
    runs = [h.run(o, one, h.path('done.ko'), command='create-klp-module') for o in ('-d', '-v', '--debug')]
    expect(all(r.code == 0 and r.err == runs[0].err for r in runs), 'create-klp-module: -d and -v differ')


def report(h):
    p = Pair(h, 'call-unexported')
    r = p.run(h.out, '--json', '-')
    told = load_report(r.out)
    expect(r.code == 0 and told['form'] == 'kpatch' and told['object'] == 'vmlinux', r.out)
    expect(told['files']['kernel_symbols'] == [p.symtab] and told['files']['symvers'] == [SYMVERS], told['files'])
    expect(told['files']['output'] == h.out, told['files'])


# ---- what may be given ---------------------------------------------------------------------------

def symtab_variants(h):
    """Without FILE symbols, with ppc64's markers, with neither: positions and addresses stay."""
    for case in ('call-unexported', 'position-reordered'):
        p = Pair(h, case, decoys=False)
        p.make(h.out)
        whole = read(h.out)
        for how in ({'files': False}, {'localentry': True}, {'files': False, 'localentry': True}):
            p.symtab = p.write_symtab('variant', **how)
            expect(('FILE' in p.table.text(**how)) == how.get('files', True), 'the table itself')
            expect(('<localentry>' in p.table.text(**how)) == how.get('localentry', False), 'the table itself')
            p.make(h.out)
            expect(read(h.out) == whole, '%s %s: another output' % (case, how))


def no_exports(h):
    """With /dev/null for Module.symvers nothing is exported: every reference is a record."""
    elf = Pair(h, 'call-unexported', symvers=os.devnull).make(h.out)
    left = {y.name for y in elf.symbols if y.shndx == E.SHN_UNDEF and y.name} - {'__fentry__', '__x86_return_thunk'}
    expect(not left and elf.records, 'ordinary references to %s' % sorted(left))
    before = {k.name for k in elf.ksyms}
    elf = Pair(h, 'call-unexported').make(h.out)
    expect({k.name for k in elf.ksyms} < before, 'exports make no difference')


def entry_sizes(h):
    p = Pair(h, 'alt-included')
    p.make(h.out)
    whole = read(h.out)
    p.make(h.out, env=SIZES)
    expect(read(h.out) == whole, 'the right sizes change the output')
    r = p.run(h.out, env={'ALT_STRUCT_SIZE': '7'})
    expect(r.code == 0 and 'stated-size' in r.err, 'a wrong size is not noticed\n' + r.err)
    expect(read(h.out) == whole, 'a wrong size changes the output')


# ---- kernels 4.9 to 5.7 -----------------------------------------------------------------------------

def kernel_reads(section):
    """What sscanf(name, ".klp.arch.%55[^.].%127s", object, table) gives, or None."""
    m = re.match(r'\.klp\.arch\.([^.]{1,55})\.(\S{1,127})$', section.name)
    return m.groups() if m else None


def arch_records(elf):
    s = elf.section('.kpatch.arch')
    expect(s is not None and s.size % K.ARCH == 0, 'no .kpatch.arch')
    return [(elf.follow(s, at)[0].name, elf.follow(s, at)[1], elf.string(s, at + 8)) for at in range(0, s.size, K.ARCH)]


def content(elf, section):
    """Bytes of a table, and what its relocations lead to."""
    rows = [(r.offset, r.type, sorted(y.name for y in elf.covering(r.symbol.section, r.symbol.value + r.addend)),
             r.symbol.section.name) for r in section.relocs]
    return section.data, rows


def klp_arch_sections(h):
    """Two patched objects in one module: each gets its tables, and nothing is left to be read early."""
    one = Pair(h, 'alt-included').make(h.path('one.o'), '-a')
    two = Pair(h, 'module-late-alternative', parent='ext4').make(h.path('two.o'), '-a')
    three = Pair(h, 'objtool-tables').make(h.path('three.o'), '-a')
    expect(arch_records(one) == [('.altinstructions', 0, 'vmlinux')], arch_records(one))
    expect(arch_records(two) == [('.altinstructions', 0, 'ext4')], arch_records(two))
    expect(('.parainstructions', 0, 'vmlinux') in arch_records(three), arch_records(three))
    linked = link(h, 'linked.o', one.path, two.path, three.path)
    out = finish(h, 'done.ko', '-d', linked)
    for parent, name, parts in (('vmlinux', '.altinstructions', [one, three]), ('ext4', '.altinstructions', [two]),
                                ('vmlinux', '.parainstructions', [three])):
        made = [s for s in out.sections if s.type != E.SHT_RELA and kernel_reads(s) == (parent, name)]
        expect(len(made) == 1, '%d sections of %s for %s' % (len(made), name, parent))
        data, rows = b'', []
        for part in parts:
            if part.section(name):
                rows += [(r[0] + len(data), ) + r[1:] for r in content(part, part.section(name))[1]]
                data += part.section(name).data
        expect(content(out, made[0]) == (data, rows), '%s of %s is another: %s' % (name, parent, content(out, made[0])))
        expect(made[0].flags & E.SHF_ALLOC and made[0].type == E.SHT_PROGBITS, 'it is not loaded')
        left = out.section(name)
        expect(left is None or not left.size and not left.relocs, '%s is not empty' % name)
    expect(not any(s.name.startswith('.kpatch.arch') for s in out.sections), '.kpatch.arch is left')
    merged = finish(h, 'merged.ko', one.path, two.path, three.path)
    names = sorted(s.name for s in out.sections if kernel_reads(s))
    expect(sorted(s.name for s in merged.sections if kernel_reads(s)) == names, 'merging by itself gives other sections')


def elsewhere(h):
    """create-klp-module from another directory, with every path relative, that of the linker too."""
    ld = shutil.which('ld')
    if not ld:
        raise Skip('ld is not installed')
    one = Pair(h, 'changed-function').make(h.path('one.o'))
    two = Pair(h, 'call-static').make(h.path('two.o'))
    there, temporary = h.path('else/where'), h.path('else/tmp')
    os.makedirs(there)
    os.makedirs(temporary)
    os.symlink(ld, h.path('else/cross-ld'))
    for n, (options, env) in enumerate(((['--ld', '../cross-ld'], {}), ([], {'CROSS_COMPILE': '../cross-'}))):
        out = h.path('else/done%d.ko' % n)
        args = [os.path.join(h.bin, 'create-klp-module')] + options + [one.path, two.path, out]
        args = [os.path.relpath(a, there) if a.startswith('/') else a for a in args]
        r = subprocess.run(args, cwd=there, env=dict(h.env, TMPDIR='../tmp', **env), capture_output=True, text=True, check=False)
        expect(r.returncode == 0 and not r.stderr, 'status %d\n%s' % (r.returncode, r.stderr))
        expect(read(out) == read(finish(h, 'here.ko', one.path, two.path).path), 'it makes something else there')
    expect(not os.listdir(temporary) and not os.listdir(there), 'something is left')


def no_klp_arch_sections(h):
    one = Pair(h, 'alt-included').make(h.path('one.o'), '-a')
    linked = link(h, 'linked.o', one.path)
    for option in ('-n', '--no-klp-arch-sections'):
        out = finish(h, 'done.ko', option, linked)
        expect(not any(s.name.startswith(('.klp.arch.', '.kpatch.arch')) for s in out.sections), option)
        expect(content(out, out.section('.altinstructions')) == content(one, one.section('.altinstructions')), option)
    expect('.kpatch.arch' not in [s.name for s in Pair(h, 'alt-included').make(h.path('two.o')).sections],
           '.kpatch.arch without -a')


def early_tables(h):
    """A key that is found late. kpatch-build gives -a for every kernel and -n for those that find it in time."""
    for case, key in (('static-key-other', 'key_two'), ('vmlinux-tracepoint', '__tracepoint_')):
        plain, late = (Pair(h, case).make(h.path(name), *options) for name, options in (('plain.o', ()), ('late.o', ('-a', ))))
        expect(late.section('.kpatch.arch') is not None, '.kpatch.arch is missing')
        refused = h.run(h.path('late.o'), h.out, command='create-klp-module')
        expect(refused.code == 2 and [e[0] for e in refused.errors] == ['late-special'], refused.err)
        expect('__jump_table' in refused.err and key in refused.err, refused.err)
        expect(not os.path.exists(h.out), 'an output though it was refused')
        want, have = (K.klp_relocations(finish(h, 'done.ko', '-n', elf.path)) for elf in (plain, late))
        expect(any('__jump_table' in row for row in want) and want == have, 'with -a: %s\nwithout: %s' % (have, want))


def dynamic_debug(h):
    """Its keys are part of the patch."""
    sections = {}
    for options in ((), ('-a', )):
        elf = Pair(h, 'module-dyndbg', parent='ext4').make(h.out, *options)
        sections[options] = {n: content(elf, elf.section(n)) for n in ('__jump_table', '__dyndbg')}
        finish(h, 'done.ko', h.out)
    expect(sections[()] == sections[('-a', )], 'dynamic debug differs with -a')


def late_references(h):
    """Such kernels apply `.klp.rela.vmlinux.*` only where vmlinux itself is patched."""
    p = Pair(h, 'no-inputs', parent='ext4', symvers=os.devnull)
    p.table.rows = [r for r in p.table.rows if getattr(r, 'name', '') not in ('kfree', '_printk', 'hidden_helper')]
    p.symtab = p.write_symtab('ext4')
    for options, want in (((), {'vmlinux'}), (('-a', ), {'ext4'})):
        expect(p.run(h.out, *options).code == 0, 'refused')
        elf = K.KpatchElf(h.out)
        have = {r.objname for r in elf.records if elf.ksyms[r.ksym].objname == 'vmlinux'}
        expect(have == want, '%s: applied with %s' % (options, sorted(have)))
        expect(not any(r.external for r in elf.records), 'a symbol of vmlinux is external')
        rows = K.klp_relocations(finish(h, 'done.ko', '-n', h.out))
        late = [row for row in rows if ' vmlinux:' in row and not row.endswith('(with vmlinux)')]
        expect(rows and not late, '-n: %s' % late)


# ---- ftrace locations ------------------------------------------------------------------------------------

def trace_sites(h):
    """One section for each function; they merge with those of a compiler."""
    p = Pair(h, 'aarch64-new', 'aarch64')
    elf = p.make(h.out)
    sites = K.trace_sections(elf)
    expect(len(sites) > 1, '%d ftrace locations' % len(sites))
    expect(all(s.size == 8 and s.flags & E.SHF_LINK_ORDER and elf.sections[s.link] is s.relocs[0].symbol.section
               for s in sites), 'a site is not linked to its function')
    compiled = E.Elf(p.orig)
    theirs = K.trace_sections(compiled)
    expect(theirs and all(s.flags & E.SHF_LINK_ORDER for s in theirs), 'the compiled object has no such sections')
    for inputs in ((h.out, p.orig), (p.orig, h.out)):
        objects = [h.path('%d.o' % i) for i in range(2)]
        for source, target in zip(inputs, objects):
            subprocess.run(['cp', source, target], check=True)
        if shutil.which('aarch64-linux-gnu-objcopy'):  # both define what the fixture defines
            subprocess.run(['aarch64-linux-gnu-objcopy', '--prefix-symbols=other_', objects[inputs.index(p.orig)]], check=True)
        merged = E.Elf(link(h, 'merged.o', *objects))
        have = sorted(r.symbol.section.name for s in K.trace_sections(merged) for r in s.relocs)
        want = sorted(r.symbol.section.name for s in sites + theirs for r in s.relocs)
        expect(have == want, 'merged: %s, not %s' % (have, want))
    done = finish(h, 'done.ko', link(h, 'linked.o', h.out))
    expect(sum(s.size for s in K.trace_sections(done)) == 8 * len(sites), 'sites were lost')


def run(h):
    for test in (operand_counts, klp_arch_is_for_kpatch, statuses, debug_is_verbose, report, symtab_variants, no_exports,
                 entry_sizes, klp_arch_sections, elsewhere, no_klp_arch_sections, early_tables, dynamic_debug, late_references,
                 trace_sites):
        h.case('kpatch: ' + test.__name__.replace('_', ' '), test, h)
