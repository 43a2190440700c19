# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest.sh - what a case's check.sh can use in the guest; it is sourced by init.sh
#
#   insert_module NAME
#   load NAME      insert livepatch-NAME.ko and wait for its transition
#   unload NAME    disable the patch, wait until it has gone, remove the module
#   is WHAT EXPECTED ACTUAL, has WHAT PATTERN TEXT, lacks WHAT PATTERN TEXT
#   fail REASON    end the case; otherwise it ends well with check.sh, if the kernel is content
#   said PATTERN   lines of the kernel's log with it
#
# A wait ends after 30 s, in which the kernel sends its fake signals twice.

fail() {
	echo "CASE $CASE FAIL $*"
	dmesg | tail -n 40
	poweroff -f
	sleep 60
}

is() { [ "$2" = "$3" ] || fail "$1: \`$3\` instead of \`$2\`"; }
has() { printf '%s\n' "$3" | grep -q -e "$2" || fail "$1: no \`$2\` in \`$3\`"; }
lacks() { ! printf '%s\n' "$3" | grep -q -e "$2" || fail "$1: \`$2\` in \`$3\`"; }
said() { dmesg | grep -e "$1"; }

# The module's name in sysfs.
sysname() { echo "livepatch_$1" | tr - _; }
patch_dir() { echo "/sys/kernel/livepatch/$(sysname "$1")"; }

holders() { grep -l -v -e '^-1' /proc/[0-9]*/task/*/patch_state 2>/dev/null | tr '\n' ' '; }

wait_for() { # WHAT COMMAND...
	what=$1
	shift
	tries=300
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "$what did not happen in 30 s; tasks: $(holders)"
		usleep 100000
	done
}

transition_is_over() { [ "$(cat "$(patch_dir "$1")/transition" 2>/dev/null)" = 0 ]; }
patch_is_gone() { [ ! -e "$(patch_dir "$1")" ]; }
is_loaded() { [ -e "/sys/module/$(sysname "$1")" ]; }

# A module of the distribution that the case ships, after those that it depends on.
insert_module() {
	for module in $(cat "/lib/$1.order"); do
		[ -e "/sys/module/$(echo "$module" | tr - _)" ] && continue
		insmod "/lib/$module.ko" || fail "$module.ko does not load: $(dmesg | tail -n 3)"
	done
}

insert() { insmod "/lib/livepatch-$1.ko" || fail "livepatch-$1.ko does not load: $(dmesg | tail -n 3)"; }

load() {
	insert "$1"
	wait_for "the transition to $1" transition_is_over "$1"
	is "$1 enabled" 1 "$(cat "$(patch_dir "$1")/enabled")"
}

disable() {
	echo 0 >"$(patch_dir "$1")/enabled" || fail "$1 cannot be disabled"
}

remove() {
	# The kernel lets go of the module a moment after the directory has gone.
	wait_for "rmmod of $1" rmmod "$(sysname "$1")"
}

unload() {
	disable "$1"
	wait_for "the end of $1" patch_is_gone "$1"
	remove "$1" 2>/dev/null
}
