#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# try.sh - from nothing to a live patch for Debian's kernel, as root on Debian 12
#
# Installs what is missing, builds, compiles fs/proc/meminfo.c of linux-source-6.1 as Debian did, compiles it again with
# tests/kernel/meminfo.patch, and makes the live patch from the two objects. $O is the build directory (build), $LAB
# where the kernel source goes (~/.cache/elfdiff-lab, 2 GB).
set -eu

cd "$(dirname "$0")/.."
O=${O:-build}
unit=fs/proc/meminfo

scripts/setup.sh kernel
make -s -j"$(nproc)" O="$O" all
LAB=$(sh tests/kernel/lab.sh)
try=$LAB/try

mkdir -p "$try"
[ -e "$LAB/bld/$unit.o" ] || sh tests/kernel/kbuild.sh "$LAB" "$unit.o"
patch -s -o "$try/patched.c" "$LAB/linux/$unit.c" tests/kernel/meminfo.patch
cp "$LAB/bld/$unit.o" "$try/orig.o"
python3 -B tests/kernel/corpus.py --compile "$LAB" "$unit.c" "$try/patched.c" "$try/patched.o"

run() {
	echo
	echo "\$ $*"
	"$@"
}
run cat tests/kernel/meminfo.patch
run "$O/bin/create-diff-object" --explain -k "$LAB/vmlinux" -s "$LAB/bld/Module.symvers" \
	"$try/orig.o" "$try/patched.o" "$try/livepatch.o"
run "$O/bin/create-diff-object" --check "$try/livepatch.o" -k "$LAB/vmlinux" -s "$LAB/bld/Module.symvers"
echo "no breach of the kernel's contract found"
run readelf -SW "$try/livepatch.o"
