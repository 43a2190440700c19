# SPDX-License-Identifier: GPL-2.0-or-later
#
# fish.awk - the table of options as completions for fish; with values.awk, -v name=

BEGIN {
	way["files"] = " -r -F"
	way["nothing"] = " -x"
	way["directories"] = " -x -a '(__fish_complete_directories)'"
	way["commands"] = " -x -a '(__fish_complete_command)'"
	way["patches"] = " -f -a " quoted("(" known_patches() ")")
	way["patches files"] = " -F -a " quoted("(" known_patches() ")")
	way["words"] = " -x -a '%'"
	print "# fish completion of " name ", made of what its --help says"
}

function quoted(text) {
	gsub(/[\\']/, "\\\\&", text)
	return "'" text "'"
}

# Options of all commands stand before the command's name.
function when(command) {
	if (command == "-")
		return commands ? " -n __fish_use_subcommand" : ""
	return " -n '__fish_seen_subcommand_from " command "'"
}

function offer_operand(kind) { return kind == "nothing" ? " -f" : kind == "files" ? " -F" : offer(kind) }

$1 == "command" {
	commands++
	print "complete -c " name " -f -n __fish_use_subcommand -a " $2 " -d " quoted($4)
	print "complete -c " name when($2) offer_operand(operands($3))
}

$1 == "option" {
	print "complete -c " name when($2) ($3 == "-" ? "" : " -s " substr($3, 2)) " -l " substr($4, 3) \
		($5 == "value" ? offer(values($6)) : "") ($7 == "-" ? "" : " -d " quoted($7))
}
