#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# try.sh - from a source patch to a running kernel, and out again, as root on Debian 12
#
# Installs what is missing, builds, makes livepatch-meminfo.ko of tests/kernel/meminfo.patch for Debian's own kernel 6.1, and
# loads and unloads it in that kernel, in QEMU. $O is the build directory (build), $LAB where the kernel's packages are
# unpacked (~/.cache/elfdiff-lab, 1.8 GB). With $INSTALLED, a prefix such as /usr, it builds nothing and tries what is installed there.
set -eu

cd "$(dirname "$0")/.."
[ -n "${ALOUD:-}" ] || exec scripts/aloud.sh scripts/try.sh scripts/try.sh
O=${O:-build}

run() {
	echo
	echo "\$ $*"
	"$@"
}

scripts/setup.sh live
if [ -n "${INSTALLED:-}" ]; then
	tools=$INSTALLED/bin
	build=$tools/kpatch-build boot=$tools/kpatch-boot
else
	tools=$O/bin build=scripts/kpatch-build boot=scripts/kpatch-boot
	make -s -j"$(nproc)" O="$O" all
fi
LAB=$(sh tests/kernel/lab.sh)
export KPATCH_TOOLS="$tools" KPATCH_BUILD_DIR="$LAB/kpatch-build"
try=$LAB/try
rm -rf "$try"
mkdir -p "$try"

run cat tests/kernel/meminfo.patch
run "$build" -s "$LAB/linux" -b "$LAB/bld" -v "$LAB/vmlinux" -M "$LAB/modules" -o "$try" tests/kernel/meminfo.patch
run "$tools/create-diff-object" --check "$try/livepatch-meminfo.ko" -k "$LAB/vmlinux" -s "$LAB/bld/Module.symvers"

run "$boot" --kernel "$LAB/vmlinuz" --before "grep -E 'MemA|MemU' /proc/meminfo" --check 'grep MemU /proc/meminfo' \
	--after 'grep MemA /proc/meminfo' --log "$try/console" "$try/livepatch-meminfo.ko"
