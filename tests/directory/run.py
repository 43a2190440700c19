# SPDX-License-Identifier: GPL-2.0-or-later
"""run.py BINDIR PATTERN; see check.sh."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE] + [os.path.join(TESTS, d) for d in ('input', 'command', 'lib')]

from harness import Failed, Harness  # noqa: E402
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
    h = Harness(sys.argv[1], sys.argv[2], 'directory')
    try:
        for suite in (merging, parts, usage, jobs):
            try:
                suite.run(h)
            except Failed as why:
                h.failed += 1
                print('FAIL %s: %s' % (suite.__name__, why))
    finally:
        h.close()
    print('directory: %d passed, %d failed, %d skipped' % (h.passed, h.failed, h.skipped))
    return 1 if h.failed or not h.passed else 0


sys.exit(main())
