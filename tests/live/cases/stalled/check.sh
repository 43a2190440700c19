# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# skip-core: there a change happens at once or not: core-busy
# proves: a task that sleeps in a patched function holds the removal up, is named, and is not forced; it can be undone
read_version() {
	cat /proc/version >/tmp/version &
	task=$!
	sleep 1
}
names_the_task() {
	has "who" "1 task(s) hold up the transition of \`livepatch_version\`" "$(cat /said)"
	has "its number and name" "^  $task (cat)" "$(cat /said)"
	has "where it is" 'version_proc_show' "$(cat /said)"
}
load version
read_version
kpatch_says 5 unload livepatch_version --timeout 4 --undo
names_the_task
has "undone" '^error\[undone\]: `livepatch_version` is still loaded and enabled' "$(cat /said)"
is "the task goes on" "cat" "$(cat /proc/$task/comm)"
has "kpatch list" '^enabled .* livepatch_version$' "$(kpatch list)"
wait $task
is "the first read" livepatch "$(tail -n 1 /tmp/version)"

read_version
kpatch_says 4 unload livepatch-version --timeout 2
names_the_task
has "stalled" '^error\[stalled\]: `livepatch_version` is disabled, but tasks still run its code' "$(cat /said)"
is "in transition" "0 1" "$(cat "$(patch_dir version)/enabled") $(cat "$(patch_dir version)/transition")"
is "the task" 1 "$(cat /proc/$task/patch_state)"
has "kpatch list" '^disabling .* livepatch_version$' "$(kpatch list)"
kpatch_says 0 info livepatch_version
names_the_task
! rmmod livepatch_version 2>/dev/null || fail "the module was removed under the task"
unload version
wait $task
is "the second read" livepatch "$(tail -n 1 /tmp/version)"
is "after" 1 "$(wc -l </proc/version)"
