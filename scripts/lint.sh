#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lint.sh: what a reviewer would otherwise have to say. Works with what is installed; a check that needs a missing tool
# says SKIPPED with the reason. O names the build directory (default: build) for the checks of what was built.
set -u

cd "$(dirname "$0")/.." || exit 1
O=${O:-build}
passed=0 failed=0 skipped=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C PYTHONDONTWRITEBYTECODE=1

have() {
    command -v "$1" >/dev/null 2>&1
}

skip() {
    echo "SKIPPED $1: $2"
    skipped=$((skipped + 1))
}

# verdict NAME: fails when $scratch/out has something to say
verdict() {
    if [ -s "$scratch/out" ]; then
        sed 's/^/  /' "$scratch/out"
        echo "FAIL $1"
        failed=$((failed + 1))
    else
        echo "ok $1"
        passed=$((passed + 1))
    fi
}

scripts/files.sh >"$scratch/files"

sources() {
    if ! have python3; then
        skip sources "python3 is missing"
        return
    fi
    for check in layers names machines banned spdx lengths whitespace; do
        python3 scripts/lint/sources.py "$check" <"$scratch/files" >"$scratch/out" 2>&1
        verdict "$check"
    done
}

scripts() {
    grep '\.sh$' "$scratch/files" | while read -r f; do sh -n "$f" 2>&1; done >"$scratch/out"
    verdict "sh -n"
    if have shellcheck; then
        grep '\.sh$' "$scratch/files" | xargs shellcheck -s sh -S error -f gcc >"$scratch/out" 2>&1
        verdict shellcheck
    else
        skip shellcheck "it is not installed"
    fi
    # scripts/kpatch has a copy, because it is installed without kmod.
    for f in kmod/paths.sh scripts/kpatch; do
        sed -n '/^absolute() {/,/^}/p' "$f" >"$scratch/${f##*/}"
    done
    diff "$scratch/paths.sh" "$scratch/kpatch" >"$scratch/out"
    verdict "one absolute()"
    if have python3; then
        grep '\.py$' "$scratch/files" | xargs -r python3 -c 'import ast, sys
for name in sys.argv[1:]:
    ast.parse(open(name, encoding="utf-8").read(), name)' >"$scratch/out" 2>&1
        verdict "python syntax"
    fi
}

man_pages() {
    if have groff; then
        for f in man/*.[1-8]; do groff -man -Tutf8 -ww -z "$f" 2>&1; done >"$scratch/out"
    elif have man; then
        for f in man/*.[1-8]; do MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 "$f" 2>&1 >/dev/null; done >"$scratch/out"
    else
        skip "man pages" "neither groff nor man is installed"
        return
    fi
    verdict "man pages"
}

# VERSION is the one that is changed by hand; these name it, too.
one_version() {
    {
        sed -n 's/^VERSION=\([0-9.]*\)$/\1 in scripts\/kpatch/p' scripts/kpatch
        sed -n '1s/^elfdiff (\([0-9.]*\)-.*/\1 in debian\/changelog/p' debian/changelog
        sed -n 's/^Version: \(.*\)/\1 in packaging\/elfdiff.spec/p' packaging/elfdiff.spec
    } | grep -v "^$(cat VERSION) " >"$scratch/out"
    verdict "one version"
}

# --help, --version and the man pages
texts() {
    if [ ! -x "$O/bin/create-diff-object" ] || ! have python3; then
        skip "--help and man pages agree" "$O/bin/create-diff-object is not built, or python3 is missing"
        return
    fi
    : >"$scratch/out"
    sh tests/input/check.sh "$O/bin" ' texts' >"$scratch/log" 2>&1 || cat "$scratch/log" >"$scratch/out"
    verdict "--help and man pages agree"
}

# kpatch-build's errors have ids, which its page lists: one in each tag of DIAGNOSTICS, or several. Those of --debian have one.
ids() {
    grep -nE '\b(die|warn|refuse|fail_with_log) "[^$]' scripts/kpatch-build scripts/kpatch-build.d/*.bash |
        grep -v '^scripts/kpatch-build.d/debian.bash' >"$scratch/out"
    cat scripts/kpatch-build scripts/kpatch-build.d/*.bash |
        sed -nE 's/.*\b(die|warn|refuse|fail_with_log|set --) ([a-z][a-z-]*) ".*/\2/p' | sort -u >"$scratch/used"
    sed -n '/^\.SH DIAGNOSTICS/,/^\.SH EXAMPLES/p' man/kpatch-build.1 | grep -A1 '^\.TP' | grep -v -e '^\.TP' -e '^--' |
        sed 's/^\.B //; s/\\f[BR]//g; s/\\-/-/g' | tr -d ' ' | tr ',' '\n' | sort -u >"$scratch/listed"
    diff "$scratch/used" "$scratch/listed" >>"$scratch/out"
    verdict "kpatch-build's ids are in its page"
}

# Every id of the sources has a text, and the guide is what it is made of.
guide() {
    if ! have python3; then
        skip "ids have texts" "python3 is missing"
        return
    fi
    python3 tests/docs/ids.py >"$scratch/out" 2>&1
    verdict "ids have texts"
    sh scripts/guide.sh --check >"$scratch/out" 2>&1
    verdict "docs/guide.md is up to date"
}

# The library keeps no state: no writable data that is not a table of addresses.
no_globals() {
    if [ ! -e "$O/libelfdiff.a" ] || ! have size; then
        skip "no globals" "$O/libelfdiff.a is not built, or size is missing"
        return
    fi
    if nm "$O/libelfdiff.a" 2>/dev/null | grep -q __asan; then
        skip "no globals" "a sanitized library has the sanitizer's"
        return
    fi
    size -A "$O/libelfdiff.a" | awk '/ :$|:$/ || / \(ex / { file = $1 }
        ($1 ~ /^\.(data|bss)($|\.)/ && $1 !~ /^\.data\.rel\.ro/) && $2 > 0 { print file ": " $2 " bytes in " $1 }' \
        >"$scratch/out"
    verdict "no globals"
}

# .clang-format is the one of Debian 12's clang-format 14; others format a little differently.
format() {
    if ! have clang-format || ! clang-format --version | grep -q 'version 14\.'; then
        skip clang-format "clang-format 14 is not installed"
        return
    fi
    grep -E '^(create-.*|lib|include|kmod|tests/unit|tests/bench|tests/fuzz)/.*\.[ch]$' "$scratch/files" |
        xargs clang-format --dry-run 2>&1 | sed -nE 's/^([^ :]+:[0-9]+):[0-9]+: (warning|error): .*/\1/p' | sort -u >"$scratch/out"
    verdict clang-format
}

sources
scripts
man_pages
texts
ids
guide
one_version
no_globals
format

echo "lint: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
