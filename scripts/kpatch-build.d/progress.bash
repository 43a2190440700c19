# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# progress.bash - how far a step is, on a terminal
#
# One line of standard error, where that is a terminal: it appears when something takes over two seconds, and goes when it is done.
# While the shell waits for a program, a process of its own counts, by the function `counting` that prints `DONE TOTAL UNIT`, or
# tells the time alone. It ends when its standard input does, which is held open by the shell that waits, however that ends. A signal
# would be the wrong way: where it comes before that process has traps of its own, bash acts by those of the run.

counting='' counting_what='' counting_since='' counted_before=0 ticker='' ticking=''

shows_progress() { [ -z "$quiet$debug" ] && [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; }

# count_by FUNCTION WHAT: for all that is run until count_no_more
count_by() {
	counting=$1 counting_what=$2 counting_since=$EPOCHREALTIME counted_before=0
	! shows_progress || read -r counted_before _ < <("${counting:-:}")
	: "${counted_before:=0}"
}

count_no_more() { counting='' counting_what='' counting_since=''; }

# since TIME: milliseconds
since() { echo $((${EPOCHREALTIME/./} / 1000 - ${1/./} / 1000)); }

# rest_in_words DONE TOTAL MILLISECONDS
rest_in_words() {
	local left
	[ "$1" -gt 0 ] && [ "$2" -gt "$1" ] || return 0
	left=$(($3 * ($2 - $1) / $1 / 1000 + 1))
	if [ "$left" -lt 120 ]; then echo ", about $left s left"; else echo ", about $((left / 60)) min left"; fi
}

# What tick has counted, in words. What was there when counting began is no work of this run, and tells nothing of its speed; nor does
# the time that make takes before the first unit, as long as there was no batch of them before.
progress_text() {
	local done_now=$((${made:-0} - counted_before))
	case $unit in
	'') echo "$counting_what $((took / 1000)) s" ;;
	bytes) echo "$counting_what $((made / 1000000)) of $((total / 1000000)) MB, $(seconds $((done_now / took))) MB/s$(rest_in_words "$done_now" $((total - counted_before)) "$took")" ;;
	*)
		[ "$done_now" -gt "$at_first" ] || at_first=0 took_first=0
		echo "$counting_what $made of $total $unit$(rest_in_words $((done_now - at_first)) $((total - counted_before - at_first)) $((took - took_first)))" ;;
	esac
}

tick() {
	local took width ended=0 made total unit at_first=0 took_first=0 first_batch=''
	trap '' INT TERM HUP
	width=$(stty size <&2 2>/dev/null | cut -d' ' -f2)
	read -r made _ < <("${counting:-:}")
	[ "${made:-0}" -gt "$counted_before" ] || first_batch=1
	while read -rt 0.5 || ended=$?; [ "$ended" -gt 128 ]; do
		took=$(since "$counting_since")
		read -r made total unit < <("${counting:-:}")
		[ -z "$first_batch" ] || [ "$at_first" -gt 0 ] || at_first=$((${made:-0} - counted_before)) took_first=$took
		[ "$took" -lt 2000 ] || printf '\r\033[K%.*s' $((${width:-80} - 1)) "$(progress_text)" >&2
	done
}

# From when a program was started until end_progress.
begin_progress() {
	shows_progress || return 0
	[ -n "$counting_what" ] || count_by '' "$step_name"
	exec {ticking}> >(tick)
	ticker=$!
}

end_progress() {
	[ -n "$ticker" ] || return 0
	exec {ticking}>&-
	wait "$ticker"
	ticker=''
	[ -n "$counting" ] || count_no_more
	printf '\r\033[K' >&2
}
