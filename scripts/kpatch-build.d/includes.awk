# SPDX-License-Identifier: GPL-2.0-or-later
#
# includes.awk - which .c and .S files include a header, directly or through others
#
# usage: awk -v arch=x86 -f includes.awk HEADERS FILES INCLUDES
#
# HEADERS and FILES hold one path a line; INCLUDES holds lines `FILE:#include "..."`, as grep prints them. By the text alone,
# so more files may be named than include it; a file that a configured build compiles is not missed.

function dir(path) { return match(path, /^.*\//) ? substr(path, 1, RLENGTH) : "" }

function base(path) { sub(/^.*\//, "", path); return path }

# a/../b/./c is b/c
function normal(path,   old) {
	gsub(/\/\.\//, "/", path)
	sub(/^\.\//, "", path)
	do {
		old = path
		sub(/(^|\/)[^\/.][^\/]*\/\.\.\//, "/", path)
		sub(/^\//, "", path)
	} while (path != old)
	return path
}

# The directories that every unit searches come first; a header found there is not another one of that name.
function searched(spec,   i) {
	for (i = 1; i <= places; i++)
		if ((place[i] spec) in exists)
			return place[i] spec
	return ""
}

function may_mean(i, header,   spec, found, tail) {
	spec = spec_of[i]
	found = normal(dir(file_of[i]) spec)
	if (quoted[i] && found == header)
		return 1
	if (quoted[i] && found in exists)
		return 0
	found = searched(spec)
	if (found == header)
		return 1
	if (found != "" && spec ~ /\//)
		return 0
	tail = normal(spec)
	sub(/^(\.\.\/)+/, "", tail)
	# <asm/x.h> may be a generated header that includes <asm-generic/x.h>
	if (tail ~ /^asm\// && header == "include/asm-generic/" substr(tail, 5))
		return 1
	return substr("/" header, length(header) + 1 - length(tail)) == "/" tail
}

BEGIN {
	places = split("include/ arch/" arch "/include/ arch/" arch "/include/uapi/ include/uapi/", place, " ")
}

FILENAME == ARGV[1] { queue[++last] = $0; seen[$0] = 1; next }
FILENAME == ARGV[2] { exists[$0] = 1; next }
{
	if (!match($0, /:[ \t]*#[ \t]*include(_next)?[ \t]*["<]/))
		next
	file = substr($0, 1, RSTART - 1)
	spec = substr($0, RSTART + RLENGTH)
	n++
	quoted[n] = substr($0, RSTART + RLENGTH - 1, 1) == "\""
	sub(/[">].*/, "", spec)
	file_of[n] = file
	spec_of[n] = spec
	b = base(spec)
	by_name[b] = by_name[b] " " n
}

END {
	for (at = 1; at <= last; at++) {
		header = queue[at]
		count = split(by_name[base(header)], lines, " ")
		for (k = 1; k <= count; k++) {
			i = lines[k]
			if (file_of[i] in seen || !may_mean(i, header))
				continue
			seen[file_of[i]] = 1
			queue[++last] = file_of[i]
			if (file_of[i] ~ /\.[cS]$/)
				print file_of[i]
		}
	}
}
