# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# report.bash - what became of a run, for programs (--json FILE); docs/build-report.schema.json describes it
#
# It is written when the run ends, however it ends, and appears whole. What may be said in a subshell, as diagnostics are, goes to
# the file $notes at once, an object a line; the rest is told of the variables of the steps. Of create-diff-object's own report
# about the two directories ($work/comparison) every word is taken, with the paths as the user knows them.

json='' notes='' run_start=$(now) step_notes=()
declare -A why_ignored=()

# json_text TEXT: as a string, without a new process
json_text() {
	local text=$1 i char
	text=${text//\\/\\\\} text=${text//\"/\\\"} text=${text//$'\n'/\\n} text=${text//$'\t'/\\t}
	if [[ $text == *[[:cntrl:]]* ]]; then
		for ((i = 1; i < 32; i++)); do
			printf -v char '\\x%02x' "$i"
			printf -v char '%b' "$char"
			[[ $text != *"$char"* ]] || text=${text//"$char"/$(printf '\\u%04x' "$i")}
		done
	fi
	printf '"%s"' "$text"
}

json_or_null() { if [ -n "$1" ]; then json_text "$1"; else printf null; fi; }

json_list() {
	local text comma=''
	printf '['
	for text; do
		printf %s "$comma"
		json_text "$text"
		comma=', '
	done
	printf ']'
}

# json_object NAME VALUE...: of strings, `null` where one is empty
json_object() {
	local comma=''
	printf '{'
	while [ $# -gt 0 ]; do
		printf '%s"%s": ' "$comma" "$1"
		json_or_null "$2"
		comma=', '
		shift 2
	done
	printf '}'
}

# A list of what is on stdin, one a line.
json_lines() {
	awk 'BEGIN { printf "[" } { printf "%s\n    %s", NR == 1 ? "" : ",", $0 } END { print NR ? "\n  ]" : "]" }'
}

# Where it will go is known to be writable before anything is done.
open_report() {
	[ -n "$json$page" ] || return 0
	notes=$(mktemp) || die unwritable "cannot make a temporary file" "the disk is full, or not writable" "set TMPDIR to another directory"
	[ -z "$json" ] || [ "$json" = - ] || { : >"$json.$$" && rm -f "$json.$$" && [ ! -d "$json" ]; } 2>/dev/null ||
		die unwritable "cannot write \`$json\`" "it is a directory, or its directory cannot be written" "name another file with --json"
}

# note_diagnostic LABEL MESSAGE CAUSE HINT: LABEL as `error[usage]`
note_diagnostic() {
	local severity=${1%%[*} id=${1#*[}
	[ -n "$notes" ] || return 0
	{ json_object severity "$severity" id "${id%]}" message "$2" cause "$3" hint "$4"; echo; } >>"$notes" 2>/dev/null
}

# note_said FILE: diagnostics, as another command has printed them
note_said() {
	local line words=()
	while IFS= read -r line; do
		case $line in
		error\[* | warning\[*)
			[ "${#words[@]}" -eq 0 ] || note_diagnostic "${words[@]}"
			words=("${line%%: *}" "${line#*: }" '' '') ;;
		'  cause   '*) words[2]=${line#'  cause   '} ;;
		'  hint    '*) words[3]=${line#'  hint    '} ;;
		esac
	done <"$1"
	[ "${#words[@]}" -eq 0 ] || note_diagnostic "${words[@]}"
}

# note_step NAME TEXT MILLISECONDS
note_step() {
	[ -z "$json$page" ] || step_notes+=("{\"name\": $(json_text "$1"), \"text\": $(json_text "$2"), \"seconds\": $(seconds "$3")}")
}

status_word() {
	case $1 in 0) echo ok ;; 2) echo refused ;; 3) echo unchanged ;; 130 | 143) echo interrupted ;; *) echo error ;; esac
}

# The words of the account for a file, and what kind of line it is; of a run that ended early there are none.
report_file() {
	local path=$1 label rest kind=unknown words='' unit list=()
	while read -r label rest; do
		[[ $label != callers && $rest == "$path: "* ]] || continue
		kind=$label words=${rest#"$path: "}
	done < <(printf '%s\n' "${account[@]}")
	if [ -n "${why_ignored[$path]:-}" ]; then
		kind=ignored words=${why_ignored[$path]}
	elif [[ " ${changed[*]} " != *" $path "* ]]; then
		kind=refused
	fi
	for unit in ${read_by[$path]:-}; do
		plain_unit "$unit"
		list+=("$plain")
	done
	printf '{"path": %s, "kind": "%s", "words": %s, "units": %s}\n' "$(json_text "$path")" "$kind" "$(json_or_null "$words")" "$(json_list "${list[@]}")"
}

report_files() {
	local path
	[ -e "$work/touched" ] || return 0
	files_changed 2>/dev/null | sort -u | while IFS= read -r path; do
		report_file "$path"
	done
}

report_units() {
	local unit plain
	for unit in "${units[@]}" "${narrowed[@]}"; do
		plain_unit "$unit"
		json_object path "$plain" object "${objects_of[$unit]:-}" state "${state_of[$unit]:-}" \
			because "$(if [[ " ${caller_units[*]} " == *" $unit "* ]]; then echo calls; else echo reads; fi)"
		echo
	done
}

# Where the source has what the comparison names: the patched line, and of what is gone the original one.
report_places() {
	local unit plain side
	[ -s "$work/comparison" ] && [ "${#state_of[@]}" -gt 0 ] || return 0
	sed -nE 's/.*"name": "([^"\\]*)".*/\1/p' "$work/comparison" | sort -u >"$work/names"
	for unit in "${units[@]}"; do
		[ "${state_of[$unit]:-changed}" = changed ] || continue
		plain_unit "$unit"
		for side in before after; do
			"$(binutil nm)" -l --defined-only "$work/$side/$unit" 2>/dev/null | sed "s|\t.*$kdir/src/|\t|; s|^|$plain |"
		done
	done | awk 'NR == FNR { wanted[$0]; next }
		split($0, tab, "\t") == 2 {
			n = split(tab[1], word, " ")
			if (!(word[n] in wanted) || !match(tab[2], /:[0-9]+$/)) next
			place[word[1] " " word[n]] = sprintf("{\"unit\": \"%s\", \"symbol\": \"%s\", \"file\": \"%s\", \"line\": %d}", word[1], word[n], substr(tab[2], 1, RSTART - 1), substr(tab[2], RSTART + 1))
		}
		END { for (key in place) print place[key] }' "$work/names" - | sort
}

report_comparison() {
	if [ -s "$work/comparison" ]; then sed "s|$work/[a-z]*/||g; s|$kdir/src/||g; 2,\$s/^/  /" "$work/comparison"; else echo null; fi
}

# report STATUS
report() {
	printf '{\n  "schema": 1,\n  "version": %s,\n  "status": "%s",\n  "exit_status": %d,\n  "dry_run": %s,\n' \
		"$(json_text "$(kpatch_version)")" "$(status_word "$1")" "$1" "$([ -n "$dry_run" ] && echo true || echo false)"
	printf '  "name": %s,\n  "output": %s,\n  "log": %s,\n  "kept": %s,\n' "$(json_or_null "$name")" "$(json_or_null "$output")" \
		"$(json_or_null "${logfile#/dev/null}")" "$(json_or_null "${keep:+$work}")"
	printf '  "patches": %s,\n' "$(json_list "${patches[@]}")"
	printf '  "kernel": %s,\n' "$(json_object release "$release" architecture "${srcarch:-}" compiler "${compiler:-}" source "$source" build "$build" \
		config "$config" symvers "$symvers" vmlinux "$vmlinux" modules "$modules")"
	printf '  "seconds": %s,\n' "$(seconds $(($(now) - run_start)))"
	printf '  "steps": %s,\n' "$(printf '%s\n' "${step_notes[@]}" | sed '/^$/d' | json_lines)"
	printf '  "files": %s,\n' "$(report_files | json_lines)"
	printf '  "units": %s,\n' "$(report_units | json_lines)"
	printf '  "left_out": %s,\n' "$(json_list "${skipped[@]}")"
	printf '  "places": %s,\n' "$(report_places | json_lines)"
	printf '  "diagnostics": %s,\n' "$(json_lines <"$notes")"
	printf '  "comparison": '
	report_comparison
	echo '}'
}

# write_json REPORT
write_json() {
	if [ "$json" = - ]; then
		cat "$1"
	else
		cp "$1" "$json.$$" && mv -f "$json.$$" "$json" || {
			rm -f "$json.$$"
			warn unwritable "cannot write \`$json\`" "the disk is full, or the file is not writable" "name another file with --json"
		}
	fi
}

# close_report STATUS: names in other encodings lose the bytes that JSON cannot have
close_report() {
	local made
	[ -n "$notes" ] || return 0
	step_end
	made=$(mktemp) && report "$1" | iconv -c -f utf-8 -t utf-8 >"$made" || warn unwritable "cannot write the report" "the disk is full" "free some space, or set TMPDIR"
	[ -z "$page" ] || write_page "$made"
	[ -z "$json" ] || write_json "$made"
	rm -f "$notes" "$made"
	notes=''
}
