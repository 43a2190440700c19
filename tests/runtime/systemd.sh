#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# systemd.sh: the unit that kpatch(8) writes, in a stock Debian kernel with Debian's systemd under QEMU, before and after a
# reboot. Prints PASS, FAIL and SKIPPED lines.
#
# guest-lib.sh says what LAB and VMLINUZ are. Debian's packages are unpacked once, to $LAB/systemd/root, by debootstrap, which
# wants to be root. SYSTEMD_LIMIT: seconds that the guest may take (600).
set -u

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

. "$here/guest-lib.sh"
PATH=$PATH:/usr/sbin:/sbin
check_lab qemu-system-x86_64 debootstrap mke2fs make
[ "$(id -u)" = 0 ] || skip "debootstrap wants to be root"
grep -q '^CONFIG_BLK_DEV_NVME=y' "$LAB/bld/.config" && grep -q '^CONFIG_EXT4_FS=y' "$LAB/bld/.config" ||
	skip "the kernel reads no disk without modules"

find_system() {
	[ ! -e "$LAB/systemd/ready" ] || return 0
	rm -rf "$LAB/systemd"
	mkdir -p "$LAB/systemd"
	debootstrap --variant=minbase --include=systemd,systemd-sysv,kmod bookworm "$LAB/systemd/root" \
		"${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$LAB/systemd/log" 2>&1 ||
		skip "debootstrap failed: $(tail -n 1 "$LAB/systemd/log")"
	: >"$LAB/systemd/ready"
}

# The installed layout, and a unit that runs the tests when kpatch's is through.
make_disk() {
	root=$work/root
	cp -a "$LAB/systemd/root" "$root" || exit
	rm -rf "$root/var/cache/apt" "$root/var/lib/apt/lists"
	mkdir -p "$root/usr/libexec/kpatch" "$root/test" "$root/etc/systemd/system/multi-user.target.wants"
	cp "$here/../../scripts/kpatch" "$root/usr/sbin/kpatch"
	cp "$here"/../../scripts/kpatch.d/* "$root/usr/libexec/kpatch"
	cp "$here/lib.sh" "$here/guest/systemd.sh" "$work"/modules/*.ko "$root/test"
	chmod 755 "$root/usr/sbin/kpatch" "$root/test/systemd.sh"
	cp "$here/guest/kpatch-test.service" "$root/etc/systemd/system"
	ln -s ../kpatch-test.service "$root/etc/systemd/system/multi-user.target.wants"
	mke2fs -q -F -t ext4 -d "$root" "$work/disk" 900M >/dev/null 2>&1 || exit
	rm -rf "$root"
}

boot() {
	timeout "${SYSTEMD_LIMIT:-600}" qemu-system-x86_64 -m 768 -nographic -nic none -accel tcg -cpu max -kernel "$VMLINUZ" \
		-drive "file=$work/disk,format=raw,if=none,id=disk" -device nvme,drive=disk,serial=kpatch \
		-append "console=ttyS0 $patient root=/dev/nvme0n1 rw systemd.mask=serial-getty@ttyS0.service systemd.show_status=0" \
		</dev/null 2>&1 | tr -d '\r' >"$work/console"
}

find_kernel
find_system
build_modules
make_disk
boot
judge
