#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# prepare.sh LAB BINDIR MODULES - patches that are not what they say, and one that has records of all functions of many units
#
#   all.ko          instead of its own records, those of all functions of some units, and of zram (UNITS: other units)
#   other-code.ko   memory, but a byte of the original is another one
#   other-build.ko  memory for a kernel with another build ID
set -eu
here=$(cd "$(dirname "$0")" && pwd)
lab=$1 originals=$2/../tests/live/originals modules=$3
export LC_ALL=C
[ -x "$originals" ] || { echo "prepare.sh: $originals is missing; \`make check-live\` builds it"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

. "$here/../../../kernel/arch.sh"
. "$here/../../records.sh"
# shellcheck disable=SC2086 # a list of targets
sh "$here/../../../kernel/kbuild.sh" "$lab" $UNITS drivers/block/zram/zram_drv.o

# shellcheck disable=SC2086 # a list of units
{
	records vmlinux "$lab/vmlinux" $UNITS
	records zram "$modules/zram.ko" drivers/block/zram/zram_drv.o
} >"$work/all"
put_records "$work/all" "$modules/livepatch-memory.ko" "$modules/all.ko"

python3 - "$modules" <<'END'
import re
import sys

modules = sys.argv[1]
module = open(modules + '/livepatch-memory.ko', 'rb').read()
code = re.search(rb'1 vmlinux meminfo_proc_show \d+ \d+ ([0-9a-f?]+)\n', module)
at = code.start(1) + 2 * 100
while b'?' in module[at:at + 2]:
    at += 2
other = b'%02x' % (int(module[at:at + 2], 16) ^ 1)
open(modules + '/other-code.ko', 'wb').write(module[:at] + other + module[at + 2:])
open(modules + '/other-code.at', 'w').write('0x%x\n' % ((at - code.start(1)) // 2))
build = re.search(rb'kernel_build_id=([0-9a-f]{40})', module)
open(modules + '/other-build.ko', 'wb').write(module[:build.start(1)] + b'0123456789' * 4 + module[build.end(1):])
END
