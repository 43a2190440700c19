# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: the code of the originals, recorded at build time, is that of the running kernel; other code is refused
kpatch_says 0 check /lib/livepatch-memory.ko
cat /said
time kpatch check /lib/livepatch-memory.ko
head -c 300 /proc/kallsyms
