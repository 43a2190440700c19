# SPDX-License-Identifier: GPL-2.0-or-later
#
# values.awk - what can stand where --help has a VALUE: a word for one of the kinds that every shell has, or the words themselves

# What the awk script of each shell begins with: it reads the table, and says in its BEGIN how it offers each kind (`way`).

BEGIN { FS = "\t" }

# files, directories, commands, patches, `patches files`, nothing; or words with spaces between them
function values(value) {
	sub(/\.\.\.$/, "", value)
	if (value == "FORM")
		return "klp linkable kpatch"
	if (value ~ /^[a-z][a-z|-]*$/) {
		gsub(/\|/, " ", value)
		return value
	}
	if (value ~ /^(DIR|OUTDIR)$/)
		return "directories"
	if (value == "PROGRAM")
		return "commands"
	if (value ~ /^(N|NAME|NUMBER|SECONDS|RELEASE|ABI|ID|SUITE)$/)
		return "nothing"
	return "files"
}

# The same of an operand of a command of commands: its NAMEs are patches.
function operands(value) {
	if (value == "-")
		return "nothing"
	if (value ~ /FILE/ && value ~ /NAME/)
		return "patches files"
	return value ~ /NAME/ ? "patches" : "files"
}

# A shell's command that prints the names of patches: the last column of what `list` says, below its title.
function known_patches() { return name " list 2>/dev/null | awk '/^[A-Z]+ .* NAME$/ { n = NF; next } n { print $n }'" }

# How a kind is offered: as `way` has it, and words in the place of the `%` of way["words"].
function offer(kind, words) {
	if (kind in way)
		return way[kind]
	words = way["words"]
	sub(/%/, kind, words)
	return words
}
