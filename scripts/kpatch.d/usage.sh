# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage.sh - what each command takes, --help, and the command line

COMMANDS='load unload check list info status wait install uninstall'

# describe COMMAND: $operand, the options that it $takes, and what it $does
describe() {
	operand='' takes=''
	case $1 in
	load) operand='FILE|NAME' takes='all timeout no_check' does='load a patch and wait until every task runs the new code' ;;
	unload) operand=NAME takes='timeout undo' does='disable a patch, wait until no task runs its code, remove its module' ;;
	check) operand='FILE|NAME' does='say whether the running kernel is the one that a patch was made for' ;;
	list) does='show the patches that are loaded or installed' ;;
	info) operand='FILE|NAME' does='show what a patch is, what it changes and who holds it up' ;;
	status) takes=json does='say whether every patch that should be in force is, by the exit status too' ;;
	wait) operand='[NAME]' takes=timeout does='wait until the transition, or every transition, is over' ;;
	install) operand=FILE takes='several instead' does='keep a patch and load it at every boot of its kernel' ;;
	uninstall) operand=NAME does='load it at boot no longer, of any kernel; a loaded patch stays loaded' ;;
	esac
}

is_among() { # WORD WORDS
	for word in $2; do
		[ "$word" != "$1" ] || return 0
	done
	return 1
}

# usage_options OPTION...: and those that every command has
usage_options() {
	default=$PATIENCE
	! is_among undo "$*" || default="$PATIENCE; unload without --undo: as long as it takes"
	echo
	echo "Options:"
	! is_among all "$*" || cat <<EOF
      --all              instead of a patch: every patch that is installed for the running kernel
EOF
	! is_among timeout "$*" || cat <<EOF
      --timeout SECONDS  how long to wait for the transition; 0: as long as it takes
                         (default: $default)
EOF
	! is_among undo "$*" || cat <<EOF
      --undo             when the time is over, enable the patch again
EOF
	! is_among no_check "$*" || cat <<EOF
      --no-check         do not compare the running kernel with the one that the patch was made for
EOF
	! is_among json "$*" || cat <<EOF
      --json             say it as JSON, for programs
EOF
	! is_among several "$*" || cat <<EOF
      --several          beside other cumulative patches; the last one, by name, is loaded
EOF
	! is_among instead "$*" || cat <<EOF
      --instead          instead of the other cumulative patches for its kernel
EOF
	cat <<EOF
  -h, --help             show this and exit; after a command, what that command takes
EOF
	! is_among version "$*" || cat <<EOF
  -V, --version          show the version and exit
EOF
}

statuses() {
	cat <<EOF

Exit status: 0 done, 1 usage or file error, 2 refused before anything was done,
3 the kernel refused it, 4 the transition did not end in time, 5 undone, 130 interrupted
EOF
}

statuses_of_status() {
	cat <<EOF

Exit status: 0 all in force, 1 stalled: a transition is not over, 2 missing: an installed patch
is not in force, 3 nothing can be said
EOF
}

usage() {
	echo "Usage: kpatch COMMAND [OPTION]... [FILE|NAME]"
	echo
	echo "Load live patches into the running kernel and take them out again."
	echo
	for each in $COMMANDS; do
		describe "$each"
		printf '  %-20s %s\n' "$each${operand:+ $operand}" "$does"
	done
	usage_options all timeout undo no_check json several instead version
	echo
	echo "Each command has --help of its own; status also has an exit status of its own."
	statuses
}

usage_of() {
	describe "$1"
	echo "Usage: kpatch $1${takes:+ [OPTION]...}${operand:+ $operand}"
	! is_among all "$takes" || echo "       kpatch $1 [OPTION]... --all"
	echo
	echo "$1: $does"
	# shellcheck disable=SC2086 # a list of words
	usage_options $takes
	if [ "$1" = status ]; then statuses_of_status; else statuses; fi
}

# misused MESSAGE CAUSE [MEANT]
misused() {
	die $FAILED usage "$1" "$2" "${3:+did you mean \`$3\`? }see kpatch ${operand+$command }--help"
}

# nearest WORD NAME...: the name that few letters tell apart from it, if there is one. kpatch-build asks the same.
nearest() {
	word=$1
	shift
	printf '%s\n' "$@" | awk -v word="$word" -f "$parts/nearest.awk" 2>/dev/null
}

unknown_command() {
	# shellcheck disable=SC2086 # a list of words
	misused "$1" "it is none of $COMMANDS" "$(nearest "$2" $COMMANDS)"
}

# Of the command's own; what only others take is not meant.
unknown_option() {
	own=--help
	for each in $takes; do
		own="$own --$each"
	done
	# shellcheck disable=SC2086 # a list of words
	misused "unknown option \`$1\`" "$command has no such option" "$(nearest "${1%%=*}" $own)"
}

# takers OPTION: the commands that take it
takers() {
	for taker in $COMMANDS; do
		(describe "$taker" && ! is_among "$1" "$takes") || echo "$taker"
	done | tr '\n' ' ' | sed 's/ $//; s/ / and /g'
}

# parse COMMAND [ARGUMENT]...: its options; $what is the one word that is none
parse() {
	what='' timeout='' undo='' all='' json='' several='' instead='' no_check=''
	describe "$1"
	shift
	while [ $# -gt 0 ]; do
		case $1 in
		--timeout | --timeout=*)
			is_among timeout "$takes" || misused "$command takes no --timeout" "it does not wait"
			[ "$1" != --timeout ] || [ $# -eq 1 ] || shift
			timeout=${1#--timeout=}
			case $timeout in
			'' | *[!0-9]* | ??????*)
				misused "\`--timeout\` wants a number of seconds" "\`$timeout\` is not a whole number up to 99999"
				;;
			esac
			;;
		--undo | --all | --json | --several | --instead | --no-check)
			option=$(echo "${1#--}" | tr - _)
			is_among "$option" "$takes" || misused "$command takes no $1" "only $(takers "$option") does"
			eval "$option=1"
			;;
		-h | --help)
			usage_of "$command"
			exit 0
			;;
		-*) unknown_option "$1" ;;
		*)
			[ -n "$operand" ] || misused "$command takes no \`$1\`" "it shows all patches"
			[ -z "$what" ] || misused "one patch at a time, not \`$1\` too" "$command takes one name or file"
			set_what "$1"
			;;
		esac
		shift
	done
	case $operand in
	'' | '['*) ;;
	*) [ -n "$what$all" ] || misused "$command wants a patch" "none was given" ;;
	esac
	[ -z "$all" ] || [ -z "$what" ] || misused "either --all or \`$what\`" "both were given"
	[ -z "$several" ] || [ -z "$instead" ] || misused "either --several or --instead" "both were given"
}

# $what: a file's absolute path, or a name, which has no slash
set_what() {
	case $1 in
	*/*) absolute what "$1" ;;
	*) if [ -f "$1" ]; then absolute what "$1"; else what=$1; fi ;;
	esac
}
