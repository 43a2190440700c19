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

suite=report
. "$here/../lib/begin.sh"
run_python "$here/run.py" $picture "$bin" "${2:-.}"
