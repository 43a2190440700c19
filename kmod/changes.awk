# SPDX-License-Identifier: GPL-2.0-or-later
#
# changes.awk - what records tell for .modinfo: "FIELD OBJECT:FUNCTION,POSITION", the position as the kernel shows it in sysfs
#
# Reads three files: the strings of .kpatch.strings, a line each; the bytes of the records (kpatch-patch.h) in decimal, a line
# each; relocations as readelf -rW prints them. Variables: section (.kpatch.funcs), field, big (1: the words are big-endian).

FNR == 1 { file++ }
file == 1 { string[at + 0] = $0; at += length($0) + 1; next }
file == 2 { position[FNR - 1] = word(32); next }
/^Relocation section / { ours = index($0, "'.rela" section "'"); next }
ours && $5 == ".kpatch.strings" && $6 == "+" { points(hex($1), string[hex($7)]) }
END {
	for (n = 0; n in position; n++)
		print field, object[n] ":" name[n] "," (position[n] ? position[n] : 1)
}

function points(offset, text,    n) {
	n = int(offset / 56)
	if (offset % 56 == 40)
		name[n] = text
	if (offset % 56 == 48)
		object[n] = text
}

# word(FROM): the 64 bits from that byte of the line on
function word(from,    i, value) {
	for (i = 0; i < 8; i++)
		value = value * 256 + $(from + 1 + (big ? i : 7 - i))
	return value
}

function hex(text,    i, value) {
	for (i = 1; i <= length(text); i++)
		value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return value
}
