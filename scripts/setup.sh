#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# setup.sh [build|test|analyze|kernel|cross|live|more|bench|browser|package|dev]... - install what is missing on Debian 12, as root
#
#   build   what the library and the commands need
#   test    build, and what `make check` needs; committed objects need no compiler
#   analyze build, and the analysers of `make analyze`
#   kernel  test, and what compiling units of linux-source-6.1 needs
#   cross   kernel, and the compilers of make check-kernel ARCH=arm64, ppc64el and s390x
#   live    kernel, what running one takes, of arm64 too, and valgrind for instruction counts
#   more    live, and what check-live takes for other architectures and compilers
#   bench   kernel, and valgrind for instruction counts
#   browser build, and Chromium, in which check-report shows pages (420 MB)
#   package build, what make deb, make rpm, make check-package and make check-ci take, and the shells whose completions are tested
#   dev     everything, and what `make fixtures`, `make fuzz` and `make lint` need
#
# Without an argument: build. Asks nothing; with nothing missing it only looks, and needs no root.
set -eu

# libbz2: libdw.pc wants it for static programs, and libdw-dev does not bring it
build="gcc libc6-dev make pkg-config libelf-dev libdw-dev libbz2-dev zlib1g-dev libzydis-dev libcapstone-dev libxxhash-dev"
test="$build binutils binutils-s390x-linux-gnu binutils-aarch64-linux-gnu binutils-powerpc64le-linux-gnu elfutils libcmocka-dev python3
python3-capstone python3-pyelftools"
analyze="$build clang-tidy cppcheck"
kernel="$test gcc-12 bison flex bc libssl-dev openssl dwarves rsync kmod cpio xz-utils patch"
browser="$build chromium fonts-dejavu-core"
compilers="gcc-12-aarch64-linux-gnu gcc-12-s390x-linux-gnu gcc-12-powerpc64le-linux-gnu"
live="$kernel qemu-system-x86 busybox-static debootstrap e2fsprogs valgrind gcc-12-aarch64-linux-gnu libc6-dev-arm64-cross qemu-system-arm"
more="$live clang-16 lld-16 llvm-16 gcc-12-s390x-linux-gnu libc6-dev-s390x-cross gcc-12-powerpc64le-linux-gnu libc6-dev-ppc64el-cross
qemu-system-misc qemu-system-ppc"
bench="$kernel valgrind"
package="$build git build-essential libcmocka-dev dpkg-dev debhelper fakeroot lintian debootstrap buildah rpm bash-completion zsh fish distcc
iproute2 ccache"
dev="$live $analyze $browser $package clang clang-format llvm afl++ $compilers"

wanted=
for group in "${@:-build}"; do
	case $group in
	build) wanted="$wanted $build" ;;
	test) wanted="$wanted $test" ;;
	analyze) wanted="$wanted $analyze" ;;
	kernel) wanted="$wanted $kernel" ;;
	cross) wanted="$wanted $kernel $compilers" ;;
	live) wanted="$wanted $live" ;;
	more) wanted="$wanted $more" ;;
	bench) wanted="$wanted $bench" ;;
	browser) wanted="$wanted $browser" ;;
	package) wanted="$wanted $package" ;;
	dev) wanted="$wanted $dev" ;;
	*) echo "setup.sh: unknown group \`$group\`: build, test, analyze, kernel, cross, live, more, bench, browser, package or dev" >&2; exit 1 ;;
	esac
done

missing=
for package in $(printf '%s\n' $wanted | sort -u); do
	case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) in
	installed) ;;
	*) missing="$missing $package" ;;
	esac
done

# what Debian 12 has not got, for `make fixtures`
more_compilers() {
	case " $* " in *" dev "*) sh "$(dirname "$0")/loongarch64.sh" >/dev/null ;; esac
}
[ -n "$missing" ] || { more_compilers "$@"; exit 0; }

echo "setup.sh: installing$missing"
if [ "$(id -u)" != 0 ]; then
	echo "setup.sh: run it as root, or install these packages yourself" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
# shellcheck disable=SC2086 # a list of words
apt-get -q install -y --no-install-recommends $missing
more_compilers "$@"
