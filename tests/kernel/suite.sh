# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# suite.sh - where a series of kernels comes from; lab.sh sources it, with ARCH, LAB and the series
#
# Kernels of Debian 12 come by the system's own apt, and their compiler is installed. Those of another suite or architecture
# have in the lab:
#
#   apt/   apt's configuration for that suite and architecture alone (APT_CONFIG): lists, cache and sources of its own. The system's are neither
#          read nor changed, nothing is installed, and what is fetched is verified with the keys that Debian 12 has
#   root/  the compiler, with all that it depends on     bin/, parts/  what runs it, by the name that kernel's configuration has
#          (scripts/kpatch-build.d/own-loader.sh)
#
# In each lab `cc` holds the compiler's name. kbuild.sh calls it, and whoever else builds, with bin/ at the head of PATH.
# A series is one line in each of the tables that follow.

. "$here/../../scripts/kpatch-build.d/own-loader.sh"

suites_of() { # KERNEL ARCH
	case $1:$2 in
	5.10:*) echo bullseye bullseye-security ;;
	7.2:*) echo sid ;;
	*:amd64) ;;
	*) echo bookworm bookworm-security ;;
	esac
}

compiler_of() {
	case $1 in
	5.10) echo gcc-10 ;;
	7.2) echo x86_64-linux-gnu-gcc-16 ;;
	*) echo gcc-12 ;;
	esac
}

with_dependencies() { # PACKAGE
	apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$1" |
		grep '^[a-z]' | sort -u
}

# The package, where the system has it not.
compiler_package_of() {
	case $1 in
	5.10) echo gcc-10 ;;
	7.2) echo gcc-16 ;;
	esac
}

source_line() { # SUITE
	case $1 in
	*-security) archive=debian-security ;;
	*) archive=debian ;;
	esac
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${MIRROR:-http://deb.debian.org}/$archive $1 main"
}

# Empty preferences and an empty list of what is installed: neither has a say in what another suite's newest package is.
private_apt() { # SUITE...
	apt=$LAB/apt
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
	: >"$apt/status"
	for suite in "$@"; do
		source_line "$suite"
	done >"$apt/sources.list"
	cat >"$apt/apt.conf" <<-CONF
		Dir::State "$apt";
		Dir::State::Lists "$apt/lists";
		Dir::State::Status "$apt/status";
		Dir::Cache "$apt/cache";
		Dir::Etc::SourceList "$apt/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::Preferences "/dev/null";
		Dir::Etc::PreferencesParts "/dev/null";
		APT::Architecture "$ARCH";
		APT::Architectures { "$ARCH"; };
		APT::Sandbox::User "root";
		Acquire::Languages "none";
	CONF
	export APT_CONFIG="$apt/apt.conf"
}

# As kpatch-build unpacks and runs another Debian's compiler. Host programs are compiled and linked by the system's.
fetch_compiler() {
	name=$(cross_of "$ARCH")$(compiler_of "$series") compiler=$(compiler_package_of "$series")
	[ -z "$compiler" ] || {
		rm -rf "$LAB/root" "$LAB/bin" "$LAB/parts"
		for package in $(with_dependencies "$compiler"); do
			download "$package"
		done
		unpack_packages "$LAB" "$LAB"/deb/*.deb && own_commands "$LAB" x86_64-linux-gnu "$compiler" || die "the compiler $compiler cannot be unpacked"
		rm -f "$LAB"/deb/*.deb
	}
	PATH=$LAB/bin:$PATH command -v "$name" >/dev/null || die "the compiler $name is missing (scripts/setup.sh kernel; cross for another architecture)"
	echo "$name" >"$LAB/cc"
}

# Debian's cross compiler for arm64 is not the compiler of its kernels: it lacks the frames of 12.2.0-14+deb12u1 (CVE-2023-4039). What
# is to be the same code (OWN_COMPILER=1) is compiled by that architecture's own cc1, which QEMU runs; all else is the cross compiler's.
fetch_own_compiler() {
	name=$(cat "$LAB/cc") own=$LAB/own
	apt-get -q update >&2 # in a lab that was made without, other lists were read last
	rm -rf "$own" && mkdir -p "$own/root" "$own/parts" "$LAB/bin"
	(unset APT_CONFIG && download qemu-user-static)
	dpkg -x "$(deb_of qemu-user-static)" "$own"
	for package in $(with_dependencies "cpp-${name##*-}"); do
		download "$package"
		dpkg -x "$(deb_of "$package")" "$own/root"
	done
	version_of_own=$(dpkg-deb -f "$(deb_of "cpp-${name##*-}")" Version)
	rm -f "$LAB"/deb/*.deb
	triple=${name%-gcc-*}
	printf '#!/bin/sh\nexec "%s" -L "%s" "%s" "$@"\n' "$own/usr/bin/qemu-$(uname_of "$ARCH")-static" "$own/root" \
		"$own/root/usr/lib/gcc/$triple/${name##*-}/cc1" >"$own/parts/cc1"
	cat >"$LAB/bin/$name" <<-END
		#!/bin/sh
		[ "\$1" != --version ] || { "$(command -v "$name")" --version | sed '1s/(Debian [^)]*)/(Debian $version_of_own)/'; exit; }
		exec "$(command -v "$name")" -B"$own/parts/" "\$@"
	END
	chmod +x "$own/parts/cc1" "$LAB/bin/$name"
	rm -f "$LAB/stamps/prepare_build" # its configuration names the compiler
}
