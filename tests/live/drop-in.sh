#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# drop-in.sh LAB BINDIR NAME OUTDIR OPTION... PATCH - OUTDIR/livepatch-NAME.ko, made in the way of other pipelines
#
# The objects before and after are kpatch-build's, which gets the OPTIONs and the PATCH. From there on nothing is ours but the
# two commands, called as kpatch-build 0.9.11 calls them: create-diff-object --klp-arch with seven operands for each pair,
# `ld -r` of what it writes, a module of the kernel's kbuild from template/, create-klp-module --no-klp-arch-sections.
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

# objtool: see kmod/build.sh.
link_module() { # MERGED
	cp -r "$root/tests/live/template" "$scratch/patch"
	cp "$1" "$scratch/patch/output.o"
	: >"$scratch/patch/.output.o.cmd" # modpost asks for it
	cat >"$scratch/patch/Kbuild" <<-END
		obj-m := livepatch-$name.o
		livepatch-$name-y := hook.o groups.o output.o
		ldflags-y += -T \$(src)/hook.lds
	END
	# shellcheck disable=SC2016,SC2086 # make expands it; a list of words
	make -s -C "$lab/bld" M="$scratch/patch" CC="$(cat "$lab/cc")" $kbuild CONFIG_DEBUG_INFO_BTF_MODULES= delay-objtool= \
		'objtool-args=$(filter-out --ibt,$(objtool-args-y))$(if $(part-of-module), --module)' modules
}

kbuild=$(cat "$lab/kbuild" 2>/dev/null) || kbuild='' # see tests/kernel/machine.sh
status=0
"$root/scripts/kpatch-build" -k -n "$name" -o "$scratch" "$@" >"$scratch/said" || status=$?
work=$(sed -n 's/^kept *//p' "$scratch/said")
[ "$status" = 0 ] || exit "$status"
[ -s "$work/diff.out" ] || { echo "drop-in.sh: kpatch-build kept no objects in \`$work\`" >&2; exit 1; }

sed -nE 's/^([^ ]+) \(([^ ]+)\): .*/\1 \2/p' "$work/diff.out" >"$scratch/units"
made=0
while read -r unit object; do
	status=0
	made=$((made + 1))
	symbols_of "$object" >"$scratch/symbols"
	"$bindir/create-diff-object" --klp-arch "$work/before/$unit" "$work/after/$unit" "$object" "$scratch/symbols" \
		"$lab/bld/Module.symvers" "livepatch_$name" "$scratch/$made.o" </dev/null || status=$?
	[ "$status" = 0 ] || [ "$status" = 3 ] || exit "$status"
done <"$scratch/units"
"$(echo "$kbuild" | sed -n 's/.*CROSS_COMPILE=//p')ld" -r -z noexecstack -o "$scratch/merged" "$scratch"/*.o
link_module "$scratch/merged"
"$bindir/create-klp-module" --no-klp-arch-sections "$scratch/patch/livepatch-$name.ko" "$outdir/livepatch-$name.ko"
