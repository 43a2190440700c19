# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of the core: a function that is not as the patch was told is not redirected, though kpatch did not look
# only: core
# needs: KALLSYMS_ALL
kpatch_says 3 load --no-check /lib/altered.ko
has "the core" 'kpatch: `version_proc_show` is not the function that the patch was made for: at byte [0-9]* of [0-9]* it has no' "$(dmesg)"
lacks "the modules" livepatch_version "$(cat /proc/modules)"
is "before" 1 "$(wc -l </proc/version)"
load version
is "patched" 2 "$(wc -l </proc/version)"
unload version
is "after" 1 "$(wc -l </proc/version)"
