#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# init.sh - the first process of the guest: kpatch(8) with a real kernel, and nothing but busybox
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /work /tmp
work=/work
kpatch="sh /bin/kpatch"
. /test/lib.sh
klp=/sys/kernel/livepatch

# A process that sleeps in the new function of whichever patch is loaded.
cat >/bin/holder <<'EOF'
#!/bin/sh
while read -r line; do :; done </proc/cmdline
EOF
chmod +x /bin/holder

hold() {
	echo "$2" >"/sys/module/$1/parameters/hold"
}

asleep() {
	grep -qs sleep_in_patch "/proc/$holder/stack"
}

refusals() {
	run list
	expect "list nothing" 0 "no patch is loaded"
	run load /test/kpatch-test-plain.ko
	expect "not a live patch" 2 "error[not-a-livepatch]"
	run load /test/other-kernel.ko
	expect "wrong kernel" 2 "error[wrong-kernel]" "it was built for 9."
	holds "nothing was loaded" says /proc/modules ""
	insmod /test/kpatch-test-plain.ko
	run unload kpatch-test-plain
	expect "unload an ordinary module" 2 "error[not-a-livepatch]"
	rmmod kpatch-test-plain
	echo "nobody:x:65534:65534::/:/bin/sh" >/etc/passwd
	status=0
	su nobody -s /bin/sh -c "kpatch load /test/kpatch-test-a.ko" >/work/out 2>&1 || status=$?
	expect "not root" 2 "error[not-root]" "user 65534"
}

cycle() {
	run info /test/kpatch-test-a.ko
	expect "info of a file" 0 "kpatch_test_a" "fits         yes" "test of kpatch(8)"
	run load /test/kpatch-test-a.ko
	expect "load" 0 "\`kpatch_test_a\` is loaded and enabled"
	holds "the patch works" says /proc/cmdline "patched by a"
	run list
	expect "list" 0 "enabled     no    kpatch_test_a"
	run info kpatch-test-a
	expect "info" 0 "state        enabled" "cmdline_proc_show,1 in vmlinux"
	run load /test/kpatch-test-a.ko
	expect "load twice" 2 "error[already-loaded]"
	run unload kpatch-test-a
	expect "unload" 0 "is unloaded"
	holds "the patch has gone" grep -q console= /proc/cmdline
	holds "the module has gone" says /proc/modules ""
}

stalls() {
	run load /test/kpatch-test-a.ko
	hold kpatch_test_a 1
	holder & holder=$!
	holds "a task sleeps in the patch" within 10 asleep
	run unload kpatch_test_a --timeout 3
	expect "unload stalls" 4 "error[stalled]" "1 task(s) hold up" "$holder (holder)" sleep_in_patch
	run list
	expect "list shows it" 0 "disabling   no    kpatch_test_a"
	run status
	expect "status while it stalls" 1 "stalled: kpatch_test_a is disabling"
	run wait --timeout 1
	expect "wait while it stalls" 4 "error[stalled]" "$holder (holder)"
	run load /test/kpatch-test-b.ko
	expect "one transition at a time" 2 "error[busy]"
	run unload kpatch_test_a --timeout 2 --undo
	expect "undo" 5 "error[undone]" "$holder (holder)"
	holds "undone, enabled" says "$klp/kpatch_test_a/enabled" 1
	holds "undone, settled" says "$klp/kpatch_test_a/transition" 0
	holds "undone, works" says /proc/cmdline "patched by a"
	run load /test/kpatch-test-b.ko --timeout 2
	expect "load stalls" 4 "error[stalled]" "$holder (holder)"
	run list
	expect "what is about to be replaced is no stack" 0 "enabling    no    kpatch_test_b" "!in force"
	run status
	expect "status while a load stalls" 1 "stalled: kpatch_test_b is enabling" "in force: kpatch_test_a"
	run info kpatch_test_b
	expect "info names who stalls" 0 "state        enabling" "$holder (holder)"
	run unload kpatch_test_b --timeout 20
	expect "a stalled load is taken back" 0 "is unloaded"
	(sleep 7 && hold kpatch_test_a 0) &
	run unload kpatch_test_a
	expect "unload waits and reports" 0 "$holder (holder)" "is unloaded"
	holds "the original is back" grep -q console= /proc/cmdline
}

stacked() {
	run load /test/kpatch-test-a.ko
	expect "load the lower one" 0 "!in force"
	run load /test/kpatch-test-c.ko
	expect "load tells who changes the same" 0 \
		"cmdline_proc_show,1 in vmlinux is changed by \`kpatch_test_a\` as well: that of \`kpatch_test_c\` is in force" "!version"
	holds "the upper one works" says /proc/cmdline "patched by c"
	run list
	expect "list tells" 0 "cmdline_proc_show,1 in vmlinux: that of \`kpatch_test_c\` is in force, over \`kpatch_test_a\`" "!version"
	run info kpatch_test_a
	expect "info of the lower one" 0 "cmdline_proc_show,1 in vmlinux (not in force: that of \`kpatch_test_c\` is)"
	run info kpatch_test_c
	expect "info of the upper one" 0 "cmdline_proc_show,1 in vmlinux (in force, over that of \`kpatch_test_a\`)" "version_proc_show,1 in vmlinux"
	run status
	expect "status: both are in force" 0 "in force: kpatch_test_a" "in force: kpatch_test_c"
	run unload kpatch_test_c
	expect "unload the upper one" 0 "cmdline_proc_show,1 in vmlinux: that of \`kpatch_test_a\` is in force again" "!version"
	holds "the lower one works again" says /proc/cmdline "patched by a"
	run unload kpatch_test_a
}

cumulative() {
	run load /test/kpatch-test-a.ko
	run load /test/kpatch-test-c.ko
	holds "both are patched" says /proc/version "version patched by c"
	run load /test/kpatch-test-b.ko
	expect "load a cumulative patch" 0 "is loaded and enabled" "\`kpatch_test_b\` replaces \`kpatch_test_a\`" \
		"\`kpatch_test_b\` replaces \`kpatch_test_c\`" "version_proc_show,1 in vmlinux is the original again" "!cmdline"
	holds "the new one works" says /proc/cmdline "patched by b"
	holds "what it does not change is the original" grep -q "^Linux version" /proc/version
	within 5 missing $klp/kpatch_test_a
	within 5 missing $klp/kpatch_test_c
	run list
	expect "the replaced ones" 0 "disabled    no    kpatch_test_a" "disabled    no    kpatch_test_c" "enabled     no    kpatch_test_b" "!in force"
	run load /test/kpatch-test-a.ko
	expect "load a replaced one again" 0 "\`kpatch_test_a\` was disabled; its module is removed" "is changed by \`kpatch_test_b\` as well"
	holds "which is on top now" says /proc/cmdline "patched by a"
	run unload kpatch_test_a
	expect "unload it" 0 "is unloaded" "that of \`kpatch_test_b\` is in force again"
	run unload kpatch_test_c
	expect "unload the replaced one" 0 "is unloaded" "!in force"
	holds "the new one stays" says /proc/cmdline "patched by b"
	run unload kpatch_test_b
	expect "unload the new one" 0 "is unloaded"
}

at_boot() {
	run install /test/kpatch-test-b.ko
	expect "install" 0 "is installed" "have init run"
	run status
	expect "status before boot has loaded it" 2 "missing: kpatch_test_b"
	run load --all
	expect "load all" 0 "\`kpatch_test_b\` is loaded"
	run load --all
	expect "load all again" 0 "!loaded"
	run status
	expect "status afterwards" 0 "in force: kpatch_test_b"
	run uninstall kpatch-test-b
	expect "uninstall" 0 "still loaded"
	for round in 1 2 3 4 5; do
		run unload kpatch-test-b && [ "$status" -eq 0 ] && run load /test/kpatch-test-b.ko && [ "$status" -eq 0 ] || break
	done
	expect "again and again ($round)" 0 "is loaded and enabled"
	run unload kpatch-test-b
	expect "unload at last" 0 "is unloaded"
}

echo # what the firmware said has no newline
refusals
cycle
stalls
stacked
cumulative
at_boot
holds "nothing is left" says /proc/modules ""
holds "no temporary files left" test -z "$(ls /tmp)"
dmesg | grep -E 'WARNING|BUG|Oops|Call Trace|general protection' >/work/out
holds "the kernel does not complain" test ! -s /work/out
cat /work/out
echo GUEST DONE
poweroff -f
