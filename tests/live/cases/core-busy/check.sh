# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of the core: a task that sleeps in a function to be replaced, or in a patch, stops the change and is named; then it succeeds
# only: core
# sample: 6.12-arm64
is_refused_for() { # WHAT TASK FUNCTION
	is "$1 names the task and the function" "kpatch: $2 is in \`$3\`, and stays there" "$(dmesg | sed 's/^\[[ 0-9.]*\] //' | grep 'stays there$' | tail -n 1)"
}
# Linux 6.14 gave the function that reads pipes another name.
read=$(sed -n 's/.* \(anon_pipe_read\|pipe_read\)$/\1/p' /proc/kallsyms | sort | head -n 1)
mkfifo /tmp/fifo
sleep 1000 >/tmp/fifo &
writer=$!
cat /tmp/fifo &
reader=$!
sleep 1
kpatch_says 3 load /lib/livepatch-reader.ko
is_refused_for load "cat:$reader" "$read"
! is_loaded reader || fail "the module is there, though the patch was refused"
! [ -e "$(patch_dir reader)" ] || fail "the patch is there, though it was refused"
kill $reader $writer
wait $reader
load reader
is "patched" 1 "$(echo | dd bs=4321 count=1 2>&1 | grep -c 'Invalid cross-device link')"
unload reader

load version
cat /proc/version >/tmp/version &
reader=$!
sleep 1
kpatch_says 3 unload livepatch_version
is_refused_for unload "cat:$reader" livepatch_version
is "still enabled" 1 "$(cat "$(patch_dir version)/enabled")"
! rmmod livepatch_version 2>/dev/null || fail "the module was removed under the task"
wait $reader || fail "the reader ended with $?"
is "the read" livepatch "$(tail -n 1 /tmp/version)"
unload version
is "after" 1 "$(wc -l </proc/version)"
