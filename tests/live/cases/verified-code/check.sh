# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: the code of the originals as a build records it is that of the running kernel, of hundreds of functions: where a kernel lists
#	no variables, too, which the patches of `verified` need
# only: core
has_all() { has "$1" " the code of $(cat /lib/all.count) functions\$" "$(cat /said)"; }
kpatch_says 0 check /lib/all.ko
has_all "all"
kpatch_says 0 check /lib/livepatch-reader.ko
has "its own" ' the code of 1 functions$' "$(cat /said)"
load reader
kpatch_says 0 check /lib/all.ko
has_all "patched"
unload reader
echo "TABLE the code of $(cat /lib/all.count) functions compared twice"
