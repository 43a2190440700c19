#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# compile.sh LAB UNITS - what of a list of units kbuild has not compiled yet
#
# Sources do not change: what is there stays. A unit that the kernel's configuration does not build, kbuild has no rule for: its name
# goes into LAB/not-configured, and corpus.py leaves it out from then on. One that does not compile is named by whoever needs it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
LAB=$1
missing=$(${PYTHON:-python3} -B "$here/corpus.py" --list "$LAB" "$2" | while read -r unit; do
	[ -e "$LAB/bld/${unit%.c}.o" ] || echo "${unit%.c}.o"
done)
[ -n "$missing" ] || exit 0
echo "corpus: compiling $(echo "$missing" | wc -l) units" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # a list of targets
sh "$here/kbuild.sh" "$LAB" $missing 2>&1 | tee "$log" >&2
for object in $missing; do
	grep -qF "No rule to make target '$object'" "$log" && echo "${object%.o}.c"
done >>"$LAB/not-configured" || true
