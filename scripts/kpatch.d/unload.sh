# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# unload.sh - take patches out

undo() {
	set_enabled "$1" 1
	is_gone "$1" && return 1 # it ended at the last moment
	doing="\`$1\` is enabled again, and the kernel goes on with its transition"
	await is_settled "$1" "$2" || die $STALLED stalled "\`$1\` is enabled again, but not all tasks run its code" \
		"the transition back was not over after $2 s" "the kernel goes on with it; see kpatch info $1"
	[ "$(state "$1")" = enabled ] || return 1
	die $UNDONE undone "\`$1\` is still loaded and enabled" "tasks did not leave its code within $2 s" \
		"end or wake the tasks named above and try again, or wait longer (--timeout)"
}

disable() {
	doing="\`$1\` is disabled, and the kernel goes on with its transition; \`kpatch unload $1\` finishes this"
	[ "$(attr "$(dir_of "$1")/enabled")" != 1 ] || set_enabled "$1" 0
	await is_gone "$1" "$2" && return
	[ -z "$3" ] || { undo "$1" "$2" || { await is_gone "$1" "$2" && return; }; }
	die $STALLED stalled "\`$1\` is disabled, but tasks still run its code" "the transition was not over after $2 s" \
		"the kernel goes on with it; \`kpatch unload $1\` finishes this, --undo enables the patch again"
}

# The kernel drops its hold on the module just after the directory has gone.
remove_module() {
	tries=0
	while is_gone "$1"; do
		problem=$("$RMMOD" "$1" 2>&1) && return
		loaded_module "$1" || return 0
		tries=$((tries + 1))
		[ "$tries" -lt 20 ] || break
		nap
	done
	is_gone "$1" || problem="it has been enabled again meanwhile"
	die $KERNEL_REFUSED refused-by-kernel "the module \`$1\` cannot be removed" "${problem##*: }" \
		"another module may use it: see lsmod"
}

unload() {
	need_root unload
	need_livepatch
	set_known is_loaded "$1"
	covered=$(overlaps)
	if is_gone "$name"; then
		loaded_module "$name" || die $REFUSED not-loaded "\`$name\` is not loaded" "no patch has that name" \
			"see kpatch list"
		is_livepatch_module "$name" || die $REFUSED not-a-livepatch "\`$name\` is not a live patch" \
			"it is an ordinary module" "remove an ordinary module with rmmod"
	else
		refuse_while_busy "$name"
		patience=${2:-0}
		[ -n "$2" ] || [ -z "$3" ] || patience=$PATIENCE
		disable "$name" "$patience" "$3"
	fi
	remove_module "$name"
	doing=
	note "\`$name\` is unloaded"
	tell_uncovered "$name" "$covered"
}
