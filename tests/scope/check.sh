#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR [PATTERN]: what --set-aside sets aside (lib/elfdiff/scope) changes nothing: every fixture with and without
# it, and linked with others that did not change. PATTERN (a regular expression) picks fixtures by name.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
bin=${1:?Usage: check.sh BINDIR [PATTERN]}

if ! command -v python3 >/dev/null; then
    echo "SKIPPED: python3 is missing"
    echo "scope: 0 passed, 0 failed, 1 skipped"
    exit 0
fi
PYTHONDONTWRITEBYTECODE=1 LC_ALL=C exec python3 "$here/check.py" "$bin" "${2:-.}"
