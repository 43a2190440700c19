#!/bin/busybox sh
# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# init.sh - /init of the guest: run /check.sh and say how it ended
#
# /case holds CASE, ALLOWED (a pattern of log lines that are no fault) and TAINT (bits that are none). The last line is
# `CASE name ok` or `CASE name FAIL reason`.
/bin/busybox mkdir -p /proc /sys /dev /tmp
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t debugfs debugfs /sys/kernel/debug
mount -t tracefs tracefs /sys/kernel/tracing
echo 1 >/proc/sys/kernel/printk

. /case
. /guest.sh

kernel_is_content() {
	faults=$(dmesg | sed "1,/CASE $CASE starts/d" | grep -E 'WARNING|BUG|Oops|general protection|Call Trace|cannot create duplicate|stack guard|scheduling while atomic|Invalid relocation|alternatives:|CFI failure|unreliable|[Ff]ailed to' |
		grep -v -E "${ALLOWED:-^$}")
	[ -z "$faults" ] || fail "the kernel complained: $(echo "$faults" | head -n 3)"
	# Live patch (15), out of tree (12), unsigned (13).
	taint=$(cat /proc/sys/kernel/tainted)
	[ -z "$TAINT" ] || taint=$((taint & ~TAINT))
	[ $((taint & ~(1 << 15 | 1 << 12 | 1 << 13))) = 0 ] || fail "the kernel is tainted: $taint"
}

echo
echo "CASE $CASE starts"
echo "CASE $CASE starts" >/dev/kmsg
. /check.sh
kernel_is_content
echo "CASE $CASE ok"
reboot -f
