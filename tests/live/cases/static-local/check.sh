# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a static local variable keeps its value, into the patch and out of it
# skip-small-s390x: do_syslog() reads variables by their distance, and before 6.10 no module is near enough (out-of-reach)
level() { cut -f 1 /proc/sys/kernel/printk; }
size=$(/helper 10)
echo 5 >/proc/sys/kernel/printk
/helper 6 # console off: the level is kept in the static local
is "off" 1 "$(level)"
load syslog
is "patched" $((size + 1)) "$(/helper 10)"
/helper 7 # console on
is "the level from before the patch" 5 "$(level)"
/helper 6
unload syslog
is "after" "$size" "$(/helper 10)"
/helper 7
is "the level from within the patch" 5 "$(level)"
