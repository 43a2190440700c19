#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR - what reads foreign files can open no other, run nothing and reach no network
#
# The parser that tries it is intruder.c. Each attempt is seen to succeed with --no-sandbox, so that a refusal means something.
set -u

here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "$1" && pwd)
obj=$here/../fixtures/obj/changed-function.gcc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/out" "$work/elsewhere"
echo secret >"$work/elsewhere/secret"
passed=0 failed=0 skipped=0
suite=sandbox
. "$here/../lib/begin.sh"

if ! "${CC:-gcc}" -shared -fPIC -o "$work/intruder.so" "$here/intruder.c" 2>"$work/log"; then
    cat "$work/log"
    fail_suite "the parser that tries it cannot be compiled"
fi
preload=$work/intruder.so
# a sanitizer's runtime wants to be the first
asan=$(ldd "$bin/create-diff-object" | awk '/libasan/ { print $3 }')
[ -z "$asan" ] || preload="$asan $preload"

# attempt OPTION COMMAND...: its report in $work/report, its status in $status
attempt() {
    option=$1 command=$2
    shift 2
    rm -f "$work/elsewhere/new" "$work/report"
    # shellcheck disable=SC2086 # none or one
    LD_PRELOAD=$preload INTRUDER_REPORT=9 INTRUDER_READ=$work/elsewhere/secret INTRUDER_WRITE=$work/elsewhere/new \
        "$bin/$command" $option "$@" >"$work/log" 2>&1 9>"$work/report"
    status=$?
}

# verdict NAME WANTED...: the lines of the report, and status 0
verdict() {
    name=$1
    shift
    printf '%s\n' "$@" >"$work/wanted"
    if [ "$status" = 0 ] && cmp -s "$work/wanted" "$work/report"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $name: status $status"
        diff "$work/wanted" "$work/report" | sed 's/^/  /'
        sed 's/^/  /' "$work/log"
    fi
}

# both NAME COMMAND...
both() {
    name=$1
    shift
    attempt --no-sandbox "$@"
    verdict "$name, without a sandbox" "read done" "write done" "run done" "connect done"
    attempt '' "$@"
    if [ "$landlock" -ge 4 ]; then
        verdict "$name" "read denied" "write denied" "run denied" "connect denied"
    elif [ "$landlock" -ge 1 ]; then
        verdict "$name" "read denied" "write denied" "run denied" "connect done"
    else
        skipped=$((skipped + 1))
        echo "SKIPPED $name: this kernel has no landlock"
    fi
}

landlock=$(python3 -c '
import ctypes
print(max(0, ctypes.CDLL(None).syscall(444, None, 0, 1)))')
both "create-diff-object" create-diff-object -q --json "$work/out/report.json" "$obj.orig.o" "$obj.patched.o" "$work/out/diff.o"
both "create-diff-object --check" create-diff-object --check "$work/out/diff.o"
both "create-klp-module" create-klp-module --form linkable "$work/out/diff.o" "$work/out/linkable.o"

# caches are written beside the symbols, and nothing any more once objects are read
mkdir "$work/kernel"
{
    awk '/^[0-9a-f]+ / { print }' "$here/../fixtures/src/ambiguous.syms"
    awk 'BEGIN { for (i = 0; i < 4000; i++) print "0000000000000000 a nobody" }'
} >"$work/kernel/System.map"
INTRUDER_BESIDE=$work/kernel/new
export INTRUDER_BESIDE
attempt '' create-diff-object -q -k "$work/kernel/System.map" --check "$work/out/diff.o"
if [ "$landlock" -lt 1 ]; then
    skipped=$((skipped + 1))
    echo "SKIPPED beside the symbols: this kernel has no landlock"
elif grep -qx 'beside denied' "$work/report"; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    echo "FAIL beside the symbols"
    sed 's/^/  /' "$work/report" "$work/log"
fi
unset INTRUDER_BESIDE
for side in orig patched; do
    mkdir -p "$work/$side"
    cp "$obj.$side.o" "$work/$side/unit.o"
    echo "cmd_unit.o := gcc -D__KERNEL__ -c -o unit.o unit.c" >"$work/$side/.unit.o.cmd"
done
mkdir "$work/below"
both "create-diff-object, directories" create-diff-object -q --json "$work/out/report.json" "$work/orig" "$work/patched" "$work/below/new"

# what a link leads to is written where it is
ln -s ../elsewhere/target.o "$work/out/link.o"
: >"$work/elsewhere/target.o"
attempt '' create-diff-object -q "$obj.orig.o" "$obj.patched.o" "$work/out/link.o"
if [ "$status" = 0 ] && cmp -s "$work/out/diff.o" "$work/elsewhere/target.o"; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    echo "FAIL through a link: status $status"
    cat "$work/log"
fi

echo "sandbox: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
