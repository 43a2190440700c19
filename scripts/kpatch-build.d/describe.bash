# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# describe.bash - what the module says of itself in modinfo: of what it was made, by what and for which kernel
#
# Sets subjects: of each patch, what it says that it does.

subjects=()

# A patch's own first line in words: the subject of a mail, Description of a quilt patch, the first line of what git show prints.
# One that is encoded for mail is none.
subject_of() {
	awk '
		/^---/ || /^diff / || /^Index: / { exit }
		found && !/^[ \t]/ { exit }
		found { sub(/^[ \t]+/, " "); text = text $0; next }
		/^Description: / { sub(/^[^ ]* */, ""); text = $0; exit }
		/^Subject: / { found = 1; sub(/^[^ ]* */, ""); text = $0; next }
		/^commit [0-9a-f]+/ { commit = 1 }
		commit && /^    ./ { sub(/^ +/, ""); text = $0; exit }
		END {
			while (sub(/^\[[^]]*\] */, "", text));
			if (text !~ /=\?.*\?=/) print text
		}' "$1" | tr -d '[:cntrl:]'
}

find_subjects() {
	local patch subject
	for patch in "${patches[@]}"; do
		subject=$(subject_of "$patch")
		[ -n "$subject" ] || subject=$(basename "$patch" | sed -E 's/\.(patch|diff)$//' | tr -d '[:cntrl:]')
		subjects+=("$subject")
	done
}

# All of a few, in a line
description() {
	local shown=("${subjects[@]:0:3}") text
	text=$(printf '%s; ' "${shown[@]}")
	text=${text%; }
	[ "${#subjects[@]}" -le 3 ] || text="$text; and $((${#subjects[@]} - 3)) more"
	echo "$text"
}

# The build ID of the kernel, where what was given has it: a System.map has not, and of the kernel that runs sysfs does.
kernel_build_id() {
	local notes=$vmlinux
	[ "$vmlinux" != /proc/kallsyms ] || notes=/sys/kernel/notes
	if [ "$notes" = "$vmlinux" ]; then
		"$(binutil readelf)" -n "$notes" 2>/dev/null | sed -n 's/^ *Build ID: *//p' | head -n 1
	else
		# namesz 4, descsz 20, type 3 (NT_GNU_BUILD_ID), "GNU"
		od -An -v -t x1 "$notes" 2>/dev/null | tr -d ' \n' | sed -nE 's/.*(04000000140{6}030{6}|00000004000000140{7}3)474e5500([0-9a-f]{40}).*/\2/p'
	fi
}

# add_info ARRAY: options of kmod/build.sh
add_info() {
	local -n into=$1
	local sum id
	into+=(--info "description=$(description)" --info "built_by=kpatch-build $(kpatch_version)")
	id=$(kernel_build_id)
	[ -z "$id" ] || into+=(--info "kernel_build_id=$id")
	while IFS= read -r sum; do
		into+=(--info "patch_sha256=${sum//[[:cntrl:]]/?}")
	done <"$work/checksums"
}
