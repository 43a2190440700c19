# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of the core: a task that sleeps in a function to be replaced, or in a patch, stops the change and is named; then it succeeds
# only: core
# sample: 6.12-arm64
sleep_in_reader
kpatch_says 3 load /lib/livepatch-reader.ko
stayed load "cat:$reader" "$(pipe_reader)"
! is_loaded reader || fail "the module is there, though the patch was refused"
! [ -e "$(patch_dir reader)" ] || fail "the patch is there, though it was refused"
kill $reader
wait $reader
exec 4>&-
load reader
is "patched" 1 "$(reader_is_patched)"
unload reader

load version
cat /proc/version >/tmp/version &
reader=$!
sleep 1
kpatch_says 3 unload livepatch_version
stayed unload "cat:$reader" livepatch_version
is "still enabled" 1 "$(cat "$(patch_dir version)/enabled")"
! rmmod livepatch_version 2>/dev/null || fail "the module was removed under the task"
wait $reader || fail "the reader ended with $?"
is "the read" livepatch "$(tail -n 1 /tmp/version)"
unload version
is "after" 1 "$(wc -l </proc/version)"
