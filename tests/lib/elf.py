# SPDX-License-Identifier: GPL-2.0-or-later
"""A small reader of ELF64 relocatables, either byte order.

It shares nothing with the tools under test: what it reads is the ELF
specification's view, with the few x86_64, aarch64, s390x and ppc64le facts that a
relocation's target needs.
"""
import bisect
import os
import re
import struct
import subprocess

SHT_NULL, SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_RELA, SHT_NOBITS, SHT_REL = 0, 1, 2, 3, 4, 8, 9
SHT_GROUP, SHT_SYMTAB_SHNDX = 17, 18
SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR, SHF_MERGE, SHF_STRINGS = 1, 2, 4, 16, 32
SHF_INFO_LINK, SHF_LINK_ORDER, SHF_GROUP, SHF_COMPRESSED, SHF_RELA_LIVEPATCH = 64, 128, 512, 2048, 0x100000
SHN_UNDEF, SHN_LORESERVE, SHN_LIVEPATCH, SHN_ABS, SHN_COMMON, SHN_XINDEX = 0, 0xff00, 0xff20, 0xfff1, 0xfff2, 0xffff
DEFINED = -1
STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_SECTION, STT_FILE, STT_TLS = 0, 1, 2, 3, 4, 6
STB_LOCAL, STB_GLOBAL, STB_WEAK = 0, 1, 2
EM_PPC64, EM_S390, EM_X86_64, EM_AARCH64, EM_LOONGARCH = 21, 22, 62, 183, 258

SECTION_TYPES = {0: 'NULL', 1: 'PROGBITS', 2: 'SYMTAB', 3: 'STRTAB', 4: 'RELA', 7: 'NOTE', 8: 'NOBITS', 9: 'REL',
                 14: 'INIT_ARRAY', 15: 'FINI_ARRAY', 17: 'GROUP', 18: 'SYMTAB_SHNDX', 0x6fff4c03: 'LLVM_ADDRSIG'}
SECTION_FLAGS = [(1, 'W'), (2, 'A'), (4, 'X'), (16, 'M'), (32, 'S'), (64, 'I'), (128, 'L'), (512, 'G'), (1024, 'T'),
                 (2048, 'C'), (0x100000, 'K'), (0x80000000, 'E')]
SYMBOL_TYPES = {0: 'NOTYPE', 1: 'OBJECT', 2: 'FUNC', 3: 'SECTION', 4: 'FILE', 5: 'COMMON', 6: 'TLS', 10: 'IFUNC'}
SYMBOL_BINDS = {0: 'LOCAL', 1: 'GLOBAL', 2: 'WEAK'}

RELOC_NAMES = {
    EM_X86_64: {0: 'NONE', 1: '64', 2: 'PC32', 4: 'PLT32', 9: 'GOTPCREL', 10: '32', 11: '32S', 12: '16', 13: 'PC16',
                14: '8', 15: 'PC8', 19: 'TLSGD', 22: 'GOTTPOFF', 23: 'TPOFF32', 24: 'PC64', 41: 'GOTPCRELX',
                42: 'REX_GOTPCRELX'},
    EM_AARCH64: {257: 'ABS64', 258: 'ABS32', 260: 'PREL64', 261: 'PREL32', 274: 'ADR_PREL_LO21',
                 275: 'ADR_PREL_PG_HI21', 277: 'ADD_ABS_LO12_NC', 278: 'LDST8_ABS_LO12_NC', 279: 'TSTBR14',
                 280: 'CONDBR19', 282: 'JUMP26', 283: 'CALL26', 284: 'LDST16_ABS_LO12_NC',
                 285: 'LDST32_ABS_LO12_NC', 286: 'LDST64_ABS_LO12_NC', 299: 'LDST128_ABS_LO12_NC'},
    EM_S390: {0: 'NONE', 4: '32', 5: 'PC32', 15: 'GOT20', 16: 'PC16', 17: 'PC16DBL', 18: 'PLT16DBL', 19: 'PC32DBL',
              20: 'PLT32DBL', 22: '64', 23: 'PC64', 26: 'GOTENT', 62: 'PC12DBL', 63: 'PLT12DBL', 64: 'PC24DBL',
              65: 'PLT24DBL'},
    EM_PPC64: {0: 'NONE', 1: 'ADDR32', 10: 'REL24', 11: 'REL14', 26: 'REL32', 38: 'ADDR64', 44: 'REL64', 47: 'TOC16',
               48: 'TOC16_LO', 49: 'TOC16_HI', 50: 'TOC16_HA', 51: 'TOC', 63: 'TOC16_DS', 64: 'TOC16_LO_DS', 118: 'ENTRY',
               249: 'REL16', 250: 'REL16_LO', 251: 'REL16_HI', 252: 'REL16_HA'},
    EM_LOONGARCH: {0: 'NONE', 1: '32', 2: '64', 64: 'B16', 65: 'B21', 66: 'B26', 71: 'PCALA_HI20', 72: 'PCALA_LO12',
                   73: 'PCALA64_LO20', 74: 'PCALA64_HI12', 75: 'GOT_PC_HI20', 76: 'GOT_PC_LO12', 99: '32_PCREL',
                   109: '64_PCREL'},
}
# width in bytes of the field that a relocation fills in
RELOC_WIDTH = {
    EM_X86_64: {1: 8, 24: 8, 12: 2, 13: 2, 14: 1, 15: 1},
    EM_AARCH64: {257: 8, 260: 8},
    EM_S390: {22: 8, 23: 8, 16: 2, 17: 2, 18: 2, 62: 2, 63: 2, 64: 3, 65: 3},
    EM_PPC64: {38: 8, 44: 8, 51: 8, 47: 2, 48: 2, 49: 2, 50: 2, 63: 2, 64: 2, 118: 0, 249: 2, 250: 2, 251: 2, 252: 2},
    EM_LOONGARCH: {2: 8, 109: 8},
}
PC_RELATIVE = {
    EM_X86_64: {2, 4, 9, 13, 15, 22, 24, 41, 42},
    EM_AARCH64: {260, 261, 274, 275, 279, 280, 282, 283},
    EM_S390: {5, 16, 17, 18, 19, 20, 23, 26, 62, 63, 64, 65},
    EM_PPC64: {10, 11, 26, 44, 249, 250, 251, 252},
    EM_LOONGARCH: {64, 65, 66, 71, 73, 74, 75, 99, 109},
}
CALLS = {EM_X86_64: {4}, EM_AARCH64: {279, 280, 282, 283}, EM_S390: {18, 20, 63, 65},
         EM_PPC64: {10, 11}, EM_LOONGARCH: {64, 65, 66}}
POINTER = {EM_X86_64: 1, EM_AARCH64: 257, EM_S390: 22, EM_PPC64: 38, EM_LOONGARCH: 2}
OBJDUMP = {EM_X86_64: 'objdump', EM_AARCH64: 'aarch64-linux-gnu-objdump', EM_S390: 's390x-linux-gnu-objdump',
           EM_PPC64: 'powerpc64le-linux-gnu-objdump', EM_LOONGARCH: 'loongarch64-linux-gnu-objdump'}
LINKER = {EM_X86_64: ['ld'], EM_AARCH64: ['aarch64-linux-gnu-ld'], EM_S390: ['s390x-linux-gnu-ld'],
          EM_PPC64: ['powerpc64le-linux-gnu-ld'], EM_LOONGARCH: ['loongarch64-linux-gnu-ld', '-T', os.path.join(
              os.path.dirname(os.path.abspath(__file__)), 'module.lds')]}
# where scripts/loongarch64.sh puts them
os.environ['PATH'] += os.pathsep + os.path.join(os.environ.get('ELFDIFF_LOONGARCH64') or os.path.join(
    os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'), 'elfdiff-loongarch64'), 'bin')
TRACE = {EM_PPC64: '_mcount'}  # what a function's prologue calls, where it is not __fentry__


FEATURES = ('__ftr_fixup', '__mmu_ftr_fixup', '__fw_ftr_fixup')  # ppc64: their fields count from the entry


class ElfError(Exception):
    pass


class Section:
    __slots__ = ('index', 'name', 'type', 'flags', 'size', 'align', 'entsize', 'link', 'info', 'data', 'relocs',
                 'symbols', 'starts')

    def alloc(self):
        return bool(self.flags & SHF_ALLOC)

    def code(self):
        return bool(self.flags & SHF_EXECINSTR)

    def strings(self):
        return bool(self.flags & SHF_STRINGS)


class Symbol:
    __slots__ = ('index', 'name', 'value', 'size', 'bind', 'type', 'other', 'entry', 'shndx', 'section')

    def defined(self):
        return self.section is not None


class Reloc:
    __slots__ = ('offset', 'type', 'symbol', 'addend', 'table', 'bias')

    def __init__(self):
        self.bias = None  # known, where it is not what the code around says


class Elf:
    """sections[], symbols[] by ELF index; Section.relocs by offset; Section.symbols by value."""

    def __init__(self, path):
        self.path = path
        with open(path, 'rb') as f:
            self.image = f.read()
        if self.image[:5] != b'\x7fELF\x02':
            raise ElfError('%s: not ELF64' % path)
        self.order = '<' if self.image[5] == 1 else '>'
        head = self.unpack('HHIQQQIHHHHHH', 16)
        self.type, self.machine, self.flags = head[0], head[1], head[6]
        self.read_sections(head[5], head[11], head[12])
        self.read_symbols()
        self.read_relocs()
        self.instructions = None
        self.operands, self.texts = {}, {}

    def unpack(self, fmt, offset, data=None):
        return struct.unpack_from(self.order + fmt, self.image if data is None else data, offset)

    def cstring(self, data, offset):
        end = data.find(b'\0', offset)
        if offset > len(data) or end < 0:
            raise ElfError('%s: string at %#x does not end' % (self.path, offset))
        return data[offset:end].decode('utf-8', 'backslashreplace')

    def read_sections(self, shoff, count, names):
        rows = [self.unpack('IIQQQQIIQQ', shoff)]
        count = count or rows[0][5]
        names = rows[0][6] if names == SHN_XINDEX else names
        rows += [self.unpack('IIQQQQIIQQ', shoff + 64 * i) for i in range(1, count)]
        table = self.image[rows[names][4]:rows[names][4] + rows[names][5]]
        self.sections = []
        for i, (name, kind, flags, _, offset, size, link, info, align, entsize) in enumerate(rows):
            s = Section()
            s.index, s.name, s.type, s.flags, s.size = i, self.cstring(table, name), kind, flags, size if i else 0
            s.link, s.info, s.align, s.entsize = link, info, align, entsize
            s.data = self.image[offset:offset + size] if kind not in (SHT_NOBITS, SHT_NULL) else b''
            if kind not in (SHT_NOBITS, SHT_NULL) and len(s.data) != size:
                raise ElfError('%s: section %s leaves the file' % (self.path, s.name))
            s.relocs, s.symbols, s.starts = [], [], []
            self.sections.append(s)

    def read_symbols(self):
        self.symbols = []
        tables = [s for s in self.sections if s.type == SHT_SYMTAB]
        if not tables:
            return
        table, names = tables[0], self.sections[tables[0].link].data
        extended = next((s.data for s in self.sections
                         if s.type == SHT_SYMTAB_SHNDX and s.link == table.index), None)
        for i in range(table.size // 24):
            name, info, other, shndx, value, size = self.unpack('IBBHQQ', 24 * i, table.data)
            sym = Symbol()
            if shndx == SHN_XINDEX:
                shndx = self.unpack('I', 4 * i, extended)[0]
                special = False
            else:
                special = shndx == SHN_UNDEF or shndx >= SHN_LORESERVE
            sym.index, sym.name, sym.value, sym.size = i, self.cstring(names, name), value, size
            sym.bind, sym.type, sym.other = info >> 4, info & 15, other & 3
            sym.entry = other >> 5 if self.machine == EM_PPC64 else 0  # how far its local entry point is
            sym.shndx = shndx if special else DEFINED  # a real index may look like a special one
            sym.section = None if special else self.sections[shndx]
            if sym.type == STT_SECTION and sym.section is not None:
                sym.name = sym.section.name
            self.symbols.append(sym)
            if sym.section is not None and sym.type not in (STT_SECTION, STT_FILE):
                sym.section.symbols.append(sym)
        for s in self.sections:
            s.symbols.sort(key=lambda y: (y.value, y.index))
            s.starts = [y.value for y in s.symbols]

    def read_relocs(self):
        for table in self.sections:
            if table.type != SHT_RELA or table.info == 0:
                continue
            target = self.sections[table.info]
            for i in range(table.size // 24):
                r = Reloc()
                r.offset, info, r.addend = self.unpack('QQq', 24 * i, table.data)
                r.type, r.symbol, r.table = info & 0xffffffff, self.symbols[info >> 32], table
                target.relocs.append(r)
        for s in self.sections:
            s.relocs.sort(key=lambda r: r.offset)

    # ---- names ----

    def section(self, name):
        return next((s for s in self.sections if s.name == name and s.type != SHT_RELA), None)

    def reloc_name(self, kind):
        return RELOC_NAMES.get(self.machine, {}).get(kind, str(kind))

    def width(self, r):
        return RELOC_WIDTH.get(self.machine, {}).get(r.type, 4)

    def is_call(self, section, r):
        """The relocation is where a call or a jump goes to, not an address."""
        if r.type in CALLS[self.machine]:
            return True
        if self.machine == EM_X86_64 and r.type == 2 and section.code() and r.offset:
            op, before = section.data[r.offset - 1], section.data[r.offset - 2] if r.offset > 1 else 0
            return op in (0xe8, 0xe9) or (before == 0x0f and 0x80 <= op <= 0x8f)
        return False

    # ---- instructions, from objdump ----

    def disassemble(self):
        """instructions[section index]: sorted [(start, end)]; texts[section index]: {start: text};
        operands[section index]: {start: (end, text without the address, address)} where there is one."""
        if self.instructions is not None:
            return self.instructions
        text = subprocess.run([OBJDUMP[self.machine], '-dw', '-z', '--insn-width=16', self.path],
                              capture_output=True, text=True, check=True).stdout
        code = [s for s in self.sections if s.code() and s.size and s.type == SHT_PROGBITS]
        found, current, todo = {}, None, list(code)
        for line in text.splitlines():
            if line.startswith('Disassembly of section '):
                name = line[len('Disassembly of section '):-1]
                current = next((s for s in todo if s.name == name), None)
                if current is not None:
                    todo.remove(current)
                    found[current.index] = []
                    self.texts[current.index], self.operands[current.index] = {}, {}
                continue
            m = re.match(r'\s*([0-9a-f]+):\t((?:[0-9a-f]{2,8} )+)', line)
            if m and current is not None:
                start = int(m.group(1), 16)
                end = start + len(m.group(2).replace(' ', '')) // 2
                found[current.index].append((start, end))
                words = re.sub(r'\s+', ' ', line[m.end():].strip())
                self.texts[current.index][start] = words
                address = re.search(r'(?:^|[ ,])([0-9a-f]+) <[^>]*>$', words)
                if address:
                    text = re.sub(r'-?0x[0-9a-f]+\(%rip\)', '(%rip)', words[:address.start(1)])
                    self.operands[current.index][start] = (end, text, int(address.group(1), 16))
        self.instructions = found
        return found

    def instruction(self, section, offset):
        """(start, end) of the instruction that holds the byte, or None."""
        rows = self.disassemble().get(section.index, [])
        i = bisect.bisect_right(rows, (offset, 1 << 62)) - 1
        if i >= 0 and rows[i][0] <= offset < rows[i][1]:
            return rows[i]
        return None

    def instruction_start(self, section, offset):
        found = self.instruction(section, offset)
        if found is None:
            raise ElfError('%s+%#x cannot be disassembled' % (section.name, offset))
        return found[0]

    def bias(self, section, r):
        """What symbol + addend lacks to be the address that the code means."""
        if r.bias is not None:
            return r.bias
        if self.machine == EM_PPC64 and r.type == 44 and section.name in FEATURES:
            return -(r.offset % 48)
        if not section.code() or r.type not in PC_RELATIVE[self.machine]:
            return 0
        if self.machine in (EM_AARCH64, EM_PPC64, EM_LOONGARCH):
            return 0
        insn = self.instruction(section, r.offset)
        if insn is None:
            return 4 if self.machine == EM_X86_64 else -2
        if self.machine == EM_X86_64:
            return insn[1] - r.offset
        return insn[0] - r.offset

    # ---- what a place is called ----

    def covering(self, section, address):
        """Symbols that cover the address, else those that end there."""
        inside = [y for y in section.symbols
                  if y.value <= address < y.value + y.size or (y.size == 0 and y.value == address)]
        sized = [y for y in inside if y.size]
        return sized or inside

    def string_at(self, section, address):
        if not section.strings() or not 0 <= address < section.size:
            return None
        width = section.entsize or 1
        if width == 1:
            return self.cstring(section.data, address)
        end = address
        while section.data[end:end + width] != b'\0' * width:
            end += width
        return 'wide:' + section.data[address:end].hex()

    def klp(self, symbol):
        """(when or None, object, name, position) of a KLP symbol in either form, or None."""
        if symbol.shndx == SHN_LIVEPATCH:
            m = re.match(r'^\.klp\.sym\.([^.]{1,55})\.([^,]{1,511}),(\d+)$', symbol.name)
            if not m:
                raise ElfError('KLP symbol `%s` is malformed' % symbol.name)
            return None, m.group(1), m.group(2), int(m.group(3))
        if symbol.shndx == SHN_UNDEF and symbol.name.startswith('.klp.sym.rela.'):
            m = re.match(r'^\.klp\.sym\.rela\.([^.]{1,55})\.([^.]{1,55})\.([^,]{1,511}),(\d+)$', symbol.name)
            if not m:
                raise ElfError('linkable KLP symbol `%s` is malformed' % symbol.name)
            return m.group(1), m.group(2), m.group(3), int(m.group(4))
        return None

    def klp_reloc(self, r):
        """As klp(), with `when` found from the section that the relocation stands in."""
        k = self.klp(r.symbol)
        if k is None or k[0] is not None:
            return k
        m = re.match(r'^\.klp\.rela\.([^.]{1,55})\.', r.table.name)
        if not m:
            raise ElfError('`%s` is named from %s, which is no .klp.rela section' % (r.symbol.name, r.table.name))
        return (m.group(1),) + k[1:]


def flags_text(flags):
    text = ''.join(c for bit, c in SECTION_FLAGS if flags & bit)
    return text or '-'
