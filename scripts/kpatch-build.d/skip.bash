# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# skip.bash - --skip-init: changes of init and exit code and data that are left out of the patch
#
# create-diff-object decides what is left out, and takes a name that a unit does not have for an error. So each unit is given
# those that it has, and the error is here: a name that no unit has.

skipped=()

# skip_names_of NAMES: with commas between them
skip_names_of() {
	local names
	IFS=, read -ra names <<<"$1"
	[ "${#names[@]}" -gt 0 ] || die usage "option \`--skip-init=\` needs a name" "none is given" "see kpatch-build --help"
	skip_names+=("${names[@]}")
}

# The sections that a kernel is done with at boot, and what they have: names as the programmer writes them.
init_names_of() {
	local side
	for side in before after; do
		[ -e "$work/$side/$1" ] || continue
		"$(binutil nm)" -f sysv "$work/$side/$1" | awk -F'|' '{
			gsub(/ /, "")
			if ($NF !~ /^\.(con_initcall|init|exit)/)
				next
			print $NF
			print $1
			if (sub(/\..*/, "", $1) && $1 != "")
				print $1
		}'
		"$(binutil readelf)" -SW "$work/$side/$1" | grep -oE '\.(con_initcall|init|exit)[A-Za-z0-9_.]*'
	done | sort -u
}

# skip_options UNIT: into $options
skip_options() {
	local name names
	[ -z "$skip_init" ] || options+=(--skip-init)
	[ "${#skip_names[@]}" -gt 0 ] || return 0
	names=$(init_names_of "$1")
	for name in "${skip_names[@]}"; do
		! grep -qxF -e "$name" <<<"$names" || options+=("--skip-init=$name")
	done
}

check_skip_names() {
	local name unit names=''
	[ "${#skip_names[@]}" -gt 0 ] || return 0
	for unit in "${units[@]}"; do
		names+=$(init_names_of "$unit")$'\n'
	done
	for name in "${skip_names[@]}"; do
		grep -qxF -e "$name" <<<"$names" || die skip-init-unknown "there is no \`$name\` to leave out" \
			"no unit of the patch has this name in an init or exit section" "check the spelling; the refusal tells the name"
	done
}

# note_skipped DIR: what create-diff-object left out of a pair, as OBJECT:NAME
note_skipped() {
	local name
	while IFS= read -r name; do
		skipped+=("$(cat "$1/object"):$name")
	done < <(sed -n '/^warning\[init-left-out\]/{n;s/.* symbol  //p}' "$1/err")
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
