# SPDX-License-Identifier: GPL-2.0-or-later
"""run.py BINDIR PATTERN; see check.sh."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE] + [os.path.join(TESTS, d) for d in ('input', 'command', 'lib')]

from harness import Harness  # noqa: E402
import jobs  # noqa: E402
import merging  # noqa: E402
import parts  # noqa: E402
import trees  # noqa: E402
import usage  # noqa: E402


def main():
    if not trees.usable():
        print('SKIPPED: no compiler for x86_64')
        print('directory: 0 passed, 0 failed, 1 skipped')
        return 0
    suites = (merging, parts, usage, jobs)
    return Harness(sys.argv[1], sys.argv[2], 'directory').run_suites('directory', suites)


sys.exit(main())
