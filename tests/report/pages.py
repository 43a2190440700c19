# SPDX-License-Identifier: GPL-2.0-or-later
"""What a page says is what the report in JSON and objdump say."""
import json
import os
import re
import shutil
import subprocess

from harness import ROOT, Skip, expect, fixture
from html_page import boxes, check_page, facts, functions, line_of, lines

OBJDUMP = {'x86_64': 'objdump', 's390x': 's390x-linux-gnu-objdump', 'aarch64': 'aarch64-linux-gnu-objdump',
           'ppc64le': 'powerpc64le-linux-gnu-objdump'}
WITHOUT_BOX = ('string', 'constant', 'special entry', 'special code')


def page_of(h, *args, status=0):
    """The page of a run, and its report."""
    name, report = h.path('page.html'), h.path('report.json')
    r = h.run(*args, '-q', '--report', name, '--json', report, '--code')
    expect(r.code == status, 'status %d instead of %d\n%s' % (r.code, status, r.err))
    with open(name, encoding='utf-8') as f:
        text = f.read()
    with open(report, encoding='utf-8') as f:
        return check_page(text), json.load(f)


def instructions_of(objdump, path, name):
    """The offsets of a function's instructions."""
    out = subprocess.run([objdump, '-d', '-z', '-w', '--no-show-raw-insn', '--disassemble=' + name, path],
                         capture_output=True, text=True, check=True).stdout
    found = [int(m, 16) for m in re.findall(r'^ +([0-9a-f]+):\t', out, re.M)]
    return [offset - found[0] for offset in found]


def same_as_objdump(pair, report, found):
    objdump = OBJDUMP[report['architecture']]
    if not shutil.which(objdump):
        raise Skip(objdump + ' is missing')
    for fn in report['functions']:
        for side, path in ((0, pair[0]), (2, pair[1])):
            wanted = instructions_of(objdump, path, fn['name'])
            shown = [row[side][0] for row in found[fn['name']] if row[side]]
            expect(wanted and shown == wanted, '%s: %s\ninstead of %s' % (fn['name'], shown, wanted))


def rows_by_offset(rows, side):
    return {row[side][0]: i for i, row in enumerate(rows) if row[side]}


def same_target(rows, before, after):
    """Branches lead to instructions that stand side by side."""
    targets = [re.search(r'\b0x([0-9a-f]+)$', text) for text in (before, after)]
    if not all(targets) or before.startswith('callq') or not before.startswith('j'):
        return True
    places = [rows_by_offset(rows, side).get(int(t.group(1), 16)) for side, t in zip((0, 2), targets)]
    return places[0] == places[1]


def differences_are_marked(found):
    for name, rows in found.items():
        for before, mark, after in rows:
            if mark == '':
                expect(same_target(rows, before[1], after[1]), '%s: %s and %s are not marked' % (name, before, after))
                same = re.sub(r'\b0x[0-9a-f]+$|\.\d+', '', before[1]) == re.sub(r'\b0x[0-9a-f]+$|\.\d+', '', after[1])
                expect(same, '%s: %s and %s are not marked' % (name, before, after))
            else:
                expect(before or after, 'a row without an instruction')
                expect((mark == '-') == (after is None) and (mark == '+') == (before is None), 'mark %s' % mark)


def same_as_report(root, report):
    expect(boxes(root) == [i['name'] for i in report['items'] if i['kind'] not in WITHOUT_BOX], 'boxes: %s' % boxes(root))
    expect('are drawn' not in root.text(), 'some are left out')
    edges = len(list(root.all('path', 'edge')))
    wanted = sum(i['kind'] not in WITHOUT_BOX and i['parent'] is not None for i in report['items'])
    expect(edges == wanted, '%d edges instead of %d' % (edges, wanted))
    shown = set()
    for table in root.all('table', 'references'):
        for row in table.first('tbody').nodes():
            shown.add((table.get('data-how'), row.nodes()[0].text(), row.nodes()[1].text()))
    wanted = {(r['how'], r['object'] or 'unknown', r['name']) for r in report['references']}
    expect(shown == wanted, 'references: %s\ninstead of %s' % (shown, wanted))


def diagnostics_in(root, report):
    """Each with its id, cause, hint and stub."""
    shown = list(root.all('article', 'diagnostic'))
    expect(len(shown) == len(report['diagnostics']), '%d diagnostics' % len(shown))
    for d in report['diagnostics']:
        mine = [a for a in shown if a.first('code').text() == d['id'] and d['message'] in a.first('h3').text()]
        expect(mine, 'no %s: %s' % (d['id'], d['message']))
        terms = facts(mine[0])
        for key in ('object', 'section', 'symbol', 'cause', 'hint'):
            expect(terms.get(key) == d[key], '%s of %s is %r' % (key, d['id'], terms.get(key)))
        expect(not d['stub'] or mine[0].first('pre').text() == d['stub'], 'another stub')


def changed(h):
    pair = fixture('report-page')
    root, report = page_of(h, *pair, h.out)
    found = functions(root)
    expect(list(found) == ['demo_read', 'demo_write'], 'functions: %s' % list(found))
    same_as_objdump(pair, report, found)
    differences_are_marked(found)
    same_as_report(root, report)
    diagnostics_in(root, report)
    expect(root.first('span', 'badge').text() == 'can be patched', 'status')
    expect(('callq check_range.isra.0' in [a[1] for _, _, a in found['demo_read'] if a]), 'no name in place of a relocation')
    rows = found['demo_read']
    expect([m for b, m, a in rows if b and b[1] == 'callq count_read'][0] != '', 'a call that moved is not marked')
    expect([m for b, m, a in rows if b and a and b[1] == a[1] == 'pushq %r13'] == [''], 'what is the same is marked')
    steps = [row.nodes()[0].text() for row in root.first('table', 'steps').first('tbody').nodes()]
    expect(steps == ['read symbols', 'compare', 'write and check'], 'steps: %s' % steps)
    compared = [s for s in root.all('section') if s.get('id') == 'compared'][0]
    expect(facts(compared)['original'] == pair[0] and facts(compared)['output'] == h.out, 'what was compared')


def number_of(text):
    """Of a line of the fixture, which counts from its #line on."""
    with open(os.path.join(ROOT, 'tests', 'fixtures', 'src', 'report-page.c'), encoding='utf-8') as f:
        source = f.read().split('\n')
    start = [i for i, line in enumerate(source) if line.startswith('#line')][0]
    found = [i for i, line in enumerate(source) if line.strip() == text]
    expect(len(found) == 1, text)
    return 'demo.c:%d' % (found[0] - start - 1 + int(source[start].split()[1]))


def source_lines(h):
    root, report = page_of(h, *fixture('report-page'), '-n')
    wanted = {'%s:%d' % (line['file'], line['line']) for fn in report['functions'] for code in fn['code']
              for side in ('original', 'patched') for line in code[side]['lines']}
    expect(lines(root) == wanted, 'lines: %s\ninstead of %s' % (lines(root), wanted))
    last = 'return copy_out(to, d->data + offset, n) ? -14 : 0;'
    for side, instruction, text in (
            ('before', 'cmpq %rcx, 8(%rdi)', 'if (n > d->size)'), ('before', 'callq count_read', 'count_read();'),
            ('after', 'callq count_read', 'count_read();'), ('before', 'callq copy_out', last), ('after', 'callq copy_out', last),
            ('after', 'callq check_range.isra.0', 'int error = check_range(d, offset, n);')):
        line = line_of(root, 'demo_read', side, instruction)
        expect(line == number_of(text), '%s: %s is of %s instead of %s' % (side, instruction, line, number_of(text)))


def refused(h):
    root, report = page_of(h, *fixture('data-changed'), h.out, status=2)
    expect(root.first('span', 'badge').text() == 'refused', 'status')
    diagnostics_in(root, report)
    same_as_report(root, report)
    expect(any(d['stub'] for d in report['diagnostics']), 'the fixture has no stub')


def many(h, case, compiler):
    pair = fixture(case, compiler)
    root, report = page_of(h, *pair, '-n', status=2 if compiler == 'gcc' else 0)
    found = functions(root)
    expect(sorted(found) == sorted(f['name'] for f in report['functions']), 'functions: %s' % list(found))
    same_as_report(root, report)
    differences_are_marked(found)
    same_as_objdump(pair, report, found)


def behind_a_slot(h):
    """Code refers to a table through a slot: the table stands there, with what it refers to, and where the slot is is not told."""
    root, report = page_of(h, *fixture('table-read', 'ppc64le'), '-n')
    same_as_report(root, report)
    expect('The instructions are the same, and what differs is behind them' in root.text(), 'it does not say so')
    targets = {r['target'] for f in report['functions'] for r in f['code'][0]['patched']['relocations']}
    expect('handlers' in targets and not any(t.startswith('.toc') for t in targets), targets)


def moved_out(h):
    """What the compiler has moved out of a function stands below it."""
    root, report = page_of(h, *fixture('cold-changed'), '-n')
    wanted = [c['name'] for f in report['functions'] for c in f['code'][1:]]
    shown = [h5.first('code').text() for a in root.all('article', 'function') for h5 in a.all('h5')]
    expect(wanted and shown == wanted, '%s instead of %s' % (shown, wanted))


def undecoded(h):
    root, _ = page_of(h, *fixture('macros', 'loongarch64'), '-n')
    expect('Instructions of loongarch64 are not decoded' in root.text(), 'it does not say so')
    rows = [side[1] for fn in functions(root).values() for row in fn for side in (row[0], row[2]) if side]
    expect(rows and all(re.match(r'\.word( [0-9a-f]{2}){4}', text) for text in rows), rows[:3])
    expect(any('# ' in text for text in rows), 'no relocation is shown')


def odd_names(h):
    """As C++ has them, and worse: of the same length as what they stand for."""
    sides = []
    for path in fixture('report-page'):
        with open(path, 'rb') as f:
            data = f.read()
        data = data.replace(b'demo_read\0', b'a<b>&"\'\x1b\xff\0').replace(b'check_range.isra.0', b'operator<<(<script')
        sides.append(h.write('odd-%d.o' % len(sides), data.replace(b'demo: %s of', b'<img src=x ')))
    root, _ = page_of(h, *sides, '-n')
    expect('a<b>&"\'\\x1b\ufffd' in functions(root), 'functions: %s' % [ascii(name) for name in functions(root)])
    expect('operator<<(<script' in boxes(root), 'boxes: %s' % boxes(root))
    expect(any('<img src=x ' in n.text() for n in root.all('details', 'items')), 'the string is not there')


def nothing_changed(h):
    original = fixture('report-page')[0]
    root, _ = page_of(h, original, original, h.out, status=3)
    expect(root.first('span', 'badge').text() == 'nothing changed', 'status')
    expect(not functions(root) and not boxes(root), 'something is in it')


def failed(h):
    root, report = page_of(h, fixture('report-page')[0], h.path('none.o'), h.out, status=1)
    expect(root.first('span', 'badge').text() == 'error', 'status')
    diagnostics_in(root, report)


def checked(h):
    """Of --check, what was found."""
    pair = fixture('report-page')
    expect(h.run(*pair, h.out).code == 0, 'no object')
    page = h.path('check.html')
    expect(h.run('--check', h.out, '--report', page).code == 0, 'status')
    with open(page, encoding='utf-8') as f:
        root = check_page(f.read())
    expect(h.out in root.first('h1').text(), root.first('h1').text())


def run(h):
    h.case('page: changed functions', changed, h)
    h.case('page: source lines', source_lines, h)
    h.case('page: refused', refused, h)
    h.case('page: many functions', many, h, 's390x-line-among-others', 's390x')
    h.case('page: many functions, refused', many, h, 'module-key-crowded', 'gcc')
    h.case('page: aarch64', many, h, 'aarch64-changed', 'aarch64')
    h.case('page: ppc64le', many, h, 'ppc64le-switch', 'ppc64le')
    h.case('page: behind a slot', behind_a_slot, h)
    h.case('page: outlined code', moved_out, h)
    h.case('page: an architecture that is not decoded', undecoded, h)
    h.case('page: odd names', odd_names, h)
    h.case('page: nothing changed', nothing_changed, h)
    h.case('page: error', failed, h)
    h.case('page: --check', checked, h)
