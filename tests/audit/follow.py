# SPDX-License-Identifier: GPL-2.0-or-later
"""follow.py - where does a number go that an instruction of x86-64 loads?

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
            if ARGUMENTS.index(register) == REPORTS[name] if register in ARGUMENTS else False:
                return True, name
            return False, '%s, but as another argument' % name
        if name in PRINTS and register in ARGUMENTS:
            return self.printed(i, name, ARGUMENTS.index(register))
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


def sink(obj, function, at):
    """(is it a reporter of lines, its name or what became of the number)."""
    if obj.machine != O.X86:
        return False, 'unknown (not followed on this machine)'
    return Follower(obj, function).run(at)
