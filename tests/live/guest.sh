# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest.sh - what a case's check.sh can use in the guest; it is sourced by init.sh
#
#   insert_module NAME, try_module NAME (false: it does not load here)
#   load NAME      kpatch load livepatch-NAME.ko; kpatch list has it
#   unload NAME    kpatch unload; kpatch list has it no more
#   kpatch_says STATUS COMMAND...  run kpatch, which must end so; what it says goes to /said
#   is WHAT EXPECTED ACTUAL, has WHAT PATTERN TEXT, lacks WHAT PATTERN TEXT
#   fail REASON    end the case; otherwise it ends well with check.sh, if the kernel is content
#   said PATTERN   lines of the kernel's log with it
#   stayed WHAT TASK FUNCTION   the core named these last as what was in its way
#   pipe_reader    the name of the function that reads pipes, which reader.patch is for
#   sleep_in_reader             $reader is a task that sleeps in it, until something is written to 4, or all ends of 4 are closed
#   reader_is_patched           says 1 where reader.patch is in force, which refuses reads of 4321 bytes, else 0
#
# A wait ends after 30 s, in which the kernel sends its fake signals twice.

fail() {
	echo "CASE $CASE FAIL $*"
	dmesg | tail -n 25
	reboot -f
	sleep 60
}

is() { [ "$2" = "$3" ] || fail "$1: \`$3\` instead of \`$2\`"; }
has() { printf '%s\n' "$3" | grep -q -e "$2" || fail "$1: no \`$2\` in \`$3\`"; }
lacks() { ! printf '%s\n' "$3" | grep -q -e "$2" || fail "$1: \`$2\` in \`$3\`"; }
said() { dmesg | grep -e "$1"; }

# The module's name in sysfs.
sysname() { echo "livepatch_$1" | tr - _; }
# Of the kernel's livepatch, or of the core where there is none.
live_dir() { if [ -d /sys/kernel/livepatch ]; then echo /sys/kernel/livepatch; else echo /sys/kernel/kpatch; fi; }
# In either of them, or where it would be.
patch_dir() {
	dir=/sys/kernel/kpatch/$(sysname "$1")
	[ -d "$dir" ] || dir=$(live_dir)/$(sysname "$1")
	echo "$dir"
}

wait_for() { # WHAT COMMAND...
	what=$1
	shift
	tries=300
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "$what did not happen in 30 s"
		usleep 100000
	done
}

patch_is_gone() { [ ! -e "$(patch_dir "$1")" ]; }
is_loaded() { [ -e "/sys/module/$(sysname "$1")" ]; }

# A module of the distribution that the case ships, after those that it depends on.
try_module() {
	for module in $(cat "/lib/$1.order"); do
		[ -e "/sys/module/$(echo "$module" | tr - _)" ] || insmod "/lib/$module.ko" || return
	done
}

insert_module() { try_module "$1" || fail "$1 does not load: $(dmesg | tail -n 3)"; }

kpatch_says() {
	wanted=$1
	shift
	kpatch "$@" >/said 2>&1
	status=$?
	[ "$status" = "$wanted" ] || fail "kpatch $*: status $status instead of $wanted: $(cat /said)"
}

load() {
	kpatch_says 0 load "/lib/livepatch-$1.ko" --timeout 60
	is "$1 enabled" "1 0" "$(cat "$(patch_dir "$1")/enabled") $(cat "$(patch_dir "$1")/transition")"
	has "kpatch list" "^enabled  *no  *$(sysname "$1")\$" "$(kpatch list)"
}

unload() {
	kpatch_says 0 unload "$(sysname "$1")" --timeout 60
	! is_loaded "$1" || fail "kpatch unload has left the module of $1"
	lacks "kpatch list" "$(sysname "$1")" "$(kpatch list)"
}

stayed() { is "$1 names the task and the function" "kpatch: $2 is in \`$3\`, and stays there" "$(said 'stays there$' | sed 's/^\[[ 0-9.]*\] //' | tail -n 1)"; }

# Linux 6.14 gave it the second name.
pipe_reader() { sed -n 's/.* \(anon_pipe_read\|pipe_read\)$/\1/p' /proc/kallsyms | sort | head -n 1; }

sleep_in_reader() {
	mkfifo /tmp/fifo
	cat /tmp/fifo >/tmp/read &
	reader=$!
	exec 4>/tmp/fifo
	sleep 1
}

reader_is_patched() { echo | dd bs=4321 count=1 2>&1 | grep -c 'Invalid cross-device link'; }
