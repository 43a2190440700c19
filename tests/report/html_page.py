# SPDX-License-Identifier: GPL-2.0-or-later
"""A page as a tree, and what is true of every page."""
import html.parser
import re

from harness import expect

VOID = {'meta', 'col'}
# what the command writes: anything else would come out of a name
KNOWN = {'html', 'head', 'meta', 'title', 'style', 'body', 'header', 'h1', 'h2', 'h3', 'h4', 'h5', 'nav', 'a', 'main', 'section', 'p',
         'dl', 'dt', 'dd', 'table', 'colgroup', 'col', 'thead', 'tbody', 'tr', 'th', 'td', 'article', 'code', 'span', 'b', 'i',
         'ul', 'li', 'div', 'details', 'summary', 'pre', 'footer', 'svg', 'defs', 'marker', 'path', 'g', 'rect', 'text'}
MARKS = {'same': '', 'changed': '|', 'added': '+', 'removed': '-'}


class Node:
    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children = []  # nodes and texts

    def get(self, name):
        return self.attributes.get(name)

    def classes(self):
        return (self.get('class') or '').split()

    def text(self):
        return ''.join(c if isinstance(c, str) else c.text() for c in self.children)

    def nodes(self):
        return [c for c in self.children if isinstance(c, Node)]

    def all(self, tag=None, cls=None):
        for child in self.nodes():
            if tag in (None, child.tag) and (cls is None or cls in child.classes()):
                yield child
            yield from child.all(tag, cls)

    def first(self, tag=None, cls=None):
        for node in self.all(tag, cls):
            return node
        return None


class Parser(html.parser.HTMLParser):
    """Whatever is opened has to be closed, in order."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node('', {}, None)

    def handle_starttag(self, tag, attrs):
        node = Node(tag, dict(attrs), self.at)
        expect(len(node.attributes) == len(attrs), '<%s> has an attribute twice: %s' % (tag, attrs))
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        expect(self.at.tag == tag, '</%s> ends <%s> in line %d' % (tag, self.at.tag, self.getpos()[0]))
        self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)


def parse(text):
    p = Parser()
    p.feed(text)
    p.close()
    expect(p.at is p.root, '<%s> is not closed' % p.at.tag)
    return p.root


def check_links(root):
    ids = [n.get('id') for n in root.all() if n.get('id') is not None]
    expect(len(ids) == len(set(ids)), 'an id is there twice: %s' % sorted(ids))
    for node in root.all():
        for name, value in node.attributes.items():
            expect(not name.startswith('on') and name not in ('src', 'srcset', 'data', 'action', 'style')
                   or (name == 'style' and re.fullmatch(r'width:\d+%', value)), '<%s %s=%r>' % (node.tag, name, value))
            targets = re.findall(r'url\((.*?)\)', value or '') + ([value] if name.endswith('href') else [])
            for target in targets:
                expect(target[:1] == '#' and target[1:] in ids, '<%s %s=%r> leads nowhere' % (node.tag, name, value))


def check_rows(root):
    for row in root.all('tr'):
        kinds = [c for c in row.classes() if c in MARKS]
        if not kinds:
            continue
        mark = row.first('td', 'mark').text()
        expect(mark == MARKS[kinds[0]], 'a row is %s and marked %r' % (kinds[0], mark))
        expect(len(row.nodes()) == 7, 'a row has %d cells' % len(row.nodes()))


def check_page(text):
    """Returns the tree."""
    expect(text.startswith('<!DOCTYPE html>\n'), 'no document type')
    root = parse(text[len('<!DOCTYPE html>'):])
    tags = {n.tag for n in root.all()}
    expect(not tags - KNOWN - {'title'}, 'elements that the command does not write: %s' % (tags - KNOWN))
    expect(len(list(root.all('h1'))) == 1 and root.first('title').text(), 'no title')
    expect('http' not in re.sub(r'http-equiv', '', text.replace('&', '')) or 'http:' not in text, 'something from elsewhere')
    style = root.first('style').text()
    expect('url(' not in style and '@import' not in style, 'the style loads something')
    expect(root.first('meta', None) and "default-src 'none'" in text, 'no policy')
    check_links(root)
    check_rows(root)
    return root


def functions(root):
    """Of each function its name, and the rows of its tables: (before, mark, after), a side is (offset, text) or None."""
    ret = {}
    for article in root.all('article', 'function'):
        rows = []
        for row in article.all('tr'):
            cells = row.nodes()
            if cells[0].tag != 'td':
                continue
            sides = [(int(c[1].text(), 16), c[2].text()) if c[1].text() else None for c in (cells[0:3], cells[4:7])]
            rows.append((sides[0], cells[3].text(), sides[1]))
        ret[article.first('h4').first('code').text()] = rows
    return ret


def line_of(root, function, side, text):
    """The line of the source beside an instruction, which stands there where it begins."""
    article = [a for a in root.all('article', 'function') if a.first('h4').first('code').text() == function][0]
    line = None
    for row in article.all('tr'):
        cells = row.nodes()[0:3] if side == 'before' else row.nodes()[-3:]
        line = cells[0].get('title') or line
        if cells[-1].text() == text:
            return line
    return None


def lines(root):
    """The lines of the source that the tables name, in full."""
    return {cell.get('title') for cell in root.all('td', 'line') if cell.get('title')}


def boxes(root):
    return [g.first('text', 'name').text() for g in root.all('g', 'box')]


def facts(node):
    """A list of terms."""
    terms = node.first('dl').nodes()
    return {terms[i].text(): terms[i + 1].text() for i in range(0, len(terms), 2)}
