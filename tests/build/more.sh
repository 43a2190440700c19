#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# more.sh BINDIR [s390x|ppc64el|clang]... - kpatch-build for kernels of other architectures and compilers, which then run
#
# Of the source of tests/kernel/lab.sh ($LAB) a small kernel (more.config) is made for each, kpatch-build makes
# livepatch-meminfo.ko of tests/kernel/meminfo.patch from this build directory, and in QEMU init.c loads the module, sees it
# work, and takes it out. Debian's own kernels of s390x and ppc64el are built without CONFIG_LIVEPATCH. A kernel takes three
# minutes on two processors, once; they stay in $LAB/more. What is not installed (scripts/setup.sh more) is SKIPPED.
set -u

here=$(cd "$(dirname "$0")" && pwd)
bindir=$(cd "${1:?Usage: more.sh BINDIR [s390x|ppc64el|clang]...}" && pwd)
shift
LAB=$(sh "$here/../kernel/lab.sh") || { echo "build more: 0 passed, 1 failed, 0 skipped"; exit 1; }
export KPATCH_BUILD_DIR="$LAB/kpatch-build" KPATCH_TOOLS="$bindir" LC_ALL=C
unset MAKEFLAGS MFLAGS CC LLVM ARCH CROSS_COMPILE KPATCH_KMOD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
passed=0 failed=0 skipped=0

verdict() {
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
	else
		echo "FAIL $1"
		tail -n 60 "$scratch/said" | sed 's/^/  /'
		failed=$((failed + 1))
	fi
}

skip() {
	echo "SKIPPED $1: $2"
	skipped=$((skipped + 1))
}

# What MACHINE takes; `missing` names what is not installed.
describe() {
	missing='' image='' cross='' console=ttyS0
	case $1 in
	s390x) arch=s390 cross=s390x-linux-gnu- qemu=qemu-system-s390x image=arch/s390/boot/bzImage console=ttysclp0 ;;
	ppc64el) arch=powerpc cross=powerpc64le-linux-gnu- qemu='qemu-system-ppc64 -M pseries,x-vof=on' image=vmlinux console=hvc0 ;;
	clang) arch=x86_64 qemu=qemu-system-x86_64 image=arch/x86/boot/bzImage ;;
	*) echo "more.sh: unknown machine \`$1\`" >&2; exit 1 ;;
	esac
	needs="${cross}gcc-12 ${qemu%% *}"
	[ "$1" != clang ] || needs="$needs clang ld.lld llvm-objcopy"
	for command in $needs cpio; do
		command -v "$command" >/dev/null || missing="$missing $command"
	done
	echo 'int main(void) { return 0; }' | "${cross}gcc-12" -static -x c - -o "$scratch/empty" 2>/dev/null || missing="$missing ${cross:-x86_64 }libc.a"
}

kernel() {
	bld=$LAB/more/$1
	mkdir -p "$bld"
	set -- -s -C "$LAB/linux" O="$bld" ARCH="$arch" -j"$(nproc)" ${cross:+CROSS_COMPILE="$cross"}
	if [ -z "$cross" ]; then set -- "$@" LLVM=1; else set -- "$@" CC="${cross}gcc-12" HOSTCC=gcc-12; fi
	if ! cmp -s "$here/more.config" "$bld/more.config"; then
		KCONFIG_ALLCONFIG="$here/more.config" make "$@" allnoconfig && make "$@" vmlinux modules ${image:+"${image##*/}"} || return 1
		cp "$here/more.config" "$bld/more.config"
	fi >"$scratch/said" 2>&1
	grep -qx CONFIG_LIVEPATCH=y "$bld/.config"
}

initrd() {
	mkdir -p "$scratch/root/proc" "$scratch/root/sys" "$scratch/root/dev" &&
		"${cross}gcc-12" -Wall -Wextra -Werror -O1 -static -o "$scratch/root/init" "$here/init.c" &&
		cp "$scratch/livepatch-meminfo.ko" "$scratch/root/patch.ko" &&
		(cd "$scratch/root" && find . | cpio -o -H newc --quiet) >"$scratch/initrd"
}

# /dev/console is made by the kernel's own initramfs.
run_kernel() {
	# shellcheck disable=SC2086 # a command and its options
	timeout 300 $qemu -m 1024 -nographic -no-reboot -kernel "$bld/$image" -initrd "$scratch/initrd" \
		-append "console=$console panic=-1" </dev/null >"$scratch/said" 2>&1
	tr -d '\r' <"$scratch/said" | sed -n 's/^init: //p' >"$scratch/words"
	printf 'line before no\nline patched yes\nline after no\ndone\n' | cmp -s - "$scratch/words"
}

[ $# -gt 0 ] || set -- s390x ppc64el clang
for machine; do
	describe "$machine"
	if [ -n "$missing" ]; then
		skip "$machine" "not installed:$missing"
		continue
	fi
	kernel "$machine"
	made=$?
	verdict "$machine: a kernel to patch" $made
	[ "$made" = 0 ] || continue
	# The configuration names the compiler, and with it CROSS_COMPILE, ARCH or LLVM.
	status=0
	"$here/../../scripts/kpatch-build" -s "$LAB/linux" -b "$bld" -o "$scratch" "$here/../kernel/meminfo.patch" >"$scratch/said" 2>&1 || status=$?
	[ "$status" = 0 ] && "$bindir/create-diff-object" --check "$scratch/livepatch-meminfo.ko" -q -k "$bld/vmlinux" -s "$bld/Module.symvers" >>"$scratch/said" 2>&1
	verdict "$machine: a module" $?
	[ -e "$scratch/livepatch-meminfo.ko" ] && initrd && run_kernel
	verdict "$machine: loaded, working, and out again" $?
	rm -rf "$scratch/root" "$scratch/livepatch-meminfo.ko"
done

echo "build more: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
