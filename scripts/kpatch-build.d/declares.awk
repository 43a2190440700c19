# SPDX-License-Identifier: GPL-2.0-or-later
#
# declares.awk - does a header do no more than declare functions?
#
# usage: awk -v names="f g" -f declares.awk HEADER, which has no comments any more
#
# Exit status 0 if each place of a name is in a declaration: outside of braces, of directives and of macros, in a statement that
# ends with a semicolon and assigns nothing. Where braces do not match, as under conditions, it is 1: no text is taken for a
# declaration that could be anything else.

BEGIN {
	count = split(names, list, " ")
	for (i = 1; i <= count; i++)
		wanted[list[i]]
}

function has_name(text,   words, n, i) {
	n = split(text, words, /[^A-Za-z0-9_]+/)
	for (i = 1; i <= n; i++)
		if (words[i] in wanted)
			return 1
	return 0
}

# At a brace or a semicolon: what stood before it in this statement.
function end_of(mark) {
	if (has_name(statement) && (mark != ";" || depth != 0 || statement ~ /=/))
		used = 1
	statement = ""
	if (mark == "{")
		depth++
	if (mark == "}" && --depth < 0)
		used = 1
}

/^[ \t]*#/ || continued {
	continued = /\\$/
	used = used || has_name($0) || has_name(statement)
	next
}

{
	while (match($0, /"([^"\\]|\\.)*"/)) {
		used = used || has_name(substr($0, RSTART, RLENGTH))
		$0 = substr($0, 1, RSTART - 1) "'" substr($0, RSTART + RLENGTH)
	}
	gsub(/'[{};]'/, "0")
	while (match($0, /[{};]/)) {
		statement = statement " " substr($0, 1, RSTART - 1)
		mark = substr($0, RSTART, 1)
		$0 = substr($0, RSTART + 1)
		end_of(mark)
	}
	statement = statement " " $0
}

END { exit used || depth != 0 || has_name(statement) }
