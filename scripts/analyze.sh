#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# analyze.sh [PATTERN] - what static analysers say of the C code: gcc -fanalyzer, clang-tidy (.clang-tidy) and cppcheck
#
# Of Debian 12's versions, because others find other things. One test for each analyser and file (whose names match), and one
# more that the analyser finds a fault that is there; what is missing is SKIPPED with the reason. Where a finding is false
# and the code cannot say why, a comment beside it turns it off and gives the reason.
#
# O names the build directory (default: build): O/analyze remembers what had no findings, by the preprocessed source. JOBS:
# so many at once (default: one for each processor).
set -u

cd "$(dirname "$0")/.." || exit 1
export O="${O:-build}" LC_ALL=C

# Not the kernel's code, which is C of a dialect of its own and needs a kernel's headers; nor the unit tests, whose assertions
# leave a function in a way that no analyser sees, and which fail where they are wrong; nor what takes the place of functions
# of the C library to make them fail (tests/input, tests/sandbox), because what is meant there looks like a fault.
files() {
    scripts/files.sh | grep -E '^(lib/elfdiff|commands|create-diff-object|create-klp-module|tests/(bench|fuzz|install))/.*\.c$'
}

# with_flags COMMAND...: the command, with the project's flags behind it
with_flags() {
    # shellcheck disable=SC2046 # words
    "$@" -D_GNU_SOURCE -DELFDIFF_VERSION='"0"' -DELFDIFF_COMMIT='"0"' -Iinclude -Ilib/elfdiff -Icommands \
        $(pkg-config --cflags libelf libdw zlib libxxhash 2>/dev/null)
}

# run_TOOL FILE...: what it finds, on the standard output; nothing where there is nothing to find

run_gcc() {
    with_flags gcc -std=c11 -O1 -fanalyzer -c -o /dev/null "$1" 2>&1
}

# Half of the analyser's time went to a few functions with very many ways through them: max-nodes (of 225000) ends these
# sooner. The other option has functions of a few lines followed at any depth.
run_clang_tidy() {
    with_flags clang-tidy --quiet "$1" -- -std=c11 -Wall -Wextra -Wshadow -Xclang -analyzer-config -Xclang max-nodes=75000 \
        -Xclang -analyzer-config -Xclang ipa-always-inline-size=8 2>"$scratch/said.$$" || cat "$scratch/said.$$"
}

# Headers of the system are not read: what the C library's functions do, it knows.
# variableScope: variables stand at the top of their function. unusedStructMember: those of VEC() are used by macros that it
# does not expand. normalCheckLevelMaxBranches: says no more than that it looks at what its level looks at.
run_cppcheck() {
    with_flags cppcheck -q --std=c11 -j"$jobs" --language=c --enable=warning,performance,portability,style --inline-suppr --max-configs=1 \
        --suppress=missingInclude --suppress=missingIncludeSystem --suppress=unknownMacro --suppress=variableScope \
        --suppress=unusedStructMember --suppress=normalCheckLevelMaxBranches \
        --template='{file}:{line}: {severity}: {message} [{id}]' "$@" 2>&1
}

# verdict NAME FILE: fails when the file has something to say
verdict() {
    if [ -s "$2" ]; then
        sed 's/^/  /' "$2"
        echo "FAIL $1"
    else
        echo "ok $1"
    fi
}

# One file that is a test of its own, in a process of its own; a verdict in one piece, because others write at the same time.
if [ "${1-}" = --one ]; then
    tool=$2 file=$3 scratch=$4
    stamp=$O/analyze/$tool/$file
    key=$({ with_flags gcc -std=c11 -E -C "$file"; cat "$file" .clang-tidy scripts/analyze.sh; } 2>&1 | sha256sum)
    if [ "$(cat "$stamp" 2>/dev/null)" = "$key" ]; then
        echo "ok $tool $file"
        exit
    fi
    mkdir -p "${stamp%/*}"
    rm -f "$stamp"
    "run_$tool" "$file" >"$scratch/out.$$"
    [ -s "$scratch/out.$$" ] || echo "$key" >"$stamp"
    said=$(verdict "$tool $file" "$scratch/out.$$")
    printf '%s\n' "$said"
    exit
fi

pattern=${1-}
jobs=${JOBS:-$(nproc)}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
files | grep -e "$pattern" >"$scratch/files"

# of_version COMMAND VERSION: both, or a line that says why not
of_version() {
    if ! command -v "$1" >/dev/null; then
        echo "it is not installed"
    elif ! "$1" --version | grep -q "$2"; then
        echo "it is none of Debian 12's, and finds other things"
    fi
}

# alive TOOL ID...: it reports these in a file that has them
alive() {
    tool=$1
    shift
    "run_$tool" "$scratch/fault.c" >"$scratch/found"
    for id; do
        grep -qF "$id" "$scratch/found" || echo "$id is not found"
    done >"$scratch/missing"
    [ ! -s "$scratch/missing" ] || cat "$scratch/found" >>"$scratch/missing"
    verdict "$tool finds what is there" "$scratch/missing"
}

# Freed twice, NULL where none may be, a size of the pointer, recursion, and text without an end.
cat >"$scratch/fault.c" <<'END'
#include <stdlib.h>
#include <string.h>

int faulty(int n, char **text);
int faulty(int n, char **text)
{
	struct { int a, b; } *p = malloc(sizeof(*p)), *none = NULL;
	int unset;

	if (!p)
		return none->a;
	memset(p, 0, sizeof(p));
	free(p);
	if (n)
		free(p);
	*text = malloc(n);
	return n > 3 ? faulty(n - 1, text) : unset;
}
END

each() {
    xargs -P"$jobs" -I{} sh scripts/analyze.sh --one "$1" {} "$scratch" <"$scratch/files"
}

analyze() {
    missing=$(of_version gcc ' 12\.')
    if [ -z "$missing" ]; then
        alive gcc Wanalyzer-double-free Wanalyzer-null-dereference Wanalyzer-use-of-uninitialized-value
        each gcc
    else
        echo "SKIPPED gcc -fanalyzer: $missing"
    fi
    missing=$(of_version clang-tidy ' 14\.')
    if [ -z "$missing" ]; then
        cp .clang-tidy "$scratch"
        alive clang_tidy clang-analyzer-unix.Malloc clang-analyzer-core.NullDereference bugprone-sizeof-expression \
            misc-no-recursion clang-diagnostic-
        each clang_tidy
    else
        echo "SKIPPED clang-tidy: $missing"
    fi
    missing=$(of_version cppcheck ' 2\.10')
    if [ -z "$missing" ]; then
        alive cppcheck doubleFree pointerSize uninitvar unassignedVariable
        # shellcheck disable=SC2046 # names of files
        run_cppcheck $(cat "$scratch/files") >"$scratch/out" # one run for all: it takes seconds
        verdict cppcheck "$scratch/out"
    else
        echo "SKIPPED cppcheck: $missing"
    fi
}

# What is well and one of many is counted, and not shown.
analyze | tee "$scratch/log" | grep -v '^ok .*\.c$'
count() {
    grep -c "^$1 " "$scratch/log"
}
echo "analyze: $(count ok) passed, $(count FAIL) failed, $(count SKIPPED) skipped"
[ "$(count FAIL)" -eq 0 ]
