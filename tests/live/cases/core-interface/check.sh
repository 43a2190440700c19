# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of the core: what kpatch.h says of a patch's own mark (force), of kpatch_unregister() and of a patch made for another core
# only: core
# The helper waits for so many seconds in futex_wait(), and says how that ended.
insmod /lib/kpatch.ko || fail "the core is not loaded: $(dmesg | tail -n 1)"
! insmod /lib/hand.ko interface=7 2>/dev/null || fail "a patch for another core is loaded"
has "the log" 'kpatch: the patch was made for a core of another kind' "$(dmesg)"
/helper 40 >/tmp/sleeper &
sleeper=$!
sleep 1
! insmod /lib/hand.ko 2>/dev/null || fail "a function is replaced in which a task sleeps"
has "the log" "kpatch: helper:$sleeper is in \`futex_wait\`, and stays there" "$(dmesg)"
insmod /lib/hand.ko force=1 || fail "it is not forced: $(dmesg | tail -n 1)"
is "sysfs" "1 1" "$(echo $(cat /sys/kernel/kpatch/hand/enabled /sys/kernel/kpatch/hand/vmlinux/patched))"
[ -d /sys/kernel/kpatch/hand/vmlinux/futex_wait,1 ] || fail "the function is not in sysfs"
is "patched" "Invalid cross-device link" "$(/helper 5)"
is "the sleeper" "" "$(cat /tmp/sleeper)"
! rmmod hand 2>/dev/null || fail "the module is removed, though it is enabled"
echo 1 >/sys/module/hand/parameters/off || fail "kpatch_unregister: $(dmesg | tail -n 1)"
! [ -e /sys/kernel/kpatch/hand ] || fail "the patch is still in sysfs"
is "after" "Connection timed out" "$(/helper 1)"
echo 1 >/sys/module/hand/parameters/off || fail "kpatch_unregister of one that is disabled"
rmmod hand || fail "the module is still in use"
wait $sleeper
is "the sleeper" "Connection timed out" "$(cat /tmp/sleeper)"
rmmod kpatch || fail "the core is still in use"
