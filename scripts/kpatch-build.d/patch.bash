# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# patch.bash - the patches, applied to copies of the files that they name
#
# $work/tree holds the patched files. Sets changed (their paths) and, by `refuse`, says what cannot be live-patched.

changed=()

# The paths that a patch names, without the first component (-p1).
paths_in() {
	awk '
		function path(s) {
			sub(/^(---|\+\+\+) /, "", s); sub(/\t.*/, "", s); sub(/\r$/, "", s); sub(/ +$/, "", s)
			if (s != "/dev/null" && sub(/^[^\/]*\//, "", s)) print s
		}
		/^--- / { old = $0; next }
		/^\+\+\+ / && old != "" { path(old); path($0) }
		/^(rename|copy) (from|to) / { sub(/^[a-z]+ [a-z]+ /, ""); print }
		{ old = "" }' "$1" | sort -u
}

copy_touched() {
	local path
	while IFS= read -r path; do
		case /$path/ in
		*/../* | //* | *\"*) die "\`$1\` names the file \`$path\`" "patches may name files inside the source only, and none in quotes" "make the patch anew" ;;
		esac
		[ -e "$source/$path" ] && [ ! -e "$work/tree/$path" ] || continue
		mkdir -p "$work/tree/${path%/*}" && cp -L "$source/$path" "$work/tree/$path" && chmod u+w "$work/tree/$path" ||
			die "cannot copy \`$path\`" "the disk is full, or the file is not readable" "see $logfile"
	done
}

# patched OPTION...: run patch(1) with the caller's $patch
patched() { patch -p1 -f --no-backup-if-mismatch -r - "$@" -d "$work/tree" <"$patch" 2>&1; }

apply_patch() {
	local patch=$1 said
	[ -r "$patch" ] || die "cannot read \`$patch\`" "it does not exist, or is not readable" "check the path"
	! grep -qE '^(GIT binary patch|Binary files )' "$patch" || die "\`$patch\` is binary" "it changes a file that is no text" "only source can be patched"
	[ -n "$(paths_in "$patch")" ] || die "\`$patch\` is no patch" "it names no file" "kpatch-build wants the output of diff -u or git diff"
	paths_in "$patch" | copy_touched "$patch" || exit 1
	paths_in "$patch" >>"$work/touched"
	if ! said=$(patched --dry-run); then
		log "$said"
		! patched --dry-run -R >/dev/null || die "\`$patch\` does not apply" "the source has the change already" "give the source that the kernel was built from"
		printf '%s\n' "$said" >&2
		die "\`$patch\` does not apply" "the source, $source, is another one than the patch was made for" "see the hunks above"
	fi
	patched >>"$logfile" || die "\`$patch\` cannot be applied" "the disk is full, or it changes one file twice" "see $logfile"
	log "$said"
	! grep -q 'with fuzz' <<<"$said" || warn "\`$patch\` applies with fuzz" "$(grep 'with fuzz' <<<"$said" | head -n 3 | tr '\n' ' ')" "check that the change is where it belongs"
}

classify() {
	local path=$1
	case $path in
	arch/"$srcarch"/boot/* | arch/*/purgatory/* | arch/*/realmode/* | arch/*/vdso/* | drivers/firmware/efi/libstub/*)
		refuse not-in-kernel "\`$path\` is not part of the kernel that runs" "it becomes part of the boot code or of the vDSO" "leave it out of the patch" ;;
	*Kconfig* | *Makefile* | *Kbuild* | *defconfig | *.config | scripts/*)
		refuse build-changed "\`$path\` says how the kernel is built" "a live patch cannot change the configuration or the set of objects" "leave it out; put new code into a file that is built already" ;;
	Documentation/* | MAINTAINERS | CREDITS | LICENSES/* | samples/* | tools/* | *.rst | *.txt | *.md | .mailmap | *.gitignore)
		say "ignored  $path: no part of the kernel" ;;
	arch/"$srcarch"/*.[ch] | [!a]*.[ch] | a[!r]*.[ch] | *.inc) changed+=("$path") ;;
	*.S | *.s | *.lds | *.lds.*)
		refuse assembler "\`$path\` is assembler or a linker script" "functions written in assembler cannot be replaced through ftrace" "leave it out, or change the C functions that call it" ;;
	arch/"$srcarch"/*) refuse unknown-file "\`$path\` is neither C nor a header" "what is generated from it is not known" "leave it out of the patch" ;;
	arch/*) say "ignored  $path: of another architecture" ;;
	*) refuse unknown-file "\`$path\` is neither C nor a header" "what is generated from it is not known" "leave it out of the patch" ;;
	esac
}

apply_patches() {
	local patch path
	step check "${#patches[@]} patch(es)"
	mkdir -p "$work/tree"
	for patch in "${patches[@]}"; do
		apply_patch "$patch"
	done
	while IFS= read -r path; do
		[ -e "$source/$path" ] || [ -e "$work/tree/$path" ] || continue
		cmp -s "$source/$path" "$work/tree/$path" || classify "$path"
	done < <(sort -u "$work/touched")
	end_if_refused
	[ "${#changed[@]}" -gt 0 ] || unchanged "the patches change no source of this kernel"
}
