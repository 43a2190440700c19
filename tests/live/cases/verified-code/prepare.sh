#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# prepare.sh LAB BINDIR MODULES - all.ko: livepatch-reader.ko with records of all functions of some units (UNITS: other units)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
lab=$1 originals=$2/../tests/live/originals modules=$3
export LC_ALL=C
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/../../../kernel/arch.sh"
. "$here/../../records.sh"
[ -x "$originals" ] || { echo "prepare.sh: $originals is missing; \`make check-live\` builds it"; exit 1; }
UNITS="$UNITS fs/pipe.o"
# shellcheck disable=SC2086 # a list of targets
sh "$here/../../../kernel/kbuild.sh" "$lab" $UNITS
# shellcheck disable=SC2086 # a list of units
records vmlinux "$lab/vmlinux" $UNITS >"$work/all"
put_records "$work/all" "$modules/livepatch-reader.ko" "$modules/all.ko"
