#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [--record] BINDIR CC CFLAGS: instruction counts against the recorded ones; counts.py says how, README when to record
set -eu

here=$(cd "$(dirname "$0")" && pwd)

if ! command -v python3 >/dev/null; then
    echo "SKIPPED: python3 is missing"
    echo "counts: 0 passed, 0 failed, 1 skipped"
    exit 0
fi
exec python3 -B "$here/counts.py" "$@"
