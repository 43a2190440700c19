# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a module that is built outside of the kernel's source is patched by the parts of kpatch-build: its static variable stays, and
#	its function is called; the module may come later, too
# way: out-of-tree
insmod /lib/counter.ko || fail "the module cannot be loaded"
is "before" 1 "$(cat /proc/counter)"
load counter
is "patched" "livepatch 2" "$(cat /proc/counter)"
unload counter
is "after" 3 "$(cat /proc/counter)"
rmmod counter || fail "the module is still in use"
load counter
insmod /lib/counter.ko || fail "the module cannot be loaded behind the patch"
is "patched, loaded later" "livepatch 1" "$(cat /proc/counter)"
unload counter
is "after that" 2 "$(cat /proc/counter)"
