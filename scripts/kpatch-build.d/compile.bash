# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# compile.bash - the units before and after the change, with the same commands in the same directory
#
# In the farm, the links to the changed files are replaced by the patched files, and put back afterwards. $kdir/dirty says
# that this is so, with a line for each path and unit: whatever ended a run, recover() undoes it, at its end or when the next
# begins. $work/before and $work/after get the objects.

recover() {
	local kind path
	# kbuild removes what it has half made unless it is killed outright.
	[ -n "${orderly:-}" ] || [ ! -e "$kdir/compiling" ] || forget_units <"$kdir/compiling"
	[ ! -e "$kdir/texts" ] || forget_units <"$kdir/texts"
	rm -f "$kdir/compiling" "$kdir/texts"
	[ -e "$kdir/dirty" ] || return 0
	while read -r kind path; do
		if [ "$kind" = file ]; then
			rm -f "$kdir/src/$path"
			[ ! -e "$source/$path" ] || ln -s "$source/$path" "$kdir/src/$path"
		elif [ -e "$work/before/$path" ]; then
			cp -p "$work/before/$path" "$kdir/bld/$path"
			cp -p "$(cmd_file "$work/before/$path")" "$(cmd_file "$kdir/bld/$path")"
		else
			forget_units <<<"$path"
		fi
	done <"$kdir/dirty"
	# asm-offsets and its like may have been made from a patched header. kbuild has to make them anew before all else.
	[ -z "$(find "$kdir/bld" -name '*.s' -newer "$kdir/dirty" -delete -print)" ] || : >"$kdir/stale"
	rm -f "$kdir/dirty"
}

# Where objtool is left for the link (CONFIG_X86_KERNEL_IBT, CONFIG_KLP_BUILD), an object alone has no unwind data, and ENDBRs are in
# another place. Where it is not, this changes nothing. --ibt is for links only.
objtool_now=()
plan_objtool() {
	! grep -q '^delay-objtool' "$source"/scripts/Makefile.lib "$source"/scripts/Makefile.build 2>/dev/null ||
		objtool_now=(delay-objtool= 'objtool-args=$(filter-out --ibt,$(objtool-args-y))$(if $(part-of-module), --module)')
}

compile_batch() { kbuild "${objtool_now[@]}" -k "$@"; }

# Those that are made are newer than the file $compiling_since, and have their commands once they are whole.
count_compiled() {
	local unit made=0
	for unit in "${to_compile[@]}"; do
		[ ! "$kdir/bld/${unit%/*}/.${unit##*/}.cmd" -nt "$compiling_since" ] || made=$((made + 1))
	done
	echo "$made" "${#to_compile[@]}" units
}

# compile SIDE SINCE
compile() {
	local status=0 unit to_compile=() compiling_since=$2
	mkdir -p "$work/$1"
	for unit in "${units[@]}"; do
		[ "$1" = before ] && [ -e "$kdir/bld/$unit" ] && [ ! -e "$kdir/stale" ] || to_compile+=("$unit")
	done
	count_by count_compiled "compile $1"
	run_batches compile_batch "${units[@]}" || status=$?
	count_no_more
	return "$status"
}

keep_objects() {
	local unit
	for unit in "${units[@]}"; do
		mkdir -p "$work/$1/${unit%/*}" && cp -p "$kdir/bld/$unit" "$work/$1/$unit" &&
			cp -p "$(cmd_file "$kdir/bld/$unit")" "$(cmd_file "$work/$1/$unit")" ||
			die unwritable "cannot keep \`$unit\`" "the disk is full, or kbuild made none" "see $logfile"
	done
}

# Whether a compiled unit read a changed file.
depends() {
	local file path
	file=$(cmd_file "$kdir/bld/$1")
	need "$file"
	for path in "${changed[@]}"; do
		! grep -qE "(^|[ /])${path//./\\.}( |\$)" "$file" || return 0
	done
	return 1
}

# Whether earlier runs have compiled all units as they are; update_farm forgets them when the source is another one. kbuild
# would take a second to find the same.
compiled_already() {
	local unit
	[ ! -e "$kdir/stale" ] || return 1
	for unit in "${units[@]}"; do
		[ -e "$kdir/bld/$unit" ] && [ -e "$(cmd_file "$kdir/bld/$unit")" ] && grep -qxF "$unit" "$kdir/compiled" || return 1
	done 2>/dev/null
}

# The units from the source as it is.
compile_as_is() {
	local status=0
	! compiled_already || return 0
	printf '%s\n' "${units[@]}" | tee -a "$kdir/compiled" >"$kdir/compiling" ||
		die unwritable "cannot write \`$kdir/compiled\`" "the disk is full" "free some space"
	compile before "$kdir/compiling" || status=$?
	rm -f "$kdir/compiling" "$kdir/stale"
	return "$status"
}

# is_built UNIT, once it was to be compiled as it is; one of which kbuild knows nothing is not.
is_built() {
	[ ! -e "$kdir/bld/$1" ] || return 0
	sed -n "$((run_line + 1)),\$p" "$logfile" | grep -qE "No rule to make target .*$1'" ||
		fail_with_log broken-source "\`$1\` does not compile as it is" "the source, configuration or compiler is not the kernel's"
	log "ignored  $1: the configuration does not build it"
	return 1
}

compile_before() {
	local unit kept=() status=0
	compile_as_is || status=$?
	for unit in "${units[@]}"; do
		if ! is_built "$unit"; then
			:
		elif depends "$unit"; then
			kept+=("$unit")
		else
			log "ignored  $unit: it includes no changed file"
		fi
	done
	units=("${kept[@]}")
	[ "${#units[@]}" -gt 0 ] || account_files
	[ "${#units[@]}" -gt 0 ] || unchanged "no unit that the configuration builds includes $(printf '`%s` ' "${changed[@]}")"
	[ "$status" -eq 0 ] || log "make ended with status $status, but all that is needed is there"
	keep_objects before
}

# install_patched UNIT...: these are made anew while the patches are in the farm
install_patched() {
	local path
	{ printf 'file %s\n' "${changed[@]}"; [ $# -eq 0 ] || printf 'unit %s\n' "$@"; } >"$kdir/dirty.new"
	mv "$kdir/dirty.new" "$kdir/dirty" || die unwritable "cannot write \`$kdir/dirty\`" "the disk is full" "free some space"
	for path in "${changed[@]}"; do
		rm -f "$kdir/src/$path"
		[ -e "$work/tree/$path" ] || continue
		mkdir -p "$kdir/src/${path%/*}" && cat "$work/tree/$path" >"$kdir/src/$path" || die unwritable "cannot write \`$kdir/src/$path\`" "the disk is full" "free some space"
	done
}

generated() { need "$kdir/bld/include/generated" && (cd "$kdir/bld" && find include/generated "arch/$srcarch/include/generated" -name '*.h' -exec cksum {} + | sort); }

# with_patches COMMAND [UNIT]...: runs it while the patches are in the farm; UNITs are what it makes anew
with_patches() {
	local before now
	before=$(generated) || exit 1
	install_patched "${@:2}"
	"$1"
	now=$(generated) || exit 1
	[ "$before" = "$now" ] || refuse generated "the patches change generated headers" \
		"$(diff <(echo "$before") <(echo "$now") | awk '/^>/ { printf "%s ", $4 }')" "every unit includes them; change the .c files alone"
	recover
}

compile_after() {
	compile after "$kdir/dirty" || fail_with_log compile-failed "the source does not compile with the patches applied" "correct the patch"
	keep_objects after
}

compile_pairs() {
	step compile "${#units[@]} unit(s), before and after"
	plan_objtool
	compile_before
	with_patches compile_after "${units[@]}"
	account_files
	end_if_refused
}
