#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# complete.sh PREFIX - bash, zsh and fish complete what is installed below PREFIX, by files that they find themselves
set -u

prefix=$1
passed=0 failed=0 skipped=0
PATH=$prefix/bin:$prefix/sbin:$PATH # fish completes only commands that are there
export PATH XDG_DATA_DIRS="$prefix/share:/usr/share" LC_ALL=C TERM=dumb
HOME=$(mktemp -d)
export HOME
trap 'rm -rf "$HOME"' EXIT

# ask_SHELL WORD...: what the shell offers for the last word, a line each

ask_bash() {
	bash --norc -c '. /usr/share/bash-completion/bash_completion
		_completion_loader "$1"
		function=$(complete -p "$1" | sed "s/.* -F \([^ ]*\).*/\1/")
		compopt() { :; } # which is for a completion that readline began
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		"$function" && printf "%s\n" "${COMPREPLY[@]}"' - "$@"
}

ask_fish() {
	fish -c 'complete -C "$argv"' "$*" | cut -f1
}

# Behind Tab, the line becomes the words of an echo, which says what the line has become.
ask_zsh() {
	timeout 30 zsh -f -c 'zmodload zsh/zpty
		zpty shell "stty cols 500; exec zsh -f -i"
		zpty -w shell "PROMPT=; fpath=($1/share/zsh/{vendor-completions,site-functions} \$fpath); autoload -U compinit; compinit -u -D; bindkey -e; bindkey \"^I\" complete-word; echo rea\dy"
		zpty -r -m shell seen "*ready*"
		zpty -n -w shell "$2"$'\''\t\x01echo is \x05 en\\d\n'\''
		zpty -r -m shell seen "*end*"
		print -r -- "$seen"' - "$prefix" "$*" | tr -d '\r' | sed -n 's/^is .* \([^ ]*\)  *end$/\1/p'
}

# offers SHELL WANTED WORD...: WANTED is among what is offered for the last word
offers() {
	shell=$1 wanted=$2
	shift 2
	offered=$("ask_$shell" "$@" 2>&1)
	if echo "$offered" | grep -qxF -- "$wanted"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $shell: \`$*\` becomes $wanted"
		printf '%s\n' "$offered" | sed 's/^/  /'
	fi
}

# Why a shell cannot be asked.
missing() {
	if ! command -v "$1" >/dev/null; then
		echo "it is not installed"
	elif [ "$1" = bash ] && [ ! -e /usr/share/bash-completion/bash_completion ]; then
		echo "bash-completion is not installed"
	else
		return 1
	fi
}

for each in bash zsh fish; do
	if why=$(missing $each); then
		echo "SKIPPED completion in $each: $why"
		skipped=$((skipped + 1))
		continue
	fi
	offers $each linkable create-diff-object --form lin
	offers $each --no-sandbox create-klp-module --no-s
	offers $each --max-units kpatch-build --max
	offers $each unload kpatch unlo
	offers $each --timeout kpatch load --ti
done
echo "completions: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
