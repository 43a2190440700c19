# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a patch of several objects; the next one takes its place at once, and what it does not change is as it was
load a
is "a" a "$(tail -n 1 /proc/version)"
has "a" MemUnavailable "$(cat /proc/meminfo)"
load b
wait_for "the end of a" patch_is_gone a
is "b" b "$(tail -n 1 /proc/version)"
has "b" ' livepatch$' "$(cat /proc/cmdline)"
lacks "b" MemUnavailable "$(cat /proc/meminfo)"
has "kpatch list" "^disabled  *no  *livepatch_a$" "$(kpatch list)"
unload a
is "b without a" b "$(tail -n 1 /proc/version)"
unload b
is "after" 1 "$(wc -l </proc/version)"
lacks "after" ' livepatch$' "$(cat /proc/cmdline)"
