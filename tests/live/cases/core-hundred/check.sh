# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of the core: a patch can be loaded and unloaded a hundred times while two processors run what it changes
# only: core
# seconds: 1500
read_for_ever() {
	while :; do
		cat /proc/version >/dev/null
	done
}
is "processors" 0-1 "$(cat /sys/devices/system/cpu/online)"
read_for_ever &
first=$!
read_for_ever &
second=$!
round=0
while [ $round -lt 100 ]; do
	round=$((round + 1))
	insmod /lib/kpatch.ko 2>/dev/null
	insmod /lib/livepatch-version.ko || fail "round $round: it is not loaded: $(dmesg | tail -n 1)"
	is "round $round" livepatch "$(tail -n 1 /proc/version)"
	echo 0 >"$(patch_dir version)/enabled" || fail "round $round: it is not disabled: $(dmesg | tail -n 1)"
	wait_for "its removal" rmmod livepatch_version 2>/dev/null
	is "after round $round" 1 "$(wc -l </proc/version)"
done
kill $first $second
