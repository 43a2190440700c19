# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a fault at a user's address in a patched function is found in the exception table; stac/clac of x86 are put in place
# sample: 5.10
touch /tmp/hidden /tmp/shown
is "before" "hidden shown" "$(echo $(ls /tmp))"
[ "$(uname -m)" != x86_64 ] || has "the processor" ' smap ' "$(grep ^flags /proc/cpuinfo)"
load readdir
is "patched" "shown" "$(echo $(ls /tmp))"
is "a bad address" EFAULT "$(/helper)"
is "and then" "shown" "$(echo $(ls /tmp))"
unload readdir
is "after" "hidden shown" "$(echo $(ls /tmp))"
