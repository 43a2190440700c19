# SPDX-License-Identifier: GPL-2.0-or-later
#
# zsh.awk - the table of options as completions for zsh; with values.awk, -v name=

BEGIN {
	way["files"] = "_files"
	way["nothing"] = " "
	way["directories"] = "_files -/"
	way["commands"] = "_command_names -e"
	way["patches"] = "_" name "_patches"
	way["patches files"] = "{_" name "_patches; _files}"
	way["words"] = "(%)"
}

# Inside single quotes and the brackets or colons of _arguments.
function quoted(text) {
	gsub(/[\[\]:\\]/, "\\\\&", text)
	gsub(/'/, "'\\''", text)
	return text
}

# Options may be repeated: whether it makes sense, the command says.
function spec(letter, long, mode, value, help, end) {
	end = help == "-" ? "" : "[" quoted(help) "]"
	if (mode != "flag")
		end = end (mode == "optional" ? "::" : ":") quoted(value) ":" offer(values(value))
	long = long (mode == "value" ? "=" : mode == "optional" ? "=-" : "")
	letter = letter (mode == "value" ? "+" : "")
	return " \\\n\t\t'*'" (letter ~ /^-[A-Za-z]/ ? "{" letter "," long "}" : long) "'" end "'"
}

$1 == "command" {
	order[++count] = $2
	does[$2] = quoted($4)
	operand[$2] = $3 == "-" ? "" : " \\\n\t\t'1:" quoted($3) ":" offer(operands($3)) "'"
}

$1 == "option" { specs[$2] = specs[$2] spec($3, $4, $5, $6, $7) }

function commands_too(i) {
	print "_" name "_patches() {"
	print "\tlocal -a names=(${(f)\"$(" known_patches() ")\"})"
	print "\tcompadd -a names\n}\n"
	print "_" name "() {\n\tlocal context state state_descr line\n\ttypeset -A opt_args\n\tlocal -a commands=("
	for (i = 1; i <= count; i++)
		print "\t\t'" order[i] ":" does[order[i]] "'"
	print "\t)\n\t_arguments -C" specs["-"] " \\\n\t\t'1:command:->command' '*::argument:->argument' && return"
	print "\tcase $state in\n\tcommand) _describe command commands ;;\n\targument)\n\t\tcase $words[1] in"
	for (i = 1; i <= count; i++)
		print "\t\t" order[i] ") _arguments" specs[order[i]] operand[order[i]] " ;;"
	print "\t\tesac ;;\n\tesac\n}\n\n_" name " \"$@\""
}

END {
	print "#compdef " name "\n# made of what its --help says\n"
	if (count)
		commands_too()
	else
		print "_arguments -s -S" specs["-"] " \\\n\t\t'*:file:_files'"
}
