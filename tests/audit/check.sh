#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [--mutation] PYTHON BINDIR - the audit: of itself, of the fixtures, and of real kernel objects
#
# The objects are those of check-kernel, in $LAB; with --mutation, one thing of each is changed (N, SEED: see mutate.py).
# LIMIT=45 takes so many units, spread over the list. Ends with the sum of the parts.
set -u

here=$(cd "$(dirname "$0")" && pwd)
suite=audit
[ "$1" != --mutation ] || { suite=mutation; shift; }
. "$here/../lib/begin.sh"
python=$1
bindir=$(cd "${2:?Usage: check.sh [--mutation] PYTHON BINDIR}" && pwd) || exit 1
units=$here/../kernel/units.txt
export PYTHONDONTWRITEBYTECODE=1
[ -n "$python" ] || fail_suite "no python3 in PATH knows capstone and elftools: scripts/setup.sh test installs them"
LAB=$(sh "$here/../kernel/lab.sh") || fail_suite "the kernel to test on cannot be had"

compile() { PYTHON=$python sh "$here/../kernel/compile.sh" "$LAB" "$units"; }

# shellcheck disable=SC2086
if [ $suite = mutation ]; then
	compile
	exec $python "$here/mutate.py" "$bindir" "$LAB" "$units"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
compile
# shellcheck disable=SC2086
{
	$python "$here/test_audit.py"
	$python "$here/fixtures.py" "$bindir"
	$python "$here/kernel.py" "$bindir" "$LAB" "$units"
} 2>&1 | tee "$log" | sed 's/^audit: /part: /; s/^audit-itself: /part: /'
awk '/^audit(-itself)?: [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { passed += $2; failed += $4; skipped += $6; parts++ }
	END {
		if (parts < 3) failed += 3 - parts # a part that died
		printf "audit: %d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit failed != 0
	}' "$log"
