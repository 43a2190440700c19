# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of the core: a function of the kernel image that refers to code alone, also where the kernel lists no variables
# only: core
is_patched() { echo | dd bs=4321 count=1 2>&1 | grep -c 'Invalid cross-device link'; }
is "before" 0 "$(is_patched)"
load reader
is "patched" 1 "$(is_patched)"
unload reader
is "after" 0 "$(is_patched)"
load reader
is "again" 1 "$(is_patched)"
unload reader
