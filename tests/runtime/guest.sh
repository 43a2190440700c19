#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest.sh: kpatch(8) in a stock Debian kernel under QEMU, with a busybox initrd. Prints PASS, FAIL and SKIPPED lines.
#
# LAB is the directory that tests/kernel/lab.sh fills; VMLINUZ the kernel, when it is not in $LAB/boot: then the
# linux-image package is downloaded once for it. GUEST_LIMIT: seconds that the guest may take (300).
set -u

here=$(cd "$(dirname "$0")" && pwd)
LAB=${LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/elfdiff-lab}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

skip() {
	echo "SKIPPED $*"
	exit 0
}

for tool in qemu-system-x86_64 busybox cpio gcc-12 make; do
	command -v $tool >/dev/null || skip "$tool is missing"
done
! ldd "$(command -v busybox)" >/dev/null 2>&1 || skip "busybox is not static (package busybox-static)"
[ "$(uname -m)" = x86_64 ] || skip "this is no x86_64 machine"
[ -e "$LAB/bld/Module.symvers" ] || skip "no prepared kernel in $LAB; \`make check-kernel\` or tests/kernel/lab.sh makes it"
abi=$(cat "$LAB/abi") version=$(cat "$LAB/version")

find_kernel() {
	VMLINUZ=${VMLINUZ:-$LAB/boot/vmlinuz-$abi}
	[ ! -e "$VMLINUZ" ] || return 0
	(cd "$work" && apt-get -q -o APT::Sandbox::User=root download "linux-image-$abi=$version" >/dev/null 2>&1 &&
		dpkg -x "linux-image-${abi}"_*.deb image && mkdir -p "$LAB/boot" &&
		mv "image/boot/vmlinuz-$abi" "$LAB/boot/") || skip "linux-image-$abi of version $version cannot be downloaded"
}

# The headers' .config and Module.symvers with the source's scripts: what the package linux-headers gives too.
build_modules() {
	mkdir "$work/modules"
	cp "$here"/guest/*.[ch] "$here/guest/Kbuild" "$work/modules"
	make -s CC=gcc-12 HOSTCC=gcc-12 -C "$LAB/linux" O="$LAB/bld" M="$work/modules" LOCALVERSION= KERNELRELEASE="$abi" \
		modules >"$work/log" 2>&1 || {
		cat "$work/log"
		echo "FAIL its modules do not build"
		exit 1
	}
}

make_initrd() {
	root=$work/root
	mkdir -p "$root/bin" "$root/test" "$root/proc" "$root/sys" "$root/dev" "$root/etc"
	cp "$(command -v busybox)" "$root/bin/busybox"
	for applet in $(busybox --list); do
		[ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
	done
	cp "$here/../../scripts/kpatch" "$root/bin/kpatch"
	cp "$here/lib.sh" "$work"/modules/*.ko "$root/test"
	LC_ALL=C sed 's/vermagic=6\./vermagic=9./' "$work/modules/kpatch-test-a.ko" >"$root/test/other-kernel.ko"
	cp "$here/guest/init.sh" "$root/init"
	chmod 755 "$root/init" "$root/bin/kpatch"
	(cd "$root" && find . | cpio -o -H newc --quiet) | gzip -1 >"$work/initrd"
}

boot() {
	timeout "${GUEST_LIMIT:-300}" qemu-system-x86_64 -m 512 -nographic -no-reboot -kernel "$VMLINUZ" -initrd "$work/initrd" \
		-append "console=ttyS0 panic=-1 quiet" </dev/null 2>&1 | tr -d '\r' >"$work/console"
}

find_kernel
build_modules
make_initrd
boot
if grep -q '^GUEST DONE' "$work/console"; then
	grep -E '^(PASS|FAIL|  \|)' "$work/console"
else
	cat "$work/console"
	echo "FAIL it did not come to its end"
fi
! grep -q '^FAIL' "$work/console"
