# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# skip-core: there a change happens at once or not: core-busy
# proves: a patch's module stays while a task sleeps in a function that a replaced one jumps to, of which the kernel knows nothing
# sample: 5.10
# skip-7.2: its compiler makes a call of the jump
# skip-small-arm64: its compiler makes a call of the jump
# skip-small-ppc64el: its compiler makes a call of the jump
# skip-small-clang: its compiler makes a call of the jump
load cmdline
cat /proc/cmdline >/tmp/cmdline &
reader=$!
sleep 1
echo 0 >"$(patch_dir cmdline)/enabled"
wait_for "the end of the transition" patch_is_gone cmdline
is "the transition does not see the task" "" "$(cat /tmp/cmdline)"
sleep 1
rmmod livepatch_cmdline &
remover=$!
wait_for "the name of the task" said "livepatch_cmdline: cat:$reader is in code of this patch"
is_loaded cmdline || fail "the module was removed under the task"
is "the task sleeps" "" "$(cat /tmp/cmdline)"
wait $reader || fail "the reader ended with $?"
has "the read" ' livepatch$' "$(cat /tmp/cmdline)"
wait $remover || fail "rmmod ended with $?"
! is_loaded cmdline || fail "the module was not removed"
lacks "after" ' livepatch$' "$(cat /proc/cmdline)"
# Nobody is there, and it goes without a wait.
named=$(said 'is in code of' | wc -l)
load cmdline
unload cmdline
is "nobody was waited for" "$named" "$(said 'is in code of' | wc -l)"
