# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# callers.bash - functions without an ftrace location that other units may call
#
# create-diff-object refuses them (callers-elsewhere), because one object does not tell who calls a global function. All units of
# the kernel that may are found here: by their objects where the build directory has all of them, else by names in the text of the
# source, which says too many, so that they are compiled. Whose object refers to the function becomes a unit of the patch, and
# all of the same module, or of vmlinux, are compared again, told of its name (--replace-callers). Sets through, lines `OBJECT FUNCTION`,
# and caller_units.

through=() caller_units=()

# Of the comparison, lines `OBJECT FUNCTION`: the functions that may be called from elsewhere, and nothing if something else is refused as well.
called_elsewhere() {
	local path name
	! grep -E '^error\[' "$work/said" | grep -qv '^error\[callers-elsewhere\]' || return 0
	awk '/^[a-z]+\[/ { found = /^error\[callers-elsewhere\]/ } found && /^  object / { print $2, $NF }' "$work/said" |
		while read -r path name; do echo "${object_at[$path]} $name"; done | sort -u
}

# Headers on stdin that do more than declare one of the functions.
using_headers() {
	local header
	while read -r header; do
		"$CC" -fpreprocessed -dD -E -P "$source/$header" 2>>"$logfile" | awk -v names="$*" -f "$parts/declares.awk" || echo "$header"
	done
}

# naming NAME...: paths of the source in whose text one of them stands
naming() {
	index_includes || return
	grep -E '\.([chS]|inc)$' "$kdir/files" | (cd "$source" && tr '\n' '\0' | xargs -0 sh -c 'grep -lwF "$0" "$@" || [ $? -eq 1 ]' "$(printf '%s\n' "$@")")
}

# Of lines that end in a symbol's name, as nm's: those of the names
of_names() { awk -v names="$*" 'BEGIN { n = split(names, list, " "); for (i = 1; i <= n; i++) wanted[list[i]] } $NF in wanted'; }

# In a complete build no name can hide: not even one that a macro puts together.
referring_objects() {
	(cd "$build" && find . -name '*.o' ! -name '.*' ! -name '*.mod.o' -printf '%P\0' | xargs -0 sh -c '"$0" -A "$@" 2>/dev/null || :' "$(binutil nm)") |
		of_names "$@" | sed 's/:.*//' | sort -u |
		while read -r object; do
			[ ! -e "$source/${object%.o}.c" ] && [ ! -e "$source/${object%.o}.S" ] || echo "$object"
		done
}

# The units of files in whose text a name stands, and of those that reach such a header; whether they are built or not.
named_units() {
	local found=$work/naming
	naming "$@" >"$found" || exit 1
	sed -n 's/\.[cS]$/.o/p' "$found"
	{ matching -vE '\.(h|inc)$' "$found"; matching -E '\.(h|inc)$' "$found" | using_headers "$@"; } | units_by_text
}

# may_be_built UNIT, which the lists do not have: they do not know objects whose names Makefiles compute, such as entry_$(BITS).o. One
# that wants an option which is not set is not built, and what others include is a part of those.
may_be_built() {
	local path=${1%.o}.c
	[ -e "$source/$path" ] || path=${1%.o}.S
	[ -e "$source/$path" ] || return 1
	[[ $path != arch/*/um/* ]] && ! is_no_part_of_kernel "$1" && [[ $(not_configured "${1%.o}.c") != *' would build it' ]] &&
		[ -z "$(text_includers <<<"$path")" ]
}

# The units that may refer to any of the functions, as kbuild spells them.
candidates_of() {
	local unit
	if complete_build; then
		referring_objects "$@" | configured
		return
	fi
	named_units "$@" | sort -u >"$work/named" && configured <"$work/named" | sort -u >"$work/listed" || exit 1
	cat "$work/listed"
	matching -vxFf "$work/listed" "$work/named" | while read -r unit; do
		! may_be_built "$unit" || echo "$unit"
	done
}

# Of these, those that are no units of the patch yet.
list_candidates() {
	set -o pipefail
	candidates_of "$@" | matching -vxFf <(printf '%s\n' "${units[@]}") >"$work/candidates"
}

# refers_to OBJECT NAME...
refers_to() { [ -n "$("$(binutil nm)" "$1" | of_names "${@:2}")" ]; }

# compile_callers NAME...: found becomes those of the units in candidates that refer to a function. They are kept on both sides, where
# those of other modules, to which a global name that is not exported is another's, are equal.
compile_callers() {
	local unit units=("${candidates[@]}")
	compile_as_is || log "make failed, but not all that was tried need be built"
	found=()
	for unit in "${candidates[@]}"; do
		! is_built "$unit" || ! refers_to "$kdir/bld/$unit" "$@" || found+=("$unit")
	done
	units=("${found[@]}")
	keep_objects before
	keep_objects after
}

# These are known already.
all_known() {
	local line known
	known=$(printf '%s\n' "${through[@]}")
	for line; do
		grep -qxF "$line" <<<"$known" || return 1
	done
}

# Until no function is told of that was not known before.
find_callers() {
	local lines names candidates found
	while :; do
		mapfile -t lines < <(called_elsewhere)
		! all_known "${lines[@]}" || return 0
		through+=("${lines[@]}")
		names=("${lines[@]#* }")
		run list_candidates "${names[@]}" ||
			fail_with_log no-units "the units that may call $(printf '`%s` ' "${names[@]}")cannot be found out" "see whether the disk is full, and whether the source is whole"
		mapfile -t candidates <"$work/candidates"
		step callers "of $(printf '`%s` ' "${names[@]}")in ${#candidates[@]} unit(s)"
		[ "${#candidates[@]}" -le "${max_units:-100}" ] || refuse reach "${#candidates[@]} units may call $(printf '`%s` ' "${names[@]}")" \
			"without an ftrace location, all callers have to be replaced, and each of these units has to be compiled" \
			"leave the function as it is and change those that call it, or allow it with --max-units ${#candidates[@]}"
		end_if_refused
		found=()
		[ "${#candidates[@]}" -eq 0 ] || compile_callers "${names[@]}"
		log "callers: ${found[*]}"
		units+=("${found[@]}") caller_units+=("${found[@]}")
		step diff "${#units[@]} unit(s)"
		compare_units
	done
}

# A line of the account for each unit that is in the patch because of what it calls alone.
account_callers() {
	local unit
	for unit in "${caller_units[@]}"; do
		[ "${state_of[$unit]}" != changed ] || account+=("callers  ${unit%.o}.c: ${objects_of[$unit]}, replaced because of $(printf '`%s` ' "${through[@]#* }" | sed 's/ $//')")
	done
}
