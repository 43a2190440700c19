# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: new code in a patched function survives an address where nothing is: its exception table is in place
# sample: 6.12
load version
is "patched" "livepatch 42 fault" "$(tail -n 1 /proc/version)"
is "again" "livepatch 42 fault" "$(tail -n 1 /proc/version)"
unload version
