# SPDX-License-Identifier: GPL-2.0-or-later
"""run.py BINDIR PATTERN; see check.sh."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE] + [os.path.join(os.path.dirname(HERE), d) for d in ('command', 'lib')]

from harness import Failed, Harness  # noqa: E402
import bad  # noqa: E402
import command  # noqa: E402
import contradictions  # noqa: E402
import kpatch_command  # noqa: E402
import faults  # noqa: E402
import hooked  # noqa: E402
import limits  # noqa: E402
import records  # noqa: E402
import surroundings  # noqa: E402
import texts  # noqa: E402


def main():
    h = Harness(sys.argv[1], sys.argv[2])
    try:
        for suite in (bad, contradictions, limits, faults, hooked, records, surroundings, texts, command, kpatch_command):
            try:
                suite.run(h)
            except Failed as why:
                h.failed += 1
                print('FAIL %s: %s' % (suite.__name__, why))
    finally:
        h.close()
    print('input: %d passed, %d failed, %d skipped' % (h.passed, h.failed, h.skipped))
    return 1 if h.failed or not h.passed else 0


sys.exit(main())
