#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# prepare.sh LAB BINDIR MODULES - forged.ko: livepatch-version.ko, but its modinfo names the release of this kernel and no build ID
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
objcopy -O binary --only-section=.modinfo --set-section-flags .modinfo=alloc,load,contents "$3/livepatch-version.ko" "$work/modinfo"
tr '\000' '\n' <"$work/modinfo" | sed "/^kernel_build_id=/d; s/^vermagic=[^ ]*/vermagic=$(cat "$1/abi")/" | tr '\n' '\000' >"$work/forged"
objcopy --update-section ".modinfo=$work/forged" "$3/livepatch-version.ko" "$3/forged.ko"
