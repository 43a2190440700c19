#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test.sh - every test, from a fresh clone, as root on Debian 12
#
# Installs what is missing; then `make check` with sanitizers in a build of its own, `make lint`, `make analyze`, scripts/try.sh in a
# copy of the tree, check-counts and check-growth, and with real kernels check-docs, check-kernel, check-audit, check-mutation (a sample),
# check-build, check-boot and check-live. Of the long lists of units and functions of these, LIMIT (12) are taken; LIMIT=0 takes all. Of
# check-live with other kernels than 6.1 a sample is run: what those kernels have otherwise, and on Debian's for arm64, which has
# no livepatch, what the core does. Debian's kernels are fetched meanwhile. MORE=1 also runs what takes long for what it shows:
# check-guest, check-package, check-ci, and pages of reports in a browser.
# Ends with one line that sums the parts' own lines `NAME: N passed, N failed, N skipped`; the first part that
# fails ends it.
set -eu

cd "$(dirname "$0")/.."
O=${O:-build}
export LIMIT="${LIMIT:-12}"
. scripts/parts.sh

# The README's first command, as a stranger runs it: in a tree that nothing was built in.
try() {
	mkdir "$log.clone"
	if scripts/files.sh | tar -c -T - | tar -x -C "$log.clone" && (cd "$log.clone" && unset O && scripts/try.sh); then
		echo "try: 1 passed, 0 failed, 0 skipped"
	else
		echo "try: 0 passed, 1 failed, 0 skipped"
		return 1
	fi
}

# Fetching takes the network, and little of the processors.
fetch_labs() {
	sh tests/kernel/lab.sh && for kernel in 6.12 5.10; do
		KERNEL=$kernel LAB="${LAB:+$LAB-$kernel}" sh tests/kernel/lab.sh || return
	done && KERNEL=6.12 ARCH=arm64 LAB="${LAB:+$LAB-6.12-arm64}" sh tests/kernel/lab.sh
}

wait_for_labs() {
	tail -n +1 -f -s 1 --pid="$labs" "$log.labs"
	grep -qx complete "$log.labs"
}

# more NAME COMMAND...: a part of MORE=1
more() {
	name=$1
	shift
	if [ -n "${MORE:-}" ]; then
		"$@"
	else
		echo "SKIPPED $name: MORE=1 scripts/test.sh runs \`$*\`, which takes long for what it shows"
		echo "$name: 0 passed, 0 failed, 1 skipped"
	fi
}

echo "== $parts parts. FAIL and what is indented below it: a failure, which ends this after its part. SKIPPED: a test that was not"
echo "== run or does not count, and why. The rest is progress; the last line is the sum of the lines \`NAME: N passed, ...\`."
part scripts/setup.sh live analyze ${MORE:+browser package}
(fetch_labs && echo complete) >"$log.labs" 2>&1 &
labs=$!
trap 'kill "$labs" 2>/dev/null || :; rm -rf "$log" "$log".*' EXIT
part make -s -j"$(nproc)" SAN=1 WERROR=1 O="$O/san" all
part make -s SAN=1 WERROR=1 O="$O/san" check
part make -s -j"$(nproc)" WERROR=1 O="$O" all
part make -s O="$O" check-counts check-company
part env N=250 make -s O="$O" check-mutants
part make -s O="$O" lint
part make -s O="$O" analyze
part wait_for_labs
part try
part make -s O="$O" check-docs
part make -s O="$O" check-growth
part make -s O="$O" check-kernel
part make -s O="$O" check-audit
part make -s N=60 O="$O" check-mutation
part make -s O="$O" check-build check-boot
part more guest make -s O="$O" check-guest
part more package make -s O="$O" check-package
part more ci make -s O="$O" check-ci
part env KERNELS="6.1 6.12 5.10 6.12-arm64" SAMPLE="6.12 5.10 6.12-arm64" make -s O="$O" check-live
echo "== done ($(date +%T))"
finish 0
