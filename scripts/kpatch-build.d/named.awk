# SPDX-License-Identifier: GPL-2.0-or-later
#
# named.awk - where a Makefile of the kernel names an object, and under which options
#
# usage: awk -v object=vmx/vmx.o -f named.awk MAKEFILE
#
# By the text alone. Prints a line `NUMBER [OPTION]...` for each way from a list that kbuild reads (obj-, lib-, extra-) to the
# object, through the objects and variables that it is part of; or, where none reads it, from the line that names it. An
# option with ! in front is one that must not be set. Of a directory, the name ends with a slash.

function options(text,   all) {
	while (match(text, /CONFIG_[A-Za-z0-9_]+/)) {
		all = all " " substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
	}
	return all
}

# The options of a condition, for its first branch
function condition(text,   all, isnt) {
	all = options(text)
	isnt = text ~ /^ifn/
	if (text ~ /,[ \t]*\)/)
		isnt = !isnt
	if (text ~ /^ifdef/)
		isnt = 0
	if (text ~ /^ifndef/)
		isnt = 1
	return isnt ? negated(all) : all
}

function negated(all) {
	gsub(/ /, " !", all)
	gsub(/!!/, "", all)
	return all
}

function conditions(   i, all) {
	for (i = 1; i <= depth; i++)
		all = all within[i]
	return all
}

# $(addprefix DIR/, ONE TWO)
function without_addprefix(text,   all, prefix, word, count, i) {
	while (match(text, /\$\(addprefix [^,()]*,[^()]*\)/)) {
		all = substr(text, RSTART + 12, RLENGTH - 13)
		prefix = all
		sub(/,.*/, "", prefix)
		sub(/^[^,]*,/, "", all)
		gsub(/[ \t]/, "", prefix)
		count = split(all, word, " ")
		all = ""
		for (i = 1; i <= count; i++)
			all = all " " prefix word[i]
		text = substr(text, 1, RSTART - 1) all substr(text, RSTART + RLENGTH)
	}
	return text
}

function assignment(text, number,   left, right, word, i, count) {
	match(text, /[ \t]*[:+?]*=/)
	left = substr(text, 1, RSTART - 1)
	right = without_addprefix(substr(text, RSTART + RLENGTH))
	n++
	number_of[n] = number
	options_of[n] = conditions() options(left) (right ~ /\$\(if/ ? options(right) : "")
	gsub(/(-[a-z]*)?\$[({][^)}]*[)}]/, "", left)
	sub(/-(y|m|objs)$/, "", left)
	left_of[n] = left
	gsub(/\$[({][A-Za-z_]+[)}]\//, "", right)
	count = split(right, word, " ")
	for (i = 1; i <= count; i++)
		if (sub(/\$[({][A-Za-z_]+[)}]/, "[A-Za-z0-9_]+", word[i]) && word[i] ~ /^[^$()]+\.o$/)
			pattern[n] = pattern[n] " ^" word[i] "$"
	gsub(/[(){},$]/, " ", right)
	count = split(right, word, " ")
	for (i = 1; i <= count; i++)
		named[word[i]] = named[word[i]] " " n
}

function statement(text, number) {
	sub(/#.*/, "", text)
	sub(/^[ \t]+/, "", text)
	if (text ~ /^(ifdef|ifndef|ifeq|ifneq)/)
		within[++depth] = condition(text)
	else if (text ~ /^else/) {
		within[depth] = negated(within[depth])
		if (sub(/^else[ \t]+if/, "if", text))
			within[depth] = within[depth] condition(text)
	} else if (text ~ /^endif/)
		depth -= depth > 0
	else if (text ~ /^[^:=+?]+[:+?]*=/)
		assignment(text, number)
}

# head$(BITS).o may name head32.o
function by_pattern(name,   at, list, count, i, all) {
	if (name !~ /\.o$/)
		return ""
	for (at in pattern) {
		count = split(pattern[at], list, " ")
		for (i = 1; i <= count; i++)
			if (name ~ list[i])
				all = all " " at
	}
	return all
}

# A line for each way on from NAME; whether there is one.
function ways(name, number, sofar,   list, count, i, at, any) {
	count = split(named[name] by_pattern(name), list, " ")
	for (i = 1; i <= count; i++) {
		at = list[i]
		if (at in going)
			continue
		any = 1
		going[at]
		way(at, number ? number : number_of[at], options_of[at] sofar)
		delete going[at]
	}
	return any
}

function way(at, number, sofar,   left, on) {
	left = left_of[at]
	if (left !~ /^(obj|lib|extra|core|drivers|net|libs|subdir)$/) {
		on = ways(left ".o", number, sofar)
		on = ways(left "-y", number, sofar) || on
		on = ways(left "-objs", number, sofar) || on
		on = ways(left, number, sofar) || on
		if (on)
			return
	}
	if (!told[number sofar]++)
		print number sofar
}

{
	if (!held)
		first = FNR
	held = sub(/\\$/, " ")
	text = text $0
	if (!held) {
		statement(text, first)
		text = ""
	}
}

END { ways(object, 0, "") }
