# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of the core: a task in a function that waits for a page of user memory is in that function, though what accesses the memory has no frame
# only: core
# sample: 6.12-arm64
# needs: USERFAULTFD
is_patched() { dd if=/dev/zero of=/dev/null bs=4321 count=1 2>&1 | grep -c 'Invalid cross-device link'; }
is "before" 0 "$(is_patched)"
/helper >/tmp/helper &
helper=$!
sleep 1
is "the helper" "it waits" "$(cat /tmp/helper)"
kpatch_says 3 load /lib/livepatch-zero.ko
stayed load "helper:$helper" read_zero
kill -9 $helper
wait $helper
load zero
is "patched" 1 "$(is_patched)"
/helper >/tmp/helper &
helper=$!
sleep 1
is "the helper" "it waits" "$(cat /tmp/helper)"
kpatch_says 3 unload livepatch_zero
stayed unload "helper:$helper" livepatch_zero
kill -9 $helper
wait $helper
unload zero
is "after" 0 "$(is_patched)"
