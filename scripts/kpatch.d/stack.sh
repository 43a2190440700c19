# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# stack.sh - which functions the loaded patches change, and whose code runs where several change one
#
# What runs is the patch that was enabled last. Kernels before 6.14 do not tell the order in which they were; but since 5.1 a
# module enables its patch when it is loaded, and never again once it is disabled, so it is the order of the modules.

# functions_of PATCH: a line "OBJECT FUNCTION,POSITION" for each
functions_of() {
	for function in "$(dir_of "$1")"/*/*,*/; do
		[ -d "$function" ] || continue
		function=${function%/} && object=${function%/*}
		echo "${object##*/} ${function##*/}"
	done
}

# While a cumulative patch takes the place of others, the kernel shows their functions as its own, too.
is_taking_over() {
	taking=$(dir_of "$1")
	[ "$(attr "$taking/transition")" = 1 ] && [ "$(attr "$taking/replace")" != 0 ]
}

# load_order NAME: the later it was loaded, the larger; the kernel lists the last one first
load_order() {
	line=$(grep -n "^$1 " "$PROC/modules" 2>/dev/null)
	echo "-${line%%:*}"
}

# Names of the enabled patches, the first one first. Each core counts its own, and a function is redirected by one of the two alone.
stack() {
	for dir in "$KLP"/*/ "$CORE"/*/; do
		dir=${dir%/}
		[ "$(attr "$dir/enabled")" = 1 ] && ! is_taking_over "${dir##*/}" || continue
		order=$(attr "$dir/stack_order")
		echo "${order:-$(load_order "${dir##*/}")} ${dir##*/}"
	done | sort -n | sed 's/^[^ ]* //'
}

# overlaps: "OBJECT FUNCTION,POSITION PATCH OTHER..." for each function that several patches change; that of PATCH runs
overlaps() {
	stack | while read -r patch; do
		functions_of "$patch" | sed "s/\$/ $patch/"
	done | awk '
		{ key = $1 " " $2; patches[key] = key in patches ? $3 " " patches[key] : $3; n[key]++ }
		END { for (key in n) if (n[key] > 1) print key, patches[key] }' | sort
}

# in_words OBJECT FUNCTION,POSITION
in_words() {
	echo "$2 in $1"
}

# quoted NAME...: with commas between them
quoted() {
	all_quoted=
	for each in "$@"; do
		all_quoted="$all_quoted${all_quoted:+, }\`$each\`"
	done
	echo "$all_quoted"
}

# tell_overlaps NAME: what other patches change, too
tell_overlaps() {
	overlaps | while read -r object function top under; do
		[ "$top" = "$1" ] || continue
		# shellcheck disable=SC2086 # a list of names
		note "$(in_words "$object" "$function") is changed by $(quoted $under) as well: that of \`$top\` is in force"
	done
}

# tell_uncovered NAME OVERLAPS: what the removal of NAME has brought back in force
tell_uncovered() {
	[ -z "$2" ] || echo "$2" | while read -r object function top next _; do
		[ "$top" != "$1" ] || note "$(in_words "$object" "$function"): that of \`$next\` is in force again"
	done
}

# Lines "PATCH OBJECT FUNCTION,POSITION" of all enabled patches, in a file: what a cumulative one may replace.
take_snapshot() {
	make_scratch
	stack | while read -r patch; do
		functions_of "$patch" | sed "s/^/$patch /"
		echo "$patch"
	done >"$scratch/before"
}

# replaced NAME: patches of the snapshot that are not in force any more, which the kernel says as soon as the transition is over
replaced() {
	awk '{ print $1 }' "$scratch/before" | uniq | while read -r patch; do
		[ "$patch" = "$1" ] || [ "$(attr "$(dir_of "$patch")/enabled")" = 1 ] || echo "$patch"
	done
}

# tell_replaced NAME: which patches it replaced, and what runs the original again since it does not change that
tell_replaced() {
	replaced "$1" >"$scratch/replaced"
	functions_of "$1" >"$scratch/now"
	while read -r patch; do
		note "\`$1\` replaces \`$patch\`, which is disabled now; \`kpatch unload $patch\` removes its module"
	done <"$scratch/replaced"
	[ ! -s "$scratch/replaced" ] || awk '
		FILENAME ~ /now$/ { changed[$1 " " $2]; next }
		FILENAME ~ /replaced$/ { replaced[$1]; next }
		NF == 3 && ($1 in replaced) && !(($2 " " $3) in changed) { print $2, $3 }' \
		"$scratch/now" "$scratch/replaced" "$scratch/before" | sort -u | while read -r object function; do
		note "$(in_words "$object" "$function") is the original again: \`$1\` does not change it"
	done
}
