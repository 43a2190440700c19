# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# arch.sh - what Debian's architectures are called by others; lab.sh and kbuild.sh source it
#
# An architecture is one line in each of the tables. What its objects are like, machines.py knows.

# of kernels: the smallest that Debian builds
flavour_of() {
	case $1 in
	amd64) echo cloud-amd64 ;;
	arm64) echo cloud-arm64 ;;
	ppc64el) echo powerpc64le ;;
	s390x) echo s390x ;;
	esac
}

# by kbuild
kbuild_arch_of() {
	case $1 in
	amd64) echo x86 ;;
	ppc64el) echo powerpc ;;
	s390x) echo s390 ;;
	*) echo "$1" ;;
	esac
}

# by uname, and by QEMU
uname_of() {
	case $1 in
	amd64) echo x86_64 ;;
	arm64) echo aarch64 ;;
	ppc64el) echo ppc64le ;;
	*) echo "$1" ;;
	esac
}

# what the names of its compiler and binutils begin with
cross_of() {
	case $1 in
	arm64) echo aarch64-linux-gnu- ;;
	ppc64el) echo powerpc64le-linux-gnu- ;;
	s390x) echo s390x-linux-gnu- ;;
	esac
}
