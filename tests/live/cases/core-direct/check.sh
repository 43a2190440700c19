# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of the core: a function is not taken for redirected where its calls go elsewhere, around ftrace's handlers (as a program of BPF has it)
# only: core
# kernels: 6.1
# needs: DYNAMIC_FTRACE_WITH_DIRECT_CALLS KALLSYMS_ALL
# skip-other: direct.c is written for x86
insmod /lib/direct.ko address="0x$(sed -n 's/ .* pipe_read$//p' /proc/kallsyms)" || fail "direct.ko: $(dmesg | tail -n 1)"
is "before" 0 "$(reader_is_patched)"
load version
is "another function" livepatch "$(tail -n 1 /proc/version)"
kpatch_says 3 load /lib/livepatch-reader.ko
has "the log" 'kpatch: ftrace does not hook `pipe_read` (error -16)' "$(dmesg)"
is "the other function" livepatch "$(tail -n 1 /proc/version)"
rmmod direct || fail "direct.ko is still in use"
load reader
is "patched" 1 "$(reader_is_patched)"
unload reader
