# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of the core: a variable that the kernel does not list is found by its recorded address, in the build of which that is and in no other
# only: core
# lacks: KALLSYMS_ALL
lacks "the kernel's list" ' linux_proc_banner$' "$(cat /proc/kallsyms)"
kpatch_says 3 load /lib/altered.ko
has "the core" 'kpatch: this kernel does not tell where `linux_proc_banner` is, and is another than the one of which the patch knows' "$(dmesg)"
has "the core" 'kpatch: `linux_proc_banner` of `vmlinux` cannot be referred to from .*: the kernel does not tell where it is' "$(dmesg)"
lacks "the modules" livepatch_version "$(cat /proc/modules)"
is "before" 1 "$(wc -l </proc/version)"
first=$(cat /proc/version)
load version
is "patched" "$first livepatch" "$(echo $(cat /proc/version))"
unload version
is "after" "$first" "$(cat /proc/version)"
