#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# prepare.sh LAB BINDIR MODULES - altered.ko: livepatch-version.ko, but the kernel's build ID is another in its last bit
set -eu
id=$(readelf -n "$1/vmlinux" | sed -n 's/^ *Build ID: *//p')
python3 - "$id" "$3/livepatch-version.ko" "$3/altered.ko" <<END
import sys
id, module = bytes.fromhex(sys.argv[1]), open(sys.argv[2], 'rb').read()
assert module.count(id) == 1
open(sys.argv[3], 'wb').write(module.replace(id, id[:-1] + bytes([id[-1] ^ 1])))
END
