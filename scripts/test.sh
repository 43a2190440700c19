#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test.sh - every test, from a fresh clone, as root on Debian 12
#
# Installs what is missing, then runs `make check` with sanitizers in a build of its own, `make lint` and
# `make check-kernel`, and ends
# with one line that sums the parts' own lines `NAME: N passed, N failed, N skipped`. The first part that fails ends it.
set -eu

cd "$(dirname "$0")/.."
O=${O:-build}
log=$(mktemp)
trap 'rm -f "$log" "$log.status"' EXIT

# The sum; a part that failed without saying so in its line counts as one failure.
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
	echo "== $*"
	{ "$@" 2>&1 && echo 0 > "$log.status" || echo 1 > "$log.status"; } | tee -a "$log"
	[ "$(cat "$log.status")" = 0 ] || finish 1
}

part scripts/setup.sh kernel
part make -s -j"$(nproc)" SAN=1 WERROR=1 O="$O/san" all
part make -s SAN=1 WERROR=1 O="$O/san" check
part make -s -j"$(nproc)" WERROR=1 O="$O" all
part make -s O="$O" lint
part make -s O="$O" check-kernel
finish 0
