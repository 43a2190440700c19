# SPDX-License-Identifier: GPL-2.0-or-later
#
# awk -v form=c -f ids.awk docs/ids.txt   the table as C, for create-diff-object --explain-id
# awk -v form=md -f ids.awk docs/ids.txt  the same as the chapter of docs/guide.md
#
# Each id's text is collected line by line and put where the next one begins: the two forms differ in how, not in what.

function escaped(text) {
	if (form == "c") {
		gsub(/\\/, "\\\\", text)
		gsub(/"/, "\\\"", text)
		gsub(/\t/, "\\t", text)
	} else {
		gsub(/[<*]/, "\\\\&", text)
	}
	return text
}

# A paragraph for a terminal, in lines of at most 96 characters.
function folded(text,    words, count, line, all, i) {
	count = split(text, words, " ")
	for (i = 1; i <= count; i++) {
		if (line != "" && length(line) + length(words[i]) > 94) {
			all = all "  " line "\n"
			line = ""
		}
		line = line (line == "" ? "" : " ") words[i]
	}
	return all "  " line "\n"
}

function put_c(text) {
	gsub(/\n/, "\\n", text)
	printf "\t  \"%s\"\n", text
}

function put_paragraph(word, text) {
	if (text == "")
		return
	if (form == "c")
		put_c(escaped(folded(word text)))
	else
		printf "%s%s\n\n", (word == "" ? "" : "**" substr(word, 1, length(word) - 1) "** "), escaped(text)
}

function put_example(    lines, count, i) {
	if (example == "")
		return
	count = split(example, lines, "\n")
	if (form == "md")
		print "```text"
	else
		put_c("  Example:\n")
	for (i = 1; i < count; i++)
		if (form == "c")
			put_c(escaped("    " lines[i]) "\n")
		else
			print lines[i]
	if (form == "md")
		print "```\n"
}

# What GitHub makes of a heading
function anchor(heading) {
	heading = tolower(heading)
	gsub(/[^a-z0-9 -]/, "", heading)
	gsub(/ /, "-", heading)
	return heading
}

function put_see() {
	if (see == "")
		return
	if (form == "c")
		put_c("  See `" escaped(see) "` in docs/guide.md.\n")
	else
		printf "See [%s](#%s).\n\n", see, anchor(see)
}

# A chapter's own text
function put_introduction() {
	if (form == "md" && introduction != "")
		print escaped(introduction)
	introduction = ""
}

function put_id() {
	put_introduction()
	if (id == "")
		return
	if (form == "c")
		printf "\t{ \"%s\", \"%s\",\n", id, of
	else
		printf "#### `%s`%s\n\n", id, (of == "library" || of == "create-diff-object" ? "" : " (" of ")")
	put_paragraph("", text["means"])
	put_paragraph("Why: ", text["why"])
	put_paragraph("Way out: ", text["way out"])
	put_example()
	put_see()
	if (form == "c")
		print "\t},"
	id = of = see = example = field = ""
	split("", text)
}

function wrong(what) {
	printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"
	failed = 1
	exit 1
}

BEGIN {
	if (form == "c")
		print "/* made by scripts/ids.awk from docs/ids.txt */\n#include \"explain_id.h\"\n\nconst struct id_text id_texts[] = {"
}

/^#/ || /^$/ { next }

/^= / {
	put_id()
	chapter = substr($0, 3)
	if (form == "md")
		printf "### %s\n\n", chapter
	next
}

/^id: / {
	put_id()
	id = substr($0, 5)
	next
}

field == "example" && /^  / {
	example = example substr($0, 3) "\n"
	next
}

/^ / {
	if (!(field in text))
		wrong("nothing that this line could continue")
	text[field] = text[field] " " substr($0, 2)
	next
}

/^of: / { of = substr($0, 5); next }
/^see: / { see = substr($0, 6); next }
/^example:$/ { field = "example"; next }

/^(means|why|way out): / {
	field = substr($0, 1, index($0, ":") - 1)
	text[field] = substr($0, length(field) + 3)
	next
}

id == "" {
	introduction = introduction $0 "\n"
	next
}

{ wrong("no such field") }

END {
	if (failed)
		exit 1
	put_id()
	if (form == "c")
		print "};\n\nconst size_t id_text_count = sizeof(id_texts) / sizeof(id_texts[0]);"
}
