#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR [PATTERN]: what n things cost, and four times as many; growth.py says how it is measured. PATTERN (a
# regular expression) picks cases of lists.py by name, V=1 shows the numbers of all.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
bin=${1:?Usage: check.sh BINDIR [PATTERN]}

suite=growth
. "$here/../lib/begin.sh"
need python3 valgrind
exec python3 -B "$here/growth.py" "$bin" "${2:-.}"
