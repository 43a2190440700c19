# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: functions without an ftrace location are changed through their callers in the same unit, and come back: the code of a
#	system call, which its entries jump to, and one that the scheduler calls from a dozen functions
# 0x7654321 is no set of flags that the kernel knows: EINVAL is 22, EDOM 33
is "before" 22 "$(/helper)"
load swapon
is "patched" 33 "$(/helper)"
unload swapon
is "after" 22 "$(/helper)"
is "not called before" "" "$(said 'load averages are patched')"
load averages
wait_for "the scheduler's call" said 'load averages are patched'
kpatch_says 0 info livepatch_averages
has "its callers" '^changes  *enqueue_task_fair,' "$(cat /said)"
lacks "what has no ftrace location" '^changes  *update_load_avg,' "$(cat /said)"
for i in 1 2 3 4 5 6 7 8; do
	usleep 50000 &
done
wait
unload averages
