# SPDX-License-Identifier: GPL-2.0-or-later
"""dwarf.py - the source lines of places in a relocatable object, by pyelftools

In such an object every section begins at 0. Each gets an address of its own here, the number of the section in the high
half, and the relocations of the debug sections are applied with these.
"""
import bisect
import io
import struct

from elftools.common.exceptions import DWARFError, ELFError
from elftools.construct import Array, ULInt8
from elftools.dwarf.dwarfinfo import DebugSectionDescriptor, DWARFInfo, DwarfConfig
from elftools.elf.elffile import ELFFile

NAMES = ('debug_info', 'debug_aranges', 'debug_abbrev', 'debug_frame', 'eh_frame', 'debug_str', 'debug_loc',
         'debug_ranges', 'debug_line', 'debug_pubtypes', 'debug_pubnames', 'debug_addr', 'debug_str_offsets',
         'debug_line_str', 'debug_loclists', 'debug_rnglists', 'debug_sup', 'gnu_debugaltlink')
WIDTH = {62: {1: 8, 10: 4, 11: 4}, 183: {257: 8, 258: 4}, 22: {22: 8, 4: 4}, 21: {38: 8, 1: 4}}


def base(section):
    return section << 32


class Lines:
    def __init__(self, obj):
        self.obj, self.rows, self.calls = obj, {}, {}
        self.has = False
        try:
            self._read()
        except (DWARFError, ELFError, struct.error, KeyError, AttributeError) as e:
            self.has, self.broken = False, str(e)

    def _section(self, elf, name):
        found = elf.get_section_by_name('.' + name)
        if found is None:
            return None
        data = bytearray(found.data())  # inflates compressed ones
        table = elf.get_section_by_name('.rela.' + name)
        order = self.obj.order
        for offset, info, addend in struct.iter_unpack(order + 'QQq', table.data() if table else b''):
            width = WIDTH.get(self.obj.machine, {}).get(info & 0xffffffff)
            y = self.obj.symbols[info >> 32]
            if not width:
                continue
            value = y.value + addend
            if y.shndx and y.shndx < len(self.obj.sections) and self.obj.sections[y.shndx].alloc():
                value += base(y.shndx)
            struct.pack_into(order + ('Q' if width == 8 else 'I'), data, offset, value & (1 << 8 * width) - 1)
        return DebugSectionDescriptor(io.BytesIO(bytes(data)), '.' + name, 0, len(data), 0)

    def _read(self):
        with open(self.obj.path, 'rb') as f:
            elf = ELFFile(f)
            if elf.get_section_by_name('.debug_line') is None or elf.get_section_by_name('.debug_info') is None:
                return
            sections = {n + '_sec': self._section(elf, n) for n in NAMES if n not in ('eh_frame', 'debug_frame', 'debug_loc')}
            sections.update(eh_frame_sec=None, debug_frame_sec=None, debug_loc_sec=None)
            config = DwarfConfig(elf.little_endian, elf.get_machine_arch(), 8)
            self.info = DWARFInfo(config=config, **sections)
        self.units = list(self.info.iter_CUs())
        for unit in self.units:
            self._rows(unit)
        self.has = bool(self.rows)

    def _rows(self, unit):
        # the MD5 of a file, which pyelftools 0.29 does not know
        unit.structs.Dwarf_dw_form.setdefault('DW_FORM_data16', Array(16, ULInt8('')))
        program = self.info.line_program_for_CU(unit)
        last = None
        for entry in program.get_entries() if program else ():
            state = entry.state
            if state is None:
                continue
            if last is not None and not last.end_sequence:
                self.rows.setdefault(last.address >> 32, []).append((last.address & 0xffffffff, state.address & 0xffffffff,
                                                                     last.line, last.file))
            last = state
        for found in self.rows.values():
            found.sort()

    def _calls(self):
        """(section, start, end, line) of each place into which code was inlined; read when first asked for."""
        if self.calls:
            return self.calls
        self.calls = {-1: []}
        ranges = self.info.range_lists()
        for unit in self.units:
            for die in unit.iter_DIEs():
                if die.tag != 'DW_TAG_inlined_subroutine' or 'DW_AT_call_line' not in die.attributes:
                    continue
                for start, end in self._ranges(unit, die, ranges):
                    self.calls.setdefault(start >> 32, []).append((start & 0xffffffff, end & 0xffffffff,
                                                                   die.attributes['DW_AT_call_line'].value))
        return self.calls

    @staticmethod
    def _ranges(unit, die, ranges):
        low, high = die.attributes.get('DW_AT_low_pc'), die.attributes.get('DW_AT_high_pc')
        if low and high:
            yield low.value, high.value if high.form == 'DW_FORM_addr' else low.value + high.value
        elif 'DW_AT_ranges' in die.attributes and ranges:
            top = unit.get_top_DIE().attributes.get('DW_AT_low_pc')
            start = top.value if top else 0
            for r in ranges.get_range_list_at_offset(die.attributes['DW_AT_ranges'].value, cu=unit) if \
                    unit['version'] >= 5 else ranges.get_range_list_at_offset(die.attributes['DW_AT_ranges'].value):
                if hasattr(r, 'base_address'):
                    start = r.base_address
                elif getattr(r, 'is_absolute', False):
                    yield r.begin_offset, r.end_offset
                else:
                    yield start + r.begin_offset, start + r.end_offset

    def at(self, section, offset, number):
        """The lines of the code at a place: of its rows, and (unless number is among them) of the calls that inlined it."""
        rows = self.rows.get(section, [])
        n = bisect.bisect_right(rows, (offset, 1 << 62))
        lines = {line for start, end, line, _ in rows[max(0, n - 8):n] if start <= offset < max(end, start + 1)}
        if number in lines:
            return lines
        return lines | {line for start, end, line in self._calls().get(section, []) if start <= offset < end}
