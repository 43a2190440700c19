#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [--units FILE] BINDIR - create-diff-object on real kernel objects
#
# Downloads a Debian kernel once (lab.sh, $LAB), compiles the units of units.txt five times each (corpus.py) and judges
# what the tool says about the pairs (judge.py, which tells the cases). Compiled objects are kept in the lab: a second run
# only runs the tool. LIMIT=20 takes 20 units, spread over the list; SEED=2 makes other edits. ARCH=arm64, ppc64el or s390x
# takes Debian's kernel of that architecture, and units-arm64.txt and so on.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
units=$here/units.txt
[ "${ARCH:-amd64}" = amd64 ] || units=$here/units-$ARCH.txt
if [ "${1:-}" = --units ]; then
	units=$2
	shift 2
fi
bindir=$(cd "${1:?Usage: check.sh [--units FILE] BINDIR}" && pwd)
suite=check-kernel
. "$here/../lib/begin.sh"

LAB=$(sh "$here/lab.sh") || fail_suite "the kernel to test on cannot be had"

sh "$here/compile.sh" "$LAB" "$units"
python3 -B "$here/corpus.py" "$LAB" "$units" || true # judge.py counts what is missing
status=0
python3 -B "$here/sections.py" "$LAB" "$units" || status=1
python3 -B "$here/judge.py" "$bindir" "$LAB" "$units" || status=1
python3 -B "$here/merged.py" "$bindir" "$LAB" "$units" || status=1
python3 -B "$here/directory.py" "$bindir" "$LAB" "$units" || status=1
exit $status
