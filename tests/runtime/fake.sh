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

# module FILE MODINFO: an object with that .modinfo, \0 between the fields
module() {
	printf 'int code(int x) { return x + 1; }\nstatic const char info[] __attribute__((section(".modinfo"), used)) = "%s";\n' \
		"$2" | "${CC:-gcc}" -O2 -fdata-sections -x c -c -o "$1" -
}

make_modules() {
	fields='license=GPL\\0description=a patch\\0livepatch=Y\\0depends='
	magic='vermagic=6.1.0-test SMP preempt mod_unload modversions '
	module "$work/one.ko" "$(printf "$fields\\\\0name=one\\\\0$magic")"
	module "$work/two-dashes.ko" "$(printf "livepatch=Y\\\\0name=two_dashes\\\\0$magic")"
	module "$work/other.ko" "$(printf "$fields\\\\0name=other\\\\0vermagic=6.1.0-test2 SMP ")"
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
	expect "unknown command" 1 "unknown command \`frobnicate\`"
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
	expect "load over what is left" 2 "its module is still there"
	echo 0 >"$FAKE/rmmod-busy"
	run unload one
	expect "unload what is left" 0 "is unloaded"
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
[ -z "${APPLETS:-}" ] || PATH=$APPLETS
command_line
refusals
cycle
stalls
elsewhere
at_boot
holds "no module removed under an enabled patch" missing "$FAKE/broken"
holds "no temporary files left" test -z "$(find "$work/tmp" -mindepth 1)"
[ "$failed" -eq 0 ]
