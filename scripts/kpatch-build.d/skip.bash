# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# skip.bash - --skip-init: changes of init and exit code and data that are left out of the patch
#
# create-diff-object decides what is left out, and takes a name that no unit has for an error.

skipped=()

# skip_names_of NAMES: with commas between them
skip_names_of() {
	local names
	IFS=, read -ra names <<<"$1"
	[ "${#names[@]}" -gt 0 ] || die usage "option \`--skip-init=\` needs a name" "none is given" "see kpatch-build --help"
	skip_names+=("${names[@]}")
}

# add_skip_init ARRAY: options of create-diff-object
add_skip_init() {
	local -n into=$1
	local name
	[ -z "$skip_init" ] || into+=(--skip-init)
	for name in "${skip_names[@]}"; do
		into+=("--skip-init=$name")
	done
}

# What create-diff-object left out, as OBJECT:NAME
note_skipped() {
	local path name
	while read -r path name; do
		skipped+=("${object_at[$path]}:$name")
	done < <(sed -n '/^warning\[init-left-out\]/{n;s/^  object  \([^ ]*\).* symbol  /\1 /p}' "$work/said")
}

# add_left_out ARRAY: options of kmod/build.sh
add_left_out() {
	local -n to=$1
	local name
	for name in "${skipped[@]}"; do
		to+=(--left-out "${name//[^A-Za-z0-9_.:\$+-]/_}")
	done
}

tell_skipped() {
	[ "${#skipped[@]}" -eq 0 ] || say "skipped  init and exit code, without effect: ${skipped[*]}"
}

# skipped_in_words: what the last line says of them
skipped_in_words() {
	[ "${#skipped[@]}" -eq 0 ] || echo "; without ${#skipped[@]} change(s) of init and exit code"
}
