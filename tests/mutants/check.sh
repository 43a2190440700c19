#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR: N (20000) pairs of fixtures with one field changed, of one object or in the same way of both. Each run
# ends with status 0 to 3 within 5 s, in 512 MiB of memory; an output is not larger than four times its inputs, and one
# that is not that of the unchanged pair passes --check and the independent reading of tests/lib/verify.py against the
# changed inputs. SEED picks other mutants; tests/mutants/run.py repeats one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
bin=${1:?Usage: check.sh BINDIR}

suite=mutants
. "$here/../lib/begin.sh"
! nm "$bin/create-diff-object" 2>/dev/null | grep -q __asan_init || skip_suite "a sanitizer takes all addresses, so that memory has no limit"
run_python "$here/run.py" "$bin" "${N:-20000}" "${SEED:-1}"
