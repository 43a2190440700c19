# SPDX-License-Identifier: GPL-2.0-or-later
"""Static keys that code of the output tests, where the patched object has a jump
label. A part of verify.py's Verifier.

Behind the function stands, for each entry of __jump_table that the output lacks,
`cmpl $0,KEY`, a jump to the entry's target, the instructions that made room for
the jump in the site's place, and a jump back. What is found so is undone in the
output, so that the function is compared as it was.
"""
import copy

import elf as E

ENTRY = 16  # bytes of an entry: place, target (32 bits each, relative), key (64 bits)
JUMP = 5  # bytes of jmp
BRANCH = 1  # in the key's addend: it jumps when the key is off
TABLE, UNWIND = '__jump_table', '.orc_unwind_ip'


class Detour:
    """Expects of its heir: patched, out, out_functions, say(), owner(), match_target() and match_place()."""

    def undo_detours(self):
        self.grown, self.tested, self.detour_places = {}, set(), {}
        table = self.patched.section(TABLE)
        if table is None or self.patched.machine != E.EM_X86_64:
            return
        self.out = copy.deepcopy(self.out)
        labels = {self.place_of(self.out, s, at) for s in self.out.sections if s.name == TABLE and s.data
                  for at in range(0, s.size, ENTRY)}
        for at in range(0, table.size, ENTRY):
            function, offset = self.owner(self.patched, table, at) or (None, 0)
            for o in self.out.symbols if function else []:
                if o.name == function.name and o.type == E.STT_FUNC and o.section and o.size > function.size and (o.section.index, o.value + offset) not in labels:
                    self.undo_detour(table, at, function, o, offset)
        for o, size, found in self.grown.values():
            if found != o.size - size:
                self.say('`%s` has %d bytes behind its %d that test no key' % (o.name, o.size - size - found, size))
            o.size = size

    @staticmethod
    def place_of(elf, section, at):
        r = next(r for r in section.relocs if r.offset == at)
        return r.symbol.section.index, r.symbol.value + r.addend

    def reloc(self, section, at):
        return next((r for r in section.relocs if r.offset == at and r.type), None)

    def leads_to(self, section, at, address):
        """The field at `at`, of a branch, leads to an address of its own section."""
        r = self.reloc(section, at)
        return r is not None and r.symbol.section is section and r.symbol.value + r.addend + 4 == address

    def undo_detour(self, table, at, function, o, offset):
        osec, psec = o.section, function.section
        place = function.value + offset
        length = self.patched.instruction(psec, place)[1] - place
        jump = self.reloc(osec, o.value + offset + 1)
        if osec.data[o.value + offset] != 0xe9 or jump is None or jump.symbol.section is not osec:
            self.say('`%s`+%#x: neither a jump label nor a jump' % (o.name, offset))
            return
        start = stub = jump.symbol.value + jump.addend + 4
        code = self.key_test(table, at, osec, stub)
        if code:
            self.say('`%s`+%#x: %s' % (o.name, offset, code))
            return
        moved, stub = self.undo_moved(length, psec, place + length, osec, stub + 13, o.value + offset + length)
        end = o.value + offset + length + moved
        if osec.data[stub:stub + 1] == b'\xe9' and self.leads_to(osec, stub + 1, end):
            stub += 5
        elif not self.stops(psec, place + length + moved):
            self.say('`%s`+%#x: its test of a key does not come back' % (o.name, offset))
        osec.relocs.remove(jump)
        osec.data = osec.data[:o.value + offset] + psec.data[place:place + length + moved] + osec.data[end:]
        self.account(table, at, o, function, stub - start, (osec.index, start), offset)

    def key_test(self, table, at, osec, stub):
        """What is wrong with cmpl and jcc, or None."""
        entry = [self.reloc(table, at + k) for k in (0, 4, 8)]
        code = osec.data[stub:stub + 13]
        want = bytes([0x83, 0x3d, 0, 0, 0, 0, 0, 0x0f, 0x84 if entry[2].addend & BRANCH else 0x85, 0, 0, 0, 0])
        key, target = self.reloc(osec, stub + 2), self.reloc(osec, stub + 9)
        if code != want or key is None or target is None or target.symbol.section is None:
            return 'its detour does not test a key and jump: %s' % code.hex(' ')
        why = self.match_target(key, key.addend + 5, entry[2].symbol, entry[2].addend & ~3)
        if why is None and self.match_place(target.symbol, target.symbol.value + target.addend + 4, entry[1].symbol,
                                            entry[1].symbol.value + entry[1].addend):
            why = 'its test jumps to another place'
        return why

    def undo_moved(self, length, psec, pat, osec, stub, back):
        """Puts relocations of moved instructions back; returns how many bytes of the function moved, and where they end."""
        moved = 0
        while length + moved < JUMP:
            start, end = self.patched.instruction(psec, pat + moved)[:2]
            raw = psec.data[start:end]
            jump = self.long_branch(raw)
            if jump:
                target = end + int.from_bytes(raw[-1:] if len(raw) == 2 else raw[-4:], 'little', signed=True)
                if osec.data[stub:stub + len(jump)] != jump or not self.leads_to(osec, stub + len(jump),
                                                                                target - pat + back):
                    self.say('%s+%#x: a branch that moved leads elsewhere' % (osec.name, stub))
                stub += len(jump) + 4
            else:
                if osec.data[stub:stub + len(raw)] != raw:
                    self.say('%s+%#x: what moved is not what stood there' % (osec.name, stub))
                for r in [r for r in osec.relocs if stub <= r.offset < stub + len(raw)]:
                    r.bias = self.out.bias(osec, r)
                    r.offset += back + moved - stub
                stub += len(raw)
            moved += end - start
        return moved, stub

    @staticmethod
    def long_branch(raw):
        """jcc and jmp of the assembler's choice, as those of 32 bits begin; or None."""
        if raw[0] & 0xf0 == 0x70:
            return bytes([0x0f, 0x80 | raw[0] & 0xf])
        if raw[0] in (0xeb, 0xe9):
            return b'\xe9'
        return raw[:2] if raw[0] == 0x0f and raw[1] & 0xf0 == 0x80 else None

    def stops(self, psec, at):
        """The instruction before is a jmp."""
        start = self.patched.instruction(psec, at - 1)[0]
        return psec.data[start] in (0xeb, 0xe9)

    def account(self, table, at, o, function, size, place, offset):
        known = self.grown.get(o.index, (o, function.size, 0))
        self.grown[o.index] = (o, function.size, known[2] + size)
        self.tested.add((function.name, offset))
        self.detour_places[place] = function, offset
        o.section.relocs = [r for r in o.section.relocs if not place[1] <= r.offset < place[1] + size]

    def detour_bytes(self, o):
        return self.grown[o.index][2] if o.index in self.grown else 0

    def is_detour_unwind(self, name, section, at):
        """Unwind data of a test: that which holds at its site."""
        if name != UNWIND:
            return False
        r = self.reloc(section, at)
        site = self.detour_places.get((r.symbol.section.index, r.symbol.value + r.addend))
        have = self.parallel(self.out, name, section, at, 4)
        return site is not None and have == self.unwind_at(*site)

    def unwind_at(self, function, offset):
        """The bytes that hold at a place of the patched object."""
        table, best = self.patched.section(UNWIND), (-1, None)
        for at in range(0, table.size, 4):
            own = self.owner(self.patched, table, at)
            if own and own[0] is function and best[0] <= own[1] <= offset:
                best = own[1], at
        return None if best[1] is None else self.parallel(self.patched, UNWIND, table, best[1], 4)
