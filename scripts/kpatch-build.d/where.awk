# SPDX-License-Identifier: GPL-2.0-or-later
#
# where.awk - add to what create-diff-object says of a symbol where that is in the source, and which lines of the patch lead to it
#
# usage: awk -v tree=DIR -f where.awk LINES TOUCHED DIAGNOSTICS DIAGNOSTICS
#
# LINES is what nm -l prints, behind the object's path; the last line for a name counts. The symbol is the first name in `backticks`, or what
# changed by itself: the last name of `origin`. It gets `source FILE:LINE`.
#
# TOUCHED has `OBJECT FILE FIRST LAST` for what the patch touches in the files that an object reads, patched below tree. Of a symbol whose own file
# it does not touch, `patch FILE:LINE` tells where it does: in the declaration of a structure that has another layout in this object (by
# the place that the debug information gives), or else in whatever the object reads. What is no more than worth knowing is left out.

BEGIN { most = 3 }
FILENAME == ARGV[1] {
	if (split($0, tab, "\t") == 2) {
		name = tab[1]
		sub(/.* /, "", name)
		where[$1, name] = tab[2]
	}
	next
}
FILENAME == ARGV[2] {
	n = touched[$1]++
	file_of[$1, n] = $2
	first_of[$1, n] = $3
	last_of[$1, n] = $4
	touches[$1, $2]
	next
}
FNR == 1 { pass++ }

# The first time: the structures of each object, and where they are declared.
pass == 1 {
	if (/^warning\[layout-changed\]/) {
		match($0, /`[^`]+`/)
		type = substr($0, RSTART, RLENGTH)
	} else if (/^  object /)
		object = $2
	else if (/^  cause   declared at [^,]*:[0-9]+, / && type != "") {
		place = $4
		sub(/,$/, "", place)
		line = place
		sub(/.*:/, "", line)
		sub(/:[0-9]+$/, "", place)
		note_declaration(object, type, place, line + 0)
		type = ""
	}
	next
}

# The part of a structure's declaration that the patch touches
function note_declaration(object, type, file, line,    end, i) {
	end = end_of(file, line)
	for (i = 0; i < touched[object]; i++)
		if (file_of[object, i] == file && first_of[object, i] <= end && last_of[object, i] >= line) {
			declared[object, structs[object]++] = file ":" (first_of[object, i] > line ? first_of[object, i] : line) ", in " type ", which has another layout in this object"
			return
		}
}

# The line on which what begins at `line` is closed again
function end_of(file, line,    text, at, depth, opened) {
	if ((file, line) in ends)
		return ends[file, line]
	while ((getline text <(tree "/" file)) > 0) {
		if (++at < line)
			continue
		gsub(/\/\*[^*]*\*\/|\/\/.*/, "", text)
		opened += gsub(/{/, "{", text)
		depth = opened - (closed += gsub(/}/, "}", text))
		if (opened ? depth <= 0 : text ~ /;/)
			break
	}
	close(tree "/" file)
	closed = 0
	return ends[file, line] = at
}

function tell_patch(   file, i, n) {
	file = source
	sub(/:[0-9]+$/, "", file)
	if (!touched[object] || (object, file) in touches)
		return
	for (i = 0; i < structs[object] && i < most; i++)
		print "  patch   " declared[object, i]
	for (i = 0; i < touched[object] && !structs[object] && n < most; i++)
		if (!i || file_of[object, i] != file_of[object, i - 1]) {
			print "  patch   " file_of[object, i] ":" first_of[object, i] ", which this object reads"
			n++
		}
}

function tell() {
	if (source != "") {
		print "  source  " source
		tell_patch()
	}
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
