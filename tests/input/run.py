# SPDX-License-Identifier: GPL-2.0-or-later
"""run.py BINDIR PATTERN; see check.sh."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE] + [os.path.join(os.path.dirname(HERE), d) for d in ('command', 'lib')]

from harness import Harness  # noqa: E402
import bad  # noqa: E402
import command  # noqa: E402
import contradictions  # noqa: E402
import kpatch_command  # noqa: E402
import faults  # noqa: E402
import hooked  # noqa: E402
import limits  # noqa: E402
import records  # noqa: E402
import surroundings  # noqa: E402
import words  # noqa: E402
import texts  # noqa: E402


def main():
    suites = (bad, contradictions, limits, faults, hooked, records, surroundings, texts, command, words, kpatch_command)
    return Harness(sys.argv[1], sys.argv[2]).run_suites('input', suites)


sys.exit(main())
