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
#   $FAKE/user          the user id                       $FAKE/log         what was called
#   $FAKE/enabled-again the next rmmod finds that someone has enabled the patch just before
#   $FAKE/broken        what a kernel must never be asked for
set -u

klp=$FAKE/sys/kernel/livepatch
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
	if [ -e "$FAKE/sticky" ] && [ "$(first_word "$FAKE/sticky")" != "$enabled" ]; then
		put "$FAKE/proc/100/task/100/patch_state" "$(cat "$FAKE/sticky")"
		return
	fi
	put "$FAKE/proc/100/task/100/patch_state" "$enabled"
	if [ "$enabled" = 1 ]; then
		put "$1/transition" 0
	else
		rm -rf "$1" "$direction"
	fi
}

kernel() {
	while [ -d "$FAKE/sys" ] && [ ! -e "$FAKE/halt" ]; do
		for patch in "$klp"/*; do
			[ ! -d "$patch" ] || tick "$patch"
		done
		sleep 0.05
	done
}

# enable NAME: a new patch, with all of its directory from the start
enable() {
	mkdir -p "$FAKE/new/$1/vmlinux/some_function,0" "$FAKE/new/$1/ext4/other_function,2"
	echo 1 >"$FAKE/new/$1/enabled"
	echo 1 >"$FAKE/new/$1/transition"
	echo 1 >"$FAKE/new/$1/vmlinux/patched"
	echo 0 >"$FAKE/new/$1/ext4/patched"
	echo 1 >"$FAKE/direction.$1"
	mv "$FAKE/new/$1" "$klp/$1"
}

insert() {
	name=$(basename "$1" .ko | tr '-' '_')
	if [ -e "$FAKE/insmod-fails" ]; then
		echo "insmod: can't insert '$1': $(cat "$FAKE/insmod-fails")" >&2
		exit 1
	fi
	mkdir "$modules/$name"
	echo OEK >"$modules/$name/taint"
	enable "$name"
}

remove() {
	busy=$(first_word "$FAKE/rmmod-busy")
	if [ -d "$klp/$1" ]; then
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
