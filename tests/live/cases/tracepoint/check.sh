# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# skip-core: the tracepoint is off in the patch, for its key is not exported
# proves: a tracepoint in a patched function can be turned on and off, before the load and after it
# sample: 6.12
trace=/sys/kernel/tracing
event() { echo "$1" >$trace/events/task/task_rename/enable; }
rename() {
	echo >$trace/trace
	sh -c "echo '$1' >/proc/self/comm; cat /proc/\$\$/comm" >/dev/null
	grep -c "newcomm=$1" $trace/trace
}
event 0
is "off, before" 0 "$(rename '#a')"
event 1
is "on, before" 1 "$(rename '#b')"
load comm
is "on, patched" 1 "$(rename '#c')"
event 0
is "off, patched" 0 "$(rename '#d')"
event 1
is "on again, patched" 1 "$(rename '#e')"
sh -c 'echo "#name" >/proc/$$/comm; cat /proc/$$/comm; true' >/tmp/comm
is "patched" "+name" "$(cat /tmp/comm)"
unload comm
is "on, after" 1 "$(rename '#f')"
sh -c 'echo "#name" >/proc/$$/comm; cat /proc/$$/comm; true' >/tmp/comm
is "after" "#name" "$(cat /tmp/comm)"
event 0
