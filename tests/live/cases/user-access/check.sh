# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: 6.12 7.2
# proves: patched code reads the limit of user addresses from its variable, where the kernel has it as a runtime constant
# sample: 6.12
# skip-other: its code writes instructions of x86
kernel=$(sed -n 's/ . linux_banner$//p' /proc/kallsyms)
limit=7ffffffff000
! grep -qw la57 /proc/cpuinfo || limit=fffffffffff000 # five levels of page tables
before="read 0 -14 -14 -14; pselect 0 0 -14; pipe 4 -14"
after="read 42 42 -14 -14; pselect 0 -7 -14; pipe 5 -14"
is "before" "$before" "$(/helper "$kernel" $limit)"
load limits
is "patched" "$after" "$(/helper "$kernel" $limit)"
unload limits
is "unpatched" "$before" "$(/helper "$kernel" $limit)"
