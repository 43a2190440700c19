# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a module for another kernel is refused with a reason, by kpatch and by the kernel, and nothing of it stays; so is one
#	with a forged release, by its code
# sample: 6.12
# foreign: version
kpatch_says 2 load /lib/livepatch-version.ko
has "kpatch" '^error\[wrong-kernel\]: `/lib/livepatch-version.ko` is not for the running kernel' "$(cat /said)"
has "its cause" "cause  *it was built for 6\.[0-9.]*.*, and $(uname -r) is running" "$(cat /said)"
lacks "the kernel, which kpatch does not ask" livepatch_version "$(dmesg)"
! insmod /lib/livepatch-version.ko 2>/tmp/error || fail "it was loaded"
has "insmod" 'nvalid module format' "$(cat /tmp/error)"
has "the kernel" 'livepatch_version: .*\(disagrees about version\|version magic\|must match the kernel\)' "$(dmesg)"
lacks "the modules" livepatch_version "$(cat /proc/modules)"
is "the patches" "" "$(ls "$(live_dir)")"
is "after" 1 "$(wc -l </proc/version)"

# Only its name is the right one.
kpatch_says 2 check /lib/forged.ko
has "the code or the symbols" '^error\[other-\(code\|symbols\)\]' "$(cat /said)"
kpatch_says 2 load /lib/forged.ko
has "load, too" '^error\[other-\(code\|symbols\)\]' "$(cat /said)"
is "no module" "" "$(cat /proc/modules)"
echo "TABLE forged: $(grep cause /said)"
