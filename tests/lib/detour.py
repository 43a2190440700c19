# SPDX-License-Identifier: GPL-2.0-or-later
"""Static keys that code of the output tests, where the patched object has a jump
label. A part of verify.py's Verifier.

Behind the function stands, for each entry of __jump_table that the output lacks:
on x86_64 `cmpl $0,KEY`, a jump to the entry's target, the instructions that made
room for the jump in the site's place, and a jump back; on aarch64 the same test by
a register that is saved meanwhile. What is found so is undone in the output, so
that the function is compared as it was.
"""
import copy

import elf as E

ENTRY = 16  # bytes of an entry: place, target (32 bits each, relative), key (64 bits)
BRANCH = 1  # in the key's addend: it jumps when the key is off
TABLE, UNWIND = '__jump_table', '.orc_unwind_ip'
B = 0x14000000  # aarch64
PAGE, LOW = 275, 285


def signed(data):
    return int.from_bytes(data, 'little', signed=True)


class Detour:
    """Expects of its heir: patched, out, out_functions, say(), owner(), match_target() and match_place()."""

    def undo_detours(self):
        self.grown, self.tested, self.detour_places = {}, set(), {}
        table = self.patched.section(TABLE)
        if table is None or self.patched.machine not in (E.EM_X86_64, E.EM_AARCH64):
            return
        self.out = copy.deepcopy(self.out)
        labels = {self.place_of(self.out, s, at) for s in self.out.sections if s.name == TABLE and s.data
                  for at in range(0, s.size, ENTRY)}
        for at in range(0, table.size, ENTRY):
            function, offset = self.owner(self.patched, table, at) or (None, 0)
            for o in self.out.symbols if function else []:
                if o.name == function.name and o.type == E.STT_FUNC and o.section and o.size > function.size and (o.section.index, o.value + offset) not in labels:
                    self.undo_detour(table, at, function, o, offset)
        for o, function, starts, found in self.grown.values():
            between = min(starts) - o.value - function.size
            if between not in (0, function.section.size - function.value - function.size) or function.size + between + found != o.size:
                self.say('`%s` has %d bytes behind its %d that test no key' % (o.name, o.size - function.size - found, function.size))
            o.size = function.size

    @staticmethod
    def place_of(elf, section, at):
        r = next(r for r in section.relocs if r.offset == at)
        return r.symbol.section.index, r.symbol.value + r.addend

    def reloc(self, section, at):
        return next((r for r in section.relocs if r.offset == at and r.type), None)

    def leads_to(self, section, at, address):
        """The field at `at`, of a branch, leads to an address of its own section."""
        r = self.reloc(section, at)
        behind = 4 if self.out.machine == E.EM_X86_64 else 0
        return r is not None and r.symbol.section is section and r.symbol.value + r.addend + behind == address

    def jump_at(self, section, at):
        """(its length, where it leads) of a jump without a relocation, or None."""
        code, word = section.data[at:at + 5], int.from_bytes(section.data[at:at + 4], 'little')
        if self.out.machine == E.EM_AARCH64:
            length, target = 4 if word & 0xfc000000 == B else 0, at + 4 * ((word & 0x3ffffff ^ 0x2000000) - 0x2000000)
        else:
            length = {0xeb: 2, 0xe9: 5}.get(code[0], 0)
            target = at + length + signed(code[1:length])
        taken = any(at <= r.offset < at + length and r.type for r in section.relocs)
        return (length, target) if length and not taken else None

    def undo_detour(self, table, at, function, o, offset):
        osec, psec = o.section, function.section
        place, site = function.value + offset, o.value + offset
        length = self.patched.instruction(psec, place)[1] - place
        room, start = self.jump_at(osec, site) or (0, None)
        if not room:
            self.say('`%s`+%#x: neither a jump label nor a jump' % (o.name, offset))
            return
        test = self.key_test_x86 if self.out.machine == E.EM_X86_64 else self.key_test_aarch64
        code, stub = test(table, at, osec, start, site + length)
        if code:
            self.say('`%s`+%#x: %s' % (o.name, offset, code))
        if stub == start:
            return
        moved = 0
        if self.out.machine == E.EM_X86_64:
            moved, stub = self.undo_moved(length, room, psec, place + length, osec, stub, site + length)
            stub = self.undo_return(o, offset, psec, place + length + moved, stub, site + length + moved)
        end = site + length + moved
        if set(osec.data[site + room:end]) - {0xcc}:
            self.say('`%s`+%#x: something else stands where instructions made room' % (o.name, offset))
        self.out.disassemble()
        for gone in range(site, end):
            self.out.operands[osec.index].pop(gone, None)
        osec.data = osec.data[:site] + psec.data[place:place + length + moved] + osec.data[end:]
        self.account(o, function, stub - start, (osec.index, start), offset)

    def match_test(self, table, at, keys, target, back):
        """What is wrong with the relocations of a test, or None. `back`: what an addend lacks."""
        entry = [self.reloc(table, at + k) for k in (0, 4, 8)]
        if target is None or target.symbol.section is None or None in keys:
            return 'a test of a key lacks a relocation'
        for key, lacks in keys:
            why = self.match_target(key, key.addend + lacks, entry[2].symbol, entry[2].addend & ~3)
            if why:
                return why
        if self.match_place(target.symbol, target.symbol.value + target.addend + back, entry[1].symbol,
                            entry[1].symbol.value + entry[1].addend):
            return 'its test jumps to another place'
        return None

    def inverted(self, table, at):
        return self.reloc(table, at + 8).addend & BRANCH

    def key_test_x86(self, table, at, osec, stub, _):
        """What is wrong with cmpl and jcc, or None; and where they end."""
        code = osec.data[stub:stub + 13]
        want = bytes([0x83, 0x3d, 0, 0, 0, 0, 0, 0x0f, 0x84 if self.inverted(table, at) else 0x85, 0, 0, 0, 0])
        key, target = self.reloc(osec, stub + 2), self.reloc(osec, stub + 9)
        if code != want or key is None:
            return 'its detour does not test a key and jump: %s' % code.hex(' '), stub
        return self.match_test(table, at, [(key, 5)], target, 4), stub + 13

    def key_test_aarch64(self, table, at, osec, stub, back):
        """What is wrong with the detour, or None; and where it ends."""
        code = osec.data[stub:stub + 32]
        want = [0xf81f0ff0, 0x90000010, 0xb9400210, 0x34000070 if self.inverted(table, at) else 0x35000070,  # str, adrp, ldr, cbz
                0xf84107f0, B, 0xf84107f0, B]  # ldr and b, twice
        relocs = {r.offset - stub: r for r in osec.relocs if stub <= r.offset < stub + 32 and r.type}
        if code != b''.join(w.to_bytes(4, 'little') for w in want) or sorted(relocs) != [4, 8, 20, 28] or \
                (relocs[4].type, relocs[8].type) != (PAGE, LOW):
            return 'its detour does not test a key and jump: %s' % code.hex(' '), stub
        if not self.leads_to(osec, stub + 20, back):
            return 'its test of a key does not come back', stub + 32
        return self.match_test(table, at, [(relocs[4], 0), (relocs[8], 0)], relocs[28], 0), stub + 32

    def undo_return(self, o, offset, psec, pat, stub, end):
        if o.section.data[stub:stub + 5] == b'\xe9' + bytes(4) and self.leads_to(o.section, stub + 1, end):
            return stub + 5
        if not self.stops(psec, pat):
            self.say('`%s`+%#x: its test of a key does not come back' % (o.name, offset))
        return stub

    def undo_moved(self, length, room, psec, pat, osec, stub, back):
        """Puts relocations of moved instructions back; returns how many bytes of the function moved, and where they end."""
        moved = 0
        while length + moved < room:
            start, end = self.patched.instruction(psec, pat + moved)[:2]
            raw = psec.data[start:end]
            jump = self.long_branch(raw)
            if jump:
                target = end + signed(raw[-1:] if len(raw) == 2 else raw[-4:])
                if osec.data[stub:stub + len(jump) + 4] != jump + bytes(4) or not self.leads_to(osec, stub + len(jump),
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

    def account(self, o, function, size, place, offset):
        _, _, starts, found = self.grown.get(o.index, (o, function, [], 0))
        self.grown[o.index] = (o, function, starts + [place[1]], found + size)
        self.tested.add((function.name, offset))
        self.detour_places[place] = function, offset
        o.section.relocs = [r for r in o.section.relocs if not place[1] <= r.offset < place[1] + size]

    def detour_bytes(self, o):
        """Bytes by which it was longer."""
        _, function, starts, found = self.grown.get(o.index, (None, None, [], 0))
        return found + min(starts) - o.value - function.size if found else 0

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
