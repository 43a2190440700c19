# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a static call of the kernel in a patched function leads where the kernel sets it, before and after the load
# skip-5.10: a patch can count no static call of it: PREEMPT_DYNAMIC came with 5.12; those of tracepoints are in tracepoint
# skip-7.2: no mode of preemption is left in which cond_resched() does anything (sched_dynamic_mode()); the one of WARN() is in warn
# needs: HAVE_STATIC_CALL PREEMPT_DYNAMIC
trace=/sys/kernel/tracing
preempt() { echo "$1" >/sys/kernel/debug/sched/preempt; }
calls() {
	echo >$trace/trace
	echo 1 >$trace/tracing_on
	cat /proc/loadavg >/dev/null
	echo 0 >$trace/tracing_on # reading the trace makes more of it
	grep -c '__cond_resched <-loadavg_proc_show' $trace/trace
}
echo __cond_resched >$trace/set_ftrace_filter
echo function >$trace/current_tracer
preempt voluntary
load loadavg
is "voluntary" 1 "$(calls)"
preempt full
is "full" 0 "$(calls)"
preempt none
is "none" 1 "$(calls)"
unload loadavg
preempt full
load loadavg
is "full before the load" 0 "$(calls)"
preempt voluntary
is "voluntary again" 1 "$(calls)"
unload loadavg
