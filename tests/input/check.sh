#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR [PATTERN]: what the commands make of bad input and of their options. Each case of bad input wants one
# clear error, exit status 1, and nothing left behind. PATTERN (a regular expression) picks cases by name.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
bin=${1:?Usage: check.sh BINDIR [PATTERN]}

suite=input
. "$here/../lib/begin.sh"
[ -x "$bin/create-diff-object" ] || fail_suite "$bin/create-diff-object is missing"
run_python "$here/run.py" "$bin" "${2:-.}"
