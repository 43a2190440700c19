# SPDX-License-Identifier: GPL-2.0-or-later
"""report.py - run the audit over many pairs and count"""
import collections
import os
import sys
import traceback

import audit

# unknown: what of the pair the audit knows nothing about, or None
Job = collections.namedtuple('Job', 'name orig patched options cwd unknown', defaults=(None, ))


def one(bindir, job, verbose, grounds):
    """Lines about what is not explained."""
    place = lambda p: os.path.join(job.cwd, p) if job.cwd else p
    if not os.path.exists(place(job.orig)) or not os.path.exists(place(job.patched)):
        return None, ['no objects']
    if job.unknown:
        return None, ['the audit does not know ' + job.unknown]
    answer = audit.Answer(bindir, job.orig, job.patched, job.options, job.cwd)
    found = audit.Audit(place(job.orig), place(job.patched), answer)
    if verbose:
        print('%s: status %d, functions %s' % (job.name, answer.status, ' '.join(sorted(answer.functions)) or '-'))
    bad = found.run(sys.stdout if verbose else None)
    for g in found.line_grounds:
        grounds[g] += 1
    said = ['%s\n    tool: status %d, %s' % (d, answer.status, ground) for d, ground in bad]
    if answer.status not in (0, 1, 2, 3):
        said.append('the tool died: status %d: %s' % (answer.status, answer.said[-400:]))
    return len(found.differences), said


def run(bindir, jobs, verbose):
    count, grounds, total = collections.Counter(), collections.Counter(), 0
    for job in jobs:
        try:
            differences, said = one(bindir, job, verbose, grounds)
        except (ValueError, LookupError, OSError):
            differences, said = 0, [traceback.format_exc()]
        if differences is None:
            count['skipped'] += 1
            print('SKIPPED %s: %s' % (job.name, said[0]))
            continue
        total += differences
        count['failed' if said else 'passed'] += 1
        for text in said:
            print('FAIL %s: %s' % (job.name, text))
        sys.stdout.flush()
    print('\n%d differences; numbers of lines proved by: %s'
          % (total, ', '.join('%s %d' % g for g in sorted(grounds.items())) or 'none met'))
    print('audit: %d passed, %d failed, %d skipped' % (count['passed'], count['failed'], count['skipped']))
    return 1 if count['failed'] else 0
