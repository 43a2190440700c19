# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: the four callbacks run, each once and in order; a shadow variable lives as long as the patch says
# sample: 5.10
# also: drop-in
callbacks() { echo $(dmesg | sed -n 's/.*livepatch: \([a-z]*_[a-z]*patch\) of vmlinux/\1/p'); }
load version
is "loaded" "pre_patch post_patch" "$(callbacks)"
is "first read" "livepatch 41" "$(tail -n 1 /proc/version)"
is "second read" "livepatch 42" "$(tail -n 1 /proc/version)"
unload version
is "unloaded" "pre_patch post_patch pre_unpatch post_unpatch" "$(callbacks)"
load version
is "a new variable" "livepatch 41" "$(tail -n 1 /proc/version)"
unload version
