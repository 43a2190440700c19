#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# whole.sh [LAB] - a whole kernel, as it was and with edits: what bench.sh compares
#
# Compiles the lab's kernel (tests/kernel/lab.sh) without debug information up to vmlinux.o, edits units of
# tests/kernel/units.txt as tests/kernel/corpus.py does, and links the objects again. A quarter of an hour on two processors, 2 GB.
# In WHOLE (default: LAB/whole) are then
#
#   orig-vmlinux.o, edit-vmlinux.o      the pair                   bld/            what the first was linked of
#   pick.units                          the units with an edit     units/          their objects: UNIT/edit.o
#
# What is complete is not made again; remove WHOLE for that.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
kernel=$here/../kernel
LAB=${1:-$(sh "$kernel/lab.sh")}
LAB=$(cd "$LAB" && pwd)
WHOLE=${WHOLE:-$LAB/whole}
TRIED=36

say() { echo "whole: $*" >&2; }

# A source of its own: kbuild writes where it is into the commands, which corpus.py replaces. Nobody may write through the links.
prepare() {
	say "preparing $WHOLE"
	rm -rf "$WHOLE"
	mkdir -p "$WHOLE/bld"
	cp -al "$LAB/linux" "$WHOLE/linux"
	for f in abi arch cc version; do
		[ ! -e "$LAB/$f" ] || cp "$LAB/$f" "$WHOLE"
	done
	[ ! -d "$LAB/bin" ] || ln -s "$LAB/bin" "$WHOLE/bin"
	cp "$LAB/bld/.config" "$WHOLE/bld"
	"$WHOLE/linux/scripts/config" --file "$WHOLE/bld/.config" --set-str SYSTEM_TRUSTED_KEYS "" \
		--set-str MODULE_SIG_KEY certs/signing_key.pem -d MODULE_SIG -d DEBUG_INFO_BTF -d DEBUG_INFO_DWARF4 -d DEBUG_INFO_DWARF5 \
		-d DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT -e DEBUG_INFO_NONE
	sh "$kernel/kbuild.sh" "$WHOLE" olddefconfig >&2
	: >"$WHOLE/prepared"
}

build() {
	say "compiling vmlinux.o; $WHOLE/build.log has what kbuild says"
	sh "$kernel/kbuild.sh" "$WHOLE" vmlinux_o >"$WHOLE/build.log" 2>&1 || {
		tail -20 "$WHOLE/build.log" >&2
		exit 1
	}
	cp "$WHOLE/bld/vmlinux.o" "$WHOLE/orig-vmlinux.o.new"
	mv "$WHOLE/orig-vmlinux.o.new" "$WHOLE/orig-vmlinux.o"
}

# Units of vmlinux, spread over the list, of which an edit compiles to other code that can be patched: one that cannot would have
# all of the pair refused.
edit() {
	say "editing units"
	sed 's/#.*//; s/ *$//; /^$/d; s/ .*//' "$kernel/units.txt" | while read -r unit; do
		[ ! -e "$WHOLE/bld/${unit%.c}.o" ] || echo "$unit"
	done >"$WHOLE/vm.units"
	LIMIT=$TRIED python3 -B "$kernel/corpus.py" --list "$WHOLE" "$WHOLE/vm.units" >"$WHOLE/tried.units"
	python3 -B "$kernel/corpus.py" "$WHOLE" "$WHOLE/tried.units" || say "left out are the units above"
	while read -r unit; do
		! grep -q '"unpatchable": \[\]' "$WHOLE/units/${unit%.c}/unit.json" 2>/dev/null || echo "$unit"
	done <"$WHOLE/tried.units" >"$WHOLE/pick.units.new"
	[ "$(wc -l <"$WHOLE/pick.units.new")" -ge 20 ] || say "these are fewer than 20 units"
	mv "$WHOLE/pick.units.new" "$WHOLE/pick.units"
}

# As kbuild linked it, in a directory of links to its objects
link_edited() {
	say "linking the edited vmlinux.o"
	rm -rf "$WHOLE/bld2"
	cp -al "$WHOLE/bld" "$WHOLE/bld2"
	while read -r unit; do
		cp --remove-destination "$WHOLE/units/${unit%.c}/edit.o" "$WHOLE/bld2/${unit%.c}.o"
	done <"$WHOLE/pick.units"
	rm "$WHOLE/bld2/vmlinux.o"
	(cd "$WHOLE/bld2" && PATH=$WHOLE/bin:$PATH sh -ec "$(sed -nE 's/^(saved)?cmd_vmlinux\.o := //p' .vmlinux.o.cmd)")
	mv "$WHOLE/bld2/vmlinux.o" "$WHOLE/edit-vmlinux.o"
	rm -rf "$WHOLE/bld2"
}

[ -e "$WHOLE/orig-vmlinux.o" ] || [ -e "$WHOLE/prepared" ] || prepare
[ -e "$WHOLE/orig-vmlinux.o" ] || build
[ -e "$WHOLE/pick.units" ] || edit
[ -e "$WHOLE/edit-vmlinux.o" ] || link_edited
echo "$WHOLE"
