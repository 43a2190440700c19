#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test.sh - every test, from a fresh clone, as root on Debian 12
#
# Installs what is missing; then `make check` with sanitizers in a build of its own, `make lint`, and with real kernels
# check-kernel, check-build and check-live. Of the long lists of units and functions of these, LIMIT (45) are taken; LIMIT=0
# takes all. Debian's kernels are fetched meanwhile. Ends with one line that sums the parts' own lines
# `NAME: N passed, N failed, N skipped`; the first part that fails ends it.
set -eu

cd "$(dirname "$0")/.."
O=${O:-build}
export LIMIT="${LIMIT:-45}"
log=$(mktemp)
labs=''
trap 'rm -f "$log" "$log".*' EXIT

# The sum; a part that failed without saying so in its line counts as one failure.
finish() {
	[ -z "$labs" ] || kill "$labs" 2>/dev/null || :
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
	echo "== $* ($(date +%T))"
	{ "$@" 2>&1 && echo 0 > "$log.status" || echo 1 > "$log.status"; } | tee -a "$log"
	[ "$(cat "$log.status")" = 0 ] || finish 1
}

# Fetching takes the network, and little of the processors.
fetch_labs() {
	sh tests/kernel/lab.sh && KERNEL=6.12 LAB="${LAB:+$LAB-6.12}" sh tests/kernel/lab.sh
}

part scripts/setup.sh live
fetch_labs > "$log.labs" 2>&1 &
labs=$!
part make -s -j"$(nproc)" SAN=1 WERROR=1 O="$O/san" all
part make -s SAN=1 WERROR=1 O="$O/san" check
part make -s -j"$(nproc)" WERROR=1 O="$O" all
part make -s O="$O" lint
wait "$labs" || { cat "$log.labs"; finish 1; }
labs=''
part make -s O="$O" check-docs
part make -s O="$O" check-kernel
part make -s O="$O" check-build
part make -s O="$O" check-live
echo "== done ($(date +%T))"
finish 0
