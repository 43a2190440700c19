# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a patched function takes the lock of its file, a static variable of the kernel, and not a copy
before=$(wc -l </proc/ioports)
load resource
is "patched" $((before - 1)) "$(wc -l </proc/ioports)"
unload resource
is "after" "$before" "$(wc -l </proc/ioports)"
