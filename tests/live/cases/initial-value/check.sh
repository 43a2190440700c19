# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: the stub that is offered for a changed initial value, pasted, sets the live static variable, and back, unless somebody has set it
limit() { cat /proc/sys/kernel/oops_limit; }
is "before" 10000 "$(limit)"
load limit
is "patched" 77 "$(limit)"
unload limit
is "after" 10000 "$(limit)"
echo 5 >/proc/sys/kernel/oops_limit
load limit
is "an administrator's value" 5 "$(limit)"
unload limit
is "the same afterwards" 5 "$(limit)"
