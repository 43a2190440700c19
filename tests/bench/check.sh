#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [--record] BINDIR CC CFLAGS: instruction counts against the recorded ones; counts.py says how, README when to record
set -eu

here=$(cd "$(dirname "$0")" && pwd)

suite=counts
. "$here/../lib/begin.sh"
need python3
exec python3 -B "$here/counts.py" "$@"
