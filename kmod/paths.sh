# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# paths.sh - paths that a user or the environment gives, seen from the root
#
# For build.sh and kpatch-build, whose programs run in other directories than they do. What comes in goes through one of
# these when it is read, and is never relative afterwards.

unset CDPATH # with it, cd may lead elsewhere, and speaks

# absolute NAME PATH: the variable NAME becomes PATH
absolute() {
	case $2 in
	'' | /*) eval "$1=\$2" ;;
	.) eval "$1=\$PWD" ;;
	./*) absolute "$1" "${2#./}" ;;
	*) eval "$1=\${PWD%/}/\$2" ;;
	esac
}

# absolute_words NAME: in a variable that holds a command, a prefix or a directory, such as `ccache ../bin/gcc` or
# `../bin/s390x-linux-gnu-`. A word with a slash is a path, except for options and assignments.
absolute_words() {
	eval "absolute_rest=\${$1:-}" absolute_made=''
	set -f # words are no patterns
	for absolute_word in $absolute_rest; do
		case $absolute_word in
		-* | *=*) ;;
		*/*) absolute absolute_word "$absolute_word" ;;
		esac
		absolute_made=$absolute_made${absolute_made:+ }$absolute_word
	done
	set +f
	[ -z "$absolute_made" ] || eval "$1=\$absolute_made"
}

# PATH, in which an empty entry is the current directory
absolute_search_path() {
	[ -n "${PATH:-}" ] || return 0
	absolute_rest=$PATH: PATH=''
	while [ -n "$absolute_rest" ]; do
		absolute absolute_word "${absolute_rest%%:*}"
		PATH=$PATH${PATH:+:}${absolute_word:-$PWD}
		absolute_rest=${absolute_rest#*:}
	done
}
