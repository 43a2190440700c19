# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a task that sleeps in a patched function holds the removal up, can be found, and is not forced; it can be undone
state() { cat "/proc/$1/patch_state"; }
load version
cat /proc/version >/tmp/version &
task=$!
sleep 1
disable version
sleep 2
is "in transition" 1 "$(cat "$(patch_dir version)/transition")"
is "the task" 1 "$(state $task)"
! rmmod livepatch_version 2>/dev/null || fail "the module was removed under the task"
echo 1 >"$(patch_dir version)/enabled" || fail "the removal cannot be undone"
wait_for "the transition back" transition_is_over version
is "enabled again" 1 "$(cat "$(patch_dir version)/enabled")"
wait $task
cat /proc/version >/tmp/version &
task=$!
sleep 1
disable version
wait $task
wait_for "the end" patch_is_gone version
is "the task's read" livepatch "$(tail -n 1 /tmp/version)"
remove version 2>/dev/null
is "after" 1 "$(wc -l </proc/version)"
