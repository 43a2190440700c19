#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR - kpatch-boot: a patch that comes and goes in Debian's kernel, and what goes wrong
#
# The kernel is that of tests/kernel/lab.sh ($LAB); the patches are made by kpatch-build.
set -u
here=$(cd "$(dirname "$0")" && pwd)
bindir=$(cd "${1:?Usage: check.sh BINDIR}" && pwd)
LAB=$(sh "$here/../kernel/lab.sh") || { echo "boot: 0 passed, 1 failed, 0 skipped"; exit 1; }
export KPATCH_BUILD_DIR="$LAB/kpatch-build" KPATCH_TOOLS="$bindir" LC_ALL=C
unset MAKEFLAGS MFLAGS
boot=$here/../../scripts/kpatch-boot
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

verdict() { # NAME STATUS
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1: status $status"
		tail -n 12 "$scratch/said" | sed 's/^/  /'
	fi
}

boot() {
	status=0
	"$boot" "$@" >"$scratch/said" 2>&1 || status=$?
}
says() { grep -qF -- "$1" "$scratch/said"; }

sed -E '/^ *\tsz = zcomp_available_show/s/$/\n\tsz++;/' "$LAB/linux/drivers/block/zram/zram_drv.c" >"$scratch/zram.c"
(cd "$LAB/linux" && diff -u --label a/drivers/block/zram/zram_drv.c --label b/drivers/block/zram/zram_drv.c drivers/block/zram/zram_drv.c "$scratch/zram.c") >"$scratch/zram.patch"
"$here/../../scripts/kpatch-build" -s "$LAB/linux" -b "$LAB/bld" -v "$LAB/vmlinux" -M "$LAB/modules" -o "$scratch" \
	"$here/../kernel/meminfo.patch" >"$scratch/said" 2>&1
status=$?
verdict "kpatch-build makes the patch" $status
"$here/../../scripts/kpatch-build" -s "$LAB/linux" -b "$LAB/bld" -v "$LAB/vmlinux" -M "$LAB/modules" -o "$scratch" \
	"$scratch/zram.patch" >"$scratch/said" 2>&1
status=$?
verdict "and one of a module" $status
patch=$scratch/livepatch-meminfo.ko

boot -K "$LAB/vmlinuz" --before '! grep MemU /proc/meminfo' --check 'grep MemU /proc/meminfo' --after '! grep MemU /proc/meminfo' --log "$scratch/log" "$patch"
[ $status = 0 ] && says 'came and went' && says 'MemUnavailable' && grep -q 'RESULT ok' "$scratch/log"
verdict "a patch comes and goes" $?

boot -K "$LAB/vmlinuz" --check 'grep MemNowhere /proc/meminfo' "$patch"
[ $status = 2 ] && says 'failed check: grep MemNowhere' && ! says 'came and went'
verdict "a check that fails is told" $?

boot -K "$LAB/vmlinuz" --check 'echo WARNING: of a test >/dev/kmsg' "$patch"
[ $status = 2 ] && says 'the kernel complained'
verdict "a warning of the kernel is told" $?

boot -K "$LAB/vmlinuz" --check 'echo c >/proc/sysrq-trigger' "$patch"
[ $status = 2 ] && says 'error[guest-died]'
verdict "a kernel that dies is told" $?

boot -K "$LAB/vmlinuz" --timeout 15 --check 'sleep 1000' "$patch"
[ $status = 1 ] && says 'error[guest-timeout]'
verdict "a guest that does not end is ended" $?

boot -K "$LAB/vmlinuz" "$scratch/livepatch-zram.ko"
[ $status = 1 ] && says 'error[no-modules]'
verdict "a patch of a module wants modules" $?

boot -K "$LAB/vmlinuz" -M "$LAB/modules" --check 'grep -q zram /proc/modules' "$scratch/livepatch-zram.ko"
[ $status = 0 ] && says 'came and went'
verdict "a patch of a module, which is inserted first" $?

boot -K "$LAB/vmlinuz" "$LAB/vmlinux"
[ $status = 1 ] && says 'error[not-livepatch]'
verdict "what is no live patch" $?

boot "$patch"
[ $status = 1 ] && says 'no kernel is given'
verdict "no kernel" $?

boot -K "$patch" "$patch"
[ $status = 1 ] && says 'error[guest-broken]'
verdict "an image that is none" $?

boot -K "$LAB/vmlinuz" --frobnicate "$patch"
[ $status = 1 ] && says 'frobnicate'
verdict "an unknown option" $?

echo "boot: $passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
