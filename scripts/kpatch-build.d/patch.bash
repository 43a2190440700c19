# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# patch.bash - the patches, applied to copies of the files that they name
#
# $work/tree holds the patched files. Sets changed (their paths) and, by `refuse`, says what cannot be live-patched.

changed=() applied=()

# The paths that a patch names, without their first N components.
paths_in() {
	awk -v strip="$2" '
		function path(s,   i) {
			sub(/^(---|\+\+\+) /, "", s); sub(/\t.*/, "", s); sub(/\r$/, "", s); sub(/ +$/, "", s)
			if (s == "/dev/null") return
			for (i = 0; i < strip; i++)
				if (!sub(/^[^\/]*\/+/, "", s)) return
			print s
		}
		/^--- / { old = $0; next }
		/^\+\+\+ / && old != "" { path(old); path($0) }
		/^(rename|copy) (from|to) / { sub(/^[a-z]+ [a-z]+ /, ""); print }
		{ old = "" }' "$1" | sort -u
}

# Prints how many components of the paths are not the source's: as a rule one, a/ and b/.
strip_level() {
	local level path
	for level in 1 0 2 3 4 5 6 7 8; do
		while IFS= read -r path; do
			[ ! -e "$source/$path" ] && [ ! -e "$work/tree/$path" ] || { echo "$level"; return; }
		done < <(paths_in "$1" "$level")
	done
	grep -q '^--- /dev/null' "$1" || return 0
	# Only new files.
	for level in 1 0 2 3; do
		while IFS= read -r path; do
			[[ $path != */* ]] || [ ! -d "$source/${path%/*}" ] || { echo "$level"; return; }
		done < <(paths_in "$1" "$level")
	done
}

# no_part PATH: whether it belongs to nothing that runs
no_part() {
	case $1 in
	Documentation/* | MAINTAINERS | CREDITS | LICENSES/* | samples/* | tools/* | *.rst | *.txt | *.md | .mailmap | *.gitignore) return 0 ;;
	esac
	return 1
}

# Without the binary files, which patch(1) does not take; their names go to $work/binary.
without_binary() {
	awk -v names="$work/binary" '
		function flush() { if (binary) print file >names; else printf "%s", text; text = ""; binary = 0 }
		/^diff --git / { flush(); file = $0; sub(/^.* b\//, "", file) }
		/^GIT binary patch/ || /^Binary files .* differ/ { binary = 1 }
		{ text = text $0 "\n" }
		END { flush() }' "$1"
}

# ignore PATH TEXT
ignore() {
	say "ignored  $1: $2"
	ignored+=("$1") why_ignored[$1]=$2
}

take_text() {
	local path
	echo "$(sha256sum <"$1" | cut -d ' ' -f 1) ${1##*/}" >>"$work/checksums"
	: >"$work/binary"
	without_binary "$1" >"$work/patch.text" || die unwritable "cannot write \`$work/patch.text\`" "the disk is full" "see $logfile"
	while IFS= read -r path; do
		no_part "$path" || die binary-patch "\`$1\` is binary" "it changes \`$path\`, which is no text" "only source can be patched"
		ignore "$path" "no part of the kernel"
		echo "$path" >>"$work/binaries"
	done <"$work/binary"
}

# Absolute paths may have directories that are left out.
check_paths() {
	local bad='(^|/)\.\.(/|$)|"'
	[ "$2" = 0 ] && [ -z "${level:-}" ] || bad="$bad|^/"
	bad=$(paths_in "$work/patch.text" "$2" | grep -m1 -E "$bad")
	[ -z "$bad" ] || die bad-patch "\`$1\` names the file \`$bad\`" "patches may name files inside the source only, and none in quotes" "make the patch anew"
}

copy_touched() {
	local path
	while IFS= read -r path; do
		[ -e "$source/$path" ] && [ ! -e "$work/tree/$path" ] || continue
		mkdir -p "$(dirname "$work/tree/$path")" && cp -L "$source/$path" "$work/tree/$path" && chmod u+w "$work/tree/$path" ||
			die unwritable "cannot copy \`$path\`" "the disk is full, or the file is not readable" "see $logfile"
	done
}

# patched OPTION...: run patch(1) with the caller's $patch
patched() { patch "-p$level" -f --no-backup-if-mismatch -r - "$@" -d "$work/tree" <"$work/patch.text" 2>&1; }

# Why it does not apply: because it is applied, as a rule, or because it is for another source.
does_not_apply() {
	local patch=$1 other
	! grep -qE 'No space left|write error' <<<"$2" ||
		die disk-full "\`$patch\` cannot be applied" "the disk is full: $(grep -m 1 '^patch: ' <<<"$2")" "free some space, or set TMPDIR to a directory on another disk"
	for other in "${applied[@]}"; do
		! cmp -s "$patch" "$other" || die does-not-apply "\`$patch\` does not apply" "it is given twice" "give each patch once"
	done
	if patched --dry-run -R >/dev/null; then
		[ "${#applied[@]}" -eq 0 ] ||
			die does-not-apply "\`$patch\` does not apply" "the source, or a patch before this one, has the change already" "leave it out, or give the source that the kernel was built from"
		die does-not-apply "\`$patch\` does not apply" "the source has the change already" "give the source that the kernel was built from"
	fi
	printf '%s\n' "$2" >&2
	! patched --dry-run -l >/dev/null || die does-not-apply "\`$patch\` does not apply" "its tabs and blanks are not those of the source: it would apply but for them" \
		"get it as a file, for mail programs, web pages and terminals change them"
	die does-not-apply "\`$patch\` does not apply" "the source, $source, is another one than the patch was made for" "see the hunks above"
}

# Why a text is none that patch(1) or we can read, and what to do, in two lines; nothing of one that may be.
no_diff() {
	local magic
	magic=$(head -c 4 "$1" | od -An -v -t x1 | tr -d ' \n')
	case $magic in
	'') printf '%s\n' "it is empty" "see whether it was downloaded" ;;
	1f8b* | fd377a58 | 425a68* | 28b52ffd) printf '%s\n' "it is compressed" "unpack it first" ;;
	fffe* | feff*) printf '%s\n' "it is UTF-16" "convert it: iconv -f UTF-16 -t UTF-8" ;;
	efbbbf2d) printf '%s\n' "it begins with a byte order mark" "remove its first three bytes: tail -c +4" ;;
	*)
		if grep -qE '^@@@ -[0-9]' "$1"; then
			printf '%s\n' "it is the combined diff of a merge" "take that of the commit: git format-patch -1, or git diff PARENT COMMIT"
		elif [ -n "$(paths_in "$1" 0)" ] || grep -q '^diff --git ' "$1"; then
			:
		elif grep -qE '^\*{15}' "$1"; then
			printf '%s\n' "it is a context diff" "kpatch-build wants the output of diff -u or git diff"
		elif grep -qiE '<(html|!doctype)' "$1"; then
			printf '%s\n' "it is a web page" "download the patch as plain text"
		else
			printf '%s\n' "it names no file" "kpatch-build wants the output of diff -u or git diff"
		fi
		;;
	esac
}

# Whether they are patches at all, before anything else is looked for. In an empty directory patch(1) but reads.
read_patches() {
	local patch empty said why
	empty=$(mktemp -d) || die unwritable "cannot make a temporary directory" "the disk is full, or not writable" "set TMPDIR to another directory"
	partial=$empty
	for patch in "${patches[@]}"; do
		[ -f "$patch" ] && [ -r "$patch" ] || die unreadable "cannot read \`$patch\`" "it does not exist, or is not a readable file (patches are read more than once, so a pipe is none)" "check the path"
		why=$(no_diff "$patch")
		[ -z "$why" ] || die bad-patch "\`$patch\` is no patch" "${why%%$'\n'*}" "${why#*$'\n'}"
		said=$(patch -p1 -f --dry-run -d "$empty" <"$patch" 2>&1 | sed -n 's/^patch: \*\*\*\* //p')
		case $said in malformed* | unexpected*) die bad-patch "\`$patch\` is damaged" "patch(1) says: $said" "make the patch anew" ;; esac
	done
	rmdir "$empty"
	partial=''
}

apply_patch() {
	local patch=$1 said level
	take_text "$patch"
	if [ -z "$(paths_in "$work/patch.text" 0)" ]; then
		need "$work/patch.text"
		[ -s "$work/binary" ] || grep -q '^diff --git ' "$work/patch.text" || die bad-patch "\`$patch\` is no patch any more" "something else has written to it in this run" "see what does, and run kpatch-build again"
		return 0
	fi
	check_paths "$patch" 0
	level=$(strip_level "$work/patch.text")
	[ -n "$level" ] || die does-not-apply "\`$patch\` does not apply" "$source has no file \`$(paths_in "$work/patch.text" 0 | head -n 1)\`, nor with another number of directories left out" \
		"make the patch at the top of the source, as git diff and diff -u a/FILE b/FILE do"
	[ "$level" = 1 ] || say "         paths as with patch -p$level"
	check_paths "$patch" "$level"
	paths_in "$work/patch.text" "$level" | copy_touched "$patch" || exit 1
	paths_in "$work/patch.text" "$level" >>"$work/touched"
	said=$(patched --dry-run) || { log "$said"; does_not_apply "$patch" "$said"; }
	patched >>"$logfile" || die does-not-apply "\`$patch\` cannot be applied" "the disk is full, or it changes one file twice" "see $logfile"
	log "$said"
	applied+=("$patch")
	! grep -q 'with fuzz' <<<"$said" || warn fuzz "\`$patch\` applies with fuzz" "$(grep 'with fuzz' <<<"$said" | head -n 3 | tr '\n' ' ')" "check that the change is where it belongs"
}

classify() {
	local path=$1
	if no_part "$path"; then
		ignore "$path" "no part of the kernel"
		return
	fi
	case $path in
	arch/"$srcarch"/boot/* | arch/*/purgatory/* | arch/*/realmode/* | arch/*/vdso/* | drivers/firmware/efi/libstub/*)
		refuse not-in-kernel "\`$path\` is not part of the kernel that runs" "it becomes part of the boot code or of the vDSO" "leave it out of the patch" ;;
	*Kconfig* | *Makefile* | *Kbuild* | *defconfig | *.config | scripts/*)
		refuse build-changed "\`$path\` says how the kernel is built" "a live patch cannot change the configuration or the set of objects" "leave it out; put new code into a file that is built already" ;;
	arch/*/um/*) ignore "$path" "of another architecture" ;;
	arch/"$srcarch"/*.[ch] | [!a]*.[ch] | a[!r]*.[ch] | *.inc) changed+=("$path") ;;
	*.S | *.s | *.lds | *.lds.*)
		refuse assembler "\`$path\` is assembler or a linker script" "functions written in assembler cannot be replaced through ftrace" "leave it out, or change the C functions that call it" ;;
	arch/"$srcarch"/*) refuse unknown-file "\`$path\` is neither C nor a header" "what is generated from it is not known" "leave it out of the patch" ;;
	arch/*) ignore "$path" "of another architecture" ;;
	*) refuse unknown-file "\`$path\` is neither C nor a header" "what is generated from it is not known" "leave it out of the patch" ;;
	esac
}

apply_patches() {
	local patch path
	step check "${#patches[@]} patch(es)"
	mkdir -p "$work/tree"
	: >"$work/touched"
	: >"$work/checksums"
	: >"$work/binaries"
	for patch in "${patches[@]}"; do
		apply_patch "$patch"
	done
	need "$work/tree" "$work/touched"
	while IFS= read -r path; do
		[ -e "$source/$path" ] || [ -e "$work/tree/$path" ] || continue
		cmp -s "$source/$path" "$work/tree/$path" || classify "$path"
	done < <(sort -u "$work/touched")
	end_if_refused
	[ "${#changed[@]}" -gt 0 ] || unchanged "the patches change no source of this kernel"
}
