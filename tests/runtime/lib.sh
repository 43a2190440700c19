# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# lib.sh - what the tests of kpatch(8) share, on the host and in the guest. $kpatch is the command with its shell,
# $work a directory. A test is: run ARGUMENTS, then expect NAME STATUS [TEXT...], which counts.

passed=0 failed=0

pass() {
	echo "PASS $1"
	passed=$((passed + 1))
}

# fail NAME WHY
fail() {
	echo "FAIL $1: $2"
	failed=$((failed + 1))
}

# run ARGUMENTS: kpatch's output in $work/out, both streams, and its exit status in $status
run() {
	status=0
	# shellcheck disable=SC2086 # a command and its first argument
	$kpatch "$@" >"$work/out" 2>&1 || status=$?
}

# expect NAME STATUS [TEXT...]: of the last run; a TEXT with ! in front must not be there
expect() {
	test=$1 wanted=$2 why=
	shift 2
	[ "$status" -eq "$wanted" ] || why="exit status $status, not $wanted"
	for text in "$@"; do
		case $text in
		!*) ! grep -qF -- "${text#!}" "$work/out" || why="$why; says \`${text#!}\`" ;;
		*) grep -qF -- "$text" "$work/out" || why="$why; does not say \`$text\`" ;;
		esac
	done
	if [ -z "$why" ]; then
		pass "$test"
	else
		fail "$test" "${why#; }"
		sed 's/^/  | /' "$work/out"
	fi
}

# holds NAME COMMAND...: the command succeeds
holds() {
	test=$1
	shift
	if "$@"; then pass "$test"; else fail "$test" "$*"; fi
}

# within SECONDS COMMAND...: it succeeds sooner or later
within() {
	left=$(($1 * 10))
	shift
	until "$@"; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		sleep 0.1
	done
}

missing() {
	[ ! -e "$1" ]
}

says() {
	[ "$(cat "$1" 2>/dev/null)" = "$2" ]
}
