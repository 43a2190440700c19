#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run-units.sh UNIT...: run cmocka programs one after the other. Prints one line for each, what fails, and at the end a line that counts
# single tests. A program that dies, or runs no test, is a failure of its own.
set -eu

passed=0 failed=0 skipped=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# count PATTERN FILE: lines that match
count() {
    grep -cE "$1" "$2" || true
}

for unit in "$@"; do
    status=0
    CMOCKA_MESSAGE_OUTPUT=tap "$unit" >"$scratch/out" 2>"$scratch/err" || status=$?
    cat "$scratch/out" "$scratch/err" >"$scratch/all" # cmocka writes TAP to either, by version
    # cmocka says `not ok` of a skipped test
    sed -E 's/^(not )?ok ([0-9]+.*# SKIP)/skipped \2/' "$scratch/all" >"$scratch/out"
    s=$(count '^skipped [0-9]+' "$scratch/out")
    p=$(count '^ok [0-9]+' "$scratch/out")
    f=$(count '^not ok [0-9]+' "$scratch/out")
    name=$(basename "$unit")
    if [ "$status" -ge 128 ] || { [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; }; then
        echo "FAIL $name: ended with status $status after $p tests"
        f=$((f + 1))
    elif [ $((p + f + s)) -eq 0 ]; then
        echo "FAIL $name: ran no test"
        f=1
    fi
    if [ "$f" -ne 0 ]; then
        echo "---- $name"
        grep -vE '^(ok|skipped) [0-9]+|^TAP version|^1\.\.[0-9]+$|^# ok ' "$scratch/out" || true
    fi
    [ "$f" -ne 0 ] || echo "ok $name: $p tests"
    sed -nE "s/^skipped [0-9]+ *-? *# SKIP/SKIPPED $name:/p" "$scratch/out"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done

echo "units: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
