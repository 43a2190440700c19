# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# say.sh - diagnostics, temporary files, and what all parts use

# say ID MESSAGE CAUSE HINT: one diagnostic
say() {
	printf '%s: %s\n  cause   %s\n  hint    %s\n' "$1" "$2" "$3" "$4" >&2
}

# die STATUS ID MESSAGE CAUSE HINT
die() {
	status=$1
	shift
	id=$1
	shift
	say "error[$id]" "$@"
	exit "$status"
}

note() {
	echo "kpatch: $*" >&2
}

cleanup() {
	[ -z "$scratch" ] || rm -rf "$scratch"
}

interrupted() {
	[ -z "$doing" ] || note "interrupted; $doing"
	exit 130
}

# The first line of a file of sysfs; nothing when it has gone, which it may at any moment.
attr() {
	value=
	{ read -r value <"$1"; } 2>/dev/null || :
	printf '%s' "$value"
}

have() {
	command -v "$1" >/dev/null 2>&1
}
