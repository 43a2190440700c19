# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fake-check.sh - kpatch check, and what load makes of it, against symbols and memory that are files; to be sourced by fake.sh, which has $full_path

# recorded FILE BUILD_ID RECORDS [SYMBOL...]: a patch with these records of original code, and references to these symbols
recorded() {
	file=$1
	module "$file" "$(printf "livepatch=Y\\\\0name=$(basename "$1" .ko)\\\\0kernel_build_id=$2\\\\0$magic")"
	printf "$3" >"$work/records"
	shift 3
	objcopy --add-section ".kpatch.original=$work/records" "$file"
	for symbol; do
		objcopy --add-symbol "$symbol=0" "$file"
	done
}

# symbols LINE...: /proc/kallsyms
symbols() {
	printf '%s\n' "$@" >"$FAKE/proc/kallsyms"
}

running_kernel() {
	printf '\006\000\000\000\004\000\000\000\001\001\000\000Linux\000\000\000\000\000\000\000' >"$FAKE/sys/kernel/notes"
	printf '\004\000\000\000\024\000\000\000\003\000\000\000GNU\000aaaaaaaaaaaaaaaaaaaa' >>"$FAKE/sys/kernel/notes"
	symbols 'ffffffff81000010 T f_show' 'ffffffff81000100 t twin' 'ffffffff81000ff8 t twin' 'ffffffff81000200 T helper' \
		'ffffffffc0000020 t g_show	[ext4]' 'ffffffffc0000030 t twin	[ext4]' 'ffffffffc0001000 t f_show	[one]'
	memory f3 11
}

# memory BYTE BYTE: what two of the functions have as their first
memory() {
	zeros=$(printf '%032d' 0)
	PATH=$full_path python3 "$here/../runtime/fake-core.py" "$FAKE/proc/kcore" \
		"ffffffff81000000=$zeros$(printf "$1"0f1efa0f1f4400005589e5c3)" "ffff888000000000=00" \
		"ffffffffc0000000=$zeros$zeros$(printf "$2"223344)"
}

checks() {
	PATH=$full_path
	running_kernel
	id=$(printf '61%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20)
	right='1 vmlinux f_show 0 13 f30f1efa??????????5589e5c?\n1 ext4 g_show 0 4 11223344\n'
	recorded "$work/right.ko" "$id" "$right" '.klp.sym.vmlinux.helper,0' '.klp.sym.ext4.twin,0' '.klp.sym.vmlinux.twin,2'
	recorded "$work/byte.ko" "$id" '1 vmlinux f_show 0 13 f30f1efa??????????5589e4c3\n'
	recorded "$work/of_module.ko" "$id" '1 ext4 g_show 0 4 ??22334?\n1 ext4 g_show 0 4 ??22?34?\n'
	recorded "$work/build.ko" "6162$id" "$right"
	recorded "$work/two.ko" "$id" '' '.klp.sym.vmlinux.twin,0'
	recorded "$work/third.ko" "$id" '' '.klp.sym.vmlinux.twin,3'
	recorded "$work/gone.ko" "$id" '' '.klp.sym.vmlinux.nobody,0'
	recorded "$work/elsewhere.ko" "$id" '' '.klp.sym.ext4.helper,0'
	recorded "$work/unloaded.ko" "$id" '1 btrfs h 0 2 9090\n' '.klp.sym.btrfs.nobody,0'
	recorded "$work/why.ko" "$id" '1 vmlinux f_show 0 13 - nothing is known\n'
	recorded "$work/later.ko" "$id" '2 vmlinux f_show\n'
	recorded "$work/beyond.ko" "$id" '1 vmlinux twin 2 16 ????????????????????????????????\n'
	[ -z "${APPLETS:-}" ] || PATH=$APPLETS

	run check "$work/right.ko"
	expect "check: all is as it was" 0 \
		"right fits the running kernel: the release, the build ID, 5 symbols, the code of 2 functions" "!not" "!error"
	run check "$work/of_module.ko"
	expect "check: a byte in half" 0 "the code of 2 functions"
	run check "$work/byte.ko"
	expect "check: another byte" 2 "error[other-code]" \
		"at f_show+0xb of vmlinux, where the patch expects \`e4 c3\`, memory has \`e5 c3\`" "!fits"
	run load "$work/byte.ko"
	expect "load looks, too" 2 "error[other-code]"
	holds "nothing was loaded" missing "$klp/byte"
	run load "$work/byte.ko" --no-check
	expect "load without a look" 0 "\`byte\` is loaded and enabled"
	run unload byte
	run load "$work/right.ko"
	expect "load what fits" 0 "\`right\` is loaded and enabled" "!not"
	run unload right
	run check "$work/build.ko"
	expect "check: another build" 2 "error[other-build]" "build ID 6162$id, and the running one $id"
	run check "$work/two.ko"
	expect "check: a name that is there twice" 2 "error[other-symbols]" "\`twin\`" "vmlinux has 2 of that name, and the patch expects one"
	run check "$work/third.ko"
	expect "check: a position that is not there" 2 "vmlinux has 2 of that name, and the patch wants number 3"
	run check "$work/gone.ko"
	expect "check: a name that is not there" 2 "does not find \`nobody\`" "vmlinux has no symbol of that name"
	run check "$work/elsewhere.ko"
	expect "check: of each object by itself" 2 "does not find \`helper\`" "ext4 has no symbol of that name"
	run check "$work/unloaded.ko"
	expect "check: a module that is not loaded" 0 "btrfs is not loaded: what is patched in it is not checked" "fits"
	run check "$work/why.ko"
	expect "check: a function without code" 0 "the code was not compared of f_show in vmlinux: nothing is known" "!the code of"
	run check "$work/later.ko"
	expect "check: records of later versions" 0 "a record of version 2 is none that this kpatch knows"
	run check "$work/one.ko"
	expect "check: no records" 0 "it does not tell the build ID" "the patch has no record of it"
	run check "$work/beyond.ko"
	expect "check: memory that is not there" 0 "the code was not compared of twin in vmlinux: $KPATCH_PROC/kcore does not have it"
	run check "$work/other.ko"
	expect "check: another release" 2 "error[wrong-kernel]"
	run check one --no-check
	expect "check has no such option" 1 "check takes no --no-check"
	probed_checks
	blind_checks
	rm "$FAKE/proc/kallsyms" "$FAKE/proc/kcore"
}

# A breakpoint is no other kernel where somebody says that it is his.
probed_checks() {
	memory cc 11
	run check "$work/right.ko"
	expect "check: an unknown breakpoint" 2 "error[other-code]" "at f_show+0x0 of vmlinux" "debugfs"
	mkdir -p "$FAKE/sys/kernel/debug/kprobes"
	echo 'ffffffff81000010  k  f_show+0x0' >"$FAKE/sys/kernel/debug/kprobes/list"
	run check "$work/right.ko"
	expect "check: a kprobe" 0 "a kprobe stands in f_show in vmlinux: what is under it was not compared" "the code of 2 functions"
	run check "$work/byte.ko"
	expect "check: another byte beside a kprobe" 2 "at f_show+0xb of vmlinux"
	echo 'ffffffff81000010  k  f_show+0x0    [FTRACE]' >"$FAKE/sys/kernel/debug/kprobes/list"
	run check "$work/right.ko"
	expect "check: a kprobe that ftrace serves" 2 "at f_show+0x0 of vmlinux"
	rm -r "$FAKE/sys/kernel/debug"
	mkdir -p "$FAKE/sys/module/lp/parameters"
	echo 'other f_show' >"$FAKE/sys/module/lp/parameters/redirects"
	run check "$work/right.ko"
	expect "check: a patch's own kprobe" 0 "a kprobe stands in f_show in vmlinux"
	rm -r "$FAKE/sys/module/lp"
	memory f3 cc
	run check "$work/right.ko"
	expect "check: a breakpoint elsewhere" 2 "at g_show+0x0 of ext4"
	memory f3 11
}

# What cannot be seen is told, and refuses nothing.
blind_checks() {
	sed -i 's/^[0-9a-f]*/0000000000000000/' "$FAKE/proc/kallsyms"
	run check "$work/byte.ko"
	expect "check: no addresses" 0 "tells addresses to root alone, or to nobody" "1 symbols" "!the code of"
	running_kernel
	rm "$FAKE/proc/kcore"
	run check "$work/byte.ko"
	expect "check: no memory" 0 "the code was not compared: $KPATCH_PROC/kcore cannot be read" "!the code of"
	: >"$FAKE/proc/kcore"
	run check "$work/byte.ko"
	expect "check: nothing of it" 0 "$KPATCH_PROC/kcore cannot be read"
	rm "$FAKE/proc/kallsyms"
	run check "$work/gone.ko"
	expect "check: no symbols" 0 "$KPATCH_PROC/kallsyms cannot be read: symbols were not looked for"
	running_kernel
	rm "$FAKE/sys/kernel/notes"
	run check "$work/build.ko"
	expect "check: no build ID" 0 "the running kernel does not tell its build ID" "!the build ID,"
	echo 1000 >"$FAKE/user"
	run check "$work/right.ko"
	expect "check: not as root" 0 "fits the running kernel"
	echo 0 >"$FAKE/user"
}
