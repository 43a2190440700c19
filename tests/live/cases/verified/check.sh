# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: the code of the originals as a build records it is that of the running kernel, of hundreds of functions, patched, traced
#	and probed; another kernel of that release is refused, with the first difference
# ships: zram
# no-replace: zram
# needs: KALLSYMS_ALL
# sample: 6.12
seconds() { sed 's/\..*//' /proc/uptime; }
refused() { # ID FILE
	kpatch_says 2 check "$2"
	has "check" "^error\[$1\]" "$(cat /said)"
	kpatch_says 2 load "$2"
	has "load" "^error\[$1\]" "$(cat /said)"
	is "nothing is loaded" "" "$(grep livepatch /proc/modules)"
}
compared() { has "$1" " fits the running kernel: the release, the build ID, [0-9]* symbols, the code of $2 functions\$" "$(cat /said)"; }

kpatch_says 0 check /lib/livepatch-zram.ko
has "its module is not there" 'zram is not loaded: what is patched in it is not checked' "$(cat /said)"
insert_module zram
kpatch_says 0 check /lib/livepatch-zram.ko
compared "a module's" 1
lacks "all was seen" 'not' "$(cat /said)"
began=$(seconds)
kpatch_says 0 check /lib/all.ko
compared "all" "$(cat /lib/all.count)"
echo "TABLE the code of $(cat /lib/all.count) functions compared in $(($(seconds) - began)) s"

refused other-code /lib/other-code.ko
has "the first difference" "cause  *at meminfo_proc_show+$(cat /lib/other-code.at) of vmlinux, where the patch expects" "$(cat /said)"
refused other-build /lib/other-build.ko
has "both builds" "has build ID 0123456789.*, and the running one $(tr "\000" "\n" </lib/livepatch-memory.ko | sed -n s/^kernel_build_id=//p)" "$(cat /said)"
# The core's references are records, and have no names that say it.
if [ "$(live_dir)" = /sys/kernel/livepatch ]; then
	sed 's/\.klp\.sym\.vmlinux\.vm_commit_limit,0/.klp.sym.vmlinux.vm_commit_limit,7/' /lib/livepatch-memory.ko >/tmp/other-symbols.ko
	refused other-symbols /tmp/other-symbols.ko
	has "which one" 'does not find `vm_commit_limit`' "$(cat /said)"
fi

# The kernel of this code is right, so what is loaded without a look works.
kpatch_says 0 load --no-check /lib/other-code.ko
unload memory
load memory
kpatch_says 0 check /lib/livepatch-memory.ko
compared "patched" 1
echo 0 >/sys/kernel/tracing/tracing_on
echo function >/sys/kernel/tracing/current_tracer
kpatch_says 0 check /lib/livepatch-zram.ko
compared "traced" 1
kpatch_says 0 check /lib/livepatch-memory.ko
compared "patched and traced" 1
echo nop >/sys/kernel/tracing/current_tracer
unload memory

probe() {
	for offset in $(seq 40 60); do
		echo "p:verified meminfo_proc_show+$offset" >/sys/kernel/tracing/kprobe_events && return
	done 2>/dev/null
	fail "no kprobe can be put into meminfo_proc_show"
}
probe
echo 1 >/sys/kernel/tracing/events/kprobes/verified/enable
sleep 2 # the kernel makes a jump of the breakpoint
kpatch_says 0 check /lib/livepatch-memory.ko
has "the probe is named" 'a kprobe stands in meminfo_proc_show in vmlinux: what is under it was not compared' "$(cat /said)"
compared "probed" 1
umount /sys/kernel/debug
refused other-code /lib/livepatch-memory.ko
mount -t debugfs debugfs /sys/kernel/debug
echo 0 >/sys/kernel/tracing/events/kprobes/verified/enable

echo 2 >/proc/sys/kernel/kptr_restrict
kpatch_says 0 check /lib/livepatch-memory.ko
has "no addresses" 'the code was not compared: /proc/kallsyms tells addresses to root alone' "$(cat /said)"
echo 0 >/proc/sys/kernel/kptr_restrict
mount -t tmpfs tmpfs /mnt 2>/dev/null || { mkdir /mnt && mount -t tmpfs tmpfs /mnt; }
: >/mnt/kcore
mount -o bind /mnt/kcore /proc/kcore
kpatch_says 0 check /lib/livepatch-memory.ko
has "no memory" 'the code was not compared: /proc/kcore cannot be read' "$(cat /said)"
load memory
unload memory
