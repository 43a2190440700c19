#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# out-of-tree.sh LAB BINDIR NAME OUTDIR OPTION... PATCH - OUTDIR/livepatch-NAME.ko, of a module outside of the kernel's source
#
# The module's source is the directory NAME beside PATCH. NAME.ko goes to OUTDIR, too, compiled as a module's author does. The
# commands are those of docs/guide.md. Both builds are made in one directory, because its path stands in objects (__FILE__).
set -eu

lab=$1 bindir=$2 name=$3 outdir=$4
shift 4
while [ $# -gt 0 ]; do
	case $1 in *.patch) patch=$1 ;; esac
	shift
done
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
kbuild=$(cat "$lab/kbuild" 2>/dev/null) || kbuild='' # see tests/kernel/machine.sh
CC=$(cat "$lab/cc")
export CC

build() { # [KCFLAGS=...]
	# shellcheck disable=SC2086 # a list of words
	make -s -C "$lab/bld" M="$scratch/$name" CC="$CC" CONFIG_DEBUG_INFO_BTF_MODULES= $kbuild "$@" modules
}

cp -r "$(dirname "$patch")/$name" "$scratch"
build
cp "$scratch/$name/$name.ko" "$outdir"
for side in before after; do
	[ "$side" = before ] || patch -s -p1 -d "$scratch/$name" <"$patch"
	# Objects are compared before the link, for which kernels with IBT leave objtool; that is what its two variables are for.
	# shellcheck disable=SC2016 # make expands it
	build KCFLAGS='-ffunction-sections -fdata-sections' delay-objtool= \
		'objtool-args=$(filter-out --ibt,$(objtool-args-y))$(if $(part-of-module), --module)'
	mkdir "$scratch/$side"
	cp "$scratch/$name"/*.o "$scratch/$side"
	rm -f "$scratch/$side/$name.o" "$scratch/$side/$name.mod.o"
done

set --
for object in "$scratch"/after/*.o; do
	unit=$(basename "$object")
	status=0
	"$bindir/create-diff-object" -m "$name" -k "$lab/vmlinux" -k "$outdir/$name.ko" -s "$lab/bld/Module.symvers" --form linkable \
		"$scratch/before/$unit" "$object" "$scratch/$unit" || status=$?
	case $status in
	0) set -- "$@" "$scratch/$unit" ;;
	3) ;;
	*) exit "$status" ;;
	esac
done
"$root/kmod/build.sh" --kdir "$lab/bld" --name "livepatch-$name" "$@" "$scratch/linked.ko"
"$bindir/create-klp-module" -k "$lab/vmlinux" -k "$outdir/$name.ko" -s "$lab/bld/Module.symvers" "$scratch/linked.ko" "$outdir/livepatch-$name.ko"
