# SPDX-License-Identifier: GPL-2.0-or-later
#
# awk -v word=WORD -f nearest.awk: the line of the input that WORD is most like, if a third of its letters at most would have to
# be added, removed or replaced, or change places with their neighbour

function least(a, b) { return a < b ? a : b }

function distance(a, b,    i, j, d, cost) {
	for (j = 0; j <= length(b); j++)
		d[0, j] = j
	for (i = 1; i <= length(a); i++) {
		d[i, 0] = i
		for (j = 1; j <= length(b); j++) {
			cost = substr(a, i, 1) != substr(b, j, 1)
			d[i, j] = least(least(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + cost)
			if (i > 1 && j > 1 && substr(a, i - 1, 2) == substr(b, j, 1) substr(b, j - 1, 1))
				d[i, j] = least(d[i, j], d[i - 2, j - 2] + 1)
		}
	}
	return d[length(a), length(b)]
}

length(word) < 64 {
	n = distance(word, $0)
	if (3 * n <= least(length(word), length($0)) && (found == "" || n < best)) {
		best = n
		found = $0
	}
}

END {
	if (found != "")
		print found
}
