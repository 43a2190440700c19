#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR [PATTERN]: a fixture that is linked with others, which did not change, has the outcome that it has alone.
# PATTERN (a regular expression) picks fixtures by name.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
bin=${1:?Usage: check.sh BINDIR [PATTERN]}

if ! command -v python3 >/dev/null; then
    echo "SKIPPED: python3 is missing"
    echo "company: 0 passed, 0 failed, 1 skipped"
    exit 0
fi
PYTHONDONTWRITEBYTECODE=1 LC_ALL=C exec python3 "$here/check.py" "$bin" "${2:-.}"
