# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: new functions, new data (initialised, zero, pointers to new strings) and changed strings work
load version
has "first line" '^Linux version ' "$(cat /proc/version)"
is "second read" 'livepatch read 42 even 4' "$(tail -n 1 /proc/version)"
is "third read" 'livepatch read 43 odd 6' "$(tail -n 1 /proc/version)"
has "a changed string" ' TIMER of  *[0-9]' "$(cat /proc/softirqs)"
unload version
lacks "the string, after" ' of ' "$(cat /proc/softirqs)"
is "after" 1 "$(wc -l </proc/version)"
