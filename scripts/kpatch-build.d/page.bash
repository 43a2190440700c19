# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# page.bash - what became of a run, for people (--report FILE): a page, which create-diff-object makes
#
# It has its own report of the comparison with the code of functions ($work/comparison); what kpatch-build alone knows it is told
# in the form of docs/page-build.schema.json.

page=''

page_of() {
	absolute page "$1"
	[ ! -d "$page" ] && { : >>"$page"; } 2>/dev/null && { [ -s "$page" ] || rm -f "$page"; } ||
		die unwritable "cannot write \`$page\`" "it is a directory, or its directory cannot be written" "name another file with --report"
}

# The severities are create-diff-object's, and what is not about an object has none.
page_diagnostics() {
	sed -E 's/"severity": "error"/"severity": "'"$1"'"/; s/"severity": "note"/"severity": "notice"/
		s/\}$/, "object": null, "section": null, "symbol": null, "offset": null, "stub": null}/' "$notes" | json_lines
}

page_files() {
	report_files | sed -E 's/"kind": "([a-z]+)", "words": null, .*/"outcome": "\1"}/; s/"kind": "[a-z]+", "words": (.*), "units": .*/"outcome": \1}/
		s/"outcome": "unknown"/"outcome": "the run ended before its account"/' | json_lines
}

page_steps() {
	printf '%s\n' "${step_notes[@]}" | sed -E '/^$/d; s/, "text": .*, "seconds": ([0-9]+)\.([0-9]+)\}$/, "microseconds": \1\200000}/; s/"microseconds": 0+([0-9])/"microseconds": \1/' | json_lines
}

# page_build STATUS
page_build() {
	local word severity=failure
	word=$(status_word "$1")
	[ "$word" != refused ] || severity=refusal
	[ "$word" != interrupted ] || word=error
	printf '{\n "schema": 1,\n "build": {\n  "title": %s,\n  "status": "%s",\n  "kernel": %s,\n  "output": %s,\n' \
		"$(json_text "${patches[*]##*/}")" "$word" "$(json_or_null "$release")" "$(json_or_null "$output")"
	printf '  "files": %s,\n  "sources": %s,\n  "diagnostics": %s\n },\n "steps": %s\n}\n' "$(page_files)" \
		"$(report_places | json_lines)" "$(page_diagnostics "$severity")" "$(page_steps)"
}

# write_page STATUS: it is put into its place whole
write_page() {
	local command made
	command=$(tool create-diff-object)
	made=$(mktemp -d) || return
	page_build "$1" | iconv -c -f utf-8 -t utf-8 >"$made/build"
	set -- --from "$made/build"
	[ ! -s "$work/comparison" ] || { report_comparison >"$made/comparison" && set -- "$@" --from "$made/comparison"; }
	"$command" --report "$page" "$@" 2>"$made/said" ||
		warn unwritable "cannot make \`$page\`" "$(head -n 1 "$made/said")" "see the log; the run itself is not concerned"
	rm -rf "$made"
}
