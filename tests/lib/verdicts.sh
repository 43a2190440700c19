# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# verdicts.sh - how a suite in shell counts its tests and tells of them; it is sourced
#
# $scratch is the suite's own directory, $scratch/said what the last command said. $terse, where it is set, leaves out those that
# passed. The tests of kpatch(8) have words of their own (tests/runtime/lib.sh), for they run in guests, too.

passed=0 failed=0 skipped=0

# verdict NAME STATUS: of what was just run; the last lines that it said are shown where it failed
verdict() {
	if [ "$2" = 0 ]; then
		[ -n "${terse:-}" ] || echo "ok $1"
		passed=$((passed + 1))
	else
		echo "FAIL $1"
		tail -n 60 "$scratch/said" | sed 's/^/  /'
		failed=$((failed + 1))
		return 1
	fi
}

# check NAME COMMAND...: it succeeds
check() {
	checked=$1
	shift
	"$@" >"$scratch/said" 2>&1
	verdict "$checked" $?
}

# skip NAME WHY
skip() {
	echo "SKIPPED $1: $2"
	skipped=$((skipped + 1))
}

# tell_sum SUITE: the last line, and whether all is well; a suite in which nothing ran says so by its skipped ones
tell_sum() {
	echo "$1: $passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] && [ $((passed + skipped)) -gt 0 ]
}
