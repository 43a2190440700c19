#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fake.sh SHELL...: kpatch(8) under that shell against a fake sysfs (fake-kernel.sh). Prints PASS and FAIL lines. When
# APPLETS names a directory, kpatch finds its commands there and nowhere else.
set -u

here=$(cd "$(dirname "$0")" && pwd)
shell=$*
kpatch="$shell $here/../../scripts/kpatch"
work=$(mktemp -d)
. "$here/lib.sh"

. "$here/fake-boot.sh"
. "$here/fake-check.sh"
. "$here/fake-cores.sh"

# module FILE MODINFO: an object with that .modinfo, \0 between the fields
module() {
	printf 'int code(int x) { return x + 1; }\nstatic const char info[] __attribute__((section(".modinfo"), used)) = "%s";\n' \
		"$2" | "${CC:-gcc}" -O2 -fdata-sections -x c -r -nostdlib -Wl,--build-id=0x0123456789abcdef -o "$1" -
}

make_modules() {
	fields='license=GPL\\0description=a patch\\0livepatch=Y\\0depends='
	magic='vermagic=6.1.0-test SMP preempt mod_unload modversions '
	module "$work/one.ko" "$(printf "$fields\\\\0name=one\\\\0$magic")"
	module "$work/two-dashes.ko" "$(printf "livepatch=Y\\\\0name=two_dashes\\\\0$magic")"
	module "$work/other.ko" "$(printf "$fields\\\\0name=other\\\\0vermagic=6.1.0-test2 SMP ")"
	module "$work/livepatch-fix.ko" "$(printf "livepatch=Y\\\\0name=livepatch_fix\\\\0replace=N\\\\0$magic")"
	told='changes=vmlinux:f_show,1\\0changes=zram:f.isra.0,3\\0redirects=vmlinux:g,1\\0kernel_build_id=fedcba98\\0built_by=kpatch-build 9.9\\0'
	told="${told}patch_sha256=0123 fix.patch\\\\0patch_sha256=4567 more.patch\\\\0left_out=vmlinux:init_x\\\\0description=two lines"
	module "$work/told.ko" "$(printf "livepatch=Y\\\\0name=told\\\\0replace=Y\\\\0$told\\\\0$magic")"
	for each in all-1 all-2; do
		module "$work/$each.ko" "$(printf "livepatch=Y\\\\0name=$(echo $each | tr - _)\\\\0replace=Y\\\\0$magic")"
		: >"$work/$each.replace"
	done
	module "$work/core" "$(printf "name=kpatch\\\\0$magic")"
	module "$work/for-core.ko" "$(printf "kpatch=Y\\\\0name=for_core\\\\0$magic")"
	module "$work/untold.ko" "$(printf "livepatch=Y\\\\0name=untold\\\\0$magic")"
	module "$work/plain.ko" "$(printf "license=GPL\\\\0nolivepatch=Y\\\\0name=plain\\\\0$magic")"
	gzip -c "$work/two-dashes.ko" >"$work/two-dashes.ko.gz"
	echo text >"$work/text.ko"
}

refusals() {
	run load "$work/missing.ko"
	expect "file missing" 1 "error[unreadable]" "missing.ko" cause hint
	run load nowhere
	expect "name missing" 1 "there is no patch \`nowhere\`"
	run load "$work/text.ko"
	expect "not a module" 2 "error[not-a-module]"
	run load "$work/plain.ko"
	expect "not a live patch" 2 "error[not-a-livepatch]" "livepatch=Y"
	run load "$work/other.ko"
	expect "wrong kernel" 2 "error[wrong-kernel]" "it was built for 6.1.0-test2, and 6.1.0-test is running"
	echo 1000 >"$FAKE/user"
	run load "$work/one.ko"
	expect "load not as root" 2 "error[not-root]" "user 1000"
	run unload one
	expect "unload not as root" 2 "error[not-root]"
	run install "$work/one.ko"
	expect "install not as root" 2 "error[not-root]"
	run list
	expect "list not as root" 0 "no patch is loaded"
	echo 0 >"$FAKE/user"
	mv "$klp" "$klp.away"
	run load "$work/one.ko"
	expect "no livepatch in the kernel" 2 "error[no-livepatch]" CONFIG_LIVEPATCH=y
	mv "$klp.away" "$klp"
	run unload nowhere
	expect "unload what is not there" 2 "error[not-loaded]"
	run unload ext4
	expect "unload an ordinary module" 2 "error[not-a-livepatch]"
	run info nowhere
	expect "info of nothing" 2 "error[not-loaded]"
	holds "nothing was called" missing "$FAKE/log"
}

command_line() {
	run
	expect "no command" 1 "error[usage]" "--help"
	run frobnicate
	expect "unknown command" 1 "unknown command \`frobnicate\`" "hint    see kpatch --help"
	run laod one
	expect "a command by another spelling" 1 "did you mean \`load\`? see kpatch --help"
	run help instal
	expect "help of a command by another spelling" 1 "did you mean \`install\`?"
	run unload --udno=1 one
	expect "an option by another spelling" 1 "unknown option \`--udno=1\`" "did you mean \`--undo\`? see kpatch unload --help"
	run list --udno
	expect "an option of other commands alone" 1 "hint    see kpatch list --help"
	run load
	expect "load of nothing" 1 "load wants a patch"
	run load a b
	expect "two names" 1 "not \`b\` too"
	run load --all one
	expect "all and a name" 1 "either --all or \`one\`"
	run unload one --force
	expect "never by force" 1 "unknown option \`--force\`"
	run load one --undo
	expect "load has no undo" 1 "load takes no --undo"
	run list --timeout 3
	expect "list does not wait" 1 "list takes no --timeout"
	for bad in x 1x -1 '' 100000 1.5; do
		run load one --timeout "$bad"
		expect "timeout \`$bad\`" 1 "seconds"
	done
	run load one --timeout
	expect "timeout without a number" 1 "wants a number"
	run unload ../../x/..
	expect "no name" 1 "error[usage]"
	run "load unload"
	expect "two commands in one word" 1 "unknown command \`load unload\`"
	for each in --help -h help; do
		run $each
		expect "$each" 0 "Usage: kpatch COMMAND [OPTION]... " "  uninstall NAME " "Exit status: 0 done" "!--force"
	done
	for each in --version -V version; do
		run $each
		expect "$each" 0 "kpatch 0."
	done
	run unload --help
	expect "help of a command" 0 "Usage: kpatch unload [OPTION]... NAME" --undo --timeout "!--all" "Exit status:"
	run unload one --undo --timeout 1 -h
	expect "help behind other words" 0 "Usage: kpatch unload"
	run help load
	expect "help and a command" 0 "kpatch load [OPTION]... --all" "!--undo"
	run list --help
	expect "help of a command without options" 0 "Usage: kpatch list" "!--timeout"
	run help frobnicate
	expect "help of no command" 1 "no help for \`frobnicate\`"
}

cycle() {
	run info "$work/one.ko"
	expect "info of a file" 0 "name         one" "state        not loaded" "kernel       6.1.0-test" "fits         yes" \
		"description  a patch"
	run info "$work/told.ko"
	expect "info of what a module tells" 0 "cumulative   yes" "description  two lines" "build id     0123456789abcdef" \
		"kernel id    fedcba98" "built by     kpatch-build 9.9" "sha256       0123 fix.patch" "sha256       4567 more.patch" \
		"changes      f_show,1 in vmlinux" "changes      f.isra.0,3 in zram" "changes      g,1 in vmlinux (by a kprobe)" "left out     vmlinux:init_x"
	run info "$work/other.ko"
	expect "info of another kernel's" 0 "kernel       6.1.0-test2" "fits         no"
	run load "$work/one.ko"
	expect load 0 "\`one\` is loaded and enabled"
	holds "load waits" says "$klp/one/transition" 0
	run load "$work/one.ko"
	expect "load twice" 2 "error[already-loaded]" "it is enabled"
	run list
	expect list 0 "enabled     no    one"
	mkdir -p "$KPATCH_SYSFS/module/one/parameters"
	echo 'glob_match memchr_inv' >"$KPATCH_SYSFS/module/one/parameters/redirects"
	run info one
	expect "info of a loaded one" 0 "state        enabled" "some_function,0 in vmlinux" "changes      glob_match in vmlinux (by a kprobe)" "memchr_inv in vmlinux" \
		"other_function,2 in ext4 (not patched" "!hold up"
	run load "$work/two-dashes.ko.gz" --timeout=5
	expect "dashes, and compressed" 0 "\`two_dashes\` is loaded"
	echo 3 >"$FAKE/rmmod-busy"
	run unload two-dashes
	expect "dashes in a name; the module is held for a moment" 0 "\`two_dashes\` is unloaded"
	holds "module gone" missing "$FAKE/sys/module/two_dashes"
	run unload one.ko --timeout 5
	expect unload 0 "\`one\` is unloaded"
	holds "patch gone" missing "$klp/one"
	run load "$work/one.ko"
	: >"$FAKE/enabled-again"
	run unload one
	expect "enabled again meanwhile" 3 "error[refused-by-kernel]" "it has been enabled again meanwhile"
	run unload one
	echo "Invalid module format" >"$FAKE/insmod-fails"
	run load "$work/one.ko"
	expect "insmod fails" 3 "error[refused-by-kernel]" "Invalid module format" "symbol 'gone' not found"
	rm "$FAKE/insmod-fails"
	run load "$work/one.ko"
	echo 1000 >"$FAKE/rmmod-busy"
	run unload one
	expect "rmmod fails" 3 "Resource temporarily unavailable"
	run list
	expect "disabled, module left" 0 "disabled    no    one"
	run load "$work/one.ko"
	expect "load over what is left, which does not go" 3 "the module \`one\` cannot be removed"
	echo 0 >"$FAKE/rmmod-busy"
	run unload one
	expect "unload what is left" 0 "is unloaded"
	leave_over one
	run load "$work/one.ko"
	expect "what is left is replaced" 0 "\`one\` was disabled; its module is removed" "\`one\` is loaded and enabled"
	run unload one
	mkdir "$KPATCH_SYSFS/module/one" && : >"$KPATCH_SYSFS/module/one/taint"
	run load "$work/one.ko"
	expect "an ordinary module of that name stays" 2 "error[already-loaded]" "an ordinary module"
	holds "it stays" test -d "$KPATCH_SYSFS/module/one"
	rm -r "$KPATCH_SYSFS/module/one"
}

# leave_over NAME: the module of a patch that was loaded and is disabled
leave_over() {
	run load "$work/$1.ko"
	echo 0 >"$klp/$1/enabled"
	within 10 missing "$klp/$1"
}

stalls() {
	echo 0 >"$FAKE/sticky"
	run load "$work/one.ko" --timeout 1
	expect "load stalls" 4 "error[stalled]" "1 task(s) hold up" "100 (sleeper)" deep_sleep "some_function+0x3/0x4 [one]" \
		"!innocent" "not over after 1 s"
	run list
	expect "list while it stalls" 0 "enabling    no    one"
	run info one
	expect "info names the task" 0 "100 (sleeper)"
	echo 1000 >"$FAKE/user"
	run info one
	expect "info names it to root alone" 0 "only root can see" "!sleeper"
	echo 0 >"$FAKE/user"
	run load "$work/two-dashes.ko"
	expect "one transition at a time" 2 "error[busy]" "\`one\` is not over"
	run load "$work/one.ko"
	expect "load while it stalls" 2 "its transition is not over"
	run unload one --timeout 3
	expect "a stalled load is taken back" 0 "is unloaded"
	rm "$FAKE/sticky"
	run load "$work/one.ko"
	echo 1 >"$FAKE/sticky"
	run unload one --timeout 1
	expect "unload stalls" 4 "error[stalled]" "100 (sleeper)" "still run its code" "not over after 1 s"
	holds "a stalled one stays" test -d "$klp/one"
	run load "$work/one.ko"
	expect "load while it is being disabled" 2 "it is being disabled"
	run unload one --timeout 1 --undo
	expect "undo" 5 "error[undone]" "100 (sleeper)" "still loaded and enabled"
	holds "undone: enabled" says "$klp/one/enabled" 1
	holds "undone: no transition" says "$klp/one/transition" 0
	$kpatch unload one >"$work/out" 2>&1 &
	sleep 1
	kill -TERM $!
	status=0
	wait $! || status=$?
	expect "unload interrupted" 130 "interrupted" "\`kpatch unload one\` finishes this"
	holds "interrupted: still there" says "$klp/one/transition" 1
	(sleep 6 && rm "$FAKE/sticky") &
	run unload one
	expect "unload waits and reports" 0 "100 (sleeper)" "is unloaded"
	wait $!
}

at_boot() {
	run install "$work/one.ko"
	expect install 0 "\`one\` is installed"
	holds "the module is kept" cmp -s "$work/one.ko" "$FAKE/lib/6.1.0-test/one.ko"
	holds "the unit loads all" grep -q '^ExecStart=/.*/kpatch load --all$' "$FAKE/units/kpatch.service"
	holds "the unit is enabled" grep -qx "systemctl enable kpatch.service" "$FAKE/log"
	run install "$work/two-dashes.ko.gz"
	expect "install compressed" 0 "\`two_dashes\` is installed"
	run install "$work/other.ko"
	expect "install for another kernel" 0 "is for 6.1.0-test2, which is not the running kernel"
	run install "$work/plain.ko"
	expect "install no live patch" 2 "error[not-a-livepatch]"
	run list
	expect "list installed" 0 "not loaded  yes   one" "not loaded  yes   two_dashes" "!other"
	cp "$work/plain.ko" "$FAKE/lib/6.1.0-test/bad.ko"
	run load --all
	expect "load all, one is bad" 2 "error[not-a-livepatch]" "\`one\` is loaded" "\`two_dashes\` is loaded"
	rm "$FAKE/lib/6.1.0-test/bad.ko"
	run load --all
	expect "load all again" 0 "!error" "!loaded"
	run unload one
	run load one
	expect "load by name" 0 "\`one\` is loaded"
	run info two-dashes
	expect "info says so" 0 "at boot      yes"
	run uninstall one
	expect uninstall 0 "still loaded" "not loaded at boot any more"
	run uninstall one
	expect "uninstall twice" 2 "error[not-installed]"
	run uninstall two_dashes
	holds "another kernel's keeps the unit" test -e "$FAKE/units/kpatch.service"
	run uninstall other
	expect "uninstall another kernel's" 0 "of 6.1.0-test2"
	holds "uninstalled" missing "$FAKE/lib/6.1.0-test2"
	holds "the unit goes with the last patch" missing "$FAKE/units/kpatch.service"
	run install "$work/one.ko"
	run uninstall one
	expect "uninstall the last" 0 "not loaded at boot"
	echo "another's" >"$FAKE/units/kpatch.service"
	run install "$work/one.ko"
	run uninstall one
	holds "a unit that is not ours stays" says "$FAKE/units/kpatch.service" "another's"
	rm "$FAKE/units/kpatch.service"
	: >"$FAKE/systemctl-fails"
	run install "$work/one.ko"
	expect "systemctl fails" 1 "error[service]"
	rm "$FAKE/systemctl-fails" "$work/bin/systemctl"
	run install "$work/one.ko"
	expect "no systemd" 0 "have init run"
	run unload one
	run unload two_dashes
}

# Patches of one function, and cumulative ones; FAKE/tells-all decides what of it the kernel tells, and what is deduced.
stacks() {
	echo 'vmlinux/some_function,0' >"$FAKE/spec/livepatch_fix"
	printf 'vmlinux/new_function,0\nvmlinux/some_function,0\n' | tee "$FAKE/spec/all_1" >"$FAKE/spec/untold"
	for each in all_1 all_2 untold; do
		: >"$FAKE/spec/$each.replace"
	done
	run load "$work/one.ko"
	expect "$1: a first patch has nothing to tell" 0 "!in force" "!original" "!replaces"
	run load "$work/livepatch-fix.ko"
	expect "$1: load tells what others change too" 0 \
		"some_function,0 in vmlinux is changed by \`one\` as well: that of \`livepatch_fix\` is in force" "!ext4" "!replaces"
	run list
	expect "$1: list shows whose is in force" 0 "some_function,0 in vmlinux: that of \`livepatch_fix\` is in force, over \`one\`" "!other_function"
	run info one
	expect "$1: info shows what is not in force" 0 "some_function,0 in vmlinux (not in force: that of \`livepatch_fix\` is)" \
		"other_function,2 in ext4 (not patched: it is not loaded)"
	run info livepatch-fix
	expect "$1: info shows what is" 0 "some_function,0 in vmlinux (in force, over that of \`one\`)"
	run unload fix
	expect "$1: unload without livepatch- tells what is in force again" 0 "\`livepatch_fix\` is unloaded" \
		"some_function,0 in vmlinux: that of \`one\` is in force again"
	run list
	expect "$1: list has nothing to show any more" 0 "!in force"
	run load "$work/livepatch-fix.ko"
	run load "$work/all-1.ko"
	expect "$1: load tells what a cumulative patch replaces" 0 "\`all_1\` replaces \`one\`" "\`all_1\` replaces \`livepatch_fix\`" \
		"other_function,2 in ext4 is the original again" "!some_function" "!new_function"
	run list
	expect "$1: what it replaced is left over" 0 "disabled    no    one" "disabled    no    livepatch_fix" "enabled     no    all_1" "!in force"
	run info all_1
	expect "$1: info tells that it is cumulative" 0 "$2"
	run load "$work/one.ko"
	expect "$1: a replaced one comes back on top" 0 "\`one\` was disabled" "some_function,0 in vmlinux is changed by \`all_1\` as well"
	run load "$work/untold.ko"
	expect "$1: what does not say that it is cumulative" 0 "\`untold\` replaces \`one\`" "\`untold\` replaces \`all_1\`" \
		"other_function,2 in ext4 is the original again" "!new_function"
	for each in one all_1 livepatch_fix untold; do
		run unload $each
	done
	expect "$1: all are unloaded" 0 "is unloaded" "!in force"
}

stalled_stack() {
	run load "$work/one.ko"
	echo 0 >"$FAKE/sticky"
	run load "$work/all-1.ko" --timeout 1
	expect "a cumulative patch stalls" 4 "\`all_1\` replaces \`one\` when its transition is over" "!original"
	run list
	expect "what it takes over is no stack" 0 "enabling    no    all_1" "enabled     no    one" "!in force"
	rm "$FAKE/sticky"
	run wait all-1
	expect "it is over" 0 "\`all_1\` is enabled"
	run unload all_1
	run unload one
}

says_json() {
	! (PATH=$full_path && command -v python3) >/dev/null || (PATH=$full_path && python3 -m json.tool "$work/out") >"$work/json" || return
	grep -qF "$1" "$work/out"
}

monitoring() {
	run status
	expect "status of nothing" 0 "in force: no patch"
	run status --json
	expect "status of nothing for programs" 0 '"status": "in-force"'
	holds "it is JSON" says_json '"kernel": "6.1.0-test"'
	run install "$work/one.ko"
	run status
	expect "status: one is missing" 2 "missing: one is installed for 6.1.0-test, and is not loaded"
	run load --all
	run load "$work/livepatch-fix.ko"
	run status
	expect "status: in force" 0 "in force: one" "in force: livepatch_fix"
	run status --json
	expect "status for programs" 0 '"status": "in-force"' '"name": "one"' '"state": "enabled"' '"at_boot": true' '"cumulative": false' \
		'{ "object": "vmlinux", "function": "some_function", "position": 0, "in_force": "livepatch_fix" }' \
		'{ "object": "ext4", "function": "other_function", "position": 2, "in_force": null }'
	holds "that is JSON" says_json '"at_boot": false'
	echo 1 >"$FAKE/sticky"
	echo 0 >"$klp/livepatch_fix/enabled"
	within 10 says "$klp/livepatch_fix/transition" 1
	run status
	expect "status: stalled" 1 "stalled: livepatch_fix is disabling" "in force: one"
	run wait --timeout 1
	expect "wait is over before the transition" 4 "error[stalled]" "\`livepatch_fix\` is not over" "100 (sleeper)"
	run wait fix --timeout 1
	expect "wait for one" 4 "error[stalled]"
	mv "$klp/one" "$FAKE/away"
	run status --json
	expect "status: missing is worse than stalled" 2 '"status": "missing"' '"state": "disabled"' '"verdict": "stalled"'
	mv "$FAKE/away" "$klp/one"
	(sleep 1 && rm "$FAKE/sticky") &
	run wait
	expect "wait until it is over" 0 "no patch is in transition"
	wait $!
	run wait nowhere
	expect "wait for nothing" 2 "error[not-loaded]"
	run status
	expect "a leftover is not missing" 0 "in force: one" "!livepatch_fix"
	run status --all
	expect "status misused" 3 "error[usage]"
	run status one
	expect "status of one" 3 "status takes no \`one\`"
	mv "$klp" "$klp.away"
	run status
	expect "status where nothing can be said" 3 "error[no-livepatch]"
	mv "$klp.away" "$klp"
	run unload one
	run unload fix
	run uninstall one
}

several() {
	run install "$work/all-1.ko"
	expect "a cumulative patch" 0 "is installed"
	run install "$work/one.ko"
	expect "another that is not" 0 "is installed"
	run install "$work/all-1.ko"
	expect "the same again" 0 "is installed"
	run install "$work/all-2.ko"
	expect "a second cumulative patch" 2 "error[several-cumulative]" "so is \`all_1\`" --instead --several
	holds "is not installed" missing "$FAKE/lib/6.1.0-test/all_2.ko"
	run install "$work/all-2.ko" --instead --several
	expect "both cannot be" 1 "either --several or --instead"
	run install "$work/all-2.ko" --instead
	expect "instead of the first" 0 "\`all_1\` is not loaded at boot any more" "\`all_2\` is installed"
	holds "which has gone" missing "$FAKE/lib/6.1.0-test/all_1.ko"
	holds "and no other" test -e "$FAKE/lib/6.1.0-test/one.ko"
	run install "$work/all-1.ko" --several
	expect "beside the other" 0 "is installed"
	: >"$FAKE/log"
	run load --all
	expect "the last cumulative patch alone is loaded" 0 "\`all_2\` is loaded" "\`one\` is loaded" "!all_1"
	run status
	expect "none is missing" 0 "in force: all_2" "in force: one" "!all_1"
	run load --all
	expect "load all again loads nothing" 0 "!loaded"
	holds "and unloads nothing" says "$FAKE/log" "$(printf 'insmod %s\ninsmod %s' "$FAKE/lib/6.1.0-test/all_2.ko" "$FAKE/lib/6.1.0-test/one.ko")"
	run unload one
	echo 0 >"$FAKE/sticky"
	run load "$work/one.ko" --timeout 1
	(sleep 1 && rm "$FAKE/sticky") &
	run load --all
	expect "load all waits for what is coming" 0 "!error"
	wait $!
	run unload one
	run unload all_2
	echo "Invalid module format" >"$FAKE/insmod-fails"
	echo all_2 >"$FAKE/insmod-fails-for"
	run load --all
	expect "without it the one before is loaded" 3 "does not load" "\`all_1\` is loaded" "\`one\` is loaded"
	rm "$FAKE/insmod-fails" "$FAKE/insmod-fails-for"
	for each in one all_1; do
		run unload $each
	done
	for each in one all_1 all_2; do
		run uninstall $each
	done
	run install "$work/livepatch-fix.ko"
	run load fix
	expect "load by a name without livepatch-" 0 "\`livepatch_fix\` is loaded"
	run info fix
	expect "info of it" 0 "name         livepatch_fix"
	run unload livepatch-fix
	run info fix
	expect "info of what is installed" 0 "not loaded" "cumulative   no"
	run uninstall fix
	expect "uninstall it" 0 "\`livepatch_fix\` is not loaded at boot"
}

# As a package installs it, with a unit.
packaged() {
	mkdir -p "$work/usr/sbin" "$work/usr/libexec/kpatch" "$work/usr/lib/systemd/system"
	cp "$here/../../scripts/kpatch" "$work/usr/sbin"
	cp "$here"/../../scripts/kpatch.d/* "$work/usr/libexec/kpatch"
	: >"$work/usr/lib/systemd/system/kpatch.service"
	: >"$FAKE/log"
	source_kpatch=$kpatch kpatch="$shell $work/usr/sbin/kpatch"
	run install "$work/one.ko"
	expect "installed: install" 0 "is installed"
	holds "installed: the package's unit is enabled" says "$FAKE/log" "systemctl enable kpatch.service"
	holds "installed: and no other is written" missing "$FAKE/units/kpatch.service"
	run uninstall one
	expect "installed: uninstall" 0 "not loaded at boot"
	rm "$work/usr/libexec/kpatch/stack.sh"
	run list
	expect "installed: a part is missing" 1 "stack.sh is missing"
	kpatch=$source_kpatch
}

# Every path relative, from a directory that is none of the others'.
elsewhere() {
	mkdir -p "$work/else/where"
	cp "$work/one.ko" "$work/else/where/one.ko"
	absolute_kpatch=$kpatch
	paths="TMPDIR KPATCH_SYSFS KPATCH_PROC KPATCH_DIR KPATCH_UNIT_DIR"
	paths="$paths KPATCH_INSMOD KPATCH_RMMOD KPATCH_UNAME KPATCH_ID KPATCH_DMESG KPATCH_SYSTEMCTL"
	for each in $paths; do
		eval "absolute_$each=\$$each $each=../..\${$each#\"\$work\"}"
	done
	cd "$work/else/where" || return
	kpatch="$shell $(pwd | sed 's|/[^/]*|../|g')$here/../../scripts/kpatch"
	run info one.ko
	expect "elsewhere: info of a file" 0 "name         one" "file         $work/else/where/one.ko"
	run load ../where/one.ko
	expect "elsewhere: load" 0 "\`one\` is loaded"
	run load ../../two-dashes.ko.gz
	expect "elsewhere: load a compressed one" 0 "\`two_dashes\` is loaded"
	run install one.ko
	expect "elsewhere: install" 0 "\`one\` is installed"
	holds "elsewhere: the module is kept" cmp -s "$work/one.ko" "$FAKE/lib/6.1.0-test/one.ko"
	holds "elsewhere: the unit names the command from the root" grep -q '^ExecStart=/[^.]*/kpatch load --all$' "$FAKE/units/kpatch.service"
	mv one.ko one
	run unload one
	expect "elsewhere: a file of the patch's name" 0 "\`one\` is unloaded"
	run uninstall one
	expect "elsewhere: uninstall" 0 "not loaded at boot"
	run unload two_dashes
	kpatch=$absolute_kpatch
	cd / || return
	for each in $paths; do
		eval "$each=\$absolute_$each"
	done
}

boot "$work"
klp=$FAKE/sys/kernel/livepatch
trap 'halt; rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
make_modules
full_path=$PATH
[ -z "${APPLETS:-}" ] || PATH=$APPLETS
command_line
refusals
cycle
stalls
stacks "6.1" "enabled"
: >"$FAKE/tells-all"
stacks "6.14" "cumulative   yes"
stalled_stack
monitoring
several
packaged
for_core
elsewhere
checks
at_boot
holds "no module removed under an enabled patch" missing "$FAKE/broken"
holds "no temporary files left" test -z "$(find "$work/tmp" -mindepth 1)"
[ "$failed" -eq 0 ]
