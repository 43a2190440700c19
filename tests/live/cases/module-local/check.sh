# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a table of a function in a distribution's module, whose symbols tell no source file, is the module's own
# ships: xfs
# kernels: 6.1 6.12
statistics() { cat /sys/fs/xfs/stats/stats; }
insert_module xfs
before=$(statistics)
has "before" '^extent_alloc 0' "$before"
load xfs
is "patched" "$(echo "$before" | sed -n '1,20s/^/stat /p')" "$(statistics | sed -n 1,20p)"
unload xfs
is "after" "$before" "$(statistics)"
rmmod xfs || fail "xfs is still in use"
