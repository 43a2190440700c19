#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# prepare.sh LAB BINDIR MODULES - altered.ko: livepatch-version.ko, but the last byte of the original's code is told to be another
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$(dirname "$0")/../../../kernel/arch.sh"
"$(cross_of "$(cat "$1/arch" 2>/dev/null || echo amd64)")objcopy" -O binary --only-section=.kpatch.original --set-section-flags .kpatch.original=alloc,load,contents "$3/livepatch-version.ko" "$work/original"
code=$(awk '$3 == "version_proc_show" && $6 ~ /[0-9a-f]$/ { print $6 }' "$work/original")
[ -n "$code" ]
case $code in *0) other=1 ;; *) other=0 ;; esac
LC_ALL=C sed "s/$code/${code%?}$other/" "$3/livepatch-version.ko" >"$3/altered.ko"
! cmp -s "$3/livepatch-version.ko" "$3/altered.ko"
