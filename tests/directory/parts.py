# SPDX-License-Identifier: GPL-2.0-or-later
"""What is a unit, what is none, and what becomes of all that the directories have."""
import os
import shutil

from harness import expect
from place import KERNEL, MODULE, PARTS, Place, both, ids
from trees import Unit

FIRST = [Unit('kernel/first'), Unit('kernel/second')]


def differs(place, path):
    """An object of its own on each side, which is none."""
    place.trees.write(place.orig, path, b'one side')
    place.trees.write(place.patched, path, b'other side')


def equal_is_not_read(h):
    place = Place(h, 'equal', KERNEL)
    unit = Unit('kernel/damaged')
    for side in (place.orig, place.patched):
        place.trees.write(side, 'kernel/damaged.o', b'\177ELF and nothing that follows')
        place.trees.say(side, 'kernel/damaged.o', unit.command(False))
    r = place.wants(0)
    expect(place.account(r) == {'changed': 2, 'unchanged': 1, 'equal': 2}, r.out)
    place.trees.write(place.patched, 'kernel/damaged.o', b'\177ELF and nothing which follows')
    shutil.rmtree(place.out)
    r = place.wants(1)
    expect(len(r.errors) == 2 and place.outputs() is None, r.err)
    expect(place.account(r) == {'changed': 2, 'unchanged': 1, 'equal': 1, 'failed': 1}, r.out)


def no_units(h):
    """By what their commands say: each of them differs, and would be an error if it were read."""
    place = Place(h, 'none', FIRST + PARTS)
    commands = {
        'vmlinux.o': 'ld -m elf_x86_64 -r -o vmlinux.o --whole-archive vmlinux.a --no-whole-archive',
        'drivers/demo-mod.o': 'ld -m elf_x86_64 -r -o drivers/demo-mod.o @drivers/demo-mod.mod  ; ./tools/objtool/objtool --orc',
        'drivers/demo-mod.mod.o': "gcc -D__KERNEL__ -DMODULE -DKBUILD_MODNAME='\"demo_mod\"' -c -o drivers/demo-mod.mod.o "
                                  "drivers/demo-mod.mod.c",
        'scripts/mod/modpost.o': 'gcc -Wp,-MMD,x.d -Wall -O2 -c -o scripts/mod/modpost.o /src/scripts/mod/modpost.c',
        'arch/x86/entry/vdso/note.o': 'gcc -D__KERNEL__ -D__ASSEMBLY__ -c -o arch/x86/entry/vdso/note.o /src/note.S',
        'boot/misc.o': 'gcc -D__KERNEL__ -c -o boot/misc.o /src/misc.c',
        'efi/stub.o': 'gcc -D__KERNEL__ -c -o efi/stub.o /src/stub.c',
        'efi/stub.stub.o': 'objcopy --prefix-symbols=x efi/stub.o efi/stub.stub.o',
    }
    links = {
        'arch/x86/entry/vdso/vdso64.so.dbg': 'ld -shared -o arch/x86/entry/vdso/vdso64.so.dbg arch/x86/entry/vdso/note.o',
        'boot/compressed/vmlinux': 'ld -o boot/compressed/vmlinux boot/misc.o boot/piggy.o efi/lib.a',
        'efi/lib.a': 'rm -f efi/lib.a;  printf "efi/%s " stub.stub.o | xargs ar cDPrsT efi/lib.a',
        'kernel/built-in.a': 'rm -f kernel/built-in.a;  printf "kernel/%s " first.o second.o | xargs ar cDPrST kernel/built-in.a',
        'drivers/demo-mod.mod': "printf '%s\\n'   part.o rest.o | awk '!x[$$0]++ { print(\"drivers/\"$$0) }' > drivers/demo-mod.mod",
        'drivers/demo-mod.ko': 'ld -r -o drivers/demo-mod.ko drivers/demo-mod.o drivers/demo-mod.mod.o',
        # what reads built-in code besides does not make it another thing
        'tools/test': 'ld -o tools/test kernel/first.o',
    }
    for side in (place.orig, place.patched):
        for target, words in list(commands.items()) + list(links.items()):
            place.trees.command(side, target, words)
    nothing_known = ['boot/piggy.o']
    for path in list(commands) + nothing_known:
        differs(place, path)
    report = place.report()
    expect(both(report, 'left out') == sorted(list(commands) + nothing_known), str(both(report, 'left out')))
    expect(both(report, 'changed') == ['drivers/part.o', 'drivers/rest.o', 'kernel/first.o', 'kernel/second.o'],
           str(both(report, 'changed')))


def names_tell_nothing(h):
    """A unit may be called as what is none, and lie where such lie."""
    units = [Unit('kernel/vmlinux', source='first'), Unit('scripts/built-in', source='second'),
             Unit('arch/x86/entry/vdso/vma', MODULE, source='part'), Unit('tools/modpost', MODULE, source='rest')]
    place = Place(h, 'names', units)
    report = place.report()
    expect(len(both(report, 'changed')) == 4, str(report['units']))
    expect({u['path']: u['object'] for u in report['units']}['tools/modpost.o'] == 'demo_mod', str(report['units']))


def saved_commands(h):
    place = Place(h, 'saved', KERNEL + PARTS, saved=True)
    place.wants(0)
    expect(place.outputs() == ['demo_mod.o', 'vmlinux.o'], str(place.outputs()))


def names_of_modules(h):
    """Before Linux 6.7 a module's units have no KBUILD_MODFILE, and built-in ones have it all the same."""
    unit = Unit('drivers/part', MODULE)
    place = Place(h, 'modname', [unit])
    words = unit.command(False).replace("-DKBUILD_MODFILE='\"%s\"' " % MODULE, '')
    expect('MODFILE' not in words, words)
    for side in (place.orig, place.patched):
        place.trees.say(side, 'drivers/part.o', words)
    place.wants(0)
    expect(place.outputs() == ['demo_mod.o'], str(place.outputs()))
    for side in (place.orig, place.patched):
        place.trees.say(side, 'drivers/part.o', unit.command(False).replace('-DMODULE', ''))
    shutil.rmtree(place.out)
    place.kernel = place.modules = None
    place.wants(0)
    expect(place.outputs() == ['vmlinux.o'], str(place.outputs()))


def on_one_side(h):
    place = Place(h, 'sides', FIRST)
    os.remove(os.path.join(place.patched, 'kernel/second.o'))
    r = place.wants(0)
    expect('warning[gone-unit]' in r.err and place.account(r) == {'changed': 1, 'gone': 1}, r.err + r.out)
    place = Place(h, 'new', FIRST)
    os.remove(os.path.join(place.orig, 'kernel/second.o'))
    r = place.wants(2)
    expect([e for e, _ in r.errors] == ['new-unit'] and place.outputs() is None, r.err)


def unknown(h):
    """Nothing is known of an object: the same in both, linked or not."""
    place = Place(h, 'unknown', FIRST)
    for side in (place.orig, place.patched):
        place.trees.write(side, 'lib/blob.o', b'the same')
    r = place.wants(0)
    expect(place.account(r) == {'changed': 2, 'equal': 1} and 'unknown' not in r.err, r.err)
    differs(place, 'lib/blob.o')
    place.trees.write(place.orig, 'lib/old.o', b'alone')
    r = place.wants(0)
    expect(r.err.count('warning[unknown-object]') == 2 and place.account(r) == {'changed': 2, 'unknown': 2}, r.err)
    place.trees.command(place.patched, 'lib/built-in.a', 'rm -f lib/built-in.a;  printf "lib/%s " blob.o | xargs ar rc lib/built-in.a')
    r = place.wants(2)
    expect([e for e, _ in r.errors] == ['unknown-object'], r.err)


def other_parts(h):
    place = Place(h, 'other', FIRST)
    place.trees.say(place.patched, 'kernel/first.o', Unit('kernel/first', MODULE).command(False))
    r = place.wants(2)
    expect([e for e, _ in r.errors] == ['other-part'], r.err)
    place = Place(h, 'several', [Unit('drivers/part', 'drivers/one', name='one:two')])
    r = place.wants(2)
    expect([e for e, _ in r.errors] == ['several-modules'] and 'one:two' in r.err, r.err)
    for side in (place.orig, place.patched):
        place.trees.compile(side, Unit('drivers/part', 'drivers/one', source='lines', name='one:two'))
    r = place.wants(3)
    expect(place.account(r) == {'unchanged': 1}, r.out)
    for side in (place.orig, place.patched):
        place.trees.compile(side, Unit('drivers/part', 'drivers/one', source='same', name='one:two'))
    r = place.wants(3)
    expect(place.account(r) == {'equal': 1}, r.out)


def add_stub(place, module, *flags):
    unit = Unit('lib/stub', module, source='stub.S', flags=flags)
    for side in (place.orig, place.patched):
        place.trees.compile(side, unit)
        place.trees.say(side, 'lib/stub.o', unit.command(False))


def assembled(h):
    """What is written in assembler stays as it is, in code: of a module, whose name kbuild does not tell, as well."""
    for module in (None, MODULE):
        place = Place(h, 'assembled-' + ('module' if module else 'kernel'), FIRST)
        add_stub(place, module)
        r = place.wants(0)
        expect(place.account(r) == {'changed': 2, 'unchanged': 1} and not r.err, r.out + r.err)
        add_stub(place, module, '-DCODE')
        r = place.wants(2)
        expect([e for e, _ in r.errors] == ['assembler'] and '`lib/stub.o` is assembled' in r.err, r.err)


def assembled_callers(h):
    """Who calls what has to be replaced in its callers: a module whose name is not known may be meant by any module's name."""
    for module, names, others in ((None, ('vmlinux:covered', ), ('demo_mod:covered', 'vmlinux:overed')),
                                  (MODULE, ('demo_mod:covered', 'other:covered'), ('vmlinux:covered', ))):
        place = Place(h, 'assembled-callers-' + ('module' if module else 'kernel'), FIRST)
        add_stub(place, module)
        shutil.copy(os.path.join(place.orig, 'lib/stub.o'), os.path.join(place.patched, 'lib/stub.o'))
        for name in names:
            r = place.wants(2, '--replace-callers', name)
            expect([e for e, _ in r.errors] == ['assembler'] and '`lib/stub.o` refers to `covered`' in r.err, r.err)
        for name in others:
            place.wants(0, '--replace-callers', name)


def refused_among_many(h):
    place = Place(h, 'refused', KERNEL + PARTS + [Unit('kernel/data'), Unit('drivers/data', MODULE)])
    os.mkdir(place.out)
    with open(place.path('out', 'vmlinux.o'), 'w', encoding='utf-8') as f:
        f.write('of an earlier run')
    r = place.wants(2)
    expect([e for e, _ in r.errors] == ['data-changed'] * 2, r.err)
    expect('/drivers/data.o' in r.err and '/kernel/data.o' in r.err, r.err)
    expect(place.account(r) == {'changed': 4, 'unchanged': 1, 'equal': 1, 'refused': 2}, r.out)
    expect(place.outputs() == ['vmlinux.o'] and os.path.getsize(place.path('out', 'vmlinux.o')) == 17, str(place.outputs()))
    shutil.rmtree(place.out)
    report = place.report(status=2)
    expect(place.outputs() is None, 'the output directory is there')
    expect(ids(report).count('data-changed') == 2 and both(report, 'refused') == ['drivers/data.o', 'kernel/data.o'], str(ids(report)))
    expect(all(o['path'] is None for o in report['outputs']), str(report['outputs']))


def unchanged(h):
    place = Place(h, 'unchanged', KERNEL[2:])
    r = place.wants(3)
    expect(place.account(r) == {'unchanged': 1, 'equal': 1} and place.outputs() is None, r.out)


def every_path(h):
    """With -v a line for each, whatever the outcome; and the numbers of the account are those of its lines."""
    place = Place(h, 'every', KERNEL + PARTS)
    place.trees.command(place.orig, 'vmlinux.o', 'ld -r -o vmlinux.o kernel/first.o')
    differs(place, 'vmlinux.o')
    wanted = {'drivers/part.o (demo_mod)': 'changed', 'drivers/rest.o (demo_mod)': 'changed', 'kernel/first.o (vmlinux)': 'changed',
              'kernel/second.o (vmlinux)': 'changed', 'kernel/same.o (vmlinux)': 'equal', 'kernel/lines.o (vmlinux)': 'unchanged',
              'vmlinux.o': 'left out'}
    expect(listed(place.wants(0, '-n', '-v')) == wanted, str(listed(place.wants(0, '-n', '-v'))))
    expect(len(listed(place.wants(0, '-n'))) == 4, 'it takes -v')
    for side in (place.orig, place.patched):
        place.trees.compile(side, Unit('kernel/second', source='data'))
    wanted['kernel/second.o (vmlinux)'] = 'refused'
    expect(listed(place.wants(2, '-n', '-v')) == wanted, 'not what became of them')


def listed(r):
    lines = [line.split(': ') for line in r.out.splitlines()[:-1]]
    return {what: 'changed' if ' changed function' in words else words for what, words in lines}


def report(h):
    place = Place(h, 'report', KERNEL + PARTS)
    r = place.report()
    expect((r['status'], r['exit_status'], r['form']) == ('ok', 0, 'klp'), str(r)[:200])
    expect([(o['object'], o['path'], o['units']) for o in r['outputs']] ==
           [('demo_mod', place.path('out', 'demo_mod.o'), 2), ('vmlinux', place.path('out', 'vmlinux.o'), 2)], str(r['outputs']))
    first = next(u for u in r['units'] if u['path'] == 'kernel/first.o')
    expect({f['name'] for f in first['results']['functions']} == {'first', 'helper'}, str(first['results']['functions']))
    shutil.rmtree(place.out)
    dry = place.wants(0, '-n')
    expect(place.outputs() is None and 'dry run' in dry.out, dry.out)
    told = place.wants(0, '-n', '--explain').out
    expect(told.index('kernel/first.o (vmlinux):') < told.index('kernel/second.o (vmlinux):') and 'evidence: ' in told, told)


def run(h):
    for name, test in (('equal objects', equal_is_not_read), ('no units', no_units), ('names', names_tell_nothing),
                       ('saved commands', saved_commands), ('names of modules', names_of_modules), ('one side', on_one_side),
                       ('unknown', unknown), ('other parts', other_parts), ('assembled', assembled),
                       ('assembled callers', assembled_callers), ('refused', refused_among_many),
                       ('unchanged', unchanged), ('every path', every_path), ('report', report)):
        h.case('parts: ' + name, test, h)
