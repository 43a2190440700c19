# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# callers.sh - functions without an ftrace location, of which other units have callers; sourced by check.sh

patch_of callers security/selinux/avc.c '/^inline int avc_has_perm_noaudit/,/^}/s/^(\tif \(unlikely\(denied\)\))/\tif (requested == 0x76543210)\n\t\treturn -EDOM;\n\1/'
patch_of callers-here fs/namespace.c '/^SYSCALL_DEFINE2\(pivot_root/,/^}/s/^(\tif \(!may_mount\(\)\))/\tif (!new_root)\n\t\treturn -EDOM;\n\1/' \
	kernel/sched/fair.c '/^static inline void update_load_avg\(struct cfs_rq \*cfs_rq, struct sched_entity \*se, int flags\)$/,/^}/s/^(\tint decayed;)/\1\n\n\tif (flags == 0x7654321)\n\t\treturn;/'
patch_of callers-chain lib/assoc_array.c '/^static int assoc_array_subtree_iterate/,/^}/s/^(\tcursor = root;)/\tif (!root)\n\t\treturn -EDOM;\n\1/'
patch_of callers-assembler arch/x86/entry/common.c '/do_syscall_64\(struct pt_regs/,/^}/s/^(\tadd_random_kstack_offset)/\tif (nr == 0x7654321)\n\t\treturn;\n\1/'
patch_of callers-module arch/x86/kvm/vmx/vmx.c '/^void noinstr vmx_spec_ctrl_restore_host/,/^}/s/^(\tif \()(flags & VMX_RUN_SAVE)/\1hostval != 0x7654321 \&\& \2/'
patch_of callers-exported lib/idr.c '/^void ida_destroy/,/^}/s/^(\txas_lock_irqsave.*)/\1\n\tif (!ida)\n\t\treturn;/'

build "$scratch/callers-here.patch"
[ "$status" = 0 ] && sound livepatch-callers-here && says 'namespace.o (vmlinux): 1 changed function (1 through callers), 2 replaced as callers' &&
	says 'fair.o (vmlinux): ' && holds livepatch-callers-here __x64_sys_pivot_root && holds livepatch-callers-here enqueue_task_fair &&
	says 'warning[unseen-on-stack]: a task that is in `__do_sys_pivot_root`' && ! says '`update_load_avg` is not seen' && ! says 'callers  of' && clean
verdict "callers of functions without an ftrace location, in the same unit" $?

build "$scratch/callers.patch"
[ "$status" = 0 ] && sound livepatch-callers && says 'callers  of `avc_has_perm_noaudit` in 2 unit(s)' && says '1 changed function (1 through callers), 1 replaced as caller' &&
	says 'callers  security/selinux/hooks.c: vmlinux, replaced because of `avc_has_perm_noaudit`' && accounts 'built    security/selinux/avc.c: vmlinux, changed' &&
	holds livepatch-callers selinux_inode_permission && ! says beside-others && clean
verdict "callers of a function without an ftrace location, in other units" $?

build -R -n beside "$scratch/callers.patch"
[ "$status" = 0 ] && sound livepatch-beside && says 'warning[beside-others]'
verdict "a warning where patches that are loaded stay" $?

build --max-units 1 "$scratch/callers.patch"
[ "$status" = 2 ] && says '2 units may call `avc_has_perm_noaudit`' && says '--max-units 2' && clean
verdict "more callers than --max-units allows" $?

# Its callers are global and have no ftrace location either: no code of lib/ has.
build "$scratch/callers-chain.patch"
[ "$status" = 0 ] && sound livepatch-callers-chain && says 'callers  security/keys/keyring.c: vmlinux, replaced because of' && holds livepatch-callers-chain keyring_gc && says '(2 through callers)' && clean
verdict "callers that have no ftrace location, up to those that have" $?

build "$scratch/callers-assembler.patch"
[ "$status" = 2 ] && says 'error[assembler]: `arch/x86/entry/entry_64.o` refers to `do_syscall_64`' && clean
verdict "a caller in assembler" $?

build "$scratch/callers-module.patch"
[ "$status" = 2 ] && says 'error[assembler]: `arch/x86/kvm/vmx/vmenter.o` refers to `vmx_spec_ctrl_restore_host`' && clean
verdict "a caller in a module's assembler" $?

build "$scratch/callers-exported.patch"
[ "$status" = 2 ] && says 'error[not-traceable]: `ida_destroy`' && says '___ksymtab+ida_destroy' && ! says 'callers  of' && clean
verdict "what modules may call is refused at once" $?

build --redirect kprobe "$scratch/callers-exported.patch"
[ "$status" = 0 ] && sound livepatch-callers-exported && says 'warning[kprobe-redirect]: `ida_destroy` is redirected by a kprobe' &&
	says '1 changed function (1 by kprobe)' && holds livepatch-callers-exported .kpatch.redirects && clean
verdict "what modules may call is redirected by a kprobe, if that is wanted" $?

build --redirect=kprobe -n redirect-none "$scratch/callers-here.patch"
[ "$status" = 0 ] && says '(1 through callers)' && ! says kprobe-redirect && ! holds livepatch-redirect-none register_kprobe
verdict "no kprobe where callers do" $?

sed 's/^CONFIG_KPROBES=y/# CONFIG_KPROBES is not set/' "$LAB/bld/.config" >"$scratch/no-kprobes"
build --redirect=kprobe -c "$scratch/no-kprobes" "$scratch/callers-exported.patch"
[ "$status" = 1 ] && says 'error[no-kprobes]'
verdict "a kernel without kprobes" $?

build --redirect=ftrace "$scratch/callers-exported.patch"
[ "$status" = 1 ] && says 'error[usage]' && says 'no way to redirect'
verdict "another way to redirect" $?

# declares EXPECTED TEXT: does a header that has this text do no more than declare f?
declares() {
	printf '%s\n' "$2" | awk -v names='f other' -f "$here/../../scripts/kpatch-build.d/declares.awk"
	[ $? = "$1" ] || { echo "declares.awk: not $1 for: $2" >>"$scratch/said"; false; }
}
: >"$scratch/said"
declares 0 'int f(int x);' && declares 0 'extern int g(void), f(struct s *p,
	int x);
static inline void h(void) { g(); }' && declares 0 '#define F 1' && declares 0 'int ff(void) { return f_(1); }' &&
	declares 1 'static inline int g(void) { return f(1); }' && declares 1 '#define g(x) f(x)' && declares 1 '#define g(x) \
	f(x)' && declares 1 'int (*p)(int) = f;' && declares 1 'int f(int x) { return x; }' && declares 1 '#ifdef A
int a(void) {
#else
int b(void) {
#endif
}
int f(int x);' && declares 1 '}
int f(int x);
{' && declares 1 'int g(void) { char c = 0x7d; asm("call f"); }' && declares 1 'asm("call f");' && declares 1 'int g(int x)
{
	return other(x);
}'
verdict "headers that only declare a function" $?
