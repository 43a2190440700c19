# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# thinlto-guest.sh - the patch of thinlto.edits in the kernel that it is for; tests/live/init.sh runs it
lacks "before the patch" elfdiff "$(cat /proc/cmdline)"
load thinlto
has "/proc/cmdline" '^elfdiff ' "$(cat /proc/cmdline)"
# What was edited runs: pipes, files and directories of several kinds, terminals, tables of /proc and /sys
mkdir -p /mnt
mount -t tmpfs tmpfs /mnt
cp /bin/busybox /mnt/copy
cmp /bin/busybox /mnt/copy || fail "what was written through the patch differs"
is "a pipe" "through a pipe" "$(echo through a pipe | cat)"
ls -R /sys/kernel /proc/sys/net >/dev/null
cat /proc/meminfo /proc/sysvipc/shm >/dev/null
echo patched >/proc/sys/kernel/hostname
is "the host's name" patched "$(cat /proc/sys/kernel/hostname)"
has "the log" "elfdiff proc_dostring" "$(said elfdiff)"
functions=$(find /sys/kernel/livepatch/livepatch_thinlto/vmlinux -mindepth 1 -maxdepth 1 -type d | wc -l)
unload thinlto
lacks "after the patch" elfdiff "$(cat /proc/cmdline)"
echo "TABLE loaded, used and unloaded in the guest: a patch of $functions functions"
