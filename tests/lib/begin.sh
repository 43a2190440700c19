# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# begin.sh - what a suite begins with, and how it ends where it cannot run; it is sourced
#
# $suite is the name of its last line.

# skip_suite WHY: what it needs is not on this machine
skip_suite() {
	echo "SKIPPED: $1"
	echo "$suite: 0 passed, 0 failed, 1 skipped"
	exit 0
}

# fail_suite WHY: what it needs is made by itself, and could not be
fail_suite() {
	echo "FAIL: $1"
	echo "$suite: 0 passed, 1 failed, 0 skipped"
	exit 1
}

# need TOOL...
need() {
	for tool; do
		command -v "$tool" >/dev/null || skip_suite "$tool is missing"
	done
}

# run_python SCRIPT ARGUMENT...: in the suite's place
run_python() {
	need python3
	PYTHONDONTWRITEBYTECODE=1 LC_ALL=C exec python3 "$@"
}
