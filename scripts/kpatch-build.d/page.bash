# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# page.bash - what became of a run, for people (--report FILE): a page, which create-diff-object makes of the report for programs
# (report.bash), in which the comparison then has the code of functions, too

page=''

page_of() {
	absolute page "$1"
	[ ! -d "$page" ] && { : >>"$page"; } 2>/dev/null && { [ -s "$page" ] || rm -f "$page"; } ||
		die unwritable "cannot write \`$page\`" "it is a directory, or its directory cannot be written" "name another file with --report"
}

# write_page REPORT: it is put into its place whole
write_page() {
	local command said
	command=$(tool create-diff-object)
	said=$("$command" --report "$page" --from "$1" 2>&1) ||
		warn unwritable "cannot make \`$page\`" "$(head -n 1 <<<"$said")" "see the log; the run itself is not concerned"
}
