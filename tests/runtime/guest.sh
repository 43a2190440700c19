#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest.sh: kpatch(8) in a stock Debian kernel under QEMU, with a busybox initrd. Prints PASS, FAIL and SKIPPED lines.
#
# guest-lib.sh says what LAB and VMLINUZ are. GUEST_LIMIT: seconds that the guest may take (300).
set -u

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

. "$here/guest-lib.sh"
check_lab qemu-system-x86_64 busybox cpio make
! ldd "$(command -v busybox)" >/dev/null 2>&1 || skip "busybox is not static (package busybox-static)"

make_initrd() {
	root=$work/root
	mkdir -p "$root/bin" "$root/test" "$root/proc" "$root/sys" "$root/dev" "$root/etc"
	cp "$(command -v busybox)" "$root/bin/busybox"
	for applet in $(busybox --list); do
		[ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
	done
	cp -r "$here/../../scripts/kpatch" "$here/../../scripts/kpatch.d" "$root/bin"
	cp "$here/lib.sh" "$work"/modules/*.ko "$root/test"
	LC_ALL=C sed 's/vermagic=[0-9]\./vermagic=9./' "$work/modules/kpatch-test-a.ko" >"$root/test/other-kernel.ko"
	cp "$here/guest/init.sh" "$root/init"
	chmod 755 "$root/init" "$root/bin/kpatch"
	(cd "$root" && find . | cpio -o -H newc --quiet) | gzip -1 >"$work/initrd"
}

boot() {
	timeout "${GUEST_LIMIT:-300}" qemu-system-x86_64 -m 512 -nographic -no-reboot -kernel "$VMLINUZ" -initrd "$work/initrd" \
		-append "console=ttyS0 panic=-1 $patient" </dev/null 2>&1 | tr -d '\r' >"$work/console"
}

find_kernel
build_modules
make_initrd
boot
judge
