# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands' options, texts and reports."""
import json
import os
import re
import shutil
import subprocess

from harness import ROOT, SIZES, Skip, expect, fixture, snapshot
import schema
from texts import help_options

CASE = 'changed-function'


def read(path):
    with open(path, 'rb') as f:
        return f.read()


# ---- the texts agree -------------------------------------------------------------

def every_option_is_accepted(h, orig, patched):
    """An option of --help that the parser does not know would be an error here."""
    values = {'object': 'vmlinux', 'kernel-symbols': None, 'symvers': None, 'form': 'klp', 'json': h.path('report'),
              'check': None, 'replace-callers': 'nobody', 'redirect': 'kprobe', 'jobs': '2', 'list-modules': None,
              'explain-id': 'usage', 'report': h.path('page'), 'from': None}
    names = re.findall(r'--([a-z-]+)', '\n'.join(help_options(h.run('--help').out)))
    for name in names:
        if name in values and values[name] is None:
            continue
        more = {'klp-arch': ['--form', 'kpatch'], 'code': ['--json', h.path('report')]}.get(name, [])
        r = h.run(*(more + ['--' + name] + ([values[name]] if name in values else []) + ['-n', orig, patched]))
        expect(r.code == 0, '--%s: status %d\n%s' % (name, r.code, r.err))


def environment_agrees(h):
    with open(os.path.join(ROOT, 'man', 'create-diff-object.1'), encoding='utf-8') as f:
        section = f.read().split('\n.SH ENVIRONMENT\n')[1].split('\n.SH ')[0]
    expect(sorted(re.findall(r'^\.B (\w+)_STRUCT_SIZE$', section, re.M)) == sorted(SIZES), 'the man page differs')
    pair = fixture(CASE)
    for size in SIZES:
        for value in ('0', '-1', 'x', '12x', '4097', '99999999999999999999', ' 12', '0x10'):
            h.one_error('-n', *pair, env={size + '_STRUCT_SIZE': value}, error_id='bad-environment',
                        names=size + '_STRUCT_SIZE')
        r = h.run('-n', *pair, env={size + '_STRUCT_SIZE': ''})
        expect(r.code == 0, '%s: an empty variable is not ignored\n%s' % (size, r.err))


def entry_sizes_agree(h):
    """A size from the environment is held against the object: the right one is silent, another one is a warning, and the
    entries are the object's in any case. A table whose entries cannot be told apart stays an error."""
    for variable, case, right in (('ALT', 'alt-included', 12), ('BUG', 'bug-table', 12), ('JUMP', 'static-key-kept', 16),
                                  ('STATIC_CALL', 'static-call', 8), ('EX', 'extable-handler', 12)):
        results, ids = {}, {}
        for size in (0, right, 2 * right, 7):
            env = {variable + '_STRUCT_SIZE': str(size)} if size else {}
            r = h.run('-n', '--json', '-', *fixture(case), env=env)
            report = load_report(r.out)
            results[size] = (r.code, report['items'])
            ids[size] = [d['id'] for d in report['diagnostics']].count('stated-size')
        expect(all(r == results[0] for r in results.values()), '%s: a size changes the result' % variable)
        expect(ids == {0: 0, right: 0, 2 * right: 2, 7: 2}, '%s: warnings: %s' % (variable, ids))
    for size in ('8', '16'):
        h.one_error('-n', fixture('irregular-table')[0], fixture('irregular-table')[0], env={'JUMP_STRUCT_SIZE': size},
                    error_id='irregular-table')


def environment_texts_agree(h):
    """The man page says which sections each variable is about; no fixture has the tables of ppc64le."""
    with open(os.path.join(ROOT, 'create-diff-object', 'options.c'), encoding='utf-8') as f:
        pairs = re.findall(r'\{ "(\w+)_STRUCT_SIZE", "([\w.]+)" \}', f.read())
    with open(os.path.join(ROOT, 'man', 'create-diff-object.1'), encoding='utf-8') as f:
        section = f.read().split('\n.SH ENVIRONMENT\n')[1].split('\n.SH ')[0]
    told = []
    for variable, names in re.findall(r'^\.B (\w+)_STRUCT_SIZE\n\.BR? (.*)$', section, re.M):
        told += [(variable, name) for name in names.replace(' ", "', '').split()]
    expect(sorted(told) == sorted(pairs) and len(pairs) == 11, 'man page: %s\noptions.c: %s' % (told, pairs))


# ---- wrong usage --------------------------------------------------------------------

def wrong_usage(h, orig, patched):
    out = h.out
    for args in ((), (orig, ), (orig, patched), (orig, patched, out, 'more'), ('-n', ), ('-n', orig),
                 ('--frobnicate', orig, patched, out), ('-z', orig, patched, out), ('--', '-n', patched),
                 ('-m', ), ('-k', ), ('-s', ), ('--form', ), ('--json', ), ('--check', ), (orig, patched, out, '--object'),
                 ('--form', 'elf', orig, patched, out), ('--form=', orig, patched, out), ('--quiet=1', orig, patched, out),
                 ('--skip-init=', orig, patched, out), ('--skip-init=,', orig, patched, out),
                 ('--redirect', ), ('--redirect', 'ftrace', orig, patched, out),
                 ('--redirect', 'kprobe', '--form', 'kpatch', orig, patched, out),
                 ('--ver', orig, patched, out), ('--check', orig, patched), ('--check', orig, '-n'),
                 ('--check', orig, '--explain'), ('--check', orig, '-m', 'vmlinux'), ('--check', orig, '--form', 'klp'),
                 ('--explain', '--json', '-', orig, patched, out), ('--explain', '--report', '-', orig, patched, out),
                 ('--json', '-', '--report', '-', orig, patched, out), ('--code', orig, patched, out), ('--from', out),
                 ('--report', out, '--from', orig, patched), ('--report', out, '--from', orig, '--json', out),
                 ('--report', out, '--from', orig, '--check', patched)):
        h.case('usage: ' + ' '.join(map(os.path.basename, args)), lambda a=args: h.one_error(*a, error_id='usage'))


def machines_by_name(h, orig, patched):
    r = h.one_error(orig, fixture('macros', 's390x')[1], h.out, error_id='different-machines', names='is for x86_64, `')
    expect('for s390x' in r.err, r.err)
    data = read(patched)
    for machine, name in ((243, 'riscv64'), (4660, 'a machine with the ELF number 4660')):
        bad = h.write('other.o', data[:18] + machine.to_bytes(2, 'little') + data[20:])
        damaged = h.write('damaged.o', data[:18] + machine.to_bytes(2, 'little') + data[20:64] + bytes(len(data) - 64))
        for pair in ((orig, bad), (bad, patched), (orig, damaged)):
            r = h.one_error(*pair, h.out, error_id='unknown-machine', names='is for ' + name)
            expect('ppc64le, s390x, arm64 and loongarch64 are supported' in r.err, r.err)


def machines_of_the_other_byte_order(h, orig):
    """Their instructions, or relocations, are others."""
    clang = shutil.which('clang-14') or shutil.which('clang')
    if not clang:
        raise Skip('clang is missing')
    for target, name in (('powerpc64', 'ppc64'), ('aarch64_be', 'aarch64_be')):
        source, bad = h.write('source.c', b'int g(int); int f(int x) { return g(x) + 1; }'), h.path('other.o')
        subprocess.run([clang, '--target=%s-linux-gnu' % target, '-c', '-o', bad, source], check=True, capture_output=True)
        h.one_error(orig, bad, h.out, error_id='unknown-machine', names='is for ' + name)


def bad_names(h, orig, patched):
    for name in ('', 'a.b', 'x' * 56, 'a/b', 'a,b', 'a\nb'):
        h.case('object name %r' % name[:8], lambda n=name: h.one_error('-m', n, orig, patched, h.out))


# ---- what it prints and writes ---------------------------------------------------------

def load_report(text):
    report = json.loads(text)
    with open(os.path.join(ROOT, 'docs', 'report.schema.json'), encoding='utf-8') as f:
        root = json.load(f)
    wrong = list(schema.check(report, root, root))
    expect(not wrong, '\n'.join(wrong[:10]))
    count = len(report['items'])
    for i, item in enumerate(report['items']):
        expect(item['parent'] is None or item['parent'] < count and item['parent'] != i, 'parent of item %d' % i)
        expect(item['parent'] is not None or item['parent_offset'] is None, 'parent offset of item %d' % i)
        if item['reason'] == 'referred to':
            expect(item['parent_offset'] is not None, 'no parent offset of item %d' % i)
    for ref in report['references']:
        expect(ref['item'] < count, 'item of reference %s' % ref['name'])
    status = ['ok', 'error', 'refused', 'unchanged']
    expect(report['status'] == status[report['exit_status']], 'status and number differ')
    return report


def the_schema_checker_checks():
    with open(os.path.join(ROOT, 'docs', 'report.schema.json'), encoding='utf-8') as f:
        root = json.load(f)
    for bad in ({}, {'schema': 2}, [], None):
        expect(list(schema.check(bad, root, root)), '%r passes' % (bad, ))


def report_of_success(h, orig, patched):
    r = h.run(orig, patched, h.out, '--json', h.path('report'))
    expect(r.code == 0, r.err)
    report = load_report(read(h.path('report')))
    expect(report['status'] == 'ok' and report['files']['output'] == h.out, 'status or output')
    expect(report['files']['original'] == orig and report['form'] == 'klp' and report['object'] == 'vmlinux', 'head')
    functions = [f['name'] for f in report['functions']]
    expect(functions, 'no changed function')
    roots = [i['name'] for i in report['items'] if i['parent'] is None and i['verdict'] == 'changed']
    expect(set(functions) <= set(roots), 'changed functions %s, roots %s' % (functions, roots))
    for f in report['functions']:
        expect(f['evidence']['what'], 'no evidence for %s' % f['name'])
    same = h.run(orig, patched, '--json', '-', '-n')
    expect(same.code == 0 and load_report(same.out)['functions'] == report['functions'], 'another result with -')


def summary(h, orig, patched):
    r = h.run(orig, patched, h.out)
    expect(re.fullmatch(re.escape(h.out) + r': 1 changed function, 0 new, \d+ KLP references?( \(vmlinux\))?, '
                        r'\d+ exported(, \d+ undefined)?\n', r.out), r.out)
    expect('note[' not in r.err and 'error[' not in r.err, r.err)
    expect(h.run(orig, patched, h.out, '-q').out == '', '-q is not quiet')
    expect(h.run(orig, patched, h.out, '-q').err == '', '-q is not quiet')


def verbosity(h):
    """What each word of a diagnostic needs to be printed."""
    pair = fixture('ignore-unneeded')
    for options, want in (((), {'warning'}), (('-v', ), {'note', 'warning'}), (('--explain', ), {'note', 'warning'}),
                          (('-q', ), set()), (('-q', '--explain'), set()), (('-q', '-v'), {'note', 'warning'})):
        r = h.run('-n', *options, *pair)
        words = set(re.findall(r'^(\w+)\[', r.err, re.M))
        expect(r.code == 0 and words == want, '%s prints %s' % (options, words))


def counts_agree(h, orig, patched):
    r = h.run(orig, patched, h.out, '--json', h.path('report'))
    report = load_report(read(h.path('report')))
    told = {w: int(n) for n, w in re.findall(r'(\d+) (changed|new|KLP|exported)', r.out)}
    how = [x['how'] for x in report['references']]
    want = {'changed': len(report['functions']), 'KLP': how.count('klp'), 'exported': how.count('exported'),
            'new': sum(i['kind'] == 'function' and i['verdict'] == 'new' for i in report['items'])}
    expect(told == want, 'told %s, reported %s' % (told, want))


def drawing_joins(lines):
    """Under an open branch goes a line, under a closed one goes none."""
    for line, below in zip(lines, lines[1:] + ['']):
        for column, mark in enumerate(line):
            under = below[column:column + 1]
            if mark in '├│':
                expect(under in ('├', '└', '│'), 'the branch ends in the air:\n%s\n%s' % (line, below))
            elif mark == '└':
                expect(under not in ('├', '└', '│'), 'the branch was closed:\n%s\n%s' % (line, below))
            elif mark not in '─ ':
                break


def explanation(h, orig, patched, *options):
    r = h.run(orig, patched, '-n', '--explain', *options)
    report = load_report(h.run(orig, patched, '-n', '--json', '-').out)
    expect(r.code == 0, r.err)
    for f in report['functions']:
        expect('changed %s  ' % f['name'] in r.out, 'no evidence for %s' % f['name'])
        for side in ('original', 'patched'):
            place = f['evidence'][side]
            if place and place['text']:
                expect(re.search(r'%s +\+%#x +%s$' % (side, place['offset'], re.escape(place['text'])), r.out, re.M),
                       '%s side of %s' % (side, f['name']))
    drawn = re.findall(r'^[│├└─ ]*(?!→)(\S.*?)  [^:]*, (?:changed|new|same|copy), \d+ bytes?:', r.out, re.M)
    folded = [int(n) for n in re.findall(r', and (\d+) more of this section$', r.out, re.M)]
    expect(len(drawn) + sum(folded) == len(report['items']), '%d items drawn of %d' % (len(drawn), len(report['items'])))
    expect(not (folded and '-v' in options), 'not every item is drawn with -v')
    leaves = {(x['item'], x['how'], x['object'], x['name'], x['position']) for x in report['references']}
    expect(r.out.count('→') == len(leaves), '%d leaves of %d\n%s' % (r.out.count('→'), len(leaves), r.out))
    drawing_joins(r.out.splitlines())
    for line in r.out.splitlines():
        expect(line.isprintable(), 'not printable: %r' % line)
    return folded


def explanation_of_all(h):
    """Several functions, deep trees, special sections; entries that are alike."""
    folded = []
    for case in ('changed-callee-chain', 'call-unexported', 'alt-included', 'smp-locks', 'static-local-new'):
        folded += explanation(h, *fixture(case))
        explanation(h, *fixture(case), '-v')
    expect(folded, 'no fixture has entries that are alike')


def dry_run(h, orig, patched):
    before = snapshot(h.out_dir)
    for args in ((orig, patched), (orig, patched, h.out)):
        r = h.run('-n', *args)
        expect(r.code == 0 and 'nothing written' in r.out, r.out + r.err)
        expect(snapshot(h.out_dir) == before, 'it wrote something')


def unchanged(h, orig):
    r = h.run(orig, orig, h.out, '--json', h.path('report'))
    expect(r.code == 3, 'status %d\n%s' % (r.code, r.err))
    expect(not os.path.exists(h.out), 'an output without a change')
    report = load_report(read(h.path('report')))
    expect(report['status'] == 'unchanged' and report['files']['output'] is None, 'report')


def refused(h):
    pair = fixture('data-changed')
    h.write('out/out.o', b'old')
    r = h.run(*pair, h.out, '--json', h.path('report'))
    expect(r.code == 2 and r.errors, 'status %d\n%s' % (r.code, r.err))
    expect(r.out == '', r.out)
    headings = len(re.findall(r'^\w+\[', r.err, re.M))
    expect(r.err.count('\n  cause   ') == r.err.count('\n  hint    ') == headings, r.err)
    report = load_report(read(h.path('report')))
    refusals = [d['id'] for d in report['diagnostics'] if d['severity'] == 'refusal']
    expect(report['status'] == 'refused' and refusals == [e[0] for e in r.errors], 'report and text differ')
    expect(read(h.out) == b'old', 'the old output changed')


def failed(h, orig):
    r = h.run(orig, h.path('none'), h.out, '--json', h.path('report'))
    report = load_report(read(h.path('report')))
    expect(r.code == 1 and report['status'] == 'error' and len(report['diagnostics']) == 1, 'report')


def replaces_output(h, orig, patched):
    h.write('out/out.o', b'old')
    expect(h.run(orig, patched, h.out).code == 0 and read(h.out)[:4] == b'\x7fELF', 'the old output stayed')
    expect(os.listdir(h.out_dir) == ['out.o'], os.listdir(h.out_dir))
    expect(h.run(orig, patched, '-n', '--json', h.path('report')).code == 0, 'no report')
    umask = os.umask(0)
    os.umask(umask)
    for path in (h.out, h.path('report')):
        expect(os.stat(path).st_mode & 0o777 == 0o666 & ~umask, 'mode %o of %s' % (os.stat(path).st_mode, path))


def same_every_time(h, orig, patched):
    runs = []
    for options in (('--explain', ), ('--explain', '-v'), ('--explain', )):
        r = h.run(orig, patched, h.out, *options, env={'LC_ALL': 'C' if runs else 'C.UTF-8', 'TZ': 'Asia/Tokyo'})
        runs.append((r.out, r.err, read(h.out)))
    expect(runs[0] == runs[1] == runs[2], 'two runs differ')


def odd_names(h, orig, patched):
    """Bytes of a name that are no UTF-8, quotes and control characters, in the text and in JSON."""
    name = json.loads(h.run(orig, patched, '-n', '--json', '-').out)['functions'][0]['name'].encode()
    if len(name) < 5:
        raise Skip('the function has a short name')
    odd = b'"\\\n\x1b\xff' + name[5:]
    a, b = h.write('odd-a.o', read(orig).replace(name, odd)), h.write('odd-b.o', read(patched).replace(name, odd))
    r = h.run(a, b, '-n', '--json', '-')
    report = load_report(r.out)
    text = name[5:].decode()
    if r.code == 0:
        expect(report['functions'][0]['name'] == '"\\\n\x1b\ufffd' + text, repr(report['functions'][0]['name']))
    explained = h.run(a, b, '-n', '--explain')
    for stream in (explained.out, explained.err):
        expect('\x1b' not in stream, 'an escape character goes to the terminal')
    expect('"\\\\x0a\\x1b\\xff' + text in explained.out + explained.err, explained.out + explained.err)


def check_mode(h, orig, patched):
    expect(h.run(orig, patched, h.out).code == 0, 'no output to check')
    r = h.run('--check', h.out)
    expect(r.code == 0 and r.out == h.out + ": follows the kernel's rules\n", 'status %d\n%s%s' % (r.code, r.out, r.err))
    r = h.run('--check', h.out, '--json', '-')
    report = load_report(r.out)
    expect(report['files']['checked'] == h.out and report['form'] is None and report['status'] == 'ok', r.out)


def check_finds(h, orig, patched):
    """A KLP relocation section that lost its flag is a breach."""
    expect(h.run(orig, patched, h.out).code == 0, 'no output to check')
    broken = h.path('broken.o')
    sections = subprocess.run(['objcopy', '--rename-section', '.kpatch.funcs=.kpatch.other', h.out, broken],
                              stderr=subprocess.DEVNULL, check=False)
    if sections.returncode:
        raise Skip('objcopy cannot rewrite the output')
    data = read(h.out)
    for old, new in ((b'.klp.sym.vmlinux.', b'.klp.sym.vmlinux,'), (b'.klp.rela.vmlinux.', b'.klp.rela.vmlinux,')):
        if old not in data:
            raise Skip('the fixture has no KLP reference')
        h.write('broken.o', data.replace(old, new))
        r = h.run('--check', broken)
        expect(r.code == 2 and r.errors, 'status %d for %s\n%s' % (r.code, new, r.err))


def run(h):
    orig, patched = fixture(CASE)
    wrong_usage(h, orig, patched)
    bad_names(h, orig, patched)
    h.case('machines by name', machines_by_name, h, orig, patched)
    h.case('machines of the other byte order', machines_of_the_other_byte_order, h, orig)
    h.case('every option is accepted', every_option_is_accepted, h, orig, patched)
    h.case('environment', environment_agrees, h)
    h.case('environment: man page texts', environment_texts_agree, h)
    h.case('environment: entry sizes', entry_sizes_agree, h)
    h.case('schema checker', the_schema_checker_checks)
    for test in (report_of_success, summary, counts_agree, explanation, dry_run, replaces_output, same_every_time,
                 odd_names, check_mode):
        h.case(test.__name__.replace('_', ' '), test, h, orig, patched)
    h.case('explanation of all', explanation_of_all, h)
    h.case('verbosity', verbosity, h)
    h.case('unchanged', unchanged, h, orig)
    h.case('failed', failed, h, orig)
    h.case('refused', refused, h)
    h.case('check finds', check_finds_any, h)


def check_finds_any(h):
    check_finds(h, *fixture('call-unexported'))
