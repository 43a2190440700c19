# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# diff.bash - create-diff-object on each pair of objects
#
# The runs are targets of a makefile, so that -j and job servers hold for them too. Each has a directory $work/diff/N with
# what it said (out, err), its status, and the object. Sets linkable (objects for the link) and summary.

linkable=() runs=()

# module_path UNIT [DIR]: the module that a unit, whose object is in DIR, is part of, as a path without .ko; nothing when it is built in.
module_path() {
	local file path
	file=$(cmd_file "${2:-$work/before}/$1")
	grep -qE '^(saved)?cmd_.* -DMODULE( |$)' "$file" || return 0
	path=$(sed -nE "1,/ -c /s/.*-DKBUILD_MODFILE='\"([^\" ]*).*/\\1/p" "$file" | head -n 1)
	: "${path:=$(sed -nE "s/.*-DKBUILD_MODNAME='\"([^\" ]*).*/\\1/p" "$file" | head -n 1)}"
	echo "$path"
}

object_of() {
	local path
	path=$(module_path "$@")
	module_name "${path:-vmlinux}"
}

# A unit of more than one module, whose names kbuild joins with colons, is refused.
check_several() {
	local several
	[ -n "$(module_path "$1")" ] || return 0
	several=$(sed -nE "1,/ -c /s/.*-DKBUILD_MODNAME='\"([^\" ]*:[^\" ]*)\".*/\1/p" "$(cmd_file "$work/before/$1")" | head -n 1)
	[ -z "$several" ] || refuse several-modules "\`${1%.o}.c\` is part of several modules" "each of these has a copy of it: ${several//:/, }" \
		"a patch of one would leave the others as they are; put the change into what each has of its own"
}

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

# The options for a unit of a module: its name, its symbols and those of the modules that it depends on. Without its own, nobody
# knows which of two functions of one name is meant; of the others, it is Module.symvers that counts.
module_options() {
	local path=$1 ko other
	options+=(-m "$(module_name "$path")")
	ko=$(find_module "$path") || exit 1
	[ -n "$ko" ] || die no-module "the module \`$path.ko\` is not found" "a unit of it is patched, and neither $build nor ${modules:-/lib/modules/$release} has it" \
		"give the kernel's modules with -M"
	options+=(-k "$ko")
	for other in $(depends_of "$ko"); do
		other=$(find_module "$other") || exit 1
		[ -z "$other" ] || options+=(-k "$other")
	done
}

# assembled differently: a header that assembler includes has changed
same_assembly() {
	local unit=$1 side
	for side in before after; do
		run "$(binutil objcopy)" -g "$work/$side/$unit" "$work/$side.S.o" || fail_with_log diff-failed "\`$unit\` cannot be compared" "see what objcopy said"
	done
	cmp -s "$work/before.S.o" "$work/after.S.o"
}

write_run() {
	local unit=$1 dir=$2 path known options=()
	mkdir -p "$dir"
	echo "$unit" >"$dir/unit"
	need "$(cmd_file "$work/before/$unit")"
	path=$(module_path "$unit")
	if [ -n "$path" ]; then module_options "$path"; else options=(-m vmlinux); fi
	skip_options "$unit"
	[ -z "$redirect" ] || options+=(--redirect "$redirect")
	module_name "${path:-vmlinux}" >"$dir/object"
	objects_of[$unit]=$(cat "$dir/object")
	for known in "${through[@]}"; do
		[ "${known%% *}" != "${objects_of[$unit]}" ] || options+=(--replace-callers "${known#* }")
	done
	printf '%q ' "$cdo" --form linkable "${options[@]}" -k "$vmlinux" -s "$symvers" "$work/before/$unit" "$work/after/$unit" "$dir/patch.o" >"$dir/command"
	printf '>%q 2>%q; echo $? >%q\n' "$dir/out" "$dir/err" "$dir/status" >>"$dir/command"
}

# What is said of a symbol gets the line of the source where it is.
with_lines() {
	local unit=$1
	{ "$(binutil nm)" -l "$work/before/$unit"; "$(binutil nm)" -l "$work/after/$unit"; } 2>/dev/null | sed "s|$kdir/src/||" >"$work/lines"
	awk -f "$parts/where.awk" "$work/lines" - | sed "s|$work/[a-z]*/||g; s|$kdir/src/||g"
}

run_diffs() {
	local n=0 unit
	runs=()
	mkdir -p "$work/diff"
	echo 'all:' >"$work/diff.mk"
	for unit in "${units[@]}"; do
		n=$((n + 1))
		if [ -e "$source/${unit%.o}.S" ] && [ ! -e "$source/${unit%.o}.c" ]; then
			objects_of[$unit]=assembler state_of[$unit]='unchanged in code'
			same_assembly "$unit" || refuse assembler "\`${unit%.o}.S\` is assembled to something else" "a header that it includes changed" \
				"functions written in assembler cannot be replaced through ftrace"
			continue
		fi
		write_run "$unit" "$work/diff/$n"
		runs+=("$work/diff/$n")
		printf 'all: %s\n%s:\n\t@bash diff/%s/command\n' "run-$n" "run-$n" "$n" >>"$work/diff.mk"
	done
	run env MAKEFLAGS="$kbuild_makeflags" make -s -C "$work" -f diff.mk
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
takes_effect() {
	local object dir
	for object in "${linkable[@]}"; do
		dir=${object%/*}
		! grep -qE ': [1-9][0-9]* changed function|, [0-9]+ replaced as caller' "$dir/out" && ! grep -qaF .kpatch.callbacks "$object" || return 0
	done
	return 1
}

# A function that another unit of the patch defines is no matter for a warning: the link fails if none does.
judge_diff() {
	local dir=$1 unit status
	need "$dir"/{unit,object,command,out,err,status}
	note_skipped "$dir"
	unit=$(cat "$dir/unit") status=$(cat "$dir/status")
	{ echo "\$ $(cat "$dir/command")"; cat "$dir/out" "$dir/err"; echo "status $status"; } >>"$logfile"
	case $status in
	0)
		need "$dir/patch.o"
		say "         $unit ($(cat "$dir/object")): $(sed 's/^[^:]*: //' "$dir/out")"
		awk '/^[a-z]+\[/ { other = /^warning\[undefined-reference\]/ } !other' "$dir/err" | with_lines "$unit" >&2
		check_exports "$unit"
		state_of[$unit]=changed
		linkable+=("$dir/patch.o") ;;
	2)
		with_lines "$unit" <"$dir/err" | tee -a "$logfile" >&2
		refusals=$((refusals + 1)) ;;
	3)
		state_of[$unit]='unchanged in code'
		awk '/^[a-z]+\[/ { left_out = /^warning\[init-left-out\]/ } left_out' "$dir/err" | with_lines "$unit" >&2
		log "$unit: unchanged" ;;
	137)
		die killed "create-diff-object was killed: nothing is known of \`$unit\`" "it ended by signal 9; as a rule memory had run out" \
			"run fewer at a time, such as with -j 1, or free some memory" ;;
	*)
		cat "$dir/err" >&2
		keep=1
		die diff-failed "create-diff-object failed on \`$unit\`" "it ended with status ${status:-unknown}" "the objects are kept in $work" ;;
	esac
}

# What another patch has of its own calls the original of a function that is not replaced itself.
warn_beside_others() {
	[ -z "$replace" ] && grep -qE '\([0-9]+ through callers\)|replaced as caller' "${runs[@]/%//out}" || return 0
	warn beside-others "other patches that are loaded may call what this one does not replace" \
		"a function without an ftrace location is changed through its callers, and those that only another patch has are not known here" \
		"let the patch replace the others: build it without -R"
}

diff_pairs() {
	local dir unit objects
	step diff "${#units[@]} unit(s)"
	check_skip_names
	for unit in "${units[@]}"; do
		check_several "$unit"
	done
	end_if_refused
	run_diffs
	find_callers
	for dir in "${runs[@]}"; do
		judge_diff "$dir"
	done
	[ "$refusals" -eq 0 ] || say "$refusals of ${#units[@]} unit(s) cannot be live-patched"
	end_if_refused
	[ "${#linkable[@]}" -gt 0 ] || unchanged "no function changed in $(printf '`%s` ' "${units[@]}")"
	takes_effect || unchanged "the patches add functions that nothing calls"
	warn_beside_others
	objects=$(for dir in "${linkable[@]}"; do cat "${dir%/*}/object"; done | sort | uniq | tr '\n' ' ')
	summary="patches $objects"
	summary=${summary% }
}
