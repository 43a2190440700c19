# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a patched function calls the static function of its own file, of several of one name
processors() { grep -c -e '^processor[[:blank:]]*:' -e '^cpu number[[:blank:]]*:' /proc/cpuinfo; }
is "before" 2 "$(processors)"
load cpus
is "patched" 1 "$(processors)"
has "/proc/crypto, whose c_start is another" '^name' "$(cat /proc/crypto)"
unload cpus
is "after" 2 "$(processors)"
