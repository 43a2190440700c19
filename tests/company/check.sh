#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR [PATTERN]: a fixture that is linked with others, which did not change, has the outcome that it has alone.
# PATTERN (a regular expression) picks fixtures by name.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
bin=${1:?Usage: check.sh BINDIR [PATTERN]}

suite=company
. "$here/../lib/begin.sh"
run_python "$here/check.py" "$bin" "${2:-.}"
