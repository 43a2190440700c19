# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a module for another kernel is refused with a reason, and nothing of it stays
# foreign: version
! insmod /lib/livepatch-version.ko 2>/tmp/error || fail "it was loaded"
has "insmod" 'nvalid module format' "$(cat /tmp/error)"
has "the kernel" 'livepatch_version: .*\(disagrees about version\|version magic\|must match the kernel\)' "$(dmesg)"
lacks "the modules" livepatch_version "$(cat /proc/modules)"
is "the patches" "" "$(ls /sys/kernel/livepatch)"
is "after" 1 "$(wc -l </proc/version)"
