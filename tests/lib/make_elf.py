# SPDX-License-Identifier: GPL-2.0-or-later
"""ELF64 relocatables made from scratch, right or wrong: whatever fields a test asks for are written.

    o = Object()
    text = o.section('.text', flags=ALLOC | EXEC, data=b'\xc3')
    f = o.symbol('f', text, size=1, type=FUNC, bind=GLOBAL)
    o.reloc(text, 0, PC32, f, -4)
    open(path, 'wb').write(o.bytes())
"""
import struct

PROGBITS, SYMTAB, STRTAB, RELA, NOBITS = 1, 2, 3, 4, 8
WRITE, ALLOC, EXEC, MERGE, STRINGS, INFO_LINK = 1, 2, 4, 16, 32, 64
LOCAL, GLOBAL, WEAK = 0, 1, 2
NOTYPE, OBJECT, FUNC, SECTION, FILE = 0, 1, 2, 3, 4
UNDEF, ABS, COMMON = 0, 0xfff1, 0xfff2
X86_64, PPC64LE = 62, 21
R64, PC32, PLT32, PC8 = 1, 2, 4, 15  # of x86_64


class Names:
    """A string table."""

    def __init__(self):
        self.data, self.at = bytearray(1), {'': 0}

    def add(self, name):
        if name not in self.at:
            self.at[name] = len(self.data)
            self.data += name.encode() + b'\0'
        return self.at[name]


class Object:
    def __init__(self, machine=X86_64, source='made.c'):
        self.machine, self.flags = machine, 2 if machine == PPC64LE else 0
        self.sections, self.symbols, self.relocs = [], [], {}
        self.relocs_named = {}  # by section, after which other one its relocations are named
        if source:
            self.symbol(source, ABS, type=FILE)

    def section(self, name, type=PROGBITS, flags=ALLOC, data=b'', size=None, align=1, entsize=0):
        """Its number. A size that is not that of the data is for sections without contents, or wrong."""
        self.sections.append([name, type, flags, data, len(data) if size is None else size, align, entsize, 0, 0])
        return len(self.sections)

    def symbol(self, name, section=UNDEF, value=0, size=0, type=NOTYPE, bind=LOCAL, other=0):
        """A handle for reloc()."""
        self.symbols.append((name, section, value, size, type, bind, other))
        return len(self.symbols) - 1

    def function(self, name, code, section=None, bind=GLOBAL):
        """A function of x86_64, which ftrace can hook, in a section of its own; (section, symbol)."""
        code = b'\xe8' + bytes(4) + code
        n = self.section(section or '.text.' + name, flags=ALLOC | EXEC, data=code, align=16)
        self.reloc(n, 1, PLT32, self.undefined('__fentry__'), -4)
        return n, self.symbol(name, n, size=len(code), type=FUNC, bind=bind)

    def undefined(self, name):
        known = [i for i, s in enumerate(self.symbols) if s[0] == name]
        return known[0] if known else self.symbol(name, bind=GLOBAL)

    def reloc(self, section, offset, type, symbol, addend=0):
        self.relocs.setdefault(section, []).append((offset, type, symbol, addend))

    def symbol_table(self, names):
        """(bytes, number by handle, number of local symbols)"""
        order = sorted(range(len(self.symbols)), key=lambda i: self.symbols[i][5] != LOCAL)
        number = {i: n + 1 for n, i in enumerate(order)}
        table = bytearray(24)
        for i in order:
            name, section, value, size, type, bind, other = self.symbols[i]
            table += struct.pack('<IBBHQQ', names.add(name), bind << 4 | type, other, section, value, size)
        return table, number, 1 + sum(s[5] == LOCAL for s in self.symbols)

    def bytes(self):
        names, strings, sections = Names(), Names(), [list(s) for s in self.sections]
        table, number, locals_ = self.symbol_table(strings)
        symtab = len(sections) + len(self.relocs) + 1
        for target, relocs in self.relocs.items():
            data = b''.join(struct.pack('<QQq', o, (number[s] if s is not None else 0) << 32 | t, a)
                            for o, t, s, a in relocs)
            name = '.rela' + self.relocs_named.get(target, self.sections[target - 1][0])
            sections.append([name, RELA, INFO_LINK, data, len(data), 8, 24, symtab, target])
        sections.append(['.symtab', SYMTAB, 0, table, len(table), 8, 24, symtab + 1, locals_])
        sections.append(['.strtab', STRTAB, 0, strings.data, len(strings.data), 1, 0, 0, 0])
        for s in sections:
            names.add(s[0])
        names.add('.shstrtab')
        sections.append(['.shstrtab', STRTAB, 0, names.data, len(names.data), 1, 0, 0, 0])
        return self.file(names, sections)

    def file(self, names, sections):
        body, headers = bytearray(), bytearray(64)
        for name, type, flags, data, size, align, entsize, link, info in sections:
            body += bytes(-len(body) % 8)
            headers += struct.pack('<IIQQQQIIQQ', names.at[name], type, flags, 0, 64 + len(body), size, link, info, align,
                                   entsize)
            body += data
        body += bytes(-len(body) % 8)
        start = struct.pack('<16sHHIQQQIHHHHHH', b'\x7fELF\2\1\1', 1, self.machine, 1, 0, 0, 64 + len(body), self.flags, 64,
                            0, 0, 64, len(sections) + 1, len(sections))
        return bytes(start + body + headers)
