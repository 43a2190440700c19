#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# systemd.sh - run by kpatch-test.service in the guest at both boots: kpatch(8) with Debian's systemd
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
work=/run/kpatch-work
mkdir -p $work
kpatch=kpatch
. /test/lib.sh
klp=/sys/kernel/livepatch
unit=/etc/systemd/system/kpatch.service

first_boot() {
	holds "systemd runs" says /proc/1/comm systemd
	run status
	expect "nothing is installed" 0 "in force: no patch"
	run install /test/kpatch-test-b.ko
	expect "install" 0 "is installed" "!have init run"
	holds "the unit is right" systemd-analyze --man=no verify $unit
	holds "the unit is enabled" systemctl is-enabled kpatch.service
	run status
	expect "it is not loaded yet" 2 "missing: kpatch_test_b"
	holds "the service starts" systemctl start kpatch.service
	holds "the patch works" says /proc/cmdline "patched by b"
	holds "the service starts again" systemctl restart kpatch.service
	holds "the service is active" systemctl is-active kpatch.service
	holds "the patch still works" says /proc/cmdline "patched by b"
	run status
	expect "it is in force" 0 "in force: kpatch_test_b"
	: >/test/rebooted
	sync
	systemctl --no-block reboot
}

second_boot() {
	holds "after the reboot the service is active" systemctl is-active kpatch.service
	holds "after the reboot the patch works" says /proc/cmdline "patched by b"
	run status
	expect "after the reboot it is in force" 0 "in force: kpatch_test_b"
	holds "after the reboot the service starts again" systemctl restart kpatch.service
	run unload kpatch-test-b
	expect "it is unloaded" 0 "is unloaded"
	holds "the service loads it again" systemctl restart kpatch.service
	holds "and it works" says /proc/cmdline "patched by b"
	run uninstall kpatch-test-b
	expect "uninstall" 0 "still loaded"
	holds "the unit has gone" missing $unit
	holds "no boot asks for it" missing /etc/systemd/system/multi-user.target.wants/kpatch.service
	journalctl -b -u kpatch.service -o cat >$work/out
	holds "the journal has what it did" grep -q "is loaded and enabled" $work/out
	dmesg | grep -E 'WARNING|BUG|Oops|Call Trace|general protection' >$work/out
	holds "the kernel does not complain" test ! -s $work/out
	cat $work/out
	echo GUEST DONE
	systemctl --no-block poweroff
}

echo
if [ -e /test/rebooted ]; then second_boot; else first_boot; fi
