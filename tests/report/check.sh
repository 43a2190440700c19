#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR [PATTERN]: the pages of create-diff-object --report, read by a parser of HTML and, where it is installed, shown by
# Chromium. objdump is the judge of which instructions a function has. PATTERN (a regular expression) picks cases by name.
# check.sh --picture BINDIR makes docs/report.png, which README.md shows.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
picture=
if [ "${1:-}" = --picture ]; then
    picture=--picture
    shift
fi
bin=${1:?Usage: check.sh [--picture] BINDIR [PATTERN]}

if ! command -v python3 >/dev/null; then
    echo "SKIPPED: python3 is missing"
    echo "report: 0 passed, 0 failed, 1 skipped"
    exit 0
fi
PYTHONDONTWRITEBYTECODE=1 LC_ALL=C exec python3 "$here/run.py" $picture "$bin" "${2:-.}"
