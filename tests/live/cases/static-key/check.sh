# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a branch on a static key of the kernel is right at the load and follows the key
# sample: 6.12
schedstats() { echo "$1" >/proc/sys/kernel/sched_schedstats; }
schedstats 0
load version
is "off" "no schedstats" "$(tail -n 1 /proc/version)"
schedstats 1
is "turned on" "schedstats" "$(tail -n 1 /proc/version)"
unload version
load version
is "on before the load" "schedstats" "$(tail -n 1 /proc/version)"
schedstats 0
is "turned off" "no schedstats" "$(tail -n 1 /proc/version)"
unload version
schedstats 1
schedstats 0
