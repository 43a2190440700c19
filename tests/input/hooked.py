# SPDX-License-Identifier: GPL-2.0-or-later
"""What the ftrace locations of a module decide: whether ftrace hooks a function there, or may hook what lies behind it."""
from harness import expect, fixture
import make_elf as M


def module(h, locations):
    """One with the functions of the fixture: roomy at 0, tight at 0x40, another behind them."""
    o = M.Object(source='hooked-elsewhere.c')
    text = o.section('.text', flags=M.ALLOC | M.EXEC, data=b'\xc3' * 0x80)
    start = o.symbol('', text, type=M.SECTION)
    for name, at in (('roomy', 0), ('tight', 0x40), ('another', 0x70)):
        o.symbol(name, text, at, 32, M.FUNC, M.GLOBAL)
    listed = o.section('__mcount_loc', data=bytes(8 * len(locations)))
    for n, at in enumerate(locations):
        o.reloc(listed, 8 * n, M.R64, start, at)
    this = o.section('.gnu.linkonce.this_module', flags=M.ALLOC | M.WRITE, data=bytes(8))
    o.symbol('__this_module', this, size=8, type=M.OBJECT, bind=M.GLOBAL)
    return h.write('hooked.ko', o.bytes())


def diff(h, case, locations):
    return h.run('-m', 'hooked', '-k', module(h, locations), *fixture(case), h.out)


def second_location(h):
    r = diff(h, 'hooked-elsewhere', (4, 0x34, 0x44))
    expect(r.code == 2 and [e[0] for e in r.errors] == ['hooked-elsewhere'] and '`roomy`' in r.errors[0][1], r.err)


def no_second_location(h):
    """The room behind it does not matter then."""
    r = diff(h, 'hooked-elsewhere', (4, 0x44))
    expect(r.code == 0 and '[hooked-elsewhere]' not in r.err, r.err)


def hooked_at_its_address(h):
    r = diff(h, 'hooked-at-start', (0, 0x34, 0x40))
    expect(r.code == 0 and '[hooked-elsewhere]' not in r.err, r.err)


def checked(h):
    """The same of what is there already, whoever made it."""
    expect(diff(h, 'hooked-elsewhere', (4, 0x44)).code == 0, 'there is nothing to check')
    r = h.run('--check', h.out, '-k', module(h, (4, 0x34, 0x44)))
    expect(r.code == 2 and [e[0] for e in r.errors] == ['hooked-elsewhere'] and '`roomy`' in r.errors[0][1], r.err)
    r = h.run('--check', h.out, '-k', module(h, (0, 4, 0x44)))
    expect(r.code == 0, r.err)


def run(h):
    for test in (second_location, no_second_location, hooked_at_its_address, checked):
        h.case('hooked: ' + test.__name__.replace('_', ' '), test, h)
