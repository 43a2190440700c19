# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of the core: a function that the patch marks is replaced while a task sleeps in it; the task goes on in the original
# only: core
sleep_in_reader
load reader
is "patched" 1 "$(reader_is_patched)"
is "the task" "" "$(cat /tmp/read)"
echo words >&4
exec 4>&-
wait $reader || fail "the task ended with $?"
is "the task" words "$(cat /tmp/read)"
unload reader
is "after" 0 "$(reader_is_patched)"
