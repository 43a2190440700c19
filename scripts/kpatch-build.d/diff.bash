# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# diff.bash - create-diff-object on $work/before and $work/after
#
# One run compares all units, and is the only one that reads what kbuild's .cmd files say of them. What it said is in $work/diff.out
# and, with paths as the user knows them, in $work/said; $work/diff has the objects for the link, one for each patched object. Sets
# linkable (these objects), summary, and what became of each unit: state_of and objects_of.

linkable=() symbols=() diff_status=0
declare -A object_at=() result_at=()

module_name() {
	local name=${1##*/}
	echo "${name//-/_}"
}

# unpack COMMAND: find_module's $file
unpack() {
	"$@" -dc "$file" >"$packed" 2>>"$logfile" || {
		rm -f "$packed"
		die unpack-failed "cannot unpack \`$file\`" "$1 is missing, the file is damaged, or the disk is full" "install $1; see $logfile"
	}
	file=$packed
}

# The .ko of a module, unpacked when need be.
find_module() {
	local file packed=$work/ko/$1.ko pattern=${1##*/}
	file=$(first "$build/$1.ko" ${modules:+"$modules/kernel/$1.ko" "$modules/$1.ko"} "$packed")
	# /lib/modules spells dashes as the module's file does, dependencies use underscores.
	[ -n "$file" ] || [ -z "$modules" ] || file=$(find -L "$modules" -name "${pattern//[-_]/[-_]}.ko*" ! -name '*.debug' | head -n 1)
	[ -n "$file" ] || return 0
	mkdir -p "${packed%/*}"
	case $file in
	*.xz) unpack xz ;;
	*.gz) unpack gzip ;;
	*.zst) unpack zstd -q ;;
	esac
	echo "$file"
}

depends_of() { tr '\0' '\n' <"$1" | sed -n 's/^depends=//p' | head -n 1 | tr ',' ' '; }

# In the place of the shell that run starts, so that a signal ends them at once.
list_modules() { exec "$cdo" --list-modules "$work/before" "$work/after" >"$work/modules"; }
compare() { exec "$@" >"$work/diff.out" 2>"$work/diff.err"; }

# Symbols of the modules that differ, and of those that they depend on. Without its own, nobody knows which of two functions of one
# name is meant; of the others, it is Module.symvers that counts.
find_symbols() {
	local path ko paths name found=()
	local -A known=()
	run list_modules || fail_with_log diff-failed "it is not known what the units are part of" "see what create-diff-object said"
	mapfile -t paths <"$work/modules"
	for path in "${paths[@]}"; do
		ko=$(find_module "$path") || exit 1
		[ -n "$ko" ] || die no-module "the module \`$path.ko\` is not found" "a unit of it is patched, and neither $build nor ${modules:-/lib/modules/$release} has it" \
			"give the kernel's modules with -M"
		known[$(module_name "$path")]=1
		found+=("$ko")
	done
	symbols=("${found[@]}")
	for name in $(for ko in "${found[@]}"; do depends_of "$ko"; done); do
		[ -z "${known[$(module_name "$name")]:-}" ] || continue
		known[$(module_name "$name")]=1
		ko=$(find_module "$name") || exit 1
		[ -z "$ko" ] || symbols+=("$ko")
	done
	symbols+=("$vmlinux")
}

# What became of each path, of lines `PATH (OBJECT): WORDS`; assembler need not have an object.
read_results() {
	local path object words
	object_at=() result_at=()
	while read -r path object words; do
		object_at[$path]=$object result_at[$path]=$words
	done < <(sed -nE 's/^([^ ]+): /\1 (assembler): /; s/^([^ ]+) \(([^ ]+)\): /\1 \2 /p' "$work/diff.out")
}

# As create-diff-object counts them among its words: `RETURN NUMBER of NUMBER`, several times in one line
count_compared() {
	local said
	said=$(<"$work/diff.err")
	[[ ${said##*$'\r'} =~ ^([0-9]+)\ of\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]} units"
}

without_count() { sed -i 's/\r[0-9]* of [0-9]*//g; s/\r\x1b\[K//' "$work/diff.err"; }

compare_units() {
	local options=(--form linkable -v) file known ticks=''
	! shows_progress || ticks=1
	[ -z "$jobs" ] || options+=(-j "$jobs")
	[ -z "$json$page" ] || options+=(--json "$work/comparison")
	[ -z "$page" ] || options+=(--code)
	for file in "${symbols[@]}"; do
		options+=(-k "$file")
	done
	add_skip_init options
	[ "$core" = livepatch ] || options+=(--core)
	[ -z "$redirect" ] || options+=(--redirect "$redirect")
	for known in "${through[@]}"; do
		options+=(--replace-callers "${known/ /:}")
	done
	options+=(-s "$symvers" "$work/before" "$work/after" "$work/diff")
	diff_status=0
	: >"$work/diff.err"
	count_by count_compared diff
	run compare env MAKEFLAGS="$kbuild_makeflags" ${ticks:+CREATE_DIFF_OBJECT_PROGRESS=1} "$cdo" "${options[@]}" || diff_status=$?
	count_no_more
	need "$work/diff.out" "$work/diff.err"
	[ -z "$ticks" ] || without_count
	cat "$work/diff.out" "$work/diff.err" >>"$logfile"
	sed "s|$work/[a-z]*/||g; s|$kdir/src/||g" "$work/diff.err" >"$work/said"
	judge_run
	read_results
}

# That it was no comparison ends all.
judge_run() {
	case $diff_status in
	0 | 2 | 3) return ;;
	137)
		die killed "create-diff-object was killed: nothing is known of the patch" "it ended by signal 9; as a rule memory had run out" \
			"run fewer at a time, such as with -j 1, or free some memory" ;;
	esac
	in_color <"$work/said" >&2
	! grep -q '^error\[skip-init-unknown\]' "$work/said" || exit 1
	keep=1
	die diff-failed "create-diff-object failed" "it ended with status $diff_status; its words stand above" "the objects are kept in $work"
}

# The lines of the patched source that the patches touch, for each unit that reads it: `UNIT FILE FIRST LAST`. What is taken away is
# between two lines.
touched_lines() {
	local path unit
	for path in "${changed[@]}"; do
		for unit in ${read_by[$path]:-}; do
			plain_unit "$unit"
			diff -U0 "$source/$path" "$work/tree/$path" | sed -nE 's/^@@ -[0-9,]+ \+([0-9]+)(,([0-9]+))? @@.*/\1 \3/p' |
				awk -v of="$plain $path" '{ n = $2 == "" ? 1 : $2; print of, $1, n ? $1 + n - 1 : $1 + 1 }'
		done
	done
}

# What is said of a symbol gets the line of the source where it is, and what the patches have to do with that.
with_lines() {
	local path side
	sed -n 's/^  object  \([^ ]*\).*/\1/p' "$work/said" | sort -u | while read -r path; do
		for side in before after; do
			"$(binutil nm)" -l "$work/$side/$path" | sed "s|$kdir/src/||; s|^|$path |"
		done
	done >"$work/lines" 2>>"$logfile"
	touched_lines >"$work/touching" 2>>"$logfile"
	awk -v tree="$work/tree" -f "$parts/where.awk" "$work/lines" "$work/touching" "$work/said" "$work/said"
}

exports_of() { "$(binutil nm)" "$1" | sed -n 's/.* __\(ksymtab\|export_symbol\)_//p' | sort -u; }

# The module exports nothing, and what the kernel exports stays as it is.
check_exports() {
	local unit=$1 symbols
	symbols=$(comm -3 <(exports_of "$work/before/$unit") <(exports_of "$work/after/$unit") | tr -d '\t' | sed 's/.*/`&`/' | tr '\n' ' ')
	[ -z "$symbols" ] || warn exports-stay "the exports of \`${unit%.o}.c\` stay as they are" "a livepatch module exports nothing, and takes no export back: ${symbols% }" \
		"other modules can neither be linked with what is added nor lose what is removed"
}

# Whether anything that runs calls the new code: a replaced function, or a callback.
takes_effect() { grep -qE ': [1-9][0-9]* changed function|, [0-9]+ replaced as caller' "$work/diff.out" || grep -qaF .kpatch.callbacks "${linkable[@]}"; }

# Each unit has become something.
judge_unit() {
	local unit=$1 plain words
	plain_unit "$unit"
	words=${result_at[$plain]:-nothing} objects_of[$unit]=${object_at[$plain]:-}
	case $words in
	[0-9]*)
		say "         $plain (${objects_of[$unit]}): $words"
		state_of[$unit]=changed
		check_exports "$unit" ;;
	equal | unchanged) state_of[$unit]='unchanged in code' ;;
	refused) refusals=$((refusals + 1)) ;;
	*) die unaccounted "it is not known what became of \`$unit\`" "create-diff-object says of it: $words" "this is a defect of kpatch-build" ;;
	esac
}

# What another patch has of its own calls the original of a function that is not replaced itself.
warn_beside_others() {
	[ -z "$replace" ] && grep -qE '\([0-9]+ through callers\)|replaced as caller' "$work/diff.out" || return 0
	warn beside-others "other patches that are loaded may call what this one does not replace" \
		"a function without an ftrace location is changed through its callers, and those that only another patch has are not known here" \
		"let the patch replace the others: build it without -R"
}

# Units that can be patched one by one may be refused as a whole.
judge_units() {
	local unit
	for unit in "${units[@]}"; do
		judge_unit "$unit"
	done
	note_skipped
	with_lines | in_color >&2
	[ "$refusals" -eq 0 ] || say "$refusals of ${#units[@]} unit(s) cannot be live-patched; --explain-id ID says more of each reason"
	[ "$diff_status" != 2 ] || exit 2
	mapfile -t linkable < <(sed -nE 's/: [0-9]+ units?$//p' "$work/diff.out")
	need "${linkable[@]}"
}

diff_pairs() {
	local object
	step diff "${#units[@]} unit(s)"
	find_symbols
	compare_units
	find_callers
	judge_units
	[ "${#linkable[@]}" -gt 0 ] || unchanged "no function changed in $(printf '`%s` ' "${units[@]}")"
	takes_effect || unchanged "the patches add functions that nothing calls"
	warn_beside_others
	summary=patches$(for object in "${linkable[@]}"; do basename "$object" .o; done | sort | sed 's/^/ /' | tr -d '\n')
}
