# SPDX-License-Identifier: GPL-2.0-or-later
"""run.py [--picture] BINDIR PATTERN; see check.sh."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE] + [os.path.join(TESTS, d) for d in ('input', 'command', 'directory', 'lib')]

from harness import Harness  # noqa: E402
import browser  # noqa: E402
import outside  # noqa: E402
import pages  # noqa: E402


def main():
    if sys.argv[1] == '--picture':
        return browser.picture(Harness(sys.argv[2], '.', 'report'))
    return Harness(sys.argv[1], sys.argv[2], 'report').run_suites('report', (pages, outside, browser))


sys.exit(main())
