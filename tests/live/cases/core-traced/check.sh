# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of the core: a task is in a function also where the function graph tracer has put its own return addresses on the stack
# only: core
# needs: FUNCTION_GRAPH_TRACER
cd /sys/kernel/tracing || fail "there is no tracefs"
read=$(sed -n 's/.* \(anon_pipe_read\|pipe_read\)$/\1/p' /proc/kallsyms | sort | head -n 1)
echo schedule "$read" >set_ftrace_filter || fail "set_ftrace_filter"
echo function_graph >current_tracer || fail "the tracer is not there"
mkfifo /tmp/fifo
sleep 1000 >/tmp/fifo &
writer=$!
cat /tmp/fifo &
reader=$!
sleep 1
has "the trace" "$read" "$(cat trace)"
kpatch_says 3 load /lib/livepatch-reader.ko
is "the task and the function" "kpatch: cat:$reader is in \`$read\`, and stays there" "$(dmesg | sed 's/^\[[ 0-9.]*\] //' | grep 'stays there$' | tail -n 1)"
kill $reader $writer
wait $reader
load reader
is "patched" 1 "$(echo | dd bs=4321 count=1 2>&1 | grep -c 'Invalid cross-device link')"
unload reader
echo nop >current_tracer
