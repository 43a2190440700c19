# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of the core: a task is in a function also where the function graph tracer has put its own return addresses on the stack
# only: core
# needs: FUNCTION_GRAPH_TRACER
cd /sys/kernel/tracing || fail "there is no tracefs"
read=$(pipe_reader)
echo schedule "$read" >set_ftrace_filter || fail "set_ftrace_filter"
echo function_graph >current_tracer || fail "the tracer is not there"
sleep_in_reader
has "the trace" "$read" "$(cat trace)"
kpatch_says 3 load /lib/livepatch-reader.ko
stayed load "cat:$reader" "$read"
kill $reader
wait $reader
exec 4>&-
load reader
is "patched" 1 "$(reader_is_patched)"
unload reader
echo nop >current_tracer
