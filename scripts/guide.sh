#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guide.sh [--check] - put into docs/guide.md what is made of other files: the chapter of ids, from docs/ids.txt, and each
# patch that a line `<!-- tests/live/cases/... -->` stands above, without the blank of empty lines. With --check nothing is
# written, and what differs is printed.
set -u

cd "$(dirname "$0")/.." || exit 1
made=$(mktemp)
trap 'rm -f "$made"' EXIT

awk -v ids="awk -v form=md -f scripts/ids.awk docs/ids.txt" '
	function put(command,    line) {
		while ((command | getline line) > 0)
			print line
		close(command)
	}
	skipping && $0 == until { skipping = 0 }
	skipping { next }
	{ print }
	/^<!-- tests\/live\/cases\/.* -->$/ {
		print "```diff"
		put("sed \"s/[[:space:]]*$//\" " $2)
		skipping = 1
		until = "```"
	}
	/^<!-- ids -->$/ {
		print ""
		put(ids)
		skipping = 1
		until = "<!-- end of ids -->"
	}
' docs/guide.md >"$made" || exit 1

if [ "${1:-}" = --check ]; then
    diff -u docs/guide.md "$made"
else
    cmp -s "$made" docs/guide.md || cat "$made" >docs/guide.md
fi
