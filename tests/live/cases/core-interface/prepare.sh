#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# prepare.sh LAB BINDIR MODULES - hand.ko, and the core that it needs
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../../..
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$root/tests/kernel/arch.sh"
arch=$(cat "$1/arch" 2>/dev/null || echo amd64)
kbuild="ARCH=$(kbuild_arch_of "$arch") CROSS_COMPILE=$(cross_of "$arch")"
[ ! -e "$1/kbuild" ] || kbuild=$(cat "$1/kbuild")
cp "$here/hand.c" "$root/include/kpatch.h" "$root"/kmod/task.h "$root"/kmod/core/*.[ch] "$work"
{
	cat "$root/kmod/core/Kbuild"
	printf 'obj-m += hand.o\nccflags-y := -I%s\n' "$work"
} >"$work/Kbuild"
# shellcheck disable=SC2086 # a list of words
PATH=$1/bin:$PATH make -s -C "$1/bld" M="$work" CC="$(cat "$1/cc")" CONFIG_DEBUG_INFO_BTF_MODULES= $kbuild modules
cp "$work/kpatch.ko" "$work/hand.ko" "$3"
