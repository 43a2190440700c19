#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# thinlto.sh BINDIR [LAB] - a whole kernel that Clang's ThinLTO made, as it was and with edits
#
# Builds a small kernel of the lab's source (tests/kernel/lab.sh: 6.1) with the configuration of tests/kernel/machine.config and
# thinlto.config, inserts what thinlto.edits has, and links vmlinux.o again. Then thinlto.py compares the two by itself and holds
# what create-diff-object reports against that, and the patch of all edits is loaded, used and unloaded in that kernel, in QEMU
# (thinlto-guest.sh). Ten minutes on two processors, then one; 2 GB. In THINLTO (default: LAB/thinlto) are then
#
#   orig-vmlinux.o, edit-vmlinux.o   the pair           vmlinux, bzImage, bld/   the kernel that the first is of
#
# What is complete is not made again; remove THINLTO for that. LLVM=-19 takes another version of Clang than 16.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
kernel=$root/tests/kernel
bindir=$(cd "${1:?Usage: thinlto.sh BINDIR [LAB]}" && pwd)
LAB=$(cd "${2:-$(sh "$kernel/lab.sh")}" && pwd)
THINLTO=${THINLTO:-$LAB/thinlto}
LLVM=${LLVM:--16}
unset MAKEFLAGS MFLAGS ARCH CROSS_COMPILE CC

say() { echo "thinlto: $*" >&2; }
finish() { # passed, failed or skipped, and why
	[ -z "${2:-}" ] || echo "$2"
	echo "thinlto: $(($1 == 0)) passed, $(($1 == 1)) failed, $(($1 == 2)) skipped"
	exit "$(($1 == 1))"
}

for tool in "clang$LLVM" "ld.lld$LLVM" "llvm-objcopy$LLVM" gcc-12 qemu-system-x86_64 cpio python3; do
	command -v "$tool" >/dev/null || finish 2 "SKIPPED thinlto: $tool is missing (scripts/setup.sh more)"
done

kbuild() {
	make -s -C "$THINLTO/linux" O="$THINLTO/bld" -j"$(nproc)" ARCH=x86_64 LLVM="$LLVM" HOSTCC=gcc-12 "$@" >>"$THINLTO/build.log" 2>&1 || {
		tail -20 "$THINLTO/build.log" >&2
		exit 1
	}
}

# A source of its own, because it is edited where it is: kbuild writes the source's place into every command.
build() {
	say "building the kernel; $THINLTO/build.log has what kbuild says"
	rm -rf "$THINLTO"
	mkdir -p "$THINLTO/bld"
	cp -al "$LAB/linux" "$THINLTO/linux"
	cat "$kernel/machine.config" "$here/thinlto.config" >"$THINLTO/config"
	KCONFIG_ALLCONFIG="$THINLTO/config" kbuild allnoconfig
	grep -qx CONFIG_LTO_CLANG_THIN=y "$THINLTO/bld/.config" || { say "the configuration has no ThinLTO"; exit 1; }
	kbuild vmlinux bzImage modules
	cp "$THINLTO/bld/vmlinux" "$THINLTO/bld/arch/x86/boot/bzImage" "$THINLTO"
	cp "$THINLTO/bld/vmlinux.o" "$THINLTO/orig-vmlinux.o.new"
	mv "$THINLTO/orig-vmlinux.o.new" "$THINLTO/orig-vmlinux.o"
}

edit() {
	say "building the edited vmlinux.o"
	python3 -B "$here/thinlto.py" edit "$LAB/linux" "$THINLTO/linux" "$here/thinlto.edits" >&2
	kbuild vmlinux_o
	cp "$THINLTO/bld/vmlinux.o" "$THINLTO/edit-vmlinux.o.new"
	mv "$THINLTO/edit-vmlinux.o.new" "$THINLTO/edit-vmlinux.o"
}

make_module() {
	"$bindir/create-diff-object" -q --form linkable -m vmlinux -k "$THINLTO/vmlinux" -s "$THINLTO/bld/Module.symvers" \
		"$THINLTO/orig-vmlinux.o" "$THINLTO/edit-vmlinux.o" "$work/patch.o"
	LLVM=$LLVM sh "$root/kmod/build.sh" --kdir "$THINLTO/bld" --name livepatch-thinlto "$work/patch.o" "$work/linked.ko"
	"$bindir/create-klp-module" "$work/linked.ko" "$work/root/lib/livepatch-thinlto.ko"
}

# As tests/live/check.sh does for its cases
boot() {
	cp /bin/busybox "$root/scripts/kpatch" "$work/root/bin"
	cp "$root/tests/live/init.sh" "$work/root/init"
	chmod +x "$work/root/init" "$work/root/bin/kpatch"
	cp "$root/tests/live/guest.sh" "$work/root"
	cp "$here/thinlto-guest.sh" "$work/root/check.sh"
	printf "CASE=thinlto\nALLOWED=\nTAINT=\n" >"$work/root/case"
	(cd "$work/root" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initrd"
	timeout 600 qemu-system-x86_64 -cpu max -m 768 -smp 2,sockets=2 -accel tcg,thread=single -nic none -nographic -no-reboot \
		-kernel "$THINLTO/bzImage" -initrd "$work/initrd" \
		-append "console=ttyS0 panic=-1 quiet nosoftlockup no_timer_check rcupdate.rcu_cpu_stall_suppress=1" \
		</dev/null 2>&1 | tr -d '\r' >"$work/console"
	grep -q '^CASE thinlto ok$' "$work/console" || {
		tail -n 40 "$work/console"
		finish 1 "FAIL thinlto: in the guest: $(sed -n 's/^CASE thinlto FAIL //p' "$work/console")"
	}
	sed -n 's/^TABLE //p' "$work/console"
}

[ -e "$THINLTO/orig-vmlinux.o" ] || build
[ -e "$THINLTO/edit-vmlinux.o" ] || edit
python3 -B "$here/thinlto.py" judge "$bindir" "$THINLTO" || finish 1
work=$(mktemp -d "${TMPDIR:-/tmp}/thinlto.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/bin" "$work/root/lib"
make_module
boot
finish 0
