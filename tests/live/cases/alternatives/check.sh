# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: alternatives of a patched function are put in place, and only those of this processor
load version
is "patched" "livepatch 2 1 1" "$(tail -n 1 /proc/version)"
unload version
