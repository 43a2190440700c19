#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# prepare.sh LAB BINDIR MODULES - direct.ko
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$(dirname "$0")/direct.c" "$work"
echo 'obj-m := direct.o' >"$work/Kbuild"
make -s -C "$1/bld" M="$work" CC="$(cat "$1/cc")" CONFIG_DEBUG_INFO_BTF_MODULES= modules
cp "$work/direct.ko" "$3"
