# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# units.bash - the translation units that the changed files reach
#
# Sets units (objects, such as fs/proc/meminfo.o). Of a complete build, its dependency files tell; else the text of the
# source's #include lines, which may name too many: what does not include a changed file after all is left out once it is
# compiled (compile.bash), and what the configuration does not build, before.

units=()

complete_build() { [ -e "$build/.vmlinux.cmd" ] || [ -e "$build/.vmlinux.o.cmd" ] || [ -e "$build/.vmlinux.export.o.cmd" ]; }

# Of the changed paths on stdin: objects by the dependency files of a complete build.
units_by_dependencies() {
	sed 's/[][\.*^$]/\\&/g; s|.*|(^\|[ /])&( \|$)|' >"$work/patterns"
	(cd "$build" && find . -name '.*.o.cmd' -printf '%P\n' | xargs -r grep -lE -f "$work/patterns") |
		sed -E 's|\.([^/]*)\.cmd$|\1|'
}

index_includes() {
	[ ! -e "$kdir/includes" ] || return 0
	log "reading the source's #include lines"
	(cd "$source" && find . \( -path './arch/*' ! -path "./arch/$srcarch" ! -path "./arch/$srcarch/*" -o -path ./Documentation \
		-o -path ./tools -o -path ./samples -o -path ./scripts -o -name .git \) -prune -o -type f -printf '%P\n') >"$work/files"
	grep -E '\.([chS]|inc)$' "$work/files" | (cd "$source" && tr '\n' '\0' |
		xargs -0 grep -HE '^[[:space:]]*#[[:space:]]*include(_next)?[[:space:]]*["<]') >"$work/includes"
	mv "$work/files" "$kdir/files" && mv "$work/includes" "$kdir/includes"
}

units_by_text() {
	index_includes
	cat >"$work/headers"
	awk -v arch="$srcarch" -f "$parts/includes.awk" "$work/headers" "$kdir/files" "$kdir/includes" | sed 's/\.[cS]$/.o/'
}

# What kbuild makes of one directory, remembered for the run.
listing() {
	local file
	file=$work/list/$(tr / % <<<"$1")
	[ -e "$file" ] || {
		mkdir -p "$work/list"
		(cd "$kdir/bld" && env CC="$CC" MAKEFLAGS= make -s -f "$parts/kbuild-list.mk" srctree="$kdir/src" objtree=. SRCARCH="$srcarch" \
			ARCH="$ARCH" "obj=$1") >"$file" 2>>"$logfile"
	}
	cat "$file"
}

# Whether kbuild descends into a directory; the top Makefile and the architecture's name the first ones.
reached() {
	local dir=$1 above=$1
	case $dir in
	arch/*/*/*) ;;
	arch/*) return 0 ;;
	*/*) ;;
	*) return 0 ;;
	esac
	while [[ $above == */* ]]; do
		above=${above%/*}
		! listing "$above" | grep -qxF "$dir/" || { reached "$above"; return; }
	done
	return 1
}

# Of the objects on stdin: those that the configuration builds.
configured() {
	local unit dir last=''
	while read -r unit; do
		case $unit in
		arch/*/boot/* | arch/*/purgatory/* | arch/*/realmode/* | */vdso/* | drivers/firmware/efi/libstub/*)
			log "ignored  $unit: not part of the kernel that runs"
			continue ;;
		esac
		dir=${unit%/*}
		if [ "$dir" != "$last" ]; then
			last=$dir known=''
			if reached "$dir"; then known=$(listing "$dir"); fi
		fi
		! grep -qxF "$unit" <<<"$known" || echo "$unit"
	done
}

reached_units() {
	if complete_build; then units_by_dependencies; else units_by_text; fi | sort -u | configured
}

# A changed .c file is a unit of its own unless others include it.
own_units() {
	printf '%s\n' "${changed[@]}" | sed -n 's/\.c$/.o/p' | sort -u | configured
}

check_reach() {
	local path count about=''
	[ "${#units[@]}" -gt "$max_units" ] || return 0
	complete_build || about='up to '
	for path in "${changed[@]}"; do
		count=$(reached_units <<<"$path" | wc -l)
		[ "$count" -le 1 ] || refuse reach "\`$path\` reaches $about$count units" "every unit that includes it has to be compiled and compared" \
			"change the .c files alone, or allow it with --max-units $((count + ${#changed[@]}))"
	done
	[ "$refusals" -gt 0 ] || refuse reach "the patches reach $about${#units[@]} units" "each has to be compiled and compared" \
		"allow it with --max-units ${#units[@]}"
	end_if_refused
}

find_units() {
	mapfile -t units < <({ own_units; printf '%s\n' "${changed[@]}" | reached_units; } | sort -u)
	log "units: ${units[*]}"
	[ "${#units[@]}" -gt 0 ] || unchanged "the configuration builds nothing of $(printf '`%s` ' "${changed[@]}")"
	check_reach
}
