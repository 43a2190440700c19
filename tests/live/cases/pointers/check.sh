# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: calls through pointers, of the patch and by the kernel, get to new functions, and the patched one is the kernel's by its address
load version
is "by twice" 'livepatch 6 2 1 same' "$(tail -n 1 /proc/version)"
is "by thrice" 'livepatch 9 2 1 same' "$(tail -n 1 /proc/version)"
unload version
is "after" 1 "$(wc -l </proc/version)"
