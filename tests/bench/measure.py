# SPDX-License-Identifier: GPL-2.0-or-later
"""measure.py - what a run of a program costs: time, memory, instructions"""
import collections
import os
import re
import shutil
import statistics
import subprocess
import time

RUNS = int(os.environ.get("RUNS") or 9)
COMPLETE = (0, 3)  # statuses that end a full comparison

# Seconds until it ended, seconds of user and system time, bytes that it had in memory at most
Cost = collections.namedtuple("Cost", "wall cpu memory")


class Refused(Exception):
    pass


def run(command):
    begin = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in COMPLETE:
        raise Refused(f"status {process.returncode}: {' '.join(command)}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def alternate(*commands, runs=RUNS):
    """The costs of each command, in runs by turns: what else the machine does meets them all. A first round does not count: it
    brings the files into memory."""
    costs = [[] for _ in commands]
    for nth in range(runs + 1):
        for command, kept in zip(commands, costs):
            cost = run(command)
            if nth:
                kept.append(cost)
    return costs


def median(costs, what):
    return statistics.median(getattr(c, what) for c in costs)


def ratio(costs, floors, what):
    """The median of the ratios of runs that followed each other"""
    return statistics.median(getattr(c, what) / max(getattr(f, what), 1e-4) for c, f in zip(costs, floors))


def by_perf(command):
    done = subprocess.run(["perf", "stat", "-x,", "-e", "instructions:u", *command], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, errors="replace")
    found = re.search(r"^(\d+),[^,]*,instructions", done.stderr, re.M)
    return int(found[1]) if found else None


def by_valgrind(command, scratch):
    subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={scratch}", *command], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    with open(scratch, encoding="utf-8", errors="replace") as f:
        found = re.search(r"^(?:summary|totals): (\d+)", f.read(), re.M)
    os.unlink(scratch)
    return int(found[1]) if found else None


def instructions(command, scratch):
    """By the processor's counter, which virtual machines often hide, or in valgrind; None without either."""
    if shutil.which("perf"):
        found = by_perf(command)
        if found:
            return found
    return by_valgrind(command, scratch) if shutil.which("valgrind") else None
