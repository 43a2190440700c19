# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bare-root.sh - a root directory with Debian 12 and nothing else, as a new machine or the image of a container has it; it is sourced.
# As root, with debootstrap.

mirror() { grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -n 1 | tr -d ' '; }

# bare_tarball FILE: it is there already, or is made; what apt reads in it are the suites that the image `debian:12` has
bare_tarball() {
	[ ! -s "$1" ] || return 0
	mkdir -p "${1%/*}" && bare=$(mktemp -d "$1.XXXXXX") || return
	from=$(mirror) from=${from%/}
	debootstrap --variant=minbase bookworm "$bare" ${from:+"$from"} && rm -f "$bare"/var/cache/apt/archives/*.deb || { rm -rf "$bare"; return 1; }
	from=${from:-http://deb.debian.org/debian}
	printf 'deb %s bookworm main\ndeb %s bookworm-updates main\ndeb %s-security bookworm-security main\n' "$from" "$from" "$from" >"$bare/etc/apt/sources.list"
	tar -C "$bare" -cf "$1.part" . && mv "$1.part" "$1" && rm -rf "$bare"
}

# inside_of ROOT COMMAND...: what is mounted for it goes with it
inside_of() {
	unshare -m sh -c 'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && root=$1 && shift &&
		exec chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"' - "$@"
}
