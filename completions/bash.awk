# SPDX-License-Identifier: GPL-2.0-or-later
#
# bash.awk - the table of options as completions for bash; with values.awk, -v name=

# Where nothing is offered, readline completes files: `complete -o default`.
BEGIN {
	way["files"] = ":"
	way["nothing"] = "compopt +o default"
	way["directories"] = "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")"
	way["commands"] = "mapfile -t COMPREPLY < <(compgen -c -- \"$cur\")"
	way["patches files"] = "mapfile -t COMPREPLY < <(compgen -W \"$(" known_patches() ")\" -- \"$cur\")"
	way["patches"] = way["patches files"] "; compopt +o default"
	way["words"] = "mapfile -t COMPREPLY < <(compgen -W '%' -- \"$cur\")"
}

function add(list, word) { return list == "" ? word : list " " word }

function arm(pattern, action) { return "\t" pattern ")\n\t\t" action "\n\t\t;;\n" }

$1 == "command" {
	commands = add(commands, $2)
	operand[$2] = operands($3)
}

$1 == "option" {
	options[$2] = add(options[$2], ($3 == "-" ? "" : $3 " ") $4)
	if ($5 == "flag" || ($4, $6) in told)
		next
	told[$4, $6]
	if ($5 == "value")
		arms = arms arm(($3 == "-" ? "" : $3 " | ") $4, offer(values($6)) "; return")
	else
		optional = optional arm($4, offer(values($6)) "; return")
}

# Behind the command, its options and operand; before it, commands and the options of all.
function of_commands(n, i, words) {
	print "\tif [ \"$COMP_CWORD\" -gt 1 ]; then\n\t\tcase ${COMP_WORDS[1]} in"
	n = split(commands, words, " ")
	for (i = 1; i <= n; i++)
		printf "\t%s", arm(words[i], "options='" options[words[i]] "'; [[ $cur == -* ]] || { " offer(operand[words[i]]) "; return; }")
	print "\t\tesac\n\telif [[ $cur != -* ]]; then"
	print "\t\t" offer(commands) "; compopt +o default; return\n\tfi"
}

END {
	function_name = "_" name
	gsub(/-/, "_", function_name)
	print "# bash completion of " name ", made of what its --help says\n"
	print function_name "() {"
	print "\tlocal cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} joined='' options"
	print "\tCOMPREPLY=()"
	print "\t# --name=value is three words here"
	print "\tif [ \"$cur\" = = ]; then\n\t\tcur='' joined=1\n\tfi"
	print "\tif [ \"$before\" = = ]; then\n\t\tbefore=${COMP_WORDS[COMP_CWORD-2]} joined=1\n\tfi"
	if (arms != "")
		printf "\tcase $before in\n%s\tesac\n", arms
	if (optional != "")
		printf "\t[ -z \"$joined\" ] || case $before in\n%s\tesac\n", optional
	print "\toptions='" options["-"] "'"
	if (commands != "")
		of_commands()
	print "\tif [[ $cur == -* ]]; then"
	print "\t\tcompopt +o default"
	print "\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n\tfi"
	print "}"
	print "complete -o default -F " function_name " " name
}
