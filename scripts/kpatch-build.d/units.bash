# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# units.bash - the translation units that the changed files reach
#
# Sets units (objects, such as fs/proc/meminfo.o). Of a complete build, its dependency files tell; else the text of the
# source's #include lines, which may name too many: what does not include a changed file after all is left out once it is
# compiled (compile.bash), and what the configuration does not build, before.

units=()

# grep, to which finding nothing is no failure
matching() { grep "$@" || [ $? -eq 1 ]; }

complete_build() { [ -e "$build/.vmlinux.cmd" ] || [ -e "$build/.vmlinux.o.cmd" ] || [ -e "$build/.vmlinux.export.o.cmd" ]; }

# Of the changed paths on stdin: objects by the dependency files of a complete build.
units_by_dependencies() {
	sed 's/[][\.*^$]/\\&/g; s|.*|(^\|[ /])&( \|$)|' >"$work/patterns"
	(cd "$build" && find . -name '.*.o.cmd' -printf '%P\0' | xargs -0r sh -c 'grep -lE -f "$0" "$@" || [ $? -eq 1 ]' "$work/patterns") |
		sed -E 's|\.([^/]*)\.cmd$|\1|'
}

index_includes() {
	[ ! -e "$kdir/includes" ] || return 0
	log "reading the source's #include lines"
	(cd "$source" && find . \( -path './arch/*' ! -path "./arch/$srcarch" ! -path "./arch/$srcarch/*" -o -path ./Documentation \
		-o -path ./tools -o -path ./samples -o -path ./scripts -o -name .git \) -prune -o -type f -printf '%P\n') >"$work/files"
	grep -E '\.([chS]|inc)$' "$work/files" | (cd "$source" && tr '\n' '\0' |
		xargs -0 grep -HE '^[[:space:]]*#[[:space:]]*include(_next)?[[:space:]]*["<]') >"$work/includes" 2>>"$logfile"
	# grep ends with 1 where a batch has no #include, so errors are taken from the size: a list cut short would miss units.
	! disk_full && mv "$work/files" "$kdir/files" && mv "$work/includes" "$kdir/includes"
}

units_by_text() {
	local included
	cat >"$work/headers"
	# To follow all lines takes a second, and most files that are patched are included nowhere.
	included=$(sed 's|.*/||; s/[][\.*^$]/\\&/g; s|.*|[/"<]&[">]|' "$work/headers" | matching -m1 -f - "$kdir/includes") || exit 1
	[ -n "$included" ] || return 0
	awk -v arch="$srcarch" -f "$parts/includes.awk" "$work/headers" "$kdir/files" "$kdir/includes" | sed 's/\.[cS]$/.o/'
}

# What kbuild makes of one directory that it descends into goes to the file $list; remembered for the run. Directories that it
# descends into from there are then keys of named, with a slash at the end.
declare -A named=() lists_to=()
listing() {
	local dir
	list=$work/list/${1//\//%}
	if [ ! -e "$list" ]; then
		mkdir -p "$work/list"
		(cd "$kdir/bld" && env CC="$CC" MAKEFLAGS= make -s -I "$kdir/src" -f "$parts/kbuild-list.mk" srctree="$kdir/src" objtree=. \
			SRCARCH="$srcarch" ARCH="$ARCH" "obj=$1") >"$list.new" 2>"$list.err" && mv "$list.new" "$list" || {
			cat "$list.err" >&2
			exit 1
		}
	fi
	while read -r dir; do
		[[ $dir != */ ]] || named[$dir]=1
	done <"$list"
}

# Whether each line that names a directory of the architecture's wants an option that is not set, as for arch/x86/xen.
is_switched_off() {
	local line named
	[[ $1 == */* ]] || return 1
	named=$(named_at "$1/")
	[ -n "$named" ] || return 1
	while read -r line; do
		[ -n "$(lacking <<<"$line")" ] || return 1
	done <<<"$named"
}

# lists_to[DIR] becomes the files, a line each, of the directories that kbuild goes through on the way to DIR. It starts in
# those that the top Makefile and the architecture's name. DIR itself is none of them if it is a part of one above, as
# fs/xfs/libxfs is of fs/xfs.
find_lists_to() {
	local above=${1%/*} list
	[ -z "${lists_to[$1]:-}" ] || return 0
	case $1 in
	arch/*/*/*) find_lists_to "$above" ;;
	arch/*/*) above='' ;;
	*/*) find_lists_to "$above" ;;
	*) above='' ;;
	esac
	lists_to[$1]=${above:+${lists_to[$above]}}
	[ -z "$above" ] || [ -n "${named[$1/]:-}" ] || return 0
	[ -n "$above" ] || ! is_switched_off "$1" || return 0
	listing "$1"
	lists_to[$1]=${above:+${lists_to[$above]}$'\n'}$list
}

# What a directory lists of others that are not below it goes to $kdir/across, in lines `OBJECT SPELLING`: arch/x86/kvm builds
# virt/kvm/kvm_main.o under the name arch/x86/kvm/../../../virt/kvm/kvm_main.o. Where no Makefile has `..`, or includes
# another that may, there is none.
index_across() {
	[ ! -e "$kdir/across" ] || return 0
	local dir
	(cd "$source" && find . \( -path './arch/*' ! -path "./arch/$srcarch" ! -path "./arch/$srcarch/*" -o -path './arch/*/um' \
		-o -path ./Documentation -o -path ./tools -o -path ./samples -o -path ./scripts -o -name .git \) -prune -o \( -name Makefile -o -name Kbuild \) -print0 |
		xargs -0 sh -c 'grep -lE "\.\./|^[[:space:]]*-?include" "$@" || [ $? -eq 1 ]' sh) | sed 's|^\./||' | grep / | sed 's|/[^/]*$||' | sort -u |
		while read -r dir; do
			find_lists_to "$dir"
			[[ ${lists_to[$dir]} != *"/list/${dir//\//%}" ]] || matching -F /../ "$work/list/${dir//\//%}"
		done | awk '{ is = $0; while (sub(/[^\/]+\/\.\.\//, "", is)) { } print is, $0 }' >"$kdir/across.new" && mv "$kdir/across.new" "$kdir/across"
}

# The objects of one directory that the configuration builds, as kbuild spells them.
configured_in() {
	local lists
	find_lists_to "$1"
	mapfile -t lists <<<"${lists_to[$1]}"
	printf '%s\n' "${@:2}" | awk -v across="$kdir/across" '
		FILENAME == across { spelled[$1] = spelled[$1] (spelled[$1] == "" ? "" : "\n") $2; next }
		FILENAME != "-" && FILENAME != "" { here[$0]; next }
		$0 in here
		$0 in spelled { print spelled[$0] }' "$kdir/across" "${lists[@]}" - || exit 1
}

is_no_part_of_kernel() {
	case $1 in
	arch/*/boot/* | arch/*/purgatory/* | arch/*/realmode/* | */vdso/* | drivers/firmware/efi/libstub/*) return 0 ;;
	esac
	return 1
}

# Of the objects on stdin, sorted: those that the configuration builds. $work/asked says of how many that is known, in its last line.
configured() {
	local unit dir='' batch=() asked=0
	while read -r unit; do
		asked=$((asked + 1))
		if is_no_part_of_kernel "$unit"; then
			log "ignored  $unit: not part of the kernel that runs"
			continue
		fi
		if [ "${unit%/*}" != "$dir" ]; then
			[ -z "$dir" ] || configured_in "$dir" "${batch[@]}"
			dir=${unit%/*} batch=()
			echo "$((asked - 1))" >>"$work/asked"
		fi
		batch+=("$unit")
	done
	[ -z "$dir" ] || configured_in "$dir" "${batch[@]}"
}

# What the changed files may reach.
candidate_units() { printf '%s\n' "${changed[@]}" | if complete_build; then units_by_dependencies; else units_by_text; fi | sort -u; }

# A changed .c file is a unit of its own unless others include it.
own_units() {
	printf '%s\n' "${changed[@]}" | sed -n 's/\.c$/.o/p' | sort -u | configured
}

# The changed .c files that are units by the Makefiles' lists.
own_files() {
	local path unit
	while read -r unit; do
		for path in "${changed[@]}"; do
			[[ $path != *.c ]] || ! unit_of "$unit" "$path" || echo "$path"
		done
	done <"$work/own"
}

# kbuild would take the old object of a file that is gone for a new one.
check_removed() {
	local path
	for path in "${changed[@]}"; do
		[[ $path == *.c && ! -e $work/tree/$path && " ${units[*]} " == *[\ /]"${path%.c}.o "* ]] || continue
		refuse removed "\`$path\` is removed or renamed" "what is compiled from it stays in the kernel that runs, where other code refers to it" \
			"leave the file where it is, and change what is in it"
	done
	end_if_refused
}

list_units() {
	set -o pipefail
	index_across && own_units >"$work/own" && candidate_units >"$work/reached" && { cat "$work/own" && configured <"$work/reached"; } | sort -u >"$work/units"
}

count_asked() {
	local asked
	[ -s "$work/reached" ] || return 0
	asked=$(tail -n 1 "$work/asked" 2>/dev/null)
	echo "${asked:-0}" "$(wc -l <"$work/reached")" candidates
}

find_units() {
	complete_build || run index_includes ||
		die disk-full "cannot index the source's #include lines" "the disk is full" "free some space, or set KPATCH_BUILD_DIR to another disk"
	count_by count_asked "find units"
	run list_units || fail_with_log no-units "the units that the patches reach cannot be found out" "see whether the disk is full, and whether the source is whole"
	count_no_more
	mapfile -t units <"$work/units"
	mapfile -t own < <(own_files)
	log "units: ${units[*]}"
	[ "${#units[@]}" -gt 0 ] || account_files
	[ "${#units[@]}" -gt 0 ] || unchanged "the configuration builds nothing of $(printf '`%s` ' "${changed[@]}")"
	check_removed
}
