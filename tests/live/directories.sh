#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# directories.sh LAB BINDIR NAME OUTDIR OPTION... PATCH - OUTDIR/livepatch-NAME.ko, of the two build directories as a whole
#
# The objects before and after are kpatch-build's, which gets the OPTIONs and the PATCH, with kbuild's own .cmd files beside
# them. One create-diff-object compares all, and what it writes for each patched object is linked as ever.
set -eu

lab=$1 bindir=$2 name=$3 outdir=$4
shift 4
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
work=''
trap 'rm -rf "$scratch" "$work"' EXIT

status=0
"$root/scripts/kpatch-build" -k -n "$name" -o "$scratch" "$@" >"$scratch/said" || status=$?
work=$(sed -n 's/^kept *//p' "$scratch/said")
[ "$status" = 0 ] || exit "$status"
[ -d "$work/before" ] || { echo "directories.sh: kpatch-build kept no objects in \`$work\`" >&2; exit 1; }

# The modules that it has found for its own runs, unpacked if need be
set --
for module in $(cat "$work"/diff/*/command | tr ' ' '\n' | grep '\.ko$' | sort -u); do
	set -- "$@" -k "$module"
done
"$bindir/create-diff-object" --form linkable -k "$lab/vmlinux" "$@" -s "$lab/bld/Module.symvers" "$work/before" "$work/after" "$scratch/out"
sh "$root/kmod/build.sh" --kdir "$lab/bld" --name "livepatch-$name" "$scratch"/out/*.o "$scratch/linked.ko"
"$bindir/create-klp-module" "$scratch/linked.ko" "$outdir/livepatch-$name.ko"
