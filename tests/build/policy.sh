# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# policy.sh - a part of check.sh: what is refused with a way out, left out where the user says so, or told as a warning

# What the refusal offers, pasted, is a patch. The initial value of the source stays changed: that is what the next boot takes.
build "$scratch/data.patch"
sed -n '/^  stub$/,/^[^ ]/s/^    //p' "$scratch/said" >"$scratch/stub"
mkdir -p "$scratch/paste/a/kernel" "$scratch/paste/b/kernel"
cp "$LAB/linux/kernel/panic.c" "$scratch/paste/a/kernel"
{ sed 's/^int panic_timeout = .*/int panic_timeout = 77;/' "$LAB/linux/kernel/panic.c" && cat "$scratch/stub"; } >"$scratch/paste/b/kernel/panic.c"
(cd "$scratch/paste" && diff -u a/kernel/panic.c b/kernel/panic.c >"$scratch/stub.patch")
build "$scratch/stub.patch"
[ "$status" = 0 ] && grep -qF 'READ_ONCE(panic_timeout) == 0' "$scratch/stub" && sound livepatch-stub && says 'patches vmlinux'
verdict "the stub that a refusal offers, pasted" $?

# A structure of a header with two members of one size in another order: nothing but debug information tells.
patch_of layout net/ipv4/fib_lookup.h 's/^(\tu8\s+fa_)type;/\1former;/; s/^(\tu8\s+fa_)state;/\1type;/; s/fa_former;/fa_state;/'
build "$scratch/layout.patch"
[ "$status" = 0 ] && says 'warning[layout-changed]: `struct fib_alias` has another layout' && says 'in net/ipv4/fib_trie.c; what lives' && sound livepatch-layout
verdict "a structure whose members moved" $?

# What refuses is code that the patch does not touch: the structure that it does touch is named, with its line.
patch_of grown net/ipv4/fib_lookup.h 's/^struct fib_alias \{/&\n\tunsigned long grown;/'
build "$scratch/grown.patch"
[ "$status" = 2 ] && says 'error[init-changed]: `fib_trie_init`' && says '  source  net/ipv4/fib_trie.c:' &&
	says "  patch   net/ipv4/fib_lookup.h:$(($(grep -n '^struct fib_alias' "$LAB/linux/net/ipv4/fib_lookup.h" | cut -d: -f1) + 1)), in \`struct fib_alias\`, which has another layout in this object"
verdict "a structure of a header by which init code changed is named, with the patch's line" $?

# told OBJECT NAME WANTED: what is said of a refused symbol, of lines and touched lines that are made up
told() {
	printf 'error[x]: `%s` differs\n  object  %s\n  cause   y\nwarning[layout-changed]: `struct s` has another layout: z\n  object  a.o\n  cause   declared at h.h:2, in a.c; y\n' "$2" "$1" >"$scratch/diagnostics"
	awk -v tree="$scratch/declared" -f "$here/../../scripts/kpatch-build.d/where.awk" "$scratch/lines" "$scratch/touched" "$scratch/diagnostics" "$scratch/diagnostics" >"$scratch/told"
	[ "$(sed -n 's/^  patch   //p' "$scratch/told")" = "$3" ] || { cat "$scratch/told" >>"$scratch/said"; false; }
}
: >"$scratch/said"
mkdir "$scratch/declared"
printf '\nstruct s { /* { */\n\tint x;\n\tstruct { int y;\n\t} z; // }\n};\nint after;\n' >"$scratch/declared/h.h"
printf '%s t f\ta.c:7\n' 'a.o 0' 'b.o 0' 'c.o 0' >"$scratch/lines"
printf '%s\n' 'a.o h.h 4 5' 'a.o h.h 7 7' 'b.o h.h 7 7' 'b.o i.h 3 3' 'b.o i.h 9 9' 'c.o a.c 1 1' 'c.o h.h 4 5' >"$scratch/touched"
told a.o f 'h.h:4, in `struct s`, which has another layout in this object' && told b.o f 'h.h:7, which this object reads
i.h:3, which this object reads' && told c.o f '' && printf '%s\n' 'a.o h.h 7 7' >"$scratch/touched" && told a.o f 'h.h:7, which this object reads' && told a.o g ''
verdict "which lines of a patch lead to what it does not touch" $?

# Init code: refused with the option that leaves it out, which says what was left out, and so does the module.
patch_of init fs/proc/cmdline.c 's/saved_command_line\);/&\n\tseq_putc(m, 33);/; s/proc_create_single\("cmdline", 0,/proc_create_single("cmdline", 0400,/' \
	fs/proc/version.c 's/proc_create_single\("version", 0,/proc_create_single("version", 0400,/'
build "$scratch/init.patch"
[ "$status" = 2 ] && says 'error[init-changed]: `proc_cmdline_init` changed' && says '--skip-init=proc_version_init' && clean
verdict "changed init code is refused with the option that leaves it out" $?

build --skip-init "$scratch/init.patch"
[ "$status" = 0 ] && sound livepatch-init && says 'warning[init-left-out]: the change of `proc_version_init`' &&
	says 'skipped  init and exit code, without effect: vmlinux:proc_cmdline_init vmlinux:proc_version_init' &&
	says 'patches vmlinux; without 2 change(s) of init and exit code' && holds livepatch-init left_out=vmlinux:proc_cmdline_init &&
	holds livepatch-init left_out=vmlinux:proc_version_init && ! holds livepatch-init proc_cmdline_init
verdict "--skip-init" $?

build --skip-init=proc_version_init,proc_cmdline_init "$scratch/init.patch"
[ "$status" = 0 ] && sound livepatch-init && build --skip-init=proc_version_init "$scratch/init.patch" && [ "$status" = 2 ] &&
	says 'error[init-changed]: `proc_cmdline_init` changed' && build --skip-init=proc_cmdline_init --skip-init=cmdline_proc_show "$scratch/init.patch" &&
	[ "$status" = 1 ] && says 'error[skip-init-unknown]: there is no `cmdline_proc_show`'
verdict "--skip-init with names of several units" $?
