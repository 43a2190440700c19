# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages in Chromium: what it makes of them, how they are laid out, and how they look."""
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import zlib

from harness import ROOT, Skip, expect, fixture
from html_page import parse

SECONDS = 120
DARK, LIGHT = 0, 1  # blink::mojom::PreferredColorScheme

# Put into a copy of a page that has no policy: what only layout tells.
PROBE = r'''<pre id=probe></pre><script>
const shown = e => e.getClientRects().length > 0;
const number = c => c.match(/[\d.]+/g).map(Number);
const behind = e => {
  for (; e; e = e.parentElement) {
    const c = number(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c;
  }
  return [255, 255, 255];
};
const light = c => {
  const [r, g, b] = c.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
const faint = [], wide = [];
for (const e of document.querySelectorAll('main *, header *, nav a')) {
  if (e.closest('svg') || !shown(e) || ![...e.childNodes].some(n => n.nodeType == 3 && n.data.trim())) continue;
  const c = contrast(number(getComputedStyle(e).color).slice(0, 3), behind(e).slice(0, 3));
  if (c < 4.5) faint.push([e.className, e.textContent.slice(0, 40), c]);
}
for (const e of document.querySelectorAll('svg text')) {
  const box = e.parentElement.querySelector('rect').getBBox(), t = e.getBBox();
  if (t.x + t.width > box.x + box.width || t.y + t.height > box.y + box.height) wide.push(e.textContent);
}
const crooked = [...document.querySelectorAll('table.code tbody tr')].filter(shown).filter(r =>
  Math.abs(r.cells[2].getBoundingClientRect().top - r.cells[6].getBoundingClientRect().top) > 0.5).length;
document.getElementById('probe').textContent = JSON.stringify({
  faint, wide, crooked, width: innerWidth, page: document.documentElement.scrollWidth,
  background: getComputedStyle(document.body).backgroundColor,
  texts: document.querySelectorAll('svg text').length, rows: document.querySelectorAll('table.code tbody tr').length});
</script></body>'''


def chromium():
    for name in ('chromium', 'chromium-browser', 'google-chrome'):
        if shutil.which(name):
            return name
    raise Skip('chromium is not installed (scripts/setup.sh browser does it)')


def chromium_run(h, page, *options, width=1280, height=1600, scheme=LIGHT):
    command = [chromium(), '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--hide-scrollbars',
               '--user-data-dir=' + h.path('chromium'), '--window-size=%d,%d' % (width, height),
               '--blink-settings=preferredColorScheme=%d' % scheme, *options, 'file://' + page]
    # its sandboxes of network and devices look for a home
    env = dict(os.environ, HOME=h.work, XDG_CONFIG_HOME=h.path('config'), XDG_CACHE_HOME=h.path('cache'))
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS, env=env,
                          check=False).stdout.decode('utf-8', 'replace')


def make_page(h, case='report-page', compiler='gcc'):
    page = h.path('%s.html' % case)
    h.run(*fixture(case, compiler), '-q', '-n', '--report', page)
    return page


def outline(node):
    """Each element with what tells it from others, and its own text."""
    for n in node.all():
        text = ''.join(c for c in n.children if isinstance(c, str)).strip()
        yield n.tag, n.get('id'), n.get('class'), text


def same_tree(h, case, compiler):
    """Chromium repairs what is no HTML: here it has nothing to repair."""
    page = make_page(h, case, compiler)
    dom = chromium_run(h, page, '--dump-dom')
    expect('</html>' in dom, 'no DOM')
    with open(page, encoding='utf-8') as f:
        mine = [e for e in outline(parse(f.read()[len('<!DOCTYPE html>'):]))]
    theirs = [e for e in outline(parse(dom[dom.index('<html'):]))]
    for a, b in zip(mine, theirs):
        expect(a == b, '%s became %s' % (a, b))
    expect(len(mine) == len(theirs), '%d elements became %d' % (len(mine), len(theirs)))


def probe(h, page, **how):
    with open(page, encoding='utf-8') as f:
        text = f.read()
    text = re.sub(r'<meta http-equiv[^>]*>\n', '', text).replace('</body>', PROBE)
    dom = chromium_run(h, h.write('probe.html', text.encode()), '--dump-dom', **how)
    return json.loads(parse(dom[dom.index('<html'):].replace(PROBE.split('</pre>')[1], '')).first('pre').text()
                      if '<pre id="probe">' not in dom else re.search(r'<pre id="probe">(.*?)</pre>', dom, re.S).group(1)
                      .replace('&lt;', '<').replace('&gt;', '>').replace('&amp;', '&'))


def laid_out(h, case, compiler, width, scheme):
    found = probe(h, make_page(h, case, compiler), width=width, scheme=scheme)
    expect(found['rows'] and found['texts'], 'nothing is shown')
    expect(found['page'] <= found['width'], 'the page is %(page)d wide, the window %(width)d' % found)
    expect(not found['wide'], 'text that its box does not hold: %s' % found['wide'])
    expect(not found['faint'], 'hard to read: %s' % found['faint'][:5])
    expect(not found['crooked'], '%d rows do not stand side by side' % found['crooked'])
    dark = sum(map(int, re.findall(r'\d+', found['background'])[:3])) < 200
    expect(dark == (scheme == DARK), 'background %s' % found['background'])


def unfiltered(raw, width, height, step):
    """The rows of a PNG's pixels."""
    stride = width * step
    above = bytes(stride)
    for y in range(height):
        kind, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride if kind else 0):
            left, up, corner = row[i - step] if i >= step else 0, above[i], above[i - step] if i >= step else 0
            p = left + up - corner
            near = min((abs(p - left), 0, left), (abs(p - up), 1, up), (abs(p - corner), 2, corner))[2]
            row[i] = (row[i] + (0, left, up, (left + up) // 2, near)[kind]) & 255
        yield bytes(row)
        above = bytes(row)


def rows_of(path):
    """Of a PNG of 8 bits without interlacing, as Chromium writes it: rows of colours."""
    with open(path, 'rb') as f:
        data = f.read()
    expect(data[:8] == b'\x89PNG\r\n\x1a\n', 'no PNG')
    at, packed = 8, b''
    while at < len(data):
        size, kind = struct.unpack('>I4s', data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b'IHDR':
            width, height, _, color = struct.unpack('>IIBB', body[:10])
        packed += body if kind == b'IDAT' else b''
        at += size + 12
    step = {2: 3, 6: 4}[color]
    return [[row[i:i + 3] for i in range(0, width * step, step)] for row in unfiltered(zlib.decompress(packed), width, height, step)]


def pixels(path):
    """How often each colour is in a picture."""
    counts, rows = {}, rows_of(path)
    for row in rows:
        for colour in row:
            counts[colour] = counts.get(colour, 0) + 1
    return counts, len(rows[0]), len(rows)


def looks(h):
    """What was added, is gone and differs can be seen, each in its colour, and a refusal, too."""
    wanted = {'report-page': ('e2f4e6', 'fce6e4', 'fdf3d3'), 'data-changed': ('b3261e', )}
    for case, colours in wanted.items():
        shot = h.path(case + '.png')
        chromium_run(h, make_page(h, case), '--screenshot=' + shot, width=800, height=2600)
        counts, width, height = pixels(shot)
        expect((width, height) == (800, 2600), '%d x %d' % (width, height))
        for colour in colours:
            n = counts.get(bytes.fromhex(colour), 0)
            expect(n > 500, '%d pixels of %s in the picture of %s' % (n, colour, case))


def printed(h):
    paper = h.path('page.pdf')
    chromium_run(h, make_page(h), '--no-pdf-header-footer', '--print-to-pdf=' + paper)
    with open(paper, 'rb') as f:
        data = f.read()
    expect(data[:5] == b'%PDF-' and 1 <= len(re.findall(rb'/Type\s*/Page\b', data)) <= 6, 'no pages')


def run(h):
    try:
        chromium()
    except Skip as why:
        h.case('browser', skipped, why)
        return
    for case, compiler in (('report-page', 'gcc'), ('data-changed', 'gcc'), ('s390x-line-among-others', 's390x')):
        h.case('browser: the tree of ' + case, same_tree, h, case, compiler)
        for width, scheme, name in ((1280, LIGHT, 'light'), (1280, DARK, 'dark'), (600, LIGHT, 'narrow')):
            h.case('browser: %s, %s' % (case, name), laid_out, h, case, compiler, width, scheme)
    h.case('browser: looks', looks, h)
    h.case('browser: printed', printed, h)


def skipped(why):
    raise why


# ---- the picture of README.md --------------------------------------------------------------

def chunk(kind, body):
    return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))


def write_small(rows, path):
    """A PNG of few colours: those that are most, and the nearest of these for the others."""
    counts = {}
    for row in rows:
        for colour in row:
            counts[colour] = counts.get(colour, 0) + 1
    palette = sorted(counts, key=lambda c: (-counts[c], c))[:64]
    nearest = {c: min(range(len(palette)), key=lambda i: sum((a - b) ** 2 for a, b in zip(c, palette[i]))) for c in counts}
    packed = zlib.compress(b''.join(b'\0' + bytes(nearest[c] for c in row) for row in rows), 9)
    with open(path, 'wb') as f:
        f.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', len(rows[0]), len(rows), 8, 3, 0, 0, 0))
                + chunk(b'PLTE', b''.join(palette)) + chunk(b'IDAT', packed) + chunk(b'IEND', b''))


def picture(h):
    """docs/report.png, of the fixture that the tests read; the names are those that a build has."""
    source = os.path.join(ROOT, 'tests', 'fixtures', 'src')
    top = tempfile.mkdtemp(prefix='elfdiff-picture.')
    try:
        for side, path in zip(('orig', 'patched'), fixture('report-page')):
            os.makedirs(os.path.join(top, side, 'drivers'))
            shutil.copy(path, os.path.join(top, side, 'drivers', 'demo.o'))
        shutil.copy(os.path.join(source, 'report-page.syms'), os.path.join(top, 'System.map'))
        shutil.copy(os.path.join(source, 'default.symvers'), os.path.join(top, 'Module.symvers'))
        os.chdir(top)
        r = h.run('orig/drivers/demo.o', 'patched/drivers/demo.o', 'demo.o', '-k', 'System.map', '-s', 'Module.symvers', '--report', 'page.html')
        expect(r.code == 0, r.err)
        chromium_run(h, os.path.join(top, 'page.html'), '--screenshot=' + h.path('page.png'), width=1200, height=1900)
        write_small(rows_of(h.path('page.png')), os.path.join(ROOT, 'docs', 'report.png'))
    finally:
        h.close()
        shutil.rmtree(top)
    return 0
