# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a function of the kernel image is replaced and comes back; it calls unexported functions
lacks "before" MemUnavailable "$(cat /proc/meminfo)"
load memory
has "patched" '^MemUnavailable:  *[0-9]* kB$' "$(cat /proc/meminfo)"
has "the rest of it" '^HugePages_Total:' "$(cat /proc/meminfo)"
unload memory
lacks "after" MemUnavailable "$(cat /proc/meminfo)"
