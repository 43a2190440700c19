# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# narrow.bash - units to which a changed header makes no difference are not compiled
#
# What a compiler makes of a unit follows from the text behind the preprocessor, in which __LINE__, __FILE__ and __COUNTER__ are
# what they stand for. Lines that only say where the text comes from reach debug information, and code where
# __builtin_LINE() or its like asks for them. So a unit whose text without these and empty lines is the same, and has no such word, is the
# same code. Preprocessing takes a tenth of the time of compiling.

narrowed=()

# What a unit's text was made of, of the changed files, for the account.
keep_reading() {
	local kept
	kept=$work/same/$(cmd_file "$1")
	mkdir -p "${kept%/*}" && printf '%s\n' "${changed[@]}" | matching -F -f - "$2" >>"$kept"
}

# Lines `UNIT SUM` to $texts; of what has no text that tells, the sum is another each time.
sum_texts() {
	local unit text
	for unit; do
		text=$kdir/bld/${unit%.o}.i
		[ ! -e "$(cmd_file "$text")" ] || keep_reading "$unit" "$(cmd_file "$text")"
		if [ -e "$text" ] && ! grep -qE '__builtin_(LINE|FILE|FUNCTION|COLUMN)|__builtin_source_location' "$text"; then
			printf '%s %s\n' "$unit" "$(grep -vE '^# [0-9]+ "|^[[:space:]]*$' "$text" | sha256sum)"
		else
			printf '%s %s\n' "$unit" "no text $texts"
		fi
		rm -f "$text" "$(cmd_file "$text")"
	done >>"$texts"
}

# Texts that a run which was killed has left are of its patches, and to make they may look up to date: the source's files are older. Their
# names stand in $kdir/texts meanwhile, by which recover() removes them.
take_batch() {
	printf '%s\n' "${@/%.o/.i}" >"$kdir/texts" || die unwritable "cannot write \`$kdir/texts\`" "the disk is full" "free some space"
	forget_units <"$kdir/texts"
	kbuild -k "${@/%.o/.i}" || log "make ended with status $?"
	run sum_texts "$@"
}

# Of the batches before there are sums; of this one, texts.
count_texts() {
	local unit made=0
	[ ! -e "$texts" ] || made=$(wc -l <"$texts")
	for unit in "${included[@]:made:batch_size}"; do
		[ ! -e "$kdir/bld/${unit%.o}.i" ] || made=$((made + 1))
	done
	echo "$made" "${#included[@]}" units
}

take_texts() {
	texts=$work/texts.$1
	count_by count_texts "preprocess $1"
	run_batches take_batch "${included[@]}"
	count_no_more
}

texts_before() { take_texts before; }
texts_after() { take_texts after; }

# Leaves out of units those that only include what changed, and have the same text.
narrow_units() {
	local included unit
	mapfile -t included < <(comm -23 <(printf '%s\n' "${units[@]}" | sort) <(sort "$work/own"))
	[ "${#included[@]}" -ge 10 ] || return 0 # two runs of make take longer
	step preprocess "${#included[@]} units that include changed files, before and after"
	texts_before
	with_patches texts_after
	mapfile -t narrowed < <(comm -12 <(sort "$work/texts.before") <(sort "$work/texts.after") | sed 's/ .*//')
	mapfile -t units < <(comm -23 <(printf '%s\n' "${units[@]}" | sort) <(printf '%s\n' "${narrowed[@]}" | sort))
	for unit in "${narrowed[@]}"; do
		log "ignored  $unit: the compiler would read the same"
		state_of[$unit]='unchanged in text'
	done
	say "         ${#narrowed[@]} of them read the same text as before"
	[ "${#units[@]}" -gt 0 ] || account_files
	[ "${#units[@]}" -gt 0 ] || unchanged "no unit reads another text than before"
}

check_reach() {
	[ -n "$max_units" ] && [ "${#units[@]}" -gt "$max_units" ] || return 0
	refuse reach "the patches reach ${#units[@]} units" "that is more than --max-units $max_units, and each has to be compiled and compared" \
		"change fewer headers, or allow it with --max-units ${#units[@]}"
	end_if_refused
}
