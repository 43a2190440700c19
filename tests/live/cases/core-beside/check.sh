# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: the core refuses a kernel with livepatch; forced, each of the two has its patches, and kpatch shows those of both
# for-core: version
# needs: LIVEPATCH
# skip-small: it is about kernels that others made, with livepatch and a core in one machine
! insmod /lib/kpatch.ko 2>/tmp/why || fail "the core is loaded beside livepatch"
has "the log" 'kpatch: this kernel has livepatch, and a function can have one of the two; force=1 if it must be$' "$(dmesg)"
kpatch_says 3 load /lib/livepatch-version.ko
has "kpatch load" '^error.refused-by-kernel.: the kernel does not load `/lib/kpatch.ko`' "$(cat /said)"
! [ -e /sys/kernel/kpatch ] || fail "the core is there, though it refused"
load reader
insmod /lib/kpatch.ko force=1 || fail "the core is not loaded, though it was forced: $(dmesg | tail -n 1)"
load version
is "both functions" "2 1" "$(wc -l </proc/version) $(reader_is_patched)"
is "the list" "enabled no livepatch_reader enabled no livepatch_version" "$(echo $(kpatch list | tail -n +2))"
kpatch_says 0 info livepatch_version
has "info of the core's" '^core  *kpatch.ko$' "$(cat /said)"
has "info of the core's" '^changes  *version_proc_show,1 in vmlinux$' "$(cat /said)"
kpatch_says 0 info livepatch_reader
lacks "info of the kernel's" '^core ' "$(cat /said)"
has "info of the kernel's" '^changes  *[a-z_]*pipe_read,1 in vmlinux$' "$(cat /said)"
kpatch_says 0 status
is "status" "in force: livepatch_reader in force: livepatch_version" "$(echo $(cat /said))"
kpatch_says 0 status --json
is "status for programs" 2 "$(grep -c '"verdict": "in-force"' /said)"
unload reader
unload version
is "after" "1 0" "$(wc -l </proc/version) $(reader_is_patched)"
