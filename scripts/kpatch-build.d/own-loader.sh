# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# own-loader.sh - the compiler of another Debian, unpacked and run here; also for the labs of the tests (tests/kernel/suite.sh)
#
# Its programs want their own C library, which may be newer than the machine's, or lack what the machine's has dropped. So each is
# started by the loader that belongs to that library, with the libraries that belong to the program: nothing of the machine's is
# mixed in, and it matters not which C library that has. A program that starts others must start them in the same way: gcc looks
# for its parts where -B says first, and hands that on to what it starts.

# unpack_packages DIR PACKAGE...: into DIR/root, in which /lib is /usr/lib whichever way the packages have it
unpack_packages() (
	into=$1/root
	shift
	mkdir -p "$into/usr/bin" "$into/usr/sbin" "$into/usr/lib" "$into/usr/lib64" && ln -sfn usr/bin usr/sbin usr/lib usr/lib64 "$into" || exit 1
	for package; do
		dpkg-deb --fsys-tarfile "$package" | tar -x -C "$into" --keep-directory-symlink || exit 1
	done
)

# loader_of DIR: the loader's path in DIR/root. An absolute link would lead out of it.
loader_of() (
	for path in "$1"/root/usr/lib64/ld*.so.* "$1"/root/usr/lib/ld*.so.*; do
		[ -h "$path" ] || [ -e "$path" ] || continue
		case $(readlink "$path") in
		/*) readlink "$path" ;;
		*) echo "${path#"$1/root"}" ;;
		esac
		exit 0
	done
	exit 1
)

# start_by_loader FILE PROGRAM [OPTION]: FILE, in a directory beside root/, runs root's PROGRAM with the OPTION first
start_by_loader() {
	cat >"$1" <<-END
		#!/bin/sh
		top=\${0%/*}/..
		exec "\$top/root$loader" --library-path "\$top/root/usr/lib/$triple" "\$top/root$2" ${3:-} "\$@"
	END
	chmod +x "$1"
}

is_program() { [ -x "$1" ] && [ ! -d "$1" ] && [ "$(head -c 4 "$1" | tr -d '\0')" = "$(printf '\177ELF')" ]; }

# own_commands DIR TRIPLE GCC: of what is unpacked in DIR/root, DIR/bin with the commands TRIPLE-GCC (`x86_64-linux-gnu-gcc-14`) and those of
# binutils, and DIR/parts with what gcc starts. Both may be moved together.
own_commands() (
	top=$1 triple=$2
	loader=$(loader_of "$top") && mkdir -p "$top/bin" "$top/parts" || exit 1
	for program in "$top/root/usr/bin/$triple-"*; do
		case ${program##*/} in *-[0-9]*) continue ;; esac # of gcc, which start others
		! is_program "$program" || start_by_loader "$top/bin/${program##*/}" "/usr/bin/${program##*/}"
	done
	for program in "$triple-$3" "$3"; do # each tells its version by the name that it was called by
		[ ! -e "$top/root/usr/bin/$program" ] || start_by_loader "$top/bin/$program" "/usr/bin/$program" "-B\"\$top/parts/\"" || exit 1
	done
	for program in "$top"/root/usr/lib*/gcc/"$triple/${3#gcc-}"/*; do
		! is_program "$program" || case ${program##*/} in *.so*) ;; *) start_by_loader "$top/parts/${program##*/}" "${program#"$top/root"}" ;; esac
	done
	for program in as ld; do
		start_by_loader "$top/parts/$program" "/usr/bin/$triple-$program" || exit 1
	done
	[ -e "$top/bin/$triple-$3" ] && [ -e "$top/bin/$triple-objcopy" ] && [ -e "$top/parts/cc1" ]
)
