# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a global function without an ftrace location (no code of lib/ has one) is changed through its callers in another unit, which
#	kpatch-build finds
# needs: KEYS
is "before" "0 0" "$(/helper 2) $(/helper 3)"
load keyring
is "patched" "0 33" "$(/helper 2) $(/helper 3)"
kpatch_says 0 info livepatch_keyring
has "its callers" '^changes  *keyring_clear,' "$(cat /said)"
unload keyring
is "after" "0 0" "$(/helper 2) $(/helper 3)"
