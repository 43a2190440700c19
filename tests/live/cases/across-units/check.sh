# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: what is new in one unit serves another one, in the kernel and in a module; static functions of one name stay apart
# ships: zram
# kernels: 6.1 6.12
insert_module zram
load note
is "first read" 'livepatch 41 51' "$(tail -n 1 /proc/version)"
is "second read" 'livepatch 42 52' "$(tail -n 1 /proc/version)"
has "the other unit" ' livepatch$' "$(cat /proc/cmdline)"
has "zram" '^livepatch in zram$' "$(cat /sys/block/zram0/comp_algorithm)"
unload note
is "after" 1 "$(wc -l </proc/version)"
lacks "the other unit, after" livepatch "$(cat /proc/cmdline)"
lacks "zram, after" livepatch "$(cat /sys/block/zram0/comp_algorithm)"
