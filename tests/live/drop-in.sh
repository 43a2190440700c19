#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# drop-in.sh LAB BINDIR NAME OUTDIR OPTION... PATCH - OUTDIR/livepatch-NAME.ko, made in the way of other pipelines
#
# The objects before and after are kpatch-build's, which gets the OPTIONs and the PATCH; then create-diff-object is called with its seven operands
# for each pair, `ld -r` merges what it writes, kbuild links the patch module around it, and create-klp-module finishes that.
set -eu

lab=$1 bindir=$2 name=$3 outdir=$4
shift 4
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
work=''
trap 'rm -rf "$scratch" "$work"' EXIT

# What `readelf -s` says of the patched object, which kpatch-build takes from vmlinux or from the module as it is shipped.
symbols_of() { # OBJECT
	file=$lab/vmlinux
	[ "$1" = vmlinux ] || file=$(find "$lab/modules/" -name "$1.ko*" -o -name "$(echo "$1" | tr _ -).ko*" | head -n 1)
	case $file in
	*.xz) xz -dc "$file" >"$scratch/module.ko" && file=$scratch/module.ko ;;
	esac
	readelf -s --wide "$file"
}

"$root/scripts/kpatch-build" -k -n "$name" -o "$scratch" "$@" >"$scratch/said"
work=$(sed -n 's/^kept *//p' "$scratch/said")

for dir in "$work"/diff/*/; do
	unit=$(cat "$dir/unit") object=$(cat "$dir/object") status=0
	symbols_of "$object" >"$scratch/symbols"
	"$bindir/create-diff-object" -d "$work/before/$unit" "$work/after/$unit" "$object" "$scratch/symbols" "$lab/bld/Module.symvers" \
		"livepatch_$name" "$scratch/$(basename "$dir").o" || status=$?
	[ "$status" = 0 ] || [ "$status" = 3 ] || exit "$status"
done
ld -r -z noexecstack -o "$scratch/merged" "$scratch"/*.o
sh "$root/kmod/build.sh" --kdir "$lab/bld" --name "livepatch-$name" "$scratch/merged" "$scratch/linked.ko"
strip -g "$scratch/linked.ko"
"$bindir/create-klp-module" -d "$scratch/linked.ko" "$outdir/livepatch-$name.ko"
