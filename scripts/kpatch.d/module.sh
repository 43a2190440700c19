# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# module.sh - names of patches, and what a module's file tells

# name_of NAME|FILE: as sysfs spells it, which has no dashes
name_of() {
	name=${1##*/}
	for suffix in .xz .gz .zst .ko; do
		name=${name%"$suffix"}
	done
	printf '%s' "$name" | tr '-' '_'
}

# set_name NAME: $name, or no further
set_name() {
	name=$(name_of "$1")
	case $name in
	'' | .* | *[!A-Za-z0-9_.+]*)
		die $FAILED usage "\`$1\` is not the name of a module" "names have letters, digits and underscores" \
			"see kpatch list"
		;;
	esac
}

# set_known CONDITION NAME: $name as what fulfils the condition is called, with or without `livepatch-`; else as it was given
set_known() {
	set_name "$2"
	for known_as in "$name" "livepatch_$name" "${name#livepatch_}"; do
		! "$1" "$known_as" || {
			name=$known_as
			return
		}
	done
}

# installed for the running kernel
is_kept() {
	[ -f "$DIR/$("$UNAME" -r)/$1.ko" ]
}

# installed for any kernel
is_installed() {
	for kept in "$DIR"/*/"$1.ko"; do
		[ ! -f "$kept" ] || return 0
	done
	return 1
}

make_scratch() {
	[ -n "$scratch" ] || scratch=$(mktemp -d "$TMPDIR/kpatch.XXXXXX") || die $FAILED unwritable "cannot make a temporary directory" \
		"mktemp failed" "see that there is room in $TMPDIR"
}

# set_plain FILE: $plain, the module without compression
set_plain() {
	plain=$1
	case $1 in
	*.xz) unpack=xz ;;
	*.gz) unpack=gzip ;;
	*.zst) unpack=zstd ;;
	*) return ;;
	esac
	make_scratch
	plain=$scratch/$(name_of "$1").ko
	"$unpack" -dc <"$1" >"$plain" 2>"$scratch/err" || die $FAILED unreadable "cannot unpack \`$1\`" \
		"$unpack: $(head -n 1 "$scratch/err")" "unpack it by other means and give the result"
}

# section_at FILE NAME: "offset size" of an ELF64 section, in this machine's byte order
section_at() {
	# shellcheck disable=SC2046 # two words, of which one is 0 in either byte order; then two numbers
	set -- "$1" "$2" $(od -An -v -t u4 -j 40 -N 8 "$1") $(od -An -v -t u2 -j 60 -N 4 "$1")
	[ $# -eq 6 ] || return 1
	headers=$(od -An -v -t u4 -w64 -j $(($3 + $4)) -N $(($5 * 64)) "$1")
	# shellcheck disable=SC2046
	set -- "$1" "$2" $(echo "$headers" | awk -v n="$6" 'NR == n + 1 { print $7 + $8 + 1, $9 + $10 }')
	[ $# -eq 4 ] || return 1
	tail -c "+$3" "$1" | head -c "$4" | tr '\000' '\n' >"$scratch/names"
	# A name may be the tail of another one.
	echo "$headers" | awk -v name="$2" -v names="$scratch/names" '
		BEGIN {
			at = 0
			while ((getline s < names) > 0) {
				if (substr(s, length(s) - length(name) + 1) == name)
					wanted[at + length(s) - length(name)] = 1
				at += length(s) + 1
			}
		}
		($1 in wanted) { print $7 + $8, $9 + $10; exit }'
}

# section FILE NAME: its bytes
section() {
	at=$(section_at "$1" "$2" 2>/dev/null) && [ -n "$at" ] || return 1
	tail -c "+$((${at% *} + 1))" "$1" | head -c "${at#* }"
}

# module_strings FILE: the lines of .modinfo, with nothing but od, awk, head and tail; those of a file are read once
module_strings() {
	make_scratch
	strings=$scratch/strings.$(printf %s "$1" | tr / %)
	[ -e "$strings" ] || section "$1" .modinfo | tr '\000' '\n' >"$strings"
	cat "$strings"
}

# fields FILE KEY: of the module's .modinfo, a line each
fields() {
	module_strings "$1" | sed -n "s/^$2=//p"
}

# field FILE KEY: of the module's .modinfo; the first when there are several
field() {
	found=
	! have "$MODINFO" || found=$("$MODINFO" -F "$2" "$1" 2>/dev/null | head -n 1)
	# busybox's modinfo does not read files outside /lib/modules
	[ -n "$found" ] || found=$(fields "$1" "$2" | head -n 1)
	printf '%s' "$found"
}

# set_patch FILE: $plain, $name, $release, $version and $for_core of a live patch, or no further
set_patch() {
	[ -f "$1" ] && [ -r "$1" ] || die $FAILED unreadable "cannot read \`$1\`" "it is missing, no file, or not readable" \
		"check the path and its permissions"
	make_scratch
	set_plain "$1"
	[ "$(head -c 4 "$plain" | tr -d '\177')" = ELF ] || die $REFUSED not-a-module "\`$1\` is not a kernel module" \
		"it is not an ELF file" "give the .ko file that the patch was built as"
	for_core=
	case $(field "$plain" livepatch)/$(field "$plain" kpatch) in
	[Yy1]*) ;;
	/[Yy1]*) for_core=1 ;;
	*)
		die $REFUSED not-a-livepatch "\`$1\` is not a live patch" "its .modinfo has neither livepatch=Y nor kpatch=Y" \
			"load an ordinary module with modprobe"
		;;
	esac
	version=$(field "$plain" vermagic)
	release=${version%% *}
	name=$(field "$plain" name)
	set_name "${name:-$1}"
}

# cumulative FILE [NAME]: yes or no, by the module's own word or the kernel's of what is loaded; nothing where neither tells
cumulative() {
	told=
	[ -z "${2:-}" ] || told=$(attr "$(dir_of "$2")/replace")
	[ -n "$told" ] || [ ! -f "$1" ] || told=$(field "$1" replace)
	case $told in
	[1Yy]*) echo yes ;;
	[0Nn]*) echo no ;;
	esac
}

refuse_other_kernel() {
	running=$("$UNAME" -r)
	[ "$release" = "$running" ] || die $REFUSED wrong-kernel "\`$1\` is not for the running kernel" \
		"it was built for ${release:-an unknown kernel}, and $running is running" \
		"build the patch for $running, or boot ${release:-its kernel}"
}
