# SPDX-License-Identifier: GPL-2.0-or-later
"""progress.py - what a suite that runs for minutes says meanwhile, on the standard error and no more often than needed"""
import sys
import time

EVERY = 10  # seconds


class Progress:
    """`NAME: 20 of 45 units` when some seconds have gone by since the last such line."""

    def __init__(self, name, what, total=None):
        self.name, self.what, self.total = name, what, total
        self.done, self.told = 0, time.monotonic()

    def step(self):
        self.done += 1
        now = time.monotonic()
        if now - self.told < EVERY:
            return
        self.told = now
        of = f" of {self.total}" if self.total else ""
        print(f"{self.name}: {self.done}{of} {self.what}", file=sys.stderr, flush=True)

    def each(self, items):
        for item in items:
            yield item
            self.step()
