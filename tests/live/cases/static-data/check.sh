# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a patched function takes the lock of its file, a static variable of the kernel, and not a copy
first=$(sed -n 1p /proc/iomem) second=$(sed -n 2p /proc/iomem)
load resource
is "patched" "$second" "$(sed -n 1p /proc/iomem)"
unload resource
is "after" "$first" "$(sed -n 1p /proc/iomem)"
