#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh BUILDDIR: all fuzzers for TIME (60) seconds in total, one after the other; ONLY=diff: that one. FUZZER=afl is
# AFL++ with two seconds in three of them for starting. What is found stays in BUILDDIR/fuzz/found/HARNESS, and what
# reached something new in BUILDDIR/fuzz/corpus, where the next run goes on.
set -eu

cd "$(dirname "$0")/../.."
build=${1:?Usage: run.sh BUILDDIR}
fuzzer=${FUZZER:-libfuzzer}
mkdir -p "$build/fuzz"
dir=$(cd "$build/fuzz" && pwd)
bin=$dir/$fuzzer/tests/fuzz
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' HUP INT TERM

# shares of the time, in sixtieths: what has most code gets most
shares='diff=29 convert=12 check=8 symbols=5 symvers=3 cache=3'

compile() {
	case $fuzzer in
	libfuzzer) make -s -j"$(nproc)" SAN=1 FUZZ=1 CC=clang CFLAGS='-O1 -g' O="$dir/libfuzzer" harnesses ;;
	afl) make -s -j"$(nproc)" FUZZ=1 CC=afl-clang-fast CFLAGS='-O1 -g' O="$dir/afl" harnesses &&
		make -s O="$dir/afl-mutator" "$dir/afl-mutator/tests/fuzz/mutator.so" ;;
	*) echo "fuzz: FUZZER is libfuzzer or afl" >&2; return 1 ;;
	esac
}

# run_HARNESS... NAME SECONDS: leaves $TMPDIR/numbers, the executions and the coverage
run_libfuzzer() {
	ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 "$bin/$1" -fork=1 -ignore_crashes=1 -ignore_timeouts=1 -ignore_ooms=1 -timeout=5 \
		-rss_limit_mb=1024 -malloc_limit_mb=512 -max_len=65536 -max_total_time="$2" -artifact_prefix="$dir/found/$1/" \
		"$dir/corpus/$1" "$dir/seeds/$1" "tests/fuzz/corpus/$1" >"$TMPDIR/log" 2>&1 || :
	sed -nE 's/^#([0-9]+): cov: ([0-9]+) .*/\1 executions, \2 places covered/p' "$TMPDIR/log" | tail -n 1 >"$TMPDIR/numbers"
}

run_afl() {
	AFL_CUSTOM_MUTATOR_LIBRARY=$dir/afl-mutator/tests/fuzz/mutator.so AFL_SKIP_CPUFREQ=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1 \
		AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_IGNORE_SEED_PROBLEMS=1 afl-fuzz -i "$dir/seeds/$1" -o "$TMPDIR/afl" \
		-V "$2" -t 5000 -m 512 -- "$bin/$1" >"$TMPDIR/log" 2>&1 || :
	find "$TMPDIR/afl" \( -path '*/crashes/id*' -o -path '*/hangs/id*' \) -exec cp {} "$dir/found/$1" \;
	sed -nE 's/^execs_done *: (.*)/\1 executions,/p; s/^edges_found *: (.*)/\1 edges covered/p' \
		"$TMPDIR/afl/default/fuzzer_stats" 2>/dev/null | tr '\n' ' ' >"$TMPDIR/numbers"
	rm -rf "$TMPDIR/afl"
}

for program in clang python3 $([ "$fuzzer" = afl ] && echo afl-fuzz); do
	command -v "$program" >/dev/null || { echo "fuzz: $program is missing: scripts/setup.sh dev" >&2; exit 1; }
done
compile
make -s -j"$(nproc)" O="$build" all
rm -rf "$dir/seeds"
python3 -B tests/fuzz/seeds.py "$build/bin" "$dir/seeds"

total=0
for share in $shares; do
	name=${share%=*} seconds=$((${TIME:-60} * ${share#*=} / 60))
	[ -z "${ONLY:-}" ] || [ "$ONLY" = "$name" ] || continue
	[ -z "${ONLY:-}" ] || seconds=${TIME:-60}
	mkdir -p "$dir/corpus/$name" "$dir/found/$name"
	"run_$fuzzer" "$name" "$((seconds > 0 ? seconds : 1))"
	found=$(find "$dir/found/$name" -type f | wc -l)
	echo "$name: $(cat "$TMPDIR/numbers")${seconds:+ in $seconds s}, $found findings"
	[ -s "$TMPDIR/numbers" ] || { tail -n 20 "$TMPDIR/log"; total=$((total + 1)); }
	total=$((total + found))
done
[ "$total" -eq 0 ] || { echo "fuzz: see $dir/found; a harness of a sanitized build takes them as arguments"; exit 1; }
