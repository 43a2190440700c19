# SPDX-License-Identifier: GPL-2.0-or-later
"""machines.py - what the kernel tests know of each architecture

Facts of Linux and of the psABIs, with where they stand; none of them is taken from the library under test. Paths
are of the kernel's source, `.h` of arch/<arch>/include/asm.
"""
from collections import namedtuple

# A special section: size of an entry and the offset of the relocation that names the owner. Code that replaces the
# owner's: the offset of the relocation that leads to it, and that of the byte with its length, or of the relocation
# that leads to its end; and whether a length of zero says that a function writes that code. `key`: the offset of a
# relocation whose addend has flags in its lowest two bits. `whole`: distances count from the entry, not from their fields.
Table = namedtuple("Table", "size owner payload length end callback key whole", defaults=[None] * 3 + [False, None, False])

# prefix     of the binutils
# order      struct's byte order
# tables     special sections, by name; several rows where kernels differ (table_of() tells which it is)
# traced     the section that lists where ftrace hooks functions
# shift      what a PC-relative relocation of code counts from, after the place of its field, by type
# fields     bytes of a relocated field that are not part of an instruction, by type; default: 0, as the assembler leaves
#            what it relocates with an addend at zero, and field and opcode share bytes
# slots      a section of addresses that code loads, each by itself
Machine = namedtuple("Machine", "prefix order tables traced shift fields slots", defaults=[{}, {}, None])

JUMP = Table(16, 0, key=8)  # include/linux/jump_label.h, with HAVE_ARCH_JUMP_LABEL_RELATIVE
BUG = Table(12, 0)          # include/asm-generic/bug.h, with GENERIC_BUG_RELATIVE_POINTERS and DEBUG_BUGVERBOSE
BUG_FORMAT = Table(16, 0)   # the same with HAVE_ARCH_BUG_FORMAT (x86 of Linux 7)

X86_64 = Machine(
    "", "<",
    {"__jump_table": JUMP, "__bug_table": (BUG, BUG_FORMAT),
     "__ex_table": Table(12, 0),                                # extable.h: insn, fixup, data; 5.10: handler
     # alternative.h, with flags from Linux 6.3
     ".altinstructions": (Table(12, 0, payload=4, length=11), Table(14, 0, payload=4, length=13)),
     ".parainstructions": Table(16, 0),                         # paravirt_types.h
     ".static_call_sites": Table(8, 0),                         # include/linux/static_call_types.h
     ".smp_locks": Table(4, 0)},                                # alternative.h
    "__mcount_loc",
    {2: 4, 4: 4, 9: 4},                                         # R_X86_64_PC32, PLT32, GOTPCREL: field of 4 bytes at the end
    {n: 8 if n in (1, 24) else 4 for n in range(1, 43)})        # R_X86_64_64, PC64

AARCH64 = Machine(
    "aarch64-linux-gnu-", "<",
    {"__jump_table": JUMP, "__bug_table": BUG,
     "__ex_table": Table(12, 0),                                # asm-extable.h: insn, fixup, type, data
     ".altinstructions": Table(12, 0, payload=4, length=11, callback=True)},
    "__patchable_function_entries")                             # arch/arm64/Makefile: -fpatchable-function-entry=2

FEATURE = Table(48, 16, payload=32, end=40, whole=True)         # feature-fixups.h: mask, value, begin, end of both
BARRIER = Table(8, 0)                                           # feature-fixups.h: FTR_ENTRY_OFFSET
PPC64LE = Machine(
    "powerpc64le-linux-gnu-", "<",
    {"__jump_table": JUMP, "__bug_table": BUG,
     "__ex_table": Table(8, 0),                                 # extable.h: insn, fixup
     "__ftr_fixup": FEATURE, "__mmu_ftr_fixup": FEATURE, "__fw_ftr_fixup": FEATURE,
     "__lwsync_fixup": BARRIER, "__barrier_nospec_fixup": BARRIER},
    "__mcount_loc", slots=".toc")

S390X = Machine(
    "s390x-linux-gnu-", ">",
    {"__jump_table": JUMP, "__bug_table": BUG,
     "__ex_table": Table(12, 0),                                # asm-extable.h: insn, fixup, type, data
     ".altinstructions": Table(11, 0, payload=4, length=10),    # alternative.h, packed
     # arch/s390/kernel/vmlinux.lds.S; each entry is a distance (GCC, -mindirect-branch-table)
     **{name: Table(4, 0) for name in (".s390_indirect_jump", ".s390_indirect_call", ".s390_return_reg", ".s390_return_mem",
                                       ".s390_indirect_branches")}},
    "__mcount_loc",
    {n: -2 for n in (16, 17, 18, 19, 20, 21, 26)})              # R_390_PC16DBL ... GOTENT: 2 bytes into the instruction

BY_NUMBER = {62: X86_64, 183: AARCH64, 21: PPC64LE, 22: S390X}  # e_machine


def _fits(table, size, relocated):
    return size % table.size == 0 and all(at + table.owner in relocated for at in range(0, size, table.size))


def table_of(machine, section, relocs):
    """The row for a section, or None. Of several the one that divides it into entries which all name an owner."""
    rows = machine.tables.get(section.name)
    if rows is None or isinstance(rows, Table):
        return rows
    relocated = {r.offset for r in relocs}
    for table in rows:
        if _fits(table, section.size, relocated):
            return table
    raise ValueError(f"{section.name}: entries of no known size")


def of_file(path):
    """The machine of an ELF file; its number's byte order is the file's own."""
    with open(path, "rb") as f:
        ident = f.read(20)
    return BY_NUMBER[int.from_bytes(ident[18:20], "little" if ident[5] == 1 else "big")]
