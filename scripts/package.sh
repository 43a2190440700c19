#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# package.sh deb|rpm DIR - packages of what is committed, in DIR, from the tarball of make dist
#
# Built in a directory of its own, so that nothing but the tarball is in them. Needs dpkg-dev and debhelper, or rpmbuild, and
# what debian/control says; scripts/setup.sh package installs all of it. On other systems than Red Hat's, RPM does not know
# what is installed, so it is not asked.
set -eu

cd "$(dirname "$0")/.."
kind=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)
version=$(cat VERSION)
umask 022
unset MAKEFLAGS MFLAGS MAKELEVEL O V SAN WERROR PREFIX DESTDIR # of a make that runs this: its O is not the package's

need() {
	command -v "$1" >/dev/null && return
	echo "package.sh: $1 is missing; scripts/setup.sh package installs it" >&2
	exit 1
}

make_deb() {
	need dpkg-buildpackage
	rm -rf "$out/elfdiff-$version"
	tarball=$(scripts/dist.sh "$out")
	mv "$tarball" "$out/elfdiff_$version.orig.tar.gz"
	tar -x -C "$out" -f "$out/elfdiff_$version.orig.tar.gz"
	(cd "$out/elfdiff-$version" && dpkg-buildpackage -us -uc) >"$out/log" 2>&1 || { tail -n 40 "$out/log" >&2; return 1; }
	rm -rf "$out/elfdiff-$version"
	ls "$out"/*.deb
}

make_rpm() {
	need rpmbuild
	scripts/dist.sh "$out" >/dev/null
	known=--nodeps
	[ ! -e /etc/redhat-release ] || known=
	# shellcheck disable=SC2086 # nothing, or a word
	rpmbuild -ba $known --define "_topdir $out/work" --define "_sourcedir $out" --define "_rpmdir $out" --define "_srcrpmdir $out" \
		packaging/elfdiff.spec >"$out/log" 2>&1 || { tail -n 40 "$out/log" >&2; return 1; }
	rm -rf "$out/work"
	find "$out" -name '*.rpm'
}

"make_$kind"
