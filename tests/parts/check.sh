#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh - what scripts/parts.sh and scripts/aloud.sh make of parts: the sum, the status, the count, and no silence
set -u

cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset ALOUD
export TMPDIR="$work/tmp"
mkdir "$TMPDIR"
passed=0 failed=0

# However often and when silence was broken, on a machine that may be busy.
once() {
	sed -E 's/ \([0-9]{2}:[0-9:]*\)$//; s/(: at work) for [0-9]+ min [0-9]+ s$/\1/' "$1" | uniq
}

# expect NAME STATUS SAID: of the script on the standard input, whose times are left out
expect() {
	{
		echo 'set -eu'
		echo '. scripts/parts.sh'
		cat
	} >"$work/script"
	status=0
	ALOUD_SECONDS=1 sh "$work/script" >"$work/all" 2>&1 || status=$?
	once "$work/all" >"$work/out"
	printf '%s\n' "$3" >"$work/wanted"
	if [ "$status" = "$2" ] && diff "$work/wanted" "$work/out" >"$work/diff" && [ -z "$(ls -A "$TMPDIR")" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1: status $status; wanted and found:"
		sed 's/^/  /' "$work/diff"
		ls -A "$TMPDIR"
	fi
}

expect "parts are counted and summed" 0 '== [1/3] echo one: 1 passed, 0 failed, 0 skipped
one: 1 passed, 0 failed, 0 skipped
== [2/3] quiet
== [3/3] both
two: 20 passed, 0 failed, 3 skipped
 two: 1 passed, 0 failed, 0 skipped
three: 300 passed, 0 failed, 0 skipped
321 passed, 0 failed, 3 skipped' <<'END'
quiet() { :; }
both() { printf '%s\n' 'two: 20 passed, 0 failed, 3 skipped' ' two: 1 passed, 0 failed, 0 skipped' 'three: 300 passed, 0 failed, 0 skipped' >&2; }
part echo one: 1 passed, 0 failed, 0 skipped
part quiet
part both
finish 0
END

expect "a part that fails is the last one" 1 '== [1/2] fails
one: 5 passed, 2 failed, 0 skipped
5 passed, 2 failed, 0 skipped' <<'END'
fails() { echo "one: 5 passed, 2 failed, 0 skipped"; return 1; }
part fails
part true
finish 0
END

expect "a part that fails without a word" 1 '== [1/2] false
0 passed, 1 failed, 0 skipped' <<'END'
part false
part true
finish 0
END

expect "a part that says all is well and fails" 1 '== [1/2] true
== [2/2] fails
one: 5 passed, 0 failed, 0 skipped
5 passed, 1 failed, 0 skipped' <<'END'
fails() { echo "one: 5 passed, 0 failed, 0 skipped"; exit 3; }
part true
part fails
finish 0
END

expect "a part that says failed and ends well" 1 '== [1/1] forgets
one: 5 passed, 1 failed, 0 skipped
5 passed, 1 failed, 0 skipped' <<'END'
forgets() { echo "one: 5 passed, 1 failed, 0 skipped"; }
part forgets
finish 0
END

expect "silence is broken, lines are not" 0 '== [1/1] slow
begins
== [1/1] slow: at work
one: 1 passed, 0 failed, 0 skipped
no end
1 passed, 0 failed, 0 skipped' <<'END'
slow() { echo begins; printf 'one: 1 passed'; sleep 2.5; echo ', 0 failed, 0 skipped'; printf 'no end'; }
part slow
finish 0
END

# aloud NAME STATUS SAID COMMAND...
aloud() {
	name=$1 wanted=$2 said=$3
	shift 3
	status=0
	ALOUD_SECONDS=1 scripts/aloud.sh name "$@" >"$work/out" 2>&1 || status=$?
	if [ "$status" = "$wanted" ] && [ "$(once "$work/out")" = "$said" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $name: status $status: $(cat "$work/out")"
	fi
}
aloud "the command's status and words" 7 'a
  b' sh -c 'echo a >&2; echo "  b"; exit 7'
aloud "the command's silence" 0 '== name: at work
1' sh -c 'sleep 2.5; echo $ALOUD'

echo "parts: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
