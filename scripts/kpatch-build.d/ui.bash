# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ui.bash - what the user of kpatch-build sees, and how a run ends
#
# Steps with times and results go to standard output; errors, in the form of create-diff-object's, to standard error. All of
# it, and what the programs say, goes to $logfile once there is one. With -q, standard output has nothing.

logfile=/dev/null
work='' partial='' child='' step_name='' step_text='' step_start=0 step_times='' refusals=0

now() { date +%s%3N; }

seconds() { printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100)); }

# That the disk is full is said of what fills it, not of the log.
log() { printf '%s\n' "$*" >>"$logfile"; } 2>/dev/null

say() {
	[ -n "$quiet" ] || printf '%s\n' "$*"
	log "$*"
}

# step NAME TEXT: ends the step before and begins another
step() {
	step_end
	step_name=$1 step_text=$2 step_start=$(now)
	say "$(printf '%-8s %s' "$1" "$2")"
}

step_end() {
	[ -n "$step_name" ] || return 0
	local took
	took=$(($(now) - step_start))
	note_step "$step_name" "$step_text" "$took"
	took=$(seconds "$took")
	step_times="$step_times${step_times:+, }$step_name $took s"
	log "step $step_name: $took s"
	step_name=''
}

steps_done() {
	step_end
	say "time     $step_times"
}

# diagnostic SEVERITY TEXT CAUSE HINT
diagnostic() {
	note_diagnostic "$@"
	printf '%s: %s\n  cause   %s\n  hint    %s\n' "$1" "$2" "$3" "$4" | tee -a "$logfile" 2>/dev/null | in_color >&2
}

# die ID TEXT CAUSE HINT
die() {
	diagnostic "error[$1]" "${@:2}"
	exit 1
}

# warn ID TEXT CAUSE HINT
warn() { diagnostic "warning[$1]" "${@:2}"; }

# What cannot be live-patched. All of it is told before the run ends with status 2.
refuse() {
	diagnostic "error[$1]" "${@:2}"
	refusals=$((refusals + 1))
}

end_if_refused() {
	[ "$refusals" -eq 0 ] || exit 2
}

# need FILE...: what was made or found in this run is still there. A file that has vanished is not one that holds nothing.
need() {
	local file
	for file; do
		[ -e "$file" ] || die vanished "\`$file\` has vanished" "it was there in this run, and something else has removed it" \
			"see what cleans up in $kdir, and run kpatch-build again"
	done
}

# What changes nothing is said of a run whose files are all there.
unchanged() {
	step_end
	need "$work/tree"
	make_account
	tell_account
	say "nothing to do: $1"
	exit 3
}

# Programs say it in many ways, or not at all (the log may be on that disk), and remove what they could not finish: less than
# $may_need KB, which by default an object may take, is none.
may_need=4096
disk_full() {
	local dir=${kdir:-${deb:-$toolchains}}
	[ -n "$dir" ] && [ "$(df -Pk "$dir" | awk 'NR == 2 { print $4 }')" -lt "$may_need" ]
}

# Signs that a program did not fail, but was ended: what make, shells and compilers say of signal 9, or of no memory left. They
# may be words of the source, too, which compilers quote in lines that begin with its number and a bar.
signs_of_killing='error: Killed|command: Killed|^Killed|[]:0-9] +Killed( |$)|Error 137$|: out of memory allocating |LLVM ERROR: out of memory|: virtual memory exhausted|: Cannot allocate memory'
was_killed() { grep -vE '^ *[0-9]* *\|' | grep -qE "$signs_of_killing"; }

# fail_with_log ID TEXT HINT [CAUSE]: a program failed. Its errors, or else its last lines, stand in the log since the step began.
fail_with_log() {
	local said
	said=$(sed -n "$((run_line + 1)),\$p" "$logfile" | sed "s|${kdir:-/nonexistent}/src/||g")
	if was_killed <<<"$said"; then
		grep -E "$signs_of_killing" <<<"$said" | head -n 5 >&2
		die killed "a program was killed: nothing is known of the patch" \
			"a compiler or another program of the step ended by signal 9, or got no memory; as a rule memory had run out" \
			"run fewer at a time, such as with -j 1, or free some memory; all of the log is in $logfile"
	fi
	{ grep -v '^make' <<<"$said" | grep -iE -A3 '(error|fatal):|undefined!' || tail -n 15 <<<"$said"; } | head -n 40 >&2
	if disk_full || grep -q 'No space left on device' <<<"$said"; then
		die disk-full "$2" "the disk is full" "free some space, or set KPATCH_BUILD_DIR and TMPDIR to directories on another disk"
	fi
	die "$1" "$2" "${4:-a program of the step failed; its words stand above}" "$3; all of the log is in $logfile"
}

# run COMMAND...: into the log. In the background, so that a signal is heeded at once.
run() {
	local status=0
	run_line=$(wc -l <"$logfile")
	log "\$ $*"
	if [ -n "$debug" ] && [ -z "$quiet" ]; then
		"$@" < /dev/null > >(tee -a "$logfile") 2>&1 &
	else
		"$@" </dev/null >>"$logfile" 2>&1 &
	fi
	child=$!
	begin_progress
	wait "$child" 2>/dev/null || status=$? # bash tells of signal 9 there
	child=''
	end_progress
	return "$status"
}

batch_size=128

# run_batches COMMAND UNIT...: COMMAND, which runs something, for so many units at a time. fail_with_log shows all from the first
# batch that fails.
run_batches() {
	local command=$1 all=("${@:2}") at=0 status=0 first=''
	while [ "$at" -lt "${#all[@]}" ]; do
		"$command" "${all[@]:at:batch_size}" || { status=$? first=${first:-$run_line}; }
		at=$((at + batch_size))
	done
	run_line=${first:-$run_line}
	return "$status"
}

# A process of ours that has just begun has its traps still: where a signal ends it, it is not the run that ends.
is_the_run() { [ "$BASHPID" = $$ ]; }

interrupted() {
	is_the_run || exit "$1"
	trap '' INT TERM HUP
	end_progress
	if [ -n "$child" ]; then
		# Apt's methods first: they note how much they have.
		# shellcheck disable=SC2046 # words
		kill -TERM $(cat "/proc/$child/task/$child/children" 2>/dev/null) "$child" 2>/dev/null
		wait "$child" 2>/dev/null
		child=''
	fi
	printf '\nkpatch-build: interrupted; the source is as it was, and what is done stays' >&2
	[ -z "${kdir:-$deb}" ] || printf ' in %s (--clean=all removes it)' "${deb:+$deb${kdir:+ and }}${kdir:-}" >&2
	printf '\n' >&2
	exit "$1"
}

# remove_leftovers() spares a directory with a log.
keep_work() {
	say "kept     $work"
	cp "$logfile" "$work/build.log" || warn unwritable "\`$work\` will be removed by the next build" "the log cannot be copied into it" \
		"copy elsewhere what is needed of it"
}

# However the run ends: no partial output, the farm as it was.
finish() {
	local status=$?
	is_the_run || exit "$status"
	trap '' INT TERM HUP
	[ -z "$partial" ] || rm -rf "$partial"
	if [ -n "$work" ]; then
		orderly=1
		recover
	fi
	close_report "$status"
	[ -z "$work" ] || if [ -n "$keep" ]; then keep_work; else rm -rf "$work"; fi
	exit "$status"
}
