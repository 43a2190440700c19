#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR [PATTERN]: create-diff-object on two build directories, which are made here of small units (trees.py) as kbuild
# would have made them. `ld -r` is the judge of what is merged. PATTERN (a regular expression) picks cases by name.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
bin=${1:?Usage: check.sh BINDIR [PATTERN]}

suite=directory
. "$here/../lib/begin.sh"
run_python "$here/run.py" "$bin" "${2:-.}"
