#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR - kpatch-boot: a patch that comes and goes in Debian's kernel, and what goes wrong
#
# The kernel is that of tests/kernel/lab.sh ($LAB); the patches are made by kpatch-build.
set -u
here=$(cd "$(dirname "$0")" && pwd)
suite=boot
. "$here/../build/on-lab.sh"

boot() {
	status=0
	"$here/../../scripts/kpatch-boot" "$@" >"$scratch/said" 2>&1 || status=$?
}

build "$here/../kernel/meminfo.patch"
[ "$status" = 0 ]
verdict "kpatch-build makes the patch" $?
patch_of zram drivers/block/zram/zram_drv.c '/^ *\tsz = zcomp_available_show/s/$/\n\tsz++;/'
patch_of alone drivers/block/zram/zram_drv.c '/^static ssize_t initstate_show/,/^}/s/return scnprintf\(buf, PAGE_SIZE, "%u\\n", val\);/return scnprintf(buf, PAGE_SIZE, "patched %u\\n", val);/'
build "$scratch/zram.patch" && [ "$status" = 0 ] && build "$scratch/alone.patch" && [ "$status" = 0 ] && ! readelf -SW "$out/livepatch-alone.ko" | grep -F .klp.rela.zram >>"$scratch/said"
verdict "and two of a module, one of which refers to nothing of it" $?
patch=$out/livepatch-meminfo.ko

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

boot -K "$LAB/vmlinuz" "$out/livepatch-zram.ko"
[ $status = 1 ] && says 'error[no-modules]'
verdict "a patch of a module wants modules" $?

boot -K "$LAB/vmlinuz" -M "$LAB/modules" --check 'grep -q zram /proc/modules' "$out/livepatch-zram.ko"
[ $status = 0 ] && says 'came and went'
verdict "a patch of a module, which is inserted first" $?

boot -K "$LAB/vmlinuz" -M "$LAB/modules" --check 'grep patched /sys/block/zram0/initstate' "$out/livepatch-alone.ko"
[ $status = 0 ] && says 'patched 0'
verdict "a patch of a module that refers to nothing of it" $?

boot --kernl=x "$patch"
[ $status = 1 ] && says 'unknown option `--kernl`' && says 'did you mean `--kernel`?' && boot --frobnicate "$patch" && [ $status = 1 ] && says '  hint    see kpatch-boot --help'
verdict "what an unknown option was meant to be" $?

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

tell_sum boot
