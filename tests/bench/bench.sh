#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench.sh BUILDDIR - create-diff-object against the floors (floor.c, text_floor.c)
#
# A whole kernel, if whole.sh has built it; a unit with the kernel's symbols; build directories; and the ten largest units of the
# kernel corpus. Needs the lab of tests/kernel. README has the variables, bench.py and rows.py what is measured.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:?Usage: bench.sh BUILDDIR}" && pwd)
kernel=$here/../kernel
LAB=$(sh "$kernel/lab.sh")
mkdir -p "$build/bench"
list=$build/bench/units

sed 's/#.*//; s/ *$//; /^$/d; s/ .*//' "$kernel/units.txt" | while read -r unit; do
	object=$LAB/bld/${unit%.c}.o
	[ -e "$object" ] || { echo "bench.sh: $unit is not compiled; run \`make check-kernel\` first" >&2; continue; }
	# Units of the kernel proper: modules cannot be linked with it into one object.
	grep -q -- -DMODULE "$(dirname "$object")/.$(basename "$object").cmd" || echo "$(stat -c %s "$object") $unit"
done | sort -rn | head -10 | cut -d' ' -f2 >"$list"

unit=${UNIT:-kernel/exit.c}
{ cat "$list" && echo "$unit"; } | sort -u >"$list.edited"
python3 -B "$kernel/corpus.py" "$LAB" "$list.edited" || echo "bench.sh: the units above are left out" >&2
exec python3 -B "$here/bench.py" "$build" "$LAB" "${WHOLE:-$LAB/whole}" "$list" "$unit"
