# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# load.sh - load patches

refuse_loaded() {
	case $(state "$1") in
	enabled) cause="it is enabled" hint="nothing is to be done; see kpatch info $1" ;;
	enabling) cause="its transition is not over" hint="see kpatch info $1 for who holds it up" ;;
	disabling) cause="it is being disabled" hint="let \`kpatch unload $1\` finish, then load it" ;;
	disabled)
		! is_livepatch_module "$1" || return 0
		cause="an ordinary module of that name is" hint="build the patch with another name"
		;;
	*) return ;;
	esac
	die $REFUSED already-loaded "\`$1\` is already loaded" "$cause" "$hint"
}

# What is left of a patch that was disabled or replaced is no more than its module.
remove_leftover() {
	[ "$(state "$1")" = disabled ] || return 0
	remove_module "$1"
	note "\`$1\` was disabled; its module is removed and loaded anew"
}

# What it says goes to a file: to the core, a shell that reads a pipe meanwhile is a task in pipe_read().
insert() {
	"$INSMOD" "$plain" >"$scratch/err" 2>&1 && return
	problem=$(cat "$scratch/err")
	log=$("$DMESG" 2>/dev/null | grep -E "livepatch|kpatch|$name" | tail -n 3)
	die $KERNEL_REFUSED refused-by-kernel "the kernel does not load \`$1\`" "${problem##*: }${log:+
          $log}" "see dmesg"
}

# set_file FILE|NAME: $file, or no further
set_file() {
	file=$1
	[ "${1#*/}" = "$1" ] || return 0
	set_known is_kept "$1"
	file=$DIR/$("$UNAME" -r)/$name.ko
	[ -f "$file" ] || die $FAILED unreadable "there is no patch \`$1\`" "neither the file, nor $file" \
		"give the file, or install it first; see kpatch list"
}

# tell_to_replace: what the transition will end with, if that is known
tell_to_replace() {
	[ "$(cumulative "$plain" "$name")" = yes ] || return 0
	awk '{ print $1 }' "$scratch/before" | uniq | while read -r patch; do
		note "\`$name\` replaces \`$patch\` when its transition is over"
	done
}

load() {
	need_root load
	need_sysfs
	set_file "$1"
	set_patch "$file"
	refuse_other_kernel "$file"
	if [ -n "$for_core" ]; then need_core "$file"; else need_livepatch; fi
	refuse_loaded "$name"
	refuse_while_busy "$name"
	[ -n "$no_check" ] || check_kernel
	remove_leftover "$name"
	take_snapshot
	insert "$file"
	doing="\`$name\` is loaded, and the kernel goes on with its transition"
	await is_settled "$name" "${2:-$PATIENCE}" || {
		tell_to_replace
		die $STALLED stalled "\`$name\` is loaded, but not all tasks run the new code" \
			"the transition was not over after ${2:-$PATIENCE} s" \
			"the kernel goes on with it; \`kpatch wait\` waits, \`kpatch unload $name\` takes it back"
	}
	[ "$(state "$name")" = enabled ] || die $KERNEL_REFUSED not-enabled "\`$name\` is loaded, but not enabled" \
		"its module did not enable a patch of its name, or the patch was disabled or replaced meanwhile" \
		"see dmesg, and kpatch list"
	doing=
	note "\`$name\` is loaded and enabled"
	tell_replaced "$name"
	tell_overlaps "$name"
}

# wanted FAILED: the names of installed patches that should be in force, in the order in which they are loaded: none that a later
# cumulative one would replace at once, save where that is among FAILED, which cannot be loaded
wanted() {
	chosen=
	for kept in "$DIR/$("$UNAME" -r)"/*.ko; do
		[ -f "$kept" ] || continue
		kept_name=$(name_of "$kept")
		is_among "$kept_name" "$1" || [ "$(cumulative "$kept" "$kept_name")" != yes ] || chosen=
		chosen="$chosen $kept_name"
	done
	echo "$chosen"
}

# next_wanted TRIED FAILED
next_wanted() {
	for next in $(wanted "$2"); do
		is_among "$next" "$1" || {
			echo "$next"
			return
		}
	done
}

# load_wanted NAME SECONDS: nothing is to be done where it is in force, or about to be
load_wanted() {
	await_all "${2:-$PATIENCE}" || die $STALLED stalled "\`$1\` cannot be loaded yet" \
		"the transition of \`$other\` was not over after ${2:-$PATIENCE} s" "\`kpatch wait\` until it is, and try again"
	[ "$(state "$1")" = enabled ] || load "$DIR/$("$UNAME" -r)/$1.ko" "$2"
}

is_coming() {
	case $(state "$1") in
	enabled | enabling) return 0 ;;
	esac
	return 1
}

# At boot, and whenever: one that fails does not keep the others out.
load_all() {
	need_root load
	need_sysfs
	make_scratch
	worst=0 tried='' lost=''
	while following=$(next_wanted "$tried" "$lost") && [ -n "$following" ]; do
		tried="$tried $following"
		(scratch='' && trap cleanup EXIT && load_wanted "$following" "$1")
		ended=$?
		[ "$worst" -ne 0 ] || worst=$ended
		is_coming "$following" || lost="$lost $following"
	done
	exit "$worst"
}
