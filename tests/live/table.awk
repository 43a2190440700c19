# SPDX-License-Identifier: GPL-2.0-or-later
#
# table.awk -v kernels="small-s390x small-ppc64el" RESULTS - what became of each case on each kernel
#
# RESULTS are lines of check.sh: verdict, label (case-kernel) and reason, with tabs between. A case that has no line for a
# kernel is for other series.
BEGIN {
	FS = "\t"
	number = split(kernels, kernel, " ")
	word["ok"] = "passed"
	word["FAIL"] = "FAILED"
}

function note(name, text, who) {
	notes[name] = notes[name] (notes[name] ? "; " : "") (number > 1 ? who ": " : "") text
}

{
	for (k = 1; k <= number; k++) {
		end = length($2) - length(kernel[k])
		if (substr($2, end) != "-" kernel[k])
			continue
		name = substr($2, 1, end - 1)
		if (!(name in seen))
			row[++rows] = name
		seen[name] = 1
		cell[name, k] = $1 in word ? word[$1] : "not there"
		if ($1 != "ok")
			note(name, $3, kernel[k])
	}
}

END {
	printf "%-24s", "case"
	for (k = 1; k <= number; k++)
		printf "%-15s", kernel[k]
	print ""
	for (r = 1; r <= rows; r++) {
		printf "%-24s", row[r]
		for (k = 1; k <= number; k++)
			printf "%-15s", ((row[r], k) in cell) ? cell[row[r], k] : "other series"
		print notes[row[r]]
	}
}
