# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: kpatch-macros.h: a system call patched in both entries, callbacks, messages, a forced and an ignored function
messages() { echo $(dmesg | sed -n 's/.*macros: //p'); }
cd /
is "before" "2 2" "$(/helper 4321)"
load getcwd
is "loaded" "pre_patch of vmlinux post_patch" "$(messages)"
is "patched in both entries" "-18 -18" "$(/helper 4321)"
is "other sizes as before" "2 2" "$(/helper 4320)"
is "said by the call" "pre_patch of vmlinux post_patch 4321 bytes, 1 4321 bytes, 1" "$(messages)"
case $(uname -m) in
x86_64) entries='__ia32_sys_getcwd,1 __x64_sys_getcwd,1' ;;
ppc64le) entries=sys_getcwd,1 ;;
s390x) entries=__se_sys_getcwd,1 ;;
*) entries=__arm64_sys_getcwd,1 ;;
esac
! grep -q 'clang version' /proc/version || entries=__se_sys_getcwd,1 # which both entries call
is "replaced" "$(echo $(printf '%s\n' $entries d_absolute_path,1 | sort))" "$(echo $(ls "$(patch_dir getcwd)/vmlinux" | grep ,))"
unload getcwd
is "unloaded" "pre_patch of vmlinux post_patch 4321 bytes, 1 4321 bytes, 1 pre_unpatch post_unpatch" "$(messages)"
is "after" "2 2" "$(/helper 4321)"
