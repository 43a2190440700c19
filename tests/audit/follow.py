# SPDX-License-Identifier: GPL-2.0-or-later
"""follow.py - where does a number go that an instruction loads?

The code is followed from the instruction on every path until the number is an argument of a call. It is the number of a
line if each path ends in a function that is known to report lines, with the number in the register of that argument, and
nothing else reads it.
"""
import re

import capstone as cs
from capstone import x86_const as X

import decode as D
import objfile as O

# Which argument, from 0, is a line; by the functions' prototypes in Linux 6.1.
REPORTS = {
    '__might_sleep': 1, '__might_resched': 1, '___might_sleep': 1, '__cant_sleep': 1, '__cant_migrate': 1,
    'warn_slowpath_fmt': 1, 'warn_slowpath_null': 1, 'lockdep_rcu_suspicious': 1,
    '__ext4_error': 2, '__ext4_error_inode': 2, '__ext4_error_file': 2, '__ext4_std_error': 2, '__ext4_warning': 2,
    '__ext4_warning_inode': 2, '__ext4_abort': 2, '__ext4_grp_locked_error': 1, '__ext4_journal_start_sb': 1,
    '__ext4_journal_start_reserved': 1, '__ext4_journal_stop': 1, '__ext4_journal_get_write_access': 1,
    '__ext4_journal_get_create_access': 1, '__ext4_handle_dirty_metadata': 1, '__ext4_forget': 1,
    '__btrfs_abort_transaction': 2, '__btrfs_handle_fs_error': 2, '__btrfs_panic': 2, 'assertfail': 2, 'assfail': 3,
    '__ext4_mark_inode_dirty': 3, 'ext4_check_blockref': 1, '__ext4_iget': 4, '__ext4_check_dir_entry': 1,
    '__ext4_ext_check': 1, '__read_extent_tree_block': 1, '__ext4_ext_dirty': 1, '__check_block_validity': 2,
    '__ext4_read_dirblock': 4, '__xattr_check_inode': 4, '__ext4_xattr_check_block': 3, '__jbd2_debug': 3,
    'jbd2_journal_start_reserved': 2,
    'asswarn': 3, 'xfs_error_report': 3, 'xfs_corruption_error': 5,
    'acpi_error': 1, 'acpi_exception': 1, 'acpi_warning': 1, 'acpi_bios_error': 1, 'acpi_bios_exception': 1, 'acpi_bios_warning': 1,
    'acpi_ut_method_error': 1, 'acpi_ut_prefixed_namespace_error': 1, 'acpi_ut_predefined_bios_error': 1,
    'acpi_ut_predefined_info': 1, 'acpi_ut_predefined_warning': 1,
}
PRINTS = {'_printk': 0, 'printk': 0, '__warn_printk': 0, '_printk_deferred': 0, '_dev_err': 1, '_dev_warn': 1, '_dev_info': 1,
          '__dynamic_pr_debug': 1, '__ext4_msg': 2}
ARGUMENTS = ('di', 'si', 'd', 'c', 'r8', 'r9')
STEPS = 60


def family(name):
    """The register whose part this is: eax and rax are `a`."""
    m = re.match(r'(r\d+)[dwb]?$', name) or re.match(r'[re]?([abcd])[xlh]$', name) or re.match(r'[re]?([sd]i|[sb]p)l?$', name)
    return m.group(1) if m else name


class Follower:
    """Of x86-64: capstone tells which registers an instruction reads and writes."""
    arguments = ARGUMENTS

    def __init__(self, obj, function):
        self.obj, self.section = obj, obj.sections[function.shndx]
        self.start, self.end = function.value, function.value + function.size
        self.md = cs.Cs(cs.CS_ARCH_X86, cs.CS_MODE_64)
        self.md.detail = True

    def insn(self, at):
        return next(self.md.disasm(self.section.data[at:min(at + 16, self.end)], at, 1), None)

    def run(self, at):
        first = self.insn(at)
        if first is None or first.mnemonic not in ('mov', 'movabs') or len(first.operands) != 2:
            return False, '`%s` (not followed)' % (first.mnemonic if first else '?')
        if first.operands[0].type != X.X86_OP_REG:
            return False, 'memory'
        register = family(first.reg_name(first.operands[0].reg))
        return self.path(at + first.size, register, {}, [STEPS])

    def path(self, at, register, seen, budget):
        """(True, callee) or (False, where it is lost)."""
        while True:
            if at in seen or budget[0] <= 0 or not self.start <= at < self.end:
                return False, 'a path that is not followed'
            seen[at] = True
            budget[0] -= 1
            i = self.insn(at)
            if i is None:
                return False, 'code that is not decoded'
            relocs = self.section.between(at, at + i.size)
            if i.group(cs.CS_GRP_CALL) or i.mnemonic == 'jmp' and relocs:
                return self.called(i, relocs, register)
            if i.mnemonic == 'jmp':
                target = D.branch_target(O.X86, D.Insn(at, i.size, i.mnemonic, i.op_str))
                if target is None:
                    return False, 'an indirect jump'
                at = target
                continue
            if i.group(cs.CS_GRP_JUMP):
                target = D.branch_target(O.X86, D.Insn(at, i.size, i.mnemonic, i.op_str))
                if target is None:
                    return False, 'a jump to another function'
                one = self.path(at + i.size, register, dict(seen), budget)
                return one if not one[0] else self.path(target, register, dict(seen), budget)
            if i.group(cs.CS_GRP_RET) or i.mnemonic in ('ud2', 'hlt'):
                return False, '`%s`' % i.mnemonic
            read, written = i.regs_access()
            if register in {family(i.reg_name(r)) for r in set(read) | set(written)}:
                return False, '`%s %s`' % (i.mnemonic, i.op_str)
            at += i.size

    def called(self, i, relocs, register):
        if not relocs:
            return False, 'an indirect call or one without a relocation'
        name = relocs[0].sym.name
        if name in REPORTS:
            if self.arguments.index(register) == REPORTS[name] if register in self.arguments else False:
                return True, name
            return False, '%s, but as another argument' % name
        if name in PRINTS and register in self.arguments:
            return self.printed(i, name, self.arguments.index(register))
        return False, name or 'a function without a name'

    def printed(self, call, name, number):
        """printk: the format has to show a line at that place."""
        text = self.format(call.address, ARGUMENTS[PRINTS[name]])
        if text is None:
            return False, '%s (format unknown)' % name
        places = [m for m in re.finditer(r'%(?:%|[-+ #0]*[\d.*]*(?:hh|h|ll|l|z|t)?[a-zA-Z])', text) if m.group() != '%%']
        n = number - PRINTS[name] - 1
        if 0 <= n < len(places) and re.search(r'(%s ?[:(@]|[Ll]ine:? ?|:)$', text[:places[n].start()]) and \
                places[n].group()[-1] in 'diu':
            return True, '%s of a line' % name
        return False, '%s "%s"' % (name, text[:40])

    def format(self, before, register):
        """The string that is in a register at a call: by the last instruction before it that has one, in a straight line."""
        found, at = None, self.start
        while at < before:
            i = self.insn(at)
            if i is None:
                at += 1
                continue
            if i.mnemonic in ('mov', 'lea') and i.operands and i.operands[0].type == X.X86_OP_REG and \
                    family(i.reg_name(i.operands[0].reg)) == register:
                r = self.section.between(at, at + i.size)
                found = self.string(r[0], i) if r and before - at < 64 else None
            at += i.size
        return found

    def string(self, r, i):
        if not 0 < r.sym.shndx < len(self.obj.sections):
            return None
        adjust = i.address + i.size - r.offset if r.kind == 'pc' else 0
        data = self.obj.string(r.sym.shndx, r.sym.value + r.addend + adjust)
        return re.sub(r'^\x01.', '', data.decode('utf-8', 'replace'))


class Words:
    """What the text of one machine's instructions says; registers are numbers."""

    def __init__(self, register, arguments, loads, calls, leaves, ranges=(), hidden='$^'):
        self.register, self.loads, self.hidden = re.compile(register), loads, re.compile(hidden)
        self.arguments, self.calls, self.leaves, self.ranges = arguments, calls, leaves, ranges

    def registers(self, i):
        found = [int(n) for n in self.register.findall(i.text)]
        if i.mnemonic in self.ranges:
            first, last = found[:2]
            found += [n % 16 for n in range(first, last + 1 if last >= first else last + 17)]
        return found


# hidden: instructions with registers that their text does not name, and those that go where a register says
WORDS = {
    O.S390: Words(r'%r(\d+)', (2, 3, 4, 5, 6), ('lghi', 'lhi', 'llill', 'lgfi', 'iilf', 'llilf'), ('brasl',), ('jg', 'j'),
                  ('lmg', 'stmg', 'lm', 'stm', 'lmy', 'stmy', 'lmh', 'stmh'),
                  r'(ml?g?r?|d[ls]?g?f?r?|mvcl\w*|clcl\w*|srst\w*|cksm|tr\w+|cu\w+|k\w+|flogr|[ls]t?pq|cds\w*|br?ct\w*|br?x\w+|'
                  r'ba[ls]r?|bras|bass?m|exr?l?|svc|mc|b[cr]\w?|j(ct|x)\w*)$'),
    O.ARM64: Words(r'\b[wx](\d+)\b', tuple(range(8)), ('mov', 'movz'), ('bl',), ('b',), (), r'(blr\w*|br\w*|ret\w*|svc|brk|udf|hlt)$'),
}


class TextFollower(Follower):
    """Of other machines: by what stands in capstone's text."""

    def __init__(self, obj, function):
        self.obj, self.section = obj, obj.sections[function.shndx]
        self.start, self.end = function.value, function.value + function.size
        self.words = WORDS[obj.machine]
        self.arguments = self.words.arguments
        self.code = {i.at: i for i in D.decode(obj.machine, self.section.data[self.start:self.end], self.start)}

    def run(self, at):
        first = self.code.get(at)
        if first is None or first.mnemonic not in self.words.loads:
            return False, '`%s` (not followed)' % (first.mnemonic if first else '?')
        return self.path(at + first.size, self.words.registers(first)[0], {}, [STEPS])

    def path(self, at, register, seen, budget):
        while True:
            i = self.code.get(at)
            if at in seen or budget[0] <= 0 or i is None:
                return False, 'a path that is not followed'
            seen[at] = True
            budget[0] -= 1
            relocs = self.section.between(at, at + i.size)
            leaves = i.mnemonic in self.words.leaves
            if i.mnemonic in self.words.calls or leaves and relocs:
                return self.called(i, relocs, register)
            if self.words.hidden.match(i.mnemonic) or i.mnemonic == '.byte' or register in self.words.registers(i):
                return False, '`%s %s`' % (i.mnemonic, i.text)
            target = None if relocs else self.target(i)
            if target is not None:
                if leaves:
                    at = target
                    continue
                one = self.path(target, register, dict(seen), budget)
                if not one[0]:
                    return one
            elif D.BRANCH[self.obj.machine].match(i.mnemonic) and not self.addresses(i):
                return False, 'a jump that is not followed'
            at += i.size

    def addresses(self, i):
        """It is no branch, though it has a place of the code for an operand: larl, adrp."""
        return i.mnemonic.startswith(('adr', 'la', 'lg', 'lr', 'll', 'st'))

    def target(self, i):
        return None if self.addresses(i) else D.branch_target(self.obj.machine, i)

    def printed(self, call, name, number):
        return False, '%s (its format is not followed on this machine)' % name


def sink(obj, function, at):
    """(is it a reporter of lines, its name or what became of the number)."""
    if obj.machine == O.X86:
        return Follower(obj, function).run(at)
    if obj.machine in WORDS:
        return TextFollower(obj, function).run(at)
    return False, 'unknown (not followed on this machine)'
