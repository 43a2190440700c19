#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BUILDDIR: every file of corpus/HARNESS through the harness that was built there
set -u

here=$(cd "$(dirname "$0")" && pwd)
harnesses=${1:?Usage: check.sh BUILDDIR}/tests/fuzz
TMPDIR=$(mktemp -d)
export TMPDIR ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
trap 'rm -rf "$TMPDIR"' EXIT
passed=0 failed=0

for corpus in "$here"/corpus/*/; do
	name=$(basename "$corpus")
	if "$harnesses/$name" "$corpus"* >"$TMPDIR/files" 2>"$TMPDIR/said"; then
		passed=$((passed + $(wc -l <"$TMPDIR/files")))
		continue
	fi
	failed=$((failed + 1))
	echo "FAIL $name: $(tail -n 1 "$TMPDIR/files")"
	sed 's/^/    /' "$TMPDIR/said" | head -n 40
	rm -rf "$TMPDIR"/elfdiff-fuzz.*
done
echo "fuzz: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
