# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# odd.sh - a part of check.sh: patches that are none, or not as their author sent them, and places where no work can be done

# no_patch CAUSE: of the text on standard input
no_patch() {
	cat >"$scratch/odd.patch"
	build "$scratch/odd.patch"
	[ "$status" = 1 ] && says 'error[bad-patch]' && says "  cause   $1" && ! says 'check '
}
: | no_patch 'it is empty' && gzip -c "$scratch/second.patch" | no_patch 'it is compressed' && iconv -t UTF-16 "$scratch/second.patch" | no_patch 'it is UTF-16' &&
	{ printf '\357\273\277'; cat "$scratch/second.patch"; } | no_patch 'it begins with a byte order mark' && echo '<!DOCTYPE html>' | no_patch 'it is a web page' &&
	diff -c "$LAB/linux/fs/proc/cmdline.c" "$scratch/once.c" | no_patch 'it is a context diff' &&
	sed 's/^@@ \([^@]*\)@@/@@@ \1\1@@@/' "$scratch/second.patch" | no_patch 'it is the combined diff of a merge'
verdict "what is no patch, by what it is instead" $?

sed '/^[+-][+-]/!s/\t/    /g' "$scratch/second.patch" >"$scratch/blanks.patch"
build "$scratch/blanks.patch"
[ "$status" = 1 ] && says 'error[does-not-apply]' && says 'its tabs and blanks are not those of the source' && ! says 'another one than'
verdict "a patch whose tabs have become blanks" $?

build -n stdin /dev/stdin <"$scratch/second.patch"
[ "$status" = 0 ] && sound livepatch-stdin && holds livepatch-stdin cmdline_proc_show
verdict "a file as standard input, which programs of the run do not have" $?
cat "$scratch/second.patch" | { build -n stdin /dev/stdin && [ "$status" = 1 ] && says 'error[unreadable]: cannot read `/dev/stdin`' && says 'a pipe is none' && build - && [ "$status" = 1 ] && says 'save it in a file'; }
verdict "a pipe is not read" $?

# It is empty when it is read again.
cp "$scratch/second.patch" "$scratch/going.patch"
mkdir "$scratch/going" && printf '#!/bin/sh\n: >"%s"\nexec "%s" "$@"\n' "$scratch/going.patch" "$(command -v sha256sum)" >"$scratch/going/sha256sum" && chmod +x "$scratch/going/sha256sum"
within="env PATH=$scratch/going:$PATH"
build "$scratch/going.patch"
within=''
[ "$status" = 1 ] && says 'error[bad-patch]' && says 'no patch any more' && ! says 'nothing to do'
verdict "a patch that is emptied meanwhile does not change nothing" $?

within='env -u KPATCH_BUILD_DIR -u XDG_CACHE_HOME -u HOME'
build "$scratch/second.patch"
within=''
[ "$status" = 1 ] && says 'error[usage]: there is no directory to work in' && says 'set KPATCH_BUILD_DIR' && [ -z "$(find / -maxdepth 1 -name "$(cat "$LAB/abi")-*")" ]
verdict "no home" $?

mkdir "$scratch/a b"
saved=$KPATCH_BUILD_DIR KPATCH_BUILD_DIR="$scratch/a b"
build "$scratch/second.patch"
KPATCH_BUILD_DIR=$saved
[ "$status" = 1 ] && says 'error[usage]: no kernel can be compiled in' && says 'KPATCH_BUILD_DIR' && ! says 'check ' && env -u HOME -u KPATCH_BUILD_DIR -u XDG_CACHE_HOME "$command" --help >"$scratch/said" && says 'Usage:'
verdict "a cache whose path kbuild does not take; --help needs none" $?

if [ "$(id -u)" = 0 ] && mkdir "$scratch/odd-place" && mount -t tmpfs -o size=700m,noexec tmpfs "$scratch/odd-place" 2>/dev/null; then
	within="env KPATCH_BUILD_DIR=$scratch/odd-place"
	build "$scratch/second.patch"
	[ "$status" = 1 ] && says 'error[unwritable]: programs cannot be started in' && says noexec
	verdict "a cache where no program may be started" $?
	mount -o remount,size=16k "$scratch/odd-place" 2>/dev/null || { umount "$scratch/odd-place" && mount -t tmpfs -o size=16k tmpfs "$scratch/odd-place"; }
	dd if=/dev/zero of="$scratch/odd-place/fill" bs=1k 2>/dev/null
	within="env TMPDIR=$scratch/odd-place"
	build "$scratch/second.patch"
	within=''
	[ "$status" = 1 ] && says 'error[disk-full]' && says TMPDIR && ! says 'does not apply'
	verdict "no room for temporary files is no fault of the patch" $?
	umount "$scratch/odd-place"
else
	skip "places where no work can be done" "needs root and mount(2)"
fi
