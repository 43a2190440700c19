#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BUILDDIR [PATTERN] - what README, CONTRIBUTING and the manual pages show can be typed, and prints what they show
#
# documents.py finds the commands in the documents and says how output is shown. Each is run as it is written, with sh, in a
# copy of the source that has BUILDDIR as build/ and the files that the documents name (place.sh), with the installed
# commands in PATH; for kpatch there is the fake kernel of tests/runtime. Those of one document share the copy. commands.txt
# is the table of what is not run, with reasons. The kernel is that of tests/kernel/lab.sh ($LAB); kpatch-build's work
# directory stays in it. PATTERN picks documents by name.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(cd "${1:?Usage: check.sh BUILDDIR [PATTERN]}" && pwd)
pattern=${2:-.}
suite=docs
. "$here/../lib/begin.sh"
LAB=$(sh "$here/../kernel/lab.sh") || fail_suite "the kernel to test on cannot be had"
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES O V SAN WERROR CC LLVM ARCH CROSS_COMPILE KPATCH_TOOLS KPATCH_KMOD CDPATH
export LC_ALL=C PYTHONDONTWRITEBYTECODE=1
work=$(mktemp -d)
kernel=''
. "$here/../runtime/fake-boot.sh"
trap '[ -z "$kernel" ] || halt; rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM

if ! sh "$here/place.sh" "$root" "$LAB" "$build" "$work/place" >"$work/said" 2>&1 ||
	! make -s -C "$root" O="$build" DESTDIR="$work/root" PREFIX=/usr install >>"$work/said" 2>&1; then
	cat "$work/said"
	fail_suite "the place where the commands are run cannot be made"
fi
FAKE_RELEASE=$(cat "$LAB/abi")
export FAKE_RELEASE KPATCH_BUILD_DIR="$LAB/kpatch-build" PATH="$work/root/usr/sbin:$work/root/usr/bin:$PATH"
boot "$work/kernel"
# As the kernel is linked, which kpatch compares patches with.
ln -s "$LAB/vmlinux" "$FAKE/proc/kcore"
nm "$LAB/vmlinux" | grep '^f' >"$FAKE/proc/kallsyms"
python3 -B "$here/check.py" "$root" "$work/place" "$pattern"
