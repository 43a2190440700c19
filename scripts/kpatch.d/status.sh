# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# status.sh - status and wait: for monitoring and scripts

# Of a patch, by its state and whether it should be in force: in-force, stalled, missing, or none of these (idle).
verdict_of() {
	case $1 in
	enabled) echo in-force ;;
	enabling | disabling) echo stalled ;;
	*) if is_among "$2" "$3"; then echo missing; else echo idle; fi ;;
	esac
}

# A line "VERDICT NAME STATE" for each patch that is loaded or installed for this kernel; STATE may be two words
judge_all() {
	should=$(wanted '')
	known | while read -r patch; do
		now=$(state "$patch")
		echo "$(verdict_of "$now" "$patch" "$should") $patch $now"
	done
}

# worst_of FILE: the verdict on the whole
worst_of() {
	for worst in missing stalled; do
		! grep -q "^$worst " "$1" || {
			echo "$worst"
			return
		}
	done
	echo in-force
}

status_in_words() {
	grep -v '^idle ' "$scratch/verdicts" | sort | while read -r verdict patch now; do
		case $verdict in
		in-force) echo "in force: $patch" ;;
		missing) echo "missing: $patch is installed for $("$UNAME" -r), and is $now" ;;
		stalled) echo "stalled: $patch is $now" ;;
		esac
	done
	grep -qv '^idle ' "$scratch/verdicts" || echo "in force: no patch, and none should be"
}

# commas: between the lines
commas() {
	sed '$!s/$/,/'
}

json_word() {
	case $1 in
	yes) echo true ;;
	no) echo false ;;
	*) echo null ;;
	esac
}

# json_functions PATCH: whose code runs is null where the object is not loaded
json_functions() {
	functions_of "$1" | while read -r object function; do
		top=$(awk -v o="$object" -v f="$function" '$1 == o && $2 == f { print $3 }' "$scratch/overlaps")
		top="\"${top:-$1}\""
		[ "$(attr "$(dir_of "$1")/$object/patched")" != 0 ] || top=null
		printf '        { "object": "%s", "function": "%s", "position": %s, "in_force": %s }\n' \
			"$object" "${function%,*}" "${function##*,}" "$top"
	done | commas
}

json_patches() {
	while read -r verdict patch now; do
		file=$DIR/$("$UNAME" -r)/$patch.ko
		printf '    {\n      "name": "%s",\n      "state": "%s",\n      "verdict": "%s",\n      "at_boot": %s,\n' \
			"$patch" "$now" "$verdict" "$(json_word "$(at_boot "$patch")")"
		printf '      "cumulative": %s,\n      "functions": [\n' "$(json_word "$(cumulative "$file" "$patch")")"
		json_functions "$patch"
		printf '      ]\n    }\n'
	done | sed '$!s/^    }$/    },/'
}

status_in_json() {
	overlaps >"$scratch/overlaps"
	printf '{\n  "kernel": "%s",\n  "status": "%s",\n  "patches": [\n' "$("$UNAME" -r)" "$1"
	json_patches <"$scratch/verdicts"
	printf '  ]\n}\n'
}

# status JSON
status() {
	need_livepatch
	make_scratch
	judge_all >"$scratch/verdicts"
	overall=$(worst_of "$scratch/verdicts")
	if [ -n "$1" ]; then status_in_json "$overall"; else status_in_words; fi
	case $overall in
	missing) exit 2 ;;
	stalled) exit 1 ;;
	esac
}

# wait_until_over NAME SECONDS; no NAME: of all
wait_until_over() {
	need_livepatch
	patience=${2:-$PATIENCE} doing="the kernel goes on with the transition"
	if [ -n "$1" ]; then
		set_known is_loaded "$1"
		is_loaded "$name" || die $REFUSED not-loaded "\`$name\` is not loaded" "no patch has that name" "see kpatch list"
		other=$name
		await is_settled "$name" "$patience" || stalled_after "$patience"
		note "\`$name\` is $(state "$name")"
	else
		await_all "$patience" || stalled_after "$patience"
		note "no patch is in transition"
	fi
}

stalled_after() {
	die $STALLED stalled "the transition of \`$other\` is not over" "it was not after $1 s" \
		"wait longer (--timeout), or take the patch back: kpatch unload $other"
}
