# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# skip-core: the core has no records of kprobes
# proves: with --redirect=kprobe every call of an exported function of lib/ runs the new code, while the patch is in force and no
#	longer, loaded and unloaded again and again under calls; of two such patches the later one counts; a patch that replaces it
#	ends it, and a switched off kprobe is no patch
# options: --redirect kprobe
# no-replace: more
# needs: KPROBES
# kernels: 5.10 6.1 6.12 7.2
# allowed: kprobes globally
# sample: 5.10
# ftrace calls glob_match() for each function that it knows; the new one says yes to all if a pattern begins with `lp?`.
tracing=/sys/kernel/tracing
matches() { # [PATTERN]
	echo "${1:-lp?x*y}" >$tracing/set_ftrace_filter 2>/dev/null
	grep -vc '^#' $tracing/set_ftrace_filter
	echo >$tracing/set_ftrace_filter
}
hundredths() { sed 's/ .*//; s/\.//' /proc/uptime; }
# The least of five times, for the machine has others to serve.
time_of_calls() {
	least=999999
	for i in 1 2 3 4 5; do
		began=$(hundredths)
		for j in 1 2 3 4 5; do
			echo 'q?x*y' >$tracing/set_ftrace_filter 2>/dev/null
		done
		took=$(($(hundredths) - began))
		[ "$took" -gt "$least" ] || least=$took
	done
	echo "$least"
}
# Those of modules, too; without the places of which no name is known.
functions() { grep -vc __ftrace_invalid_address__ $tracing/available_filter_functions; }
[ "$(functions)" -gt 10000 ] || fail "ftrace knows $(functions) functions only"
is "before" 0 "$(matches)"
without=$(time_of_calls)
load glob
all=$(functions)
is "patched" "$all" "$(matches)"
kpatch_says 0 info livepatch_glob
is "what it changes" "changes glob_match in vmlinux (by a kprobe)" "$(echo $(grep ^changes /said))"
with=$(time_of_calls)
unload glob
is "after" 0 "$(matches)"
echo "TABLE $all of $all calls redirected; $(((with - without) * 2000 / (all / 1000))) ns more for each (emulated)"

while [ ! -e /tmp/enough ]; do
	echo 'lp?x*y' >$tracing/set_ftrace_notrace 2>/dev/null
	usleep 100000
done &
caller=$!
for i in 1 2; do
	load glob
	is "patched, under load" "$(functions)" "$(matches)"
	unload glob
	is "after, under load" 0 "$(matches)"
done
touch /tmp/enough
wait $caller
echo >$tracing/set_ftrace_notrace

# This one says yes to `lq?` instead.
load glob
load more
is "the earlier patch" 0 "$(matches)"
is "the later patch" "$(functions)" "$(matches 'lq?x*y')"
unload more
is "the earlier patch again" "$(functions)" "$(matches)"
is "the later patch is gone" 0 "$(matches 'lq?x*y')"
unload glob

load glob
load version
wait_for "the end of what is replaced" patch_is_gone glob
is "replaced" 0 "$(matches)"
unload glob
is "the other patch" livepatch "$(tail -n 1 /proc/version)"
unload version

echo 0 >/sys/kernel/debug/kprobes/enabled
kpatch_says 3 load /lib/livepatch-glob.ko
[ -n "$(said 'the kprobe at `glob_match` does nothing')" ] || fail "nobody says why"
! is_loaded glob || fail "it is loaded all the same"
echo 1 >/sys/kernel/debug/kprobes/enabled
load glob
is "switched on again" "$(functions)" "$(matches)"
unload glob
