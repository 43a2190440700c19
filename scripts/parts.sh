# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# parts.sh - the parts of test.sh: how they are counted, shown and summed; sourced by a script whose lines `part COMMAND...`
# are the parts, which run one after the other until one fails, and which ends with `finish 0`
#
# A part's tests are counted by its own lines `NAME: N passed, N failed, N skipped`. $log holds what was said; files whose
# names begin so are removed at the end.

log=$(mktemp)
parts=$(grep -c '^part ' "$0")
nth=0
export ALOUD=1
trap 'rm -rf "$log" "$log".*' EXIT

# finish STATUS: the sum, the last line; a part that failed without saying so in its line counts as one failure
finish() {
	awk -v died="$1" '
		match($0, /[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/) && /^[A-Za-z][^ ]*: / {
			split(substr($0, RSTART), n, " ")
			passed += n[1]; failed += n[3]; skipped += n[5]
		}
		END {
			if (died && !failed) failed = 1
			printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
			exit failed != 0
		}' "$log"
	exit
}

part() {
	nth=$((nth + 1))
	echo "== [$nth/$parts] $* ($(date +%T))"
	echo 1 >"$log.status"
	{ ("$@") 2>&1 && echo 0 >"$log.status" || :; } | scripts/aloud.sh "[$nth/$parts] $*" | tee -a "$log"
	[ "$(cat "$log.status")" = 0 ] || finish 1
}
