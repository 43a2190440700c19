# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: patches that do not replace others add to them, and the newest counts
# no-replace: a b
load a
load b
is "a and b" b "$(tail -n 1 /proc/version)"
has "a and b" MemUnavailable "$(cat /proc/meminfo)"
is "both are enabled" "1 1" "$(echo $(cat "$(live_dir)"/*/enabled))"
unload b
is "a" a "$(tail -n 1 /proc/version)"
unload a
is "after" 1 "$(wc -l </proc/version)"
