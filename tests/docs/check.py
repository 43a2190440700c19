# SPDX-License-Identifier: GPL-2.0-or-later
"""check.py ROOT TEMPLATE PATTERN; see check.sh."""
import os
import sys

import broken
import run


def main():
    root, template, picked = sys.argv[1:4]
    verdicts = run.Verdicts()
    broken.check(verdicts)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'commands.txt'), encoding='utf-8') as f:
        run.run_all(verdicts, root, f.read(), template, picked)
    print('docs: %d passed, %d failed, %d skipped' % (verdicts.passed, verdicts.failed, verdicts.skipped))
    return 1 if verdicts.failed or not verdicts.passed else 0


sys.exit(main())
