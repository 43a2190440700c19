#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench.sh BUILDDIR - create-diff-object against the floor (floor.c)
#
# The ten largest units of the kernel corpus, original and edited, then all ten of them linked into one object with
# `ld -r`. Needs the lab of tests/kernel. RUNS=9 changes the number of runs; see bench.py for what is measured.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:?Usage: bench.sh BUILDDIR}" && pwd)
kernel=$here/../kernel
LAB=$(sh "$kernel/lab.sh")
list=$LAB/bench.units

sed 's/#.*//; s/ *$//; /^$/d' "$kernel/units.txt" | while read -r unit; do
	object=$LAB/bld/${unit%.c}.o
	[ -e "$object" ] || { echo "bench.sh: $unit is not compiled; run \`make check-kernel\` first" >&2; continue; }
	# Units of the kernel proper: modules cannot be linked with it into one object.
	grep -q -- -DMODULE "$(dirname "$object")/.$(basename "$object").cmd" || echo "$(stat -c %s "$object") $unit"
done | sort -rn | head -10 | cut -d' ' -f2 > "$list"

python3 -B "$kernel/corpus.py" "$LAB" "$list"
exec python3 -B "$here/bench.py" "$build" "$LAB" "$list"
