# SPDX-License-Identifier: GPL-2.0-or-later
"""One object for each patched object: what `ld -r` makes of its units, whatever the number of threads."""
import filecmp
import os

from harness import expect
import elf as E
import linked
from place import KERNEL, MODULE, PARTS, Place
from trees import Unit


def single(place, unit, *options):
    """The unit by itself."""
    out = place.path('single-' + unit.path.replace('/', '-') + '.o')
    name = os.path.basename(unit.module).replace('-', '_') if unit.module else 'vmlinux'
    r = place.h.run('-m', name, *options, *place.symbols(), *[os.path.join(side, unit.path + '.o') for side in (place.orig, place.patched)], out)
    expect(r.code == 0, '%s: %s' % (unit.path, r.err))
    return out


def as_linked(h):
    place = Place(h, 'linked', KERNEL + PARTS)
    options = ('--form', 'linkable')
    r = place.wants(0, *options)
    expect(place.outputs() == ['demo_mod.o', 'vmlinux.o'], str(place.outputs()))
    expect('undefined-reference' not in r.err, r.err)
    for name, units in (('vmlinux', KERNEL[:2]), ('demo_mod', PARTS)):
        wrong = list(linked.differences(place.path('out', name + '.o'), [single(place, u, *options) for u in units]))
        expect(not wrong, name + ': ' + '; '.join(wrong))
    expect(place.account(r) == {'changed': 4, 'unchanged': 1, 'equal': 1}, r.out)


def positions(h):
    """Each unit's own static function and variable, by their places in the kernel's symbols."""
    place = Place(h, 'positions', KERNEL)
    place.wants(0)
    out = E.Elf(place.path('out', 'vmlinux.o'))
    klp = {y.name for y in out.symbols if y.shndx == E.SHN_LIVEPATCH}
    expect({'.klp.sym.vmlinux.state,1', '.klp.sym.vmlinux.state,2'} <= klp, str(klp))
    funcs = out.section('.kpatch.funcs')
    found = {}
    for at in range(0, funcs.size, 56):
        new = next(r for r in funcs.relocs if r.offset == at)
        name = next(r for r in funcs.relocs if at < r.offset < at + 56 and
                    r.symbol.name == '.kpatch.strings' and r.offset != at + 48)
        text = out.cstring(name.symbol.section.data, name.symbol.value + name.addend)
        numbers = out.unpack('QQQQ', at + 8, funcs.data)
        found[(text, numbers[3])] = (new.symbol.name, new.symbol.value)
    expect(sorted(found) == [('first', 0), ('helper', 1), ('helper', 2), ('second', 0)], str(found))
    expect(found[('helper', 1)][1] < found[('helper', 2)][1] and found[('helper', 1)][0] == 'helper', str(found))
    r = h.run('--check', place.path('out', 'vmlinux.o'), *place.symbols())
    expect(r.code == 0, r.err)
    place.kernel, place.modules, place.out = None, None, place.path('without')
    r = place.wants(2)
    expect([e for e, _ in r.errors] == ['same-position'] and 'kernel/first.o' in r.err and place.outputs() is None, r.err)


def across_units(h):
    """A function or variable that is new in one unit is the other's, too; that of another module is another one."""
    place = Place(h, 'across', KERNEL + PARTS)
    module = Place(h, 'across-unchecked', PARTS)
    module.kernel = module.modules = None  # then the run takes it for the kernel's
    for where in (place, module):
        where.wants(0)
    os.rename(module.path('out', 'demo_mod.o'), place.path('out', 'unchecked.o'))
    for name, inner in (('vmlinux', {'added_here', 'added_there', 'added_variable'}), ('demo_mod', {'added_here'}),
                        ('unchecked', {'added_here'})):
        out = E.Elf(place.path('out', name + '.o'))
        leads = {r.symbol.name for s in out.sections for r in s.relocs if r.symbol.section is not None}
        expect(inner <= leads, '%s: %s' % (name, leads))
        loose = {y.name for y in out.symbols if y.section is None and y.name}
        expect(not any(n in y for n in inner for y in loose), '%s: %s' % (name, loose))


def any_number_of_threads(h):
    place = Place(h, 'threads', KERNEL + PARTS + [Unit('drivers/many%d' % i, source='part', module='drivers/many%d' % i)
                                                  for i in range(8)])
    for form in ('klp', 'linkable', 'kpatch'):
        results = []
        for jobs in ('1', '2', '4', '13'):
            out = place.path('out')
            r = place.wants(0, '--form', form, '-j', jobs, '--explain', out=out)
            kept = place.path('%s-%s' % (form, jobs))
            os.rename(out, kept)
            results.append((r.out, r.err, kept))
        for out, err, kept in results[1:]:
            expect((out, err) == results[0][:2], '%s: other words' % form)
            expect(len(os.listdir(kept)) == 10, str(os.listdir(kept)))
            wrong = filecmp.cmpfiles(results[0][2], kept, os.listdir(results[0][2]), shallow=False)[1:]
            expect(not any(wrong), '%s: %s differ' % (form, wrong))


def alone(h):
    """Of one unit, what the pair of objects alone makes."""
    place = Place(h, 'alone', PARTS[:1])
    for form in ('klp', 'linkable', 'kpatch'):
        out = place.path(form)
        place.wants(0, '--form', form, out=out)
        expect(filecmp.cmp(os.path.join(out, 'demo_mod.o'), single(place, PARTS[0], '--form', form), shallow=False), form)


def weak(h):
    """As the linker chooses: the definition that is not weak, in whatever order."""
    for names in (('a/weak', 'b/strong'), ('b/weak', 'a/strong')):
        place = Place(h, 'weak-' + names[0][0], [Unit(n) for n in names])
        place.wants(0)
        out = E.Elf(place.path('out', 'vmlinux.o'))
        chosen = [y for y in out.symbols if y.name == 'chosen' and y.bind != E.STB_LOCAL]
        expect(len(chosen) == 1 and chosen[0].bind == E.STB_GLOBAL, str([y.bind for y in chosen]))
        expect(b'\xd0\x07\x00\x00' in chosen[0].section.data[chosen[0].value:][:chosen[0].size], 'the weak one counts')
        calls = {r.symbol.index for s in out.sections for r in s.relocs if r.symbol.name == 'chosen'}
        expect(calls == {chosen[0].index}, str(calls))


def twice(h):
    place = Place(h, 'twice', [Unit('a/strong'), Unit('b/other')])
    r = place.wants(2)
    expect([e for e, _ in r.errors] == ['defined-twice'], r.err)
    expect('b/other.o' in r.err and 'a/strong.o' in r.err, r.err)
    expect(place.outputs() is None, str(place.outputs()))
    place = Place(h, 'twice-apart', [Unit('a/strong'), Unit('b/other', module='b/other')])
    place.wants(0)


def callers(h):
    """What cannot be traced comes through its callers, those in an equal object too."""
    units = [Unit('kernel/covered'), Unit('kernel/caller'), Unit('drivers/caller', module='drivers/caller')]
    place = Place(h, 'callers', units)
    r = place.wants(2)
    expect([e for e, _ in r.errors] == ['callers-elsewhere'], r.err)
    r = place.wants(0, '--replace-callers', 'vmlinux:covered')
    expect(place.outputs() == ['vmlinux.o'], str(place.outputs()))
    out = E.Elf(place.path('out', 'vmlinux.o'))
    places = [(r.symbol.name, r.symbol.section is not None) for s in out.sections for r in s.relocs
              if s.code() and r.symbol.name.endswith('covered')]
    expect(len(places) == 2 and all(p == ('covered', True) for p in places), str(places))
    expect(place.account(r) == {'changed': 2, 'equal': 1}, r.out)


def init_code(h):
    """A name to leave out is of one unit, and an error where none that differs has it."""
    place = Place(h, 'init', KERNEL + [Unit('kernel/init')])
    r = place.wants(2)
    expect([e for e, _ in r.errors] == ['init-changed'], r.err)
    r = place.wants(0, '--skip-init=setup')
    expect(r.err.count('[init-left-out]') == 1 and place.account(r)['changed'] == 3, r.err + r.out)
    r = place.wants(1, '--skip-init=setup,nobody', out=place.path('other'))
    expect([e for e, _ in r.errors] == ['skip-init-unknown'] and '`nobody`' in r.err and 'other' not in os.listdir(place.work), r.err)


def callbacks(h):
    """The kernel takes one of a kind for each patched object."""
    units = [Unit('a/callback'), Unit('b/callback-too')]
    place = Place(h, 'callbacks', units)
    r = place.wants(2)
    expect([e for e, _ in r.errors] == ['callbacks-twice'] and 'a/callback.o' in r.err and 'b/callback-too.o' in r.err, r.err)
    units[1].module = 'b/other'
    Place(h, 'callbacks-apart', units).wants(0)


def run(h):
    for name, test in (('as ld -r', as_linked), ('positions', positions), ('across units', across_units),
                       ('any number of threads', any_number_of_threads), ('one unit', alone), ('weak', weak),
                       ('defined twice', twice), ('callers', callers), ('init code', init_code), ('callbacks', callbacks)):
        h.case('merging: ' + name, test, h)
    expect(MODULE.endswith('-mod'), 'the module has a dash, which its name has not')
