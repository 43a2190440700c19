# SPDX-License-Identifier: GPL-2.0-or-later
#
# table.awk - what a command's --help says, as lines of fields with tabs between them
#
#   command NAME OPERAND HELP
#   option COMMAND -x --name MODE VALUE HELP     MODE: flag, value, or optional (--name[=VALUE])
#
# COMMAND is -v command=, of a command of commands. Empty fields are `-`. Of a help of several lines, the first.

BEGIN { OFS = "\t" }

# The line's text up to two spaces is what is typed, the rest what it does.
function split_line(line) {
	sub(/^ +/, "", line)
	typed = help = line
	if (match(line, /  +/)) {
		typed = substr(line, 1, RSTART - 1)
		help = substr(line, RSTART + RLENGTH)
	} else
		help = "-"
}

function option(letter, name, mode, value) {
	letter = "-"
	if (typed ~ /^-[A-Za-z], /) {
		letter = substr(typed, 1, 2)
		typed = substr(typed, 5)
	}
	mode = "flag"
	value = "-"
	if (match(typed, /\[=.*\]/)) {
		mode = "optional"
		value = substr(typed, RSTART + 2, RLENGTH - 3)
	} else if (match(typed, /[ =].*/)) {
		mode = "value"
		value = substr(typed, RSTART + 1)
	}
	name = typed
	sub(/[[ =].*/, "", name)
	print "option", command == "" ? "-" : command, letter, name, mode, value, help
}

/^ +-/ {
	split_line($0)
	option()
}

/^  [a-z][a-z-]*( [^ ]+)*  +[^ ]/ && command == "" {
	split_line($0)
	operand = typed ~ / / ? substr(typed, index(typed, " ") + 1) : "-"
	sub(/ .*/, "", typed)
	print "command", typed, operand, help
}
