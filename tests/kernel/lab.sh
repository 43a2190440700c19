#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lab.sh - a Debian kernel to compile single units of, without building it
#
# Prints the lab's directory ($LAB, default ~/.cache/elfdiff-lab). It holds, of the newest
# linux-image-6.1.0-*-cloud-amd64 whose headers and linux-source-6.1 have the same version (KERNEL=5.10 takes that series
# instead, and so on, KERNEL=6.12.107 that release; LAB is then another directory, ~/.cache/elfdiff-lab-5.10 by default). ARCH=arm64, ppc64el or s390x takes
# Debian's kernel of that architecture (arch.sh; ~/.cache/elfdiff-lab-arm64):
#
#   linux/    the source                     vmlinux   symbols (with FILE), no DWARF
#   bld/      prepared for single objects    modules/  the shipped modules, and vmlinuz
#   abi       6.1.0-56-cloud-amd64           version   the version that all of it has
#   cc        the name of the kernel's own compiler; bin/, parts/, root/, apt/ where it is of another Debian (suite.sh)
#   arch      Debian's name of the architecture
#   own/      with OWN_COMPILER=1, for another architecture: the compiler of Debian's kernels, where the cross compiler is another
#
# KERNEL=small-s390x, and so on, is a kernel that is made for it (machine.sh).
#
# Every step begins anew what it makes and leaves a stamp, so an interrupted run is resumed and a complete lab costs nothing.
# Of two runs at once the second waits.
# Nothing is installed: `apt-get download` and `dpkg -x`. A newer kernel in apt does not replace
# a complete lab; remove the directory for that. Takes 1.8 GB of disk, and needs 2.5 GB meanwhile; labs side by side share a
# source of one version by hard links, which nobody may write through.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
KERNEL=${KERNEL:-6.1}
ARCH=${ARCH:-amd64}

say() { echo "lab: $*" >&2; }
die() { say "$*"; exit 1; }

. "$here/arch.sh"
. "$here/suite.sh"
. "$here/machine.sh"

flavour=$(flavour_of "$ARCH")
[ -n "$flavour" ] || die "ARCH=$ARCH: Debian's names are amd64, arm64, ppc64el and s390x"
LAB=${LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/elfdiff-lab$(echo "-$KERNEL-$ARCH" | sed 's/^-6\.1-/-/; s/-amd64$//')}
mkdir -p "$LAB/stamps" "$LAB/deb"
LAB=$(cd "$LAB" && pwd)

# Root downloads as itself: _apt may not write to the lab.
download() { # PACKAGE [VERSION]
	rm -f "$LAB/deb/$1"_*.deb
	(cd "$LAB/deb" && apt-get -q -o APT::Sandbox::User=root download "$1${2:+=$2}" >&2) || die "cannot download $1${2:+ version $2}"
}

deb_of() { set -- "$LAB/deb/$1"_*.deb; echo "$1"; }

versions_of() { apt-cache madison "$1" | cut -d'|' -f2 | tr -d ' '; }

uri_of() { apt-get download --print-uris "$1=$2" | sed "s/^'\([^']*\)'.*/\1/"; }

# The newest ABI for which image, headers and source exist in one version, and the symbols can be fetched: archives list debug
# packages that they do not keep.
choose() {
	# Stale lists name packages that are gone.
	[ "$(id -u)" != 0 ] || apt-get -q update >&2 || say "apt-get update failed; using the lists that are there"
	for abi in $(apt-cache pkgnames "linux-image-$KERNEL" |
		sed -n "s/^linux-image-\($KERNEL\(\.[0-9]*\)*\(-[0-9]*\|+deb[0-9]*\)-$flavour\)\$/\1/p" | sort -rV); do
		for version in $(versions_of "linux-image-$abi"); do
			versions_of "linux-source-$series" | grep -qxF "$version" || continue
			versions_of "linux-headers-$abi" | grep -qxF "$version" || continue
			python3 -B "$here/fetch-vmlinux.py" "$(uri_of "linux-image-$abi-dbg" "$version")" || continue
			echo "$version" > "$LAB/version"
			echo "$abi" > "$LAB/abi"
			echo "$ARCH" > "$LAB/arch"
			say "$abi, version $version"
			return
		done
	done
	die "apt knows no linux-image-$KERNEL*-$flavour with headers and linux-source-$series of one version; has \`apt-get update\` been run on ${suites:-bookworm} with its security archive?"
}

# A lab beside this one that has the same source
source_twin() {
	for other in "${LAB%/*}"/elfdiff-lab*; do
		[ "$other" != "$LAB" ] && [ -e "$other/stamps/unpack_source" ] && [ "$(cat "$other/version")" = "$version" ] || continue
		echo "$other"
		return
	done
}

unpack_source() {
	twin=$(source_twin)
	if [ -n "$twin" ]; then
		rm -rf "$LAB/linux"
		cp -al "$twin/linux" "$LAB/linux" && return || say "the source of $twin cannot be shared"
	fi
	download "linux-source-$series" "$version"
	rm -rf "$LAB/linux" "$LAB/unpack" && mkdir "$LAB/unpack"
	dpkg --fsys-tarfile "$(deb_of "linux-source-$series")" | tar -x -C "$LAB/unpack" --wildcards "./usr/src/linux-source-$series.tar.xz"
	tar -xf "$LAB/unpack/usr/src/linux-source-$series.tar.xz" -C "$LAB/unpack"
	mv "$LAB/unpack/linux-source-$series" "$LAB/linux"
	rm -rf "$LAB/unpack" "$(deb_of "linux-source-$series")"
}

prepare_build() {
	download "linux-headers-$abi" "$version"
	rm -rf "$LAB/bld" "$LAB/unpack" && mkdir "$LAB/bld" "$LAB/unpack"
	dpkg -x "$(deb_of "linux-headers-$abi")" "$LAB/unpack"
	cp "$LAB/unpack/usr/src/linux-headers-$abi/.config" "$LAB/unpack/usr/src/linux-headers-$abi/Module.symvers" "$LAB/bld"
	rm -rf "$LAB/unpack" "$(deb_of "linux-headers-$abi")"
	"$LAB/linux/scripts/config" --file "$LAB/bld/.config" --set-str SYSTEM_TRUSTED_KEYS ""
	sh "$here/kbuild.sh" "$LAB" olddefconfig modules_prepare >&2
}

# The image and its modules are one package, or linux-image-* only depends on those that have them (7.2).
image_packages() {
	for kind in image modules binary; do
		! versions_of "linux-$kind-$abi" | grep -qxF "$version" || echo "linux-$kind-$abi"
	done
}

unpack_modules() {
	rm -rf "$LAB/modules" "$LAB/unpack" && mkdir "$LAB/unpack"
	for package in $(image_packages); do
		download "$package" "$version"
		dpkg -x "$(deb_of "$package")" "$LAB/unpack"
		rm -f "$(deb_of "$package")"
	done
	for kernel in "$LAB/unpack"/lib/modules/*/kernel "$LAB/unpack"/usr/lib/modules/*/kernel; do
		[ ! -d "$kernel" ] || mv "$kernel" "$LAB/modules"
	done
	[ -d "$LAB/modules" ] || die "linux-image-$abi holds no modules"
	for image in "$LAB/unpack/boot"/vmlinu[xz]"-$abi" "$LAB/unpack/usr/lib/modules/$abi/vmlinuz"; do # ppc64el's is not compressed
		[ ! -e "$image" ] || mv "$image" "$LAB/vmlinuz"
	done
	[ -e "$LAB/vmlinuz" ] || die "linux-image-$abi holds no vmlinuz"
	rm -rf "$LAB/unpack"
}

fetch_vmlinux() {
	python3 -B "$here/fetch-vmlinux.py" "$(uri_of "linux-image-$abi-dbg" "$version")" "$LAB/vmlinux.debug" || {
		say "reading only the start of the -dbg package failed, so all of it"
		download "linux-image-$abi-dbg" "$version"
		python3 -B "$here/fetch-vmlinux.py" "$(deb_of "linux-image-$abi-dbg")" "$LAB/vmlinux.debug"
		rm -f "$(deb_of "linux-image-$abi-dbg")"
	}
	# --strip-debug alone would take the FILE symbols too.
	"$(cross_of "$ARCH")objcopy" --strip-debug --keep-file-symbols "$LAB/vmlinux.debug" "$LAB/vmlinux"
	rm -f "$LAB/vmlinux.debug"
	[ "$(readelf -sW "$LAB/vmlinux" | grep -c ' FILE ')" -gt 1000 ] || die "vmlinux has lost its FILE symbols"
}

step() {
	[ -e "$LAB/stamps/$1" ] || {
		say "$1"
		"$1"
		: > "$LAB/stamps/$1"
	}
	version=$(cat "$LAB/version")
	abi=$(cat "$LAB/abi")
}

if describe "$KERNEL"; then
	ARCH=$debian steps="link_source fetch_busybox build_kernel"
	machine_config | cmp -s - "$LAB/machine.config" || rm -f "$LAB/stamps/build_kernel"
else
	case $KERNEL in *.*.*) series=${KERNEL%.*} ;; *) series=$KERNEL ;; esac
	suites=$(suites_of "$series" "$ARCH")
	# shellcheck disable=SC2086 # a list of words
	[ -z "$suites" ] || private_apt $suites
	steps="choose fetch_compiler ${OWN_COMPILER:+fetch_own_compiler }unpack_source prepare_build unpack_modules fetch_vmlinux"
	[ "$ARCH" = amd64 ] || steps="$steps fetch_busybox" # for guests: this machine's own does not run there
fi
for name in $steps; do
	[ ! -e "$LAB/stamps/$name" ] || continue
	# Programs that outlive an interrupted run hold the lock too.
	exec 9>"$LAB/lock"
	flock -n 9 || { say "waiting for another run"; flock 9; }
	break
done
for name in $steps; do
	step "$name"
done
echo "$LAB"
