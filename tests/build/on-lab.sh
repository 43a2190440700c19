# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# on-lab.sh - what a test of kpatch-build on the kernel of tests/kernel/lab.sh begins with; it is sourced, with the test's BINDIR in $1
#
# $here is the test's directory, a sibling of this one, and $suite its name. The prepared work directory stays in $LAB/kpatch-build; what the
# test makes itself is in $scratch, $out among it, and goes with its end.

. "$here/../lib/begin.sh"
bindir=$(cd "${1:?Usage: ${0##*/} BINDIR}" && pwd)
command=$here/../../scripts/kpatch-build
LAB=$(sh "$here/../kernel/lab.sh") || fail_suite "the kernel to test on cannot be had"
export KPATCH_BUILD_DIR="$LAB/kpatch-build" KPATCH_TOOLS="$bindir" LC_ALL=C
unset MAKEFLAGS MFLAGS CC LLVM ARCH CROSS_COMPILE KPATCH_KMOD KPATCH_BUILD_NEED_MB
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
out=$scratch/out
mkdir "$out"
. "$here/../build/lib.sh"
