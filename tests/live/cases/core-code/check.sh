# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of the core: a function of the kernel image that refers to code alone, also where the kernel lists no variables
# only: core
is "before" 0 "$(reader_is_patched)"
load reader
is "patched" 1 "$(reader_is_patched)"
unload reader
is "after" 0 "$(reader_is_patched)"
load reader
is "again" 1 "$(reader_is_patched)"
unload reader
