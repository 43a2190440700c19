# SPDX-License-Identifier: GPL-2.0-or-later
#
# where.awk - add `source FILE:LINE` to what create-diff-object says of a symbol, and leave out what is no more than worth knowing
#
# usage: awk -f where.awk LINES DIAGNOSTICS
#
# LINES is what nm -l prints, behind the object's path; the last line for a name counts. The symbol is the first name in `backticks`, or what
# changed by itself: the last name of `origin`.

FILENAME == ARGV[1] {
	if (split($0, tab, "\t") == 2) {
		name = tab[1]
		sub(/.* /, "", name)
		where[$1, name] = tab[2]
	}
	next
}
function tell() {
	if (source != "")
		print "  source  " source
	source = ""
}
/^[a-z]+\[/ {
	tell()
	note = /^note\[/
	name = match($0, /`[^`]+`/) ? substr($0, RSTART + 1, RLENGTH - 2) : ""
}
note { next }
/^  object / {
	print
	object = $2
	source = where[object, name]
	next
}
/^  origin / {
	print
	n = split($0, names, "`")
	if ((object, names[n - 1]) in where)
		source = where[object, names[n - 1]]
	next
}
{ tell(); print }
END { tell() }
