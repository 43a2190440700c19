# SPDX-License-Identifier: GPL-2.0-or-later
#
# where.awk - add `source FILE:LINE` to what create-diff-object says of a symbol
#
# usage: awk -f where.awk LINES DIAGNOSTICS
#
# LINES is what nm -l prints; the last line for a name counts. The symbol is the first name in `backticks`.

FILENAME == ARGV[1] {
	if (split($0, tab, "\t") == 2) {
		name = tab[1]
		sub(/.* /, "", name)
		where[name] = tab[2]
	}
	next
}
{ print }
/^(error|warning|note)\[/ && match($0, /`[^`]+`/) {
	name = substr($0, RSTART + 1, RLENGTH - 2)
	if (name in where)
		print "  source  " where[name]
}
