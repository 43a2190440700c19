#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR [PATTERN]: what the commands make of bad input and of their options. Each case of bad input wants one
# clear error, exit status 1, and nothing left behind. PATTERN (a regular expression) picks cases by name.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
bin=${1:?Usage: check.sh BINDIR [PATTERN]}

if ! command -v python3 >/dev/null; then
    echo "SKIPPED: python3 is missing"
    echo "input: 0 passed, 0 failed, 1 skipped"
    exit 0
fi
if [ ! -x "$bin/create-diff-object" ]; then
    echo "FAIL: $bin/create-diff-object is missing"
    echo "input: 0 passed, 1 failed, 0 skipped"
    exit 1
fi
PYTHONDONTWRITEBYTECODE=1 LC_ALL=C exec python3 "$here/run.py" "$bin" "${2:-.}"
