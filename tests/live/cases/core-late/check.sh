# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of the core: where one of two patches refuses a module that comes, the module is not loaded, and the callbacks of the other go in pairs
# only: core
# ships: zram
# no-replace: first second
# allowed: Failed to
callbacks() { echo $(dmesg | sed -n 's/.*livepatch: \([a-z]* [a-z]*_[a-z]*\)$/\1/p'); }
load first
load second
! try_module zram 2>/dev/null || fail "zram is loaded, though a patch refuses it"
! [ -e /sys/module/zram ] || fail "zram is there, though it was not loaded"
has "the log" 'kpatch: `zram` is not loaded: `livepatch_second` cannot patch it (error -1)' "$(dmesg)"
# insmod has tried both of its system calls.
refused="first pre_patch second pre_patch first post_unpatch"
refused="$refused $refused"
is "the callbacks" "$refused" "$(callbacks)"
unload second
insert_module zram
is "the callbacks" "$refused first pre_patch first post_patch" "$(callbacks)"
rmmod zram
is "the callbacks" "$refused first pre_patch first post_patch first pre_unpatch first post_unpatch" "$(callbacks)"
unload first
