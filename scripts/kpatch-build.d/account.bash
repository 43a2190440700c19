# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# account.bash - what became of each file that the patches change
#
# After compiling, account_files finds which units each changed file is part of, by kbuild's own dependencies, before or after
# the change, and why a .c file is part of none; of one that nobody knows of, the run ends. After comparing, make_account writes a
# line for every file, and checks that none is missing; tell_account shows them at the end.

declare -A read_by=() why_not=() state_of=() objects_of=()
ignored=() own=() account=() left_out=0

# The units, spelled as kbuild does, that read a changed file: what compiling them wrote down, or preprocessing alone.
units_reading() {
	local side unit pattern
	pattern=$(sed 's/[][\.*^$+?(){}|]/\\&/g' <<<"$1")
	for side in before after; do
		for unit in "${units[@]}"; do
			[ ! -e "$work/$side/$unit" ] || printf '%s\0' "$(cmd_file "$side/$unit")"
		done
	done | { cat; for unit in "${narrowed[@]}"; do printf '%s\0' "$(cmd_file "same/$unit")"; done; } | (cd "$work" && xargs -0r sh -c 'grep -lE -e "$0" "$@" || [ $? -eq 1 ]' "(^|[ /]src/|/\\.\\./)$pattern( |\$)") |
		sed -E 's,^(before|after|same)/,,; s,\.([^/]*)\.cmd$,\1,' | sort -u
}

# plain_unit UNIT: sets plain; of arch/x86/kvm/../../../virt/kvm/kvm_main.o it is virt/kvm/kvm_main.o
plain_unit() {
	local above
	plain=$1
	while [[ $plain == */../* ]]; do
		above=${plain%%/../*} plain=${plain#*/../}
		[[ $above != */* ]] || plain=${above%/*}/$plain
	done
}

# Whether a unit is that of a file
unit_of() {
	local plain
	plain_unit "$1"
	[ "$plain" = "${2%.c}.o" ]
}

# Of a name in the source's Makefiles, from its own directory upwards: lines `MAKEFILE:NUMBER [OPTION]...`
named_at() {
	local dir=${1%/*} rest=${1##*/} file found
	if [[ $1 == */ ]]; then rest=${1%/} dir=${rest%/*} rest=${rest##*/}/; fi
	while :; do
		found=$(for file in "$source/$dir"/{Kbuild,Makefile,Makefile.*}; do
			[ ! -f "$file" ] || awk -v object="$rest" -f "$parts/named.awk" "$file" | sed "s|^|${file#"$source/"}:|"
		done)
		[ -z "$found" ] || { echo "$found"; return; }
		[[ $dir == */* ]] || return 0
		rest=${dir##*/}/$rest dir=${dir%/*}
	done
}

option_is_set() { grep -qE "^$1=[ym]" "$config"; }

# Of lines of named_at: the options that are not as they would have to be, joined by `and`, and lines by `or`.
lacking() {
	local option place rest line all=''
	while read -r place rest; do
		line=''
		for option in $rest; do
			if [[ $option == !* ]]; then
				option=${option#!}
				! option_is_set "$option" || line="$line${line:+ and }a kernel without $option"
			else
				option_is_set "$option" || line="$line${line:+ and }$option"
			fi
		done
		[ -z "$line" ] || [[ " or $all or " == *" or $line or "* ]] || all="$all${all:+ or }$line"
	done
	echo "$all"
}

# Why the configuration does not build the object of a .c file, if a Makefile names it.
not_configured() {
	local named option dir=$1
	named=$(named_at "${1%.c}.o")
	[ -n "$named" ] || return 0
	option=$(lacking <<<"$named")
	while [ -z "$option" ] && [[ $dir == */*/* ]]; do
		dir=${dir%/*}
		option=$(named_at "$dir/" | lacking)
	done
	if [ -n "$option" ]; then echo "$option would build it"; else echo "see ${named%%:*}, which names it"; fi
}

# The .c and .S files whose text leads to a file, whether they are built or not.
text_includers() { index_includes && units_by_text | sed 's/\.o$/.c/'; }

# Why a .c file that others include is part of no unit: each includer is not built, or does without it. Of one that has no
# includer, nothing.
not_included() {
	local includer why
	while read -r includer; do
		if is_no_part_of_kernel "${includer%.c}.o"; then
			echo "!${includer%.c}.o"
			return
		elif [ -e "$kdir/bld/${includer%.c}.o" ]; then
			echo "$includer includes it under a condition"
			return
		fi
		why=$(not_configured "$includer")
		[ -z "$why" ] || { echo "$includer includes it, and is not built: $why"; return; }
	done < <(text_includers <<<"$1")
}

# Sets why_not of a .c file that is part of no unit, or refuses it.
explain() {
	local path=$1 why='' cause
	cause="no Makefile names \`${path%.c}.o\`, and nothing that is built includes it"
	if [[ " ${own[*]} " == *" $path "* ]]; then
		cause="the Makefiles list \`${path%.c}.o\` in this configuration, and kbuild has made no such object"
	elif complete_build && [ -e "$build/${path%.c}.o" ]; then
		cause="$build has \`${path%.c}.o\`, and it is not known of what it is a part"
	else
		why=$(not_configured "$path")
		[ -n "$why" ] || why=$(not_included "$path") || exit 1
	fi
	if [[ $why == !* ]]; then
		refuse not-in-kernel "\`$path\` is not part of the kernel that runs" "it is included by \`${why#!}\`, of the boot code or of the vDSO" "leave it out of the patch"
	elif [ -n "$why" ]; then
		why_not[$path]="not built by this configuration; $why"
	elif [[ " ${allow_unbuilt[*]} " == *" $path "* ]]; then
		why_not[$path]="nobody builds it, as --allow-unbuilt allows"
	else
		refuse unbuilt "nobody builds \`$path\`" "$cause" "see whether the kernel has it; if it does not matter, leave it out, or give --allow-unbuilt $path"
	fi
}

account_files() {
	local path
	for path in "${changed[@]}"; do
		read_by[$path]=$(units_reading "$path") || exit 1
		[[ $path != *.c ]] || { [ -n "${read_by[$path]}" ] && ! lost_own "$path"; } || explain "$path"
	done
	end_if_refused
}

# Whether a file has a unit of its own by the Makefiles, and only others have read it.
lost_own() {
	local unit
	[[ " ${own[*]} " == *" $1 "* ]] || return 1
	for unit in ${read_by[$1]}; do
		! unit_of "$unit" "$1" || return 1
	done
}

# units_changed UNIT...: how many, in words
units_changed() {
	local unit n=0
	for unit; do
		[ "${state_of[$unit]:-}" != changed ] || n=$((n + 1))
	done
	if [ $n = 0 ]; then echo none changed; else echo "$n changed"; fi
}

units_in_words() { if [ "$1" = 1 ]; then echo 1 unit; else echo "$1 units"; fi; }

# enter PATH: a line into the account; none if a unit was not compared
enter() {
	local path=$1 unit line='' others=()
	for unit in ${read_by[$path]}; do
		[ -n "${state_of[$unit]:-}" ] || return 0
		if [[ $path == *.c ]] && unit_of "$unit" "$path"; then
			line="$line${line:+, }${objects_of[$unit]}, ${state_of[$unit]}"
		else
			others+=("$unit")
		fi
	done
	if [[ $path != *.c ]]; then
		account+=("header   $path: $(units_in_words "${#others[@]}"), $(units_changed "${others[@]}")")
	elif [ -n "${why_not[$path]:-}" ]; then
		account+=("unbuilt  $path: ${why_not[$path]}")
		left_out=$((left_out + 1))
	else
		[ "${#others[@]}" -eq 0 ] || line="$line${line:+; }included by $(units_in_words "${#others[@]}"), $(units_changed "${others[@]}")"
		[ -n "$line" ] || return 0
		account+=("built    $path: $line")
	fi
	accounted+=("$path")
}

# What the patches change, counted anew from the files themselves.
files_changed() {
	local path
	{ (cd "$work/tree" && find . ! -type d -printf '%P\n'); cat "$work/touched"; } | sort -u | while IFS= read -r path; do
		{ [ ! -e "$source/$path" ] && [ ! -e "$work/tree/$path" ]; } || cmp -s "$source/$path" "$work/tree/$path" || echo "$path"
	done
	cat "$work/binaries"
}

make_account() {
	local path accounted=() differ
	for path in "${changed[@]}"; do
		enter "$path"
	done
	account_callers
	differ=$(diff <(files_changed | sort -u) <(printf '%s\n' "${accounted[@]}" "${ignored[@]}" | sed '/^$/d' | sort) | sed -n 's/^[<>] //p' | tr '\n' ' ')
	[ -z "$differ" ] || die unaccounted "it is not known what became of \`${differ% }\`" "the patches change it, and it is in the account not once" "this is a defect of kpatch-build"
}

tell_account() {
	local line
	for line in "${account[@]}"; do
		say "$line"
	done
	tell_skipped
}

# left_in_words: what the last line says of them
left_in_words() {
	case $left_out in
	0) ;;
	1) echo "; 1 changed file is not built" ;;
	*) echo "; $left_out changed files are not built" ;;
	esac
}
