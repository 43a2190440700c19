# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# show.sh - list and info

# Names, of what is loaded or installed for this kernel.
known() {
	{
		for dir in "$KLP"/*/ "$CORE"/*/; do
			[ ! -d "$dir" ] || basename "$dir"
		done
		for taint in "$SYSFS"/module/*/taint; do
			taint=${taint%/taint}
			! is_livepatch_module "${taint##*/}" || echo "${taint##*/}"
		done
		for file in "$DIR/$("$UNAME" -r)"/*.ko; do
			[ ! -f "$file" ] || name_of "$file"
			echo
		done
	} | sort -u | grep .
}

at_boot() {
	if [ -f "$DIR/$("$UNAME" -r)/$1.ko" ]; then echo yes; else echo no; fi
}

list() {
	known | {
		format='%-10s  %-4s  %s\n'
		while read -r each; do
			[ -z "$format" ] || printf '%-10s  %-4s  %s\n' STATE BOOT NAME
			format=
			printf '%-10s  %-4s  %s\n' "$(state "$each")" "$(at_boot "$each")" "$each"
		done
		[ -z "$format" ] || echo "no patch is loaded or installed"
	}
	overlaps | while read -r object function top under; do
		# shellcheck disable=SC2086 # a list of names
		echo "$(in_words "$object" "$function"): that of $(quoted "$top") is in force, over $(quoted $under)"
	done
}

line() {
	[ -z "$2" ] || printf '%-12s %s\n' "$1" "$2"
}

# beside PATCH TOP UNDER...: what is to be said of a function that those change
beside() {
	self=$1 top=$2
	shift 2
	if [ "$top" = "$self" ]; then
		echo " (in force, over that of $(quoted "$@"))"
	elif [ -n "$top" ]; then
		echo " (not in force: that of \`$top\` is)"
	fi
}

# What a loaded patch changes: a line for each function.
info_functions() {
	overlaps >"$scratch/overlaps"
	functions_of "$1" | while read -r object function; do
		where=$object
		[ "$(attr "$(dir_of "$1")/$object/patched")" != 0 ] || where="$where (not patched: it is not loaded)"
		# shellcheck disable=SC2046 # a list of names
		line changes "$function in $where$(beside "$1" \
			$(awk -v o="$object" -v f="$function" '$1 == o && $2 == f { $1 = $2 = ""; print }' "$scratch/overlaps"))"
	done
	for function in $(attr "$SYSFS/module/$1/parameters/redirects"); do
		line changes "$function in vmlinux (by a kprobe)"
	done
}

info_loaded() {
	make_scratch
	line name "$1"
	line state "$(state "$1")"
	line "at boot" "$(at_boot "$1")"
	[ ! -d "$CORE/$1" ] || line core kpatch.ko
	line version "$(attr "$SYSFS/module/$1/version")"
	line srcversion "$(attr "$SYSFS/module/$1/srcversion")"
	line "build id" "$(od -An -v -t x1 -j 16 "$SYSFS/module/$1/notes/.note.gnu.build-id" 2>/dev/null | tr -d ' \n')"
	line cumulative "$(cumulative "$DIR/$("$UNAME" -r)/$1.ko" "$1")"
	info_functions "$1"
	is_settled "$1" || report_tasks "$1"
}

# build_id FILE: what the linker noted, in hexadecimal, behind a header of 16 bytes
build_id() {
	section "$1" .note.gnu.build-id 2>/dev/null | od -An -v -t x1 -j 16 2>/dev/null | tr -d ' \n'
}

# info_fields FILE KEY LABEL: a line for each field of that name
info_fields() {
	fields "$1" "$2" | while read -r value; do
		line "$3" "$value"
	done
}

# What the module says that it changes: build.sh of this project has it say so, other modules need not.
info_changes() {
	fields "$1" changes | sed 's/\(.*\):\(.*\)/\2 in \1/' | while read -r value; do
		line changes "$value"
	done
	fields "$1" redirects | sed 's/\(.*\):\(.*\)/\2 in \1 (by a kprobe)/' | while read -r value; do
		line changes "$value"
	done
}

info_file() {
	set_patch "$1"
	fits=no
	[ "$release" != "$("$UNAME" -r)" ] || fits=yes
	line name "$name"
	line state "$(state "$name")"
	line file "$1"
	line kernel "$release"
	line fits "$fits"
	line cumulative "$(cumulative "$plain")"
	[ -z "$for_core" ] || line core kpatch.ko
	for key in description version license depends srcversion; do
		line $key "$(field "$plain" $key)"
	done
	line "build id" "$(build_id "$plain")"
	line "kernel id" "$(field "$plain" kernel_build_id)"
	line "built by" "$(field "$plain" built_by)"
	info_fields "$plain" patch_sha256 sha256
	info_changes "$plain"
	info_fields "$plain" left_out "left out"
}

is_loaded_or_kept() {
	is_loaded "$1" || is_kept "$1"
}

info() {
	if [ "${1#*/}" != "$1" ]; then
		info_file "$1"
		return
	fi
	set_known is_loaded_or_kept "$1"
	if is_loaded "$name"; then
		info_loaded "$name"
	elif [ "$(at_boot "$name")" = yes ]; then
		info_file "$DIR/$("$UNAME" -r)/$name.ko"
	else
		die $REFUSED not-loaded "there is no patch \`$1\`" "it is neither loaded, nor installed, nor a file" \
			"see kpatch list"
	fi
}
