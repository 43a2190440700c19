# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a change of init code is left out where --skip-init says so, and a callback does to the running kernel what it would have done
# options: --skip-init=files_maxfiles_init
limit() { cat /proc/sys/fs/file-max; }
before=$(limit)
[ "$before" -lt 1000000 ] || fail "the guest has too much memory for this: $before"
load files
is "patched" 1000000 "$(limit)"
unload files
is "after" "$before" "$(limit)"
load files
echo 1234567 >/proc/sys/fs/file-max
unload files
is "an administrator's value" 1234567 "$(limit)"
load files
is "what is enough stays" 1234567 "$(limit)"
unload files
is "and is not set back" 1234567 "$(limit)"
