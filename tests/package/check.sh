#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh - packages of what is committed: the same bytes twice, nothing for lintian to say, installed in a bare Debian, used, removed
#
# As root, for a root directory of its own, which debootstrap makes once, in $PACKAGE_ROOTS (~/.cache/elfdiff-package).
set -u

scratch=$(mktemp -d)
# Packages are built where the paths differ in length.
one=$scratch/one other=$scratch/the-other/place
tree=elfdiff-$(cat VERSION)
mkdir -p "$one" "$other"
trap 'rm -rf "$scratch"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL O SAN WERROR
export LC_ALL=C.UTF-8
. tests/lib/verdicts.sh
. tests/lib/bare-root.sh

have() { command -v "$1" >/dev/null; }

# Another time zone, language and mask of rights; and what unpacks the tarball is no git tree.
elsewhere() { (umask 077 && cd "$other" && TZ=Pacific/Chatham LC_ALL=C "$@"); }

# From here on, it is the tarball that is tested: the tree may change meanwhile.
same_tarball() {
	scripts/dist.sh "$one" && tar -x -C "$one" -f "$one"/*.tar.gz && tar -x -C "$other" -f "$one"/*.tar.gz &&
		elsewhere "$other/$tree/scripts/dist.sh" "$other" && cmp "$one"/*.tar.gz "$other"/*.tar.gz
}

same_packages() {
	"$one/$tree/scripts/package.sh" deb "$one/deb" &&
		elsewhere env DEB_BUILD_OPTIONS='nocheck parallel=1' "$other/$tree/scripts/package.sh" deb "$other/deb" || return
	for deb in "$one"/deb/*.deb; do
		cmp "$deb" "$other/deb/${deb##*/}" || return
	done
}

clean_for_lintian() { lintian --allow-root --no-tag-display-limit --fail-on error,warning "$one"/deb/*.deb; }

# What both have, by where it goes: the directories of libraries and of zsh's functions are each system's.
files_of() { # FILE..., one or several packages
	for package in "$@"; do
		case $package in
		*dbgsym*) ;;
		*.deb) dpkg-deb -c "$package" | awk '$1 !~ /^d/ { print $6 }' | sed 's|^\.||' ;;
		*.rpm) rpm -qpl "$package" 2>/dev/null ;;
		esac
	done | sed -nE 's|\.gz$||; s|/x86_64-linux-gnu/|/|; s|/lib64/|/lib/|; s|^/lib/|/usr/lib/|; s|vendor-completions/_|site-functions/_|; /\/usr\/share\/(doc|licenses|lintian)\//d; /./p' |
		grep -vxE '/usr/(libexec/kpatch(-build(/kmod(/core)?)?)?|share/kpatch)' | sort
}

rpm_has_the_same() {
	"$one/$tree/scripts/package.sh" rpm "$one/rpm" || return
	files_of "$one"/deb/*.deb >"$scratch/files.deb"
	files_of $(find "$one/rpm" -name '*.rpm' ! -name '*.src.rpm') >"$scratch/files.rpm"
	diff "$scratch/files.deb" "$scratch/files.rpm"
}

# ---- a bare Debian ------------------------------------------------------------------------------

wanted() {
	for deb in "$one"/deb/*.deb; do
		dpkg-deb -f "$deb" Depends
	done | tr ',' '\n' | sed 's/[(|].*//; s/ //g' | grep -vE '^(libelfdiff|elfdiff)|^$' | sort -u
}

# A root with what the packages need, and the shells; of another list it is another root.
bare_root() {
	roots=${PACKAGE_ROOTS:-${XDG_CACHE_HOME:-$HOME/.cache}/elfdiff-package}
	tarball=$roots/bookworm-$(wanted | cksum | tr ' ' -).tar
	root=$scratch/root
	mkdir -p "$root" "$roots"
	if [ ! -s "$tarball" ]; then
		debootstrap --variant=minbase --include="$(wanted | paste -sd,),bash-completion,fish,zsh" bookworm "$root" $(mirror) &&
			rm -f "$root"/var/cache/apt/archives/*.deb && tar -C "$root" -cf "$tarball.part" . && mv "$tarball.part" "$tarball"
	else
		tar -C "$root" -xf "$tarball"
	fi
}

inside() { inside_of "$root" "$@"; }

# All but the records of dpkg, logs and what ld.so and man keep for speed.
listed() { (cd "$root" && find . -mindepth 1 \( -path ./var/lib/dpkg -o -path ./var/log -o -path ./var/cache -o -path ./proc -o -path ./dev -o -path ./test \) -prune -o -print | sort); }

installs() {
	mkdir -p "$root/test" && cp tests/fixtures/obj/changed-function.gcc.*.o tests/install/complete.sh "$root/test" || return
	find "$one/deb" -name '*.deb' ! -name '*dbgsym*' -exec cp {} "$root/test" \;
	inside mkdir -p /etc/systemd/system && listed >"$scratch/before" && inside sh -c 'dpkg -i /test/*.deb'
}

says_version() {
	for command in create-diff-object create-klp-module kpatch-build kpatch; do
		[ "$(inside $command --version)" = "$command $(cat VERSION) ($("$one/$tree/scripts/commit.sh"))" ] || { inside $command --version; return 1; }
	done
}
makes_object() { inside create-diff-object /test/changed-function.gcc.orig.o /test/changed-function.gcc.patched.o /test/out.o && inside create-diff-object --check /test/out.o; }
library_is_found() { inside ldconfig -p | grep "libelfdiff.so.$(cut -d. -f1 VERSION) "; }
unit_is_enabled() { inside test -e /etc/systemd/system/multi-user.target.wants/kpatch.service; }
conflicts() { dpkg-deb -f "$one"/deb/elfdiff-tools_*.deb Conflicts | grep -x kpatch-build && dpkg-deb -f "$one"/deb/elfdiff-kpatch_*.deb Conflicts | grep -x kpatch; }
completes() { inside sh /test/complete.sh /usr && ! grep SKIPPED "$scratch/said"; }

# With what `kpatch install` leaves.
leaves_nothing() {
	mkdir -p "$root/var/lib/kpatch/6.1.0" && echo >"$root/var/lib/kpatch/6.1.0/livepatch_one.ko" &&
		echo '# Written by `kpatch install`; goes with the last patch.' >"$root/etc/systemd/system/kpatch.service" &&
		inside dpkg --purge elfdiff-tools elfdiff-kpatch libelfdiff-dev libelfdiff0 && listed | diff "$scratch/before" -
}

in_bare_root() {
	check "a bare Debian, with what the packages depend on" bare_root || return
	check "the packages are installed" installs || return
	check "all commands tell the version and commit" says_version
	check "create-diff-object makes an object" makes_object
	check "programs find the library" library_is_found
	check "the unit is enabled" unit_is_enabled
	check "bash, zsh and fish complete" completes
	check "purged, nothing is left" leaves_nothing
}

# ---- all of it ----------------------------------------------------------------------------------

[ ! -e .git ] || [ -z "$(git status --porcelain)" ] || echo "what is committed is tested, not what this tree has besides"
check "the tarball has the same bytes, made in two places" same_tarball
if ! have dpkg-buildpackage || ! have dh; then
	skip "Debian packages" "dpkg-dev or debhelper is not installed"
elif check "packages have the same bytes, made in two places" same_packages; then
	check "they conflict with those whose files they have" conflicts
	if have lintian; then check "lintian has nothing to say" clean_for_lintian; else skip lintian "it is not installed"; fi
	if have rpmbuild; then check "RPM packages have the same files" rpm_has_the_same; else skip "RPM packages" "rpmbuild is not installed"; fi
	if [ "$(id -u)" != 0 ]; then
		skip "in a bare Debian" "only root can make one"
	elif have debootstrap; then
		in_bare_root
	else
		skip "in a bare Debian" "debootstrap is not installed"
	fi
fi
tell_sum package
