# SPDX-License-Identifier: GPL-2.0-or-later
"""lines.py - is a number that differs the number of a source line?

Proved by the structure that holds it (struct bug_entry, struct _ddebug), by the line tables of both objects, or, without
DWARF, by following the code until the number is the line argument of a function that reports lines.
"""
import dwarf
import follow
import objfile


class Proofs:
    def __init__(self, orig, patched, tables=None):
        self.o, self.p = orig, patched
        self.tables = tables

    def _dwarf(self):
        if self.tables is None:
            self.tables = tuple(dwarf.Lines(obj) for obj in (self.o, self.p))
        return self.tables

    def _dwarf_alone(self, d, one, at):
        tables = self._dwarf()
        if not all(t.has for t in tables):
            if one.field == 'string' and self._names_source(one):
                return True, 'string of source and line'
            return False, 'a number without DWARF'
        for t, y, place, number in zip(tables, (d.orig, d.patched), at, one.numbers):
            lines = t.at(y.shndx, place, number)
            if number not in lines:
                return False, '%d is no line of +0x%x (%s)' % (number, place - y.value, ' '.join(map(str, sorted(lines))))
        return True, 'DWARF, in a string'

    def _names_source(self, one):
        """A string `... FILE:LINE` with the name of the object's source."""
        files = {y.name for y in self.o.symbols if y.type == objfile.FILE and y.name}
        return any('%s:%d"' % (f, n) in one.what for f in files for n in one.numbers)

    def prove(self, d, one):
        """(proved, ground) of one Diff in a Difference."""
        if one.field == 'bug':
            return True, 'struct bug_entry'
        if one.field == 'ddebug':
            return True, 'struct _ddebug'
        if one.field == 'string' and d.kind != 'function':
            return False, 'a number in a string'
        if not one.numbers or d.orig is None or d.patched is None or d.kind != 'function':
            return False, None
        at = d.orig.value + one.orig, d.patched.value + one.patched
        if one.field == 'string':
            return self._dwarf_alone(d, one, at)
        sink = [follow.sink(obj, y, place) for obj, y, place in zip((self.o, self.p), (d.orig, d.patched), at)]
        tables = self._dwarf()
        if all(t.has for t in tables):
            ok, ground = self._dwarf_alone(d, one, at)
            if not ok:
                return ok, ground
            if sink[0] == sink[1] and sink[0][0]:
                return True, 'DWARF, and ' + sink[0][1]
            return True, 'DWARF, to ' + sink[1][1]
        if sink[0] == sink[1] and sink[0][0]:
            return True, sink[0][1]
        return False, 'the number at +0x%x reaches %s' % (one.orig, sink[1][1])
