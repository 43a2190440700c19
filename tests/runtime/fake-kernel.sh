#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fake-kernel.sh - the parts of a kernel that kpatch(8) sees, made of files in $FAKE
#
# Run as insmod, rmmod, uname, id, dmesg and systemctl (links to it) it does what they do there. Run as `kernel` it is the
# livepatch core: a patch whose `enabled` was written goes into transition; a transition ends after a moment unless a
# task stands in the way. $FAKE/sticky, when it is there, holds the patch_state that task 100 stays in.
#
#   $FAKE/insmod-fails  the error of the next insmod      $FAKE/rmmod-busy  so many times rmmod fails at first
#   $FAKE/insmod-fails-for  of that module alone
#   $FAKE/user          the user id                       $FAKE/log         what was called
#   $FAKE/enabled-again the next rmmod finds that someone has enabled the patch just before
#   $FAKE/broken        what a kernel must never be asked for
#   $FAKE/spec/NAME     lines "OBJECT/FUNCTION,POSITION" of what that patch changes; NAME.replace: it is cumulative
#   $FAKE/tells-all     the kernel is one of 6.14 or later: there are `replace` and `stack_order`
set -u

# Without livepatch it is the core's, once that is loaded.
find_klp() {
	klp=$FAKE/sys/kernel/livepatch
	[ -d "$klp" ] || klp=$FAKE/sys/kernel/kpatch
}
find_klp
modules=$FAKE/sys/module

first_word() {
	cat "$1" 2>/dev/null
}

# put FILE VALUE: at once, as sysfs does; a reader never sees an empty file
put() {
	echo "$2" >"$FAKE/new.${1##*/}" && mv "$FAKE/new.${1##*/}" "$1"
}

# tick PATCH: what the kernel does about it now
tick() {
	enabled=$(first_word "$1/enabled")
	direction=$FAKE/direction.${1##*/}
	[ -n "$enabled" ] || return
	if [ "$enabled" != "$(first_word "$direction")" ]; then
		put "$direction" "$enabled"
		put "$1/transition" 1
		return
	fi
	[ "$(first_word "$1/transition")" = 1 ] || return
	sticky=$(first_word "$FAKE/sticky")
	if [ "${sticky:-$enabled}" != "$enabled" ]; then
		put "$FAKE/proc/100/task/100/patch_state" "$sticky"
		return
	fi
	put "$FAKE/proc/100/task/100/patch_state" "$enabled"
	if [ "$enabled" = 1 ]; then
		[ ! -e "$FAKE/spec/${1##*/}.replace" ] || take_over "$1"
		put "$1/transition" 0
	else
		vanish "$1"
	fi
}

vanish() {
	mkdir -p "$FAKE/gone" && mv "$1" "$FAKE/gone/" && rm -rf "$FAKE/gone" "$FAKE/direction.${1##*/}"
}

# take_over PATCH: it is in the place of all others, whose functions it does not show as its own any more
take_over() {
	for other in "$klp"/*; do
		[ "$other" = "$1" ] || vanish "$other"
	done
	while read -r nop; do
		rmdir "$1/$nop"
		rm -f "$1/${nop%/*}/patched"
		rmdir "$1/${nop%/*}" 2>/dev/null || echo 1 >"$1/${nop%/*}/patched"
	done <"$FAKE/nops"
}

kernel() {
	while [ -d "$FAKE/sys" ] && [ ! -e "$FAKE/halt" ]; do
		for klp in "$FAKE/sys/kernel/livepatch" "$FAKE/sys/kernel/kpatch"; do
			for patch in "$klp"/*; do
				[ ! -d "$patch" ] || tick "$patch"
			done
		done
		sleep 0.05
	done
}

# show PATCH OBJECT/FUNCTION,POSITION: that it changes it; ext4 is not loaded
show() {
	mkdir -p "$FAKE/new/$1/$2"
	loaded=1
	[ "${2%/*}" != ext4 ] || loaded=0
	echo "$loaded" >"$FAKE/new/$1/${2%/*}/patched"
}

# show_nops PATCH: functions that go back to the original with it
show_nops() {
	for function in "$klp"/*/*/*,*; do
		[ -d "$function" ] || continue
		function=${function#"$klp"/*/}
		[ -d "$FAKE/new/$1/$function" ] || {
			show "$1" "$function"
			echo "$function"
		}
	done >"$FAKE/nops"
}

functions_of() {
	if [ -e "$FAKE/spec/$1" ]; then cat "$FAKE/spec/$1"; else printf 'vmlinux/some_function,0\next4/other_function,2\n'; fi
}

# enable NAME: a new patch, with all of its directory from the start
enable() {
	functions_of "$1" | while read -r function; do
		show "$1" "$function"
	done
	replace=0
	[ ! -e "$FAKE/spec/$1.replace" ] || replace=1
	[ "$replace" = 0 ] || show_nops "$1"
	if [ -e "$FAKE/tells-all" ]; then
		echo "$replace" >"$FAKE/new/$1/replace"
		count=$(($(first_word "$FAKE/count") + 1))
		echo "$count" | tee "$FAKE/count" >"$FAKE/new/$1/stack_order"
	fi
	echo 1 >"$FAKE/new/$1/enabled"
	echo 1 >"$FAKE/new/$1/transition"
	echo 1 >"$FAKE/direction.$1"
	mv "$FAKE/new/$1" "$klp/$1"
}

insert() {
	name=$(basename "$1" .ko | tr '-' '_')
	case $1 in */core/*) name=kpatch ;; esac # what its file is called does not count
	if [ -e "$FAKE/insmod-fails" ] && [ "$name" = "$(cat "$FAKE/insmod-fails-for" 2>/dev/null || echo "$name")" ]; then
		echo "insmod: can't insert '$1': $(cat "$FAKE/insmod-fails")" >&2
		exit 1
	fi
	mkdir "$modules/$name"
	if [ "$name" = kpatch ]; then
		mkdir "$FAKE/sys/kernel/kpatch"
		return
	fi
	echo OEK >"$modules/$name/taint"
	echo "$name 16384 0 - Live 0x0000000000000000 (OEK)" | cat - "$FAKE/proc/modules" >"$FAKE/modules"
	mv "$FAKE/modules" "$FAKE/proc/modules"
	enable "$name"
}

remove() {
	busy=$(first_word "$FAKE/rmmod-busy")
	if [ -d "$klp/$1" ] || [ -d "$FAKE/sys/kernel/kpatch/$1" ]; then
		echo "removed while enabled: $1" >>"$FAKE/broken"
		exit 1
	fi
	if [ "${busy:-0}" -gt 0 ]; then
		echo $((busy - 1)) >"$FAKE/rmmod-busy"
		echo "rmmod: can't unload module '$1': Resource temporarily unavailable" >&2
		exit 1
	fi
	if [ -e "$FAKE/enabled-again" ]; then
		rm "$FAKE/enabled-again"
		enable "$1"
		echo "rmmod: can't unload module '$1': Resource temporarily unavailable" >&2
		exit 1
	fi
	rm -r "$modules/${1:?}"
	grep -v "^$1 " "$FAKE/proc/modules" >"$FAKE/modules"
	mv "$FAKE/modules" "$FAKE/proc/modules"
}

command=$(basename "$0")
[ "$command" = kernel ] || [ "$command" = uname ] || [ "$command" = id ] || echo "$command $*" >>"$FAKE/log"
case $command in
kernel) kernel ;;
insmod) insert "$1" ;;
rmmod) remove "$1" ;;
uname) echo "${FAKE_RELEASE:-6.1.0-test}" ;;
id) first_word "$FAKE/user" ;;
dmesg) echo "livepatch: symbol 'gone' not found in symbol table" ;;
systemctl) [ ! -e "$FAKE/systemctl-fails" ] ;;
esac
