# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a function of the kernel image is replaced and comes back; it calls unexported functions (static ones: position-called)
lacks "before" MemUnavailable "$(cat /proc/meminfo)"
is "nothing is loaded" "no patch is loaded or installed" "$(kpatch list)"
kpatch_says 0 info /lib/livepatch-memory.ko
has "the file's kernel" "^kernel  *$(uname -r)$" "$(cat /said)"
has "it fits" '^fits  *yes$' "$(cat /said)"
load memory
has "patched" '^MemUnavailable:  *[0-9]* kB$' "$(cat /proc/meminfo)"
has "the rest of it" '^Percpu:' "$(cat /proc/meminfo)"
kpatch_says 0 info livepatch_memory
has "its state" '^state  *enabled$' "$(cat /said)"
# 6.1 does not tell whether a patch replaces others.
[ ! -e "$(patch_dir memory)/replace" ] || has "cumulative" '^cumulative  *yes$' "$(cat /said)"
is "what it changes" "changes meminfo_proc_show,1 in vmlinux" "$(echo $(grep ^changes /said))"
kpatch_says 2 load /lib/livepatch-memory.ko
has "twice" '^error\[already-loaded\]' "$(cat /said)"
unload memory
lacks "after" MemUnavailable "$(cat /proc/meminfo)"
kpatch_says 2 unload livepatch_memory
has "twice" '^error\[not-loaded\]' "$(cat /said)"
