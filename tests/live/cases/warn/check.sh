# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: WARN_ON() of a patched function finds its entry: file, line and flags are right, and the kernel goes on
# sample: 6.12
# allowed: WARNING: (CPU: [0-9] PID: [0-9]* at )?fs/proc/cmdline.c|Call Trace|\(unreliable\)$
# taint: 512
case $(uname -r) in
5.10.* | 6.1.*) line=11 ;;
*) line=12 ;;
esac
load cmdline
cat /proc/cmdline /proc/cmdline >/tmp/cmdline
is "both reads" 2 "$(wc -l </tmp/cmdline)"
is "WARN_ON_ONCE" 1 "$(said "WARNING: .*fs/proc/cmdline.c:$line \(at \)\?cmdline_proc_show" | wc -l)"
is "WARN" 2 "$(said "WARNING: .*fs/proc/cmdline.c:$((line + 1)) \(at \)\?cmdline_proc_show" | wc -l)"
is "its words" 2 "$(said 'livepatch counts 42' | wc -l)"
has "the trace" 'cmdline_proc_show.*livepatch_cmdline' "$(said cmdline_proc_show)"
unload cmdline
