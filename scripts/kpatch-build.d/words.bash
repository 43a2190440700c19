# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# words.bash - how kpatch-build speaks of words: colours, and what an id means

color=''

# choose_color always|never|auto: on a terminal, as create-diff-object does
choose_color() {
	color=''
	case $1 in
	always) color=1 ;;
	never) ;;
	auto) [ ! -t 2 ] || [ -n "${NO_COLOR:-}" ] || [ "${TERM:-dumb}" = dumb ] || color=1 ;;
	*) die usage "\`$1\` is no way to colour" "diagnostics are coloured always, never or auto" "see kpatch-build --help" ;;
	esac
}

# A filter: diagnostics with their first words coloured
in_color() {
	local esc=$'\033'
	if [ -n "$color" ]; then
		sed -E "s/^error\[[a-z0-9-]+\]:/$esc[1;31m&$esc[0m/; s/^warning\[[a-z0-9-]+\]:/$esc[1;35m&$esc[0m/; s/^note\[[a-z0-9-]+\]:/$esc[1;36m&$esc[0m/"
	else
		cat
	fi
}

# The texts are create-diff-object's.
explain_id() {
	local command
	command=$(tool create-diff-object)
	[ -n "$command" ] || die missing-tool "create-diff-object is missing" "it has the texts" "build the project, or set KPATCH_TOOLS to its directory"
	exec "$command" --explain-id "$1"
}
