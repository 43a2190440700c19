# SPDX-License-Identifier: GPL-2.0-or-later
"""Where pages come from besides one run, and where they go: --from, build directories, files that cannot be written."""
import json
import os
import resource
import signal

from harness import ROOT, Skip, expect, fixture, snapshot
from html_page import boxes, check_page, functions
import schema
import trees

BUILD = {
    'schema': 1, 'version': '0.1.0', 'status': 'refused', 'exit_status': 2, 'dry_run': False, 'name': 'livepatch-fix', 'output': None,
    'log': None, 'kept': None, 'patches': ['/tmp/fix-<ranges>.patch', 'more.patch'],
    'kernel': dict.fromkeys(('architecture', 'compiler', 'source', 'build', 'config', 'symvers', 'vmlinux', 'modules')),
    'seconds': 20.531,
    'steps': [{'name': 'compile', 'text': '2 units', 'seconds': 20.5}, {'name': 'compare', 'text': '', 'seconds': 0.031}],
    'files': [{'path': 'drivers/demo.c', 'kind': 'built', 'words': '2 functions changed', 'units': []},
              {'path': 'Documentation/demo.rst', 'kind': 'ignored', 'words': None, 'units': []},
              {'path': 'drivers/late.c', 'kind': 'unknown', 'words': None, 'units': []}],
    'units': [], 'left_out': [],
    'places': [{'symbol': 'demo_read', 'unit': 'other.o', 'file': 'wrong.c', 'line': 1},
               {'symbol': 'demo_read', 'unit': fixture('report-page')[1], 'file': 'drivers/demo.c', 'line': 58},
               {'symbol': 'user', 'unit': fixture('data-changed')[1], 'file': 'drivers/user.c', 'line': 3}],
    'diagnostics': [{'severity': 'error', 'id': 'two-things', 'message': 'the build refuses', 'cause': 'a & b', 'hint': None}],
    'comparison': None,
}
BUILD['kernel']['release'] = '6.1.0-42-amd64'


def report_of(h, name, case, status):
    path = h.path(name)
    r = h.run(*fixture(case), '-q', '-n', '--json', path, '--code', '--report', path + '.html')
    expect(r.code == status, r.err)
    return path


def write_json(h, name, value):
    return h.write(name, json.dumps(value).encode())


def made_from(h, *paths):
    r = h.run('--report', h.path('from.html'), *[word for p in paths for word in ('--from', p)])
    expect(r.code == 0 and r.out == r.err == '', r.err + r.out)
    with open(h.path('from.html'), encoding='utf-8') as f:
        return f.read()


def without_time(text):
    start = text.find('<section id=time>')
    return text[:start] + text[text.find('</section>', start) + 10:].lstrip('\n') if start >= 0 else text


def same_page(h):
    """There is one renderer."""
    path = report_of(h, 'one.json', 'report-page', 0)
    with open(path + '.html', encoding='utf-8') as f:
        direct = f.read()
    text = made_from(h, path)
    check_page(text)
    direct = without_time(direct).replace('<a href="#time">Time by step</a>', '')
    expect(direct == text, 'another page than that of the run')


def one_build(h):
    with open(os.path.join(ROOT, 'docs', 'build-report.schema.json'), encoding='utf-8') as f:
        wanted = json.load(f)
    wrong = list(schema.check(BUILD, wanted, wanted))
    expect(not wrong, '\n'.join(wrong))
    root = check_page(made_from(h, write_json(h, 'build.json', BUILD), report_of(h, 'one.json', 'report-page', 0),
                                report_of(h, 'two.json', 'data-changed', 2)))
    expect(root.first('h1').text() == 'fix-<ranges>.patch more.patch refused', root.first('h1').text())
    expect(list(functions(root)) == ['demo_read', 'demo_write', 'user'], 'functions: %s' % list(functions(root)))
    sections = {s.get('id'): s for s in root.all('section')}
    files = [[c.text() for c in row.nodes()] for row in sections['files'].first('tbody').nodes()]
    outcomes = ['2 functions changed', 'ignored', 'the run ended before its account']
    expect(files == [[f['path'], outcome] for f, outcome in zip(BUILD['files'], outcomes)], files)
    expect('6.1.0-42-amd64' in sections['compared'].text(), 'the kernel')
    expect([s.text() for s in root.all('span', 'source')] == ['drivers/demo.c:58', 'drivers/user.c:3'], 'source lines')
    steps = [[c.text() for c in row.nodes()][:2] for row in sections['time'].first('tbody').nodes()]
    expect(steps == [['compile', '20.5 s'], ['compare', '31.0 ms']], steps)
    ids = [a.first('code').text() for a in root.all('article', 'diagnostic')]
    expect(ids[0] == 'two-things' and ids.count('data-changed') == 3, 'diagnostics: %s' % ids)


def several_runs(h):
    """Without what a build knows: the worst counts."""
    root = check_page(made_from(h, report_of(h, 'two.json', 'data-changed', 2), report_of(h, 'one.json', 'report-page', 0)))
    expect(root.first('span', 'badge').text() == 'refused', 'status')


def marks_of(h, before, after):
    """Of two functions that are given by their bytes."""
    sides = [{'bytes': code, 'relocations': [], 'lines': []} for code in (before, after)]
    function = {'name': 'f', 'code': [{'name': 'f', 'original': sides[0], 'patched': sides[1]}]}
    path = write_json(h, 'bytes.json', {'schema': 1, 'architecture': 'x86_64', 'functions': [function]})
    return ''.join(mark or '.' for _, mark, _ in functions(check_page(made_from(h, path)))['f'])


def branches(h):
    """Their targets count, wherever they are."""
    for before, after, marks in (('eb0090c3', 'eb0190c3', '|..'),         # jmp over a nop
                                 ('eb0090c3', '90eb0090c3', '+...'),      # the same jmp, one byte later
                                 ('eb0190c3', 'eb029090c3', '..+.'),      # over two of them
                                 ('9090c3', 'c3', '--.'), ('c3', 'ccc3', '+.'), ('', 'c3', '+'), ('31c0', '31ff', '|'),
                                 ('9031c0c3', 'c39031c0', '+..-')):     # the longest that they have in common
        found = marks_of(h, before, after)
        expect(found == marks, '%s to %s: %s instead of %s' % (before, after, found, marks))


def no_report(h):
    """Whatever it is, it is refused, and nothing is written."""
    with open(report_of(h, 'one.json', 'report-page', 0), 'rb') as f:
        whole = f.read()
    page = os.path.join(h.out_dir, 'page.html')
    broken = [whole[:n] for n in range(0, len(whole) - 1, len(whole) // 40)]
    broken += [b'{}', b'[]', b'1', b'"', b'{"schema": 2, "functions": []}', b'{"schema": 1}', b'[' * 5000, b'{"a" 1}', b'{"schema": 1., "functions": []}', b'\x7fELF', b'{"\\ud800']
    for data in broken:
        h.one_error('--report', page, '--from', h.write('broken.json', data), error_id='report-unreadable')
    h.one_error('--report', page, '--from', h.path('none.json'), error_id='report-unreadable')


def odd_report(h):
    """Members of other types and with other numbers than they should have: a page, or an error."""
    with open(report_of(h, 'one.json', 'report-page', 0), encoding='utf-8') as f:
        text = f.read()
    for old, new in (('"parent": 0,', '"parent": 999999999999999999999,'), ('"offset": 1,', '"offset": null,'),
                     ('"item": 0,', '"item": 4294967296,'), ('"parent": 1,', '"parent": 5,'),
                     ('"bytes": "', '"bytes": "zz~'), ('"code": [', '"code": [1, null, "x", '), ('"items": [', '"items": [[[]], 7, '),
                     ('"functions": [', '"functions": [null, '), ('"architecture": "x86_64"', '"architecture": 5'),
                     ('"name": "demo_read"', '"name": {"a": ["b"]}'), ('"size": 4,', '"size": 18446744073709551615,')):
        expect(old in text, old)
        check_page(made_from(h, h.write('odd.json', text.replace(old, new).encode())))


def not_over_an_input(h):
    orig, patched = [h.write('copy-%d.o' % i, open(p, 'rb').read()) for i, p in enumerate(fixture('report-page'))]
    for args in ((orig, patched, h.out, '--report', orig), (orig, patched, h.out, '--report', h.out),
                 (orig, patched, h.out, '--report', h.path('x'), '--json', h.path('x')),
                 ('--report', orig, '--from', orig)):
        h.one_error(*args, error_id='output-is-input')


def all_or_nothing(h):
    pair = fixture('report-page')
    page = os.path.join(h.out_dir, 'page.html')
    h.one_error(*pair, h.out, '--report', h.path('none/page.html'), error_id='report-write')
    h.one_error(*pair, '-n', '-q', '--report', '/dev/full', error_id='report-write')
    with open(page, 'wb') as f:
        f.write(b'an older page')

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    h.one_error(*pair, h.out, '-q', '--report', page, preexec=small_files, error_id='report-write')
    before = snapshot(h.out_dir)
    h.one_error(*pair, h.out, '--report', page, '--frobnicate', error_id='usage')
    expect(snapshot(h.out_dir) == before, 'the older page is gone')


def to_the_standard_output(h):
    pair = fixture('report-page')
    r = h.run(*pair, '-n', '--report', '-')
    expect(r.code == 0 and r.out.endswith('</html>\n'), r.out[-100:])
    check_page(r.out)


def same_every_time(h):
    pages = [without_time(h.run(*fixture('report-page'), '-n', '--report', '-', env={'TZ': zone}).out) for zone in ('UTC', 'Asia/Tokyo')]
    expect(pages[0] == pages[1] and len(pages[0]) > 10000, 'two runs differ')


def directories(h):
    if not trees.usable():
        raise Skip('no compiler for x86_64')
    from place import KERNEL, PARTS, Place  # pylint: disable=import-outside-toplevel
    p = Place(h, 'directories', KERNEL + PARTS)
    page = p.path('page.html')
    p.wants(0, '--report', page, '--json', p.path('report.json'), '--code')
    with open(page, encoding='utf-8') as f:
        root = check_page(f.read())
    with open(p.path('report.json'), encoding='utf-8') as f:
        report = json.load(f)
    with open(os.path.join(ROOT, 'docs', 'directory-report.schema.json'), encoding='utf-8') as f:
        wanted = json.load(f)
    expect(not list(schema.check(report, wanted, wanted)), 'the report does not fit its schema')
    names = [f['name'] for u in report['units'] if u['results'] for f in u['results']['functions']]
    expect(names and sorted(functions(root)) == sorted(set(names)), '%s instead of %s' % (list(functions(root)), names))
    items = [i['name'] for u in report['units'] if u['results'] for i in u['results']['items'] if i['kind'] in ('function', 'data')]
    expect(set(items) <= set(boxes(root)), 'boxes: %s' % boxes(root))
    expect(len(list(root.all('section', 'unit'))) == sum(bool(u['results']) for u in report['units']), 'units')


def run(h):
    h.case('from: the page of a run', same_page, h)
    h.case('from: one build', one_build, h)
    h.case('from: several runs', several_runs, h)
    h.case('from: branches', branches, h)
    h.case('from: no report', no_report, h)
    h.case('from: odd members', odd_report, h)
    h.case('file: not over an input', not_over_an_input, h)
    h.case('file: all or nothing', all_or_nothing, h)
    h.case('file: standard output', to_the_standard_output, h)
    h.case('file: same every time', same_every_time, h)
    h.case('directories: one page', directories, h)
