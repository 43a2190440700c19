#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""counts.py - how many instructions three inputs take, against what is recorded in counts.txt

    check.sh [--record] BINDIR CC CFLAGS

A run takes the same instructions every time if nothing but the input decides: the same compiler, flags and libraries, no
addresses that vary (setarch -R), an environment of its own, routines of the C library that do not depend on the processor, and
files and the program by names of one length. Where the record is of another compiler or of other libraries, or the build
is none that is counted (sanitizers), all is skipped. --record writes the record anew.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

import count_inputs  # noqa: E402

RECORD = os.path.join(HERE, "counts.txt")
MOST = 0.05
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C",
               "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX_Fast_Unaligned_Load,-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-ERMS,-FSRM,-RTM,-BMI2,-MOVBE"}
HEAD = """# SPDX-License-Identifier: GPL-2.0-or-later
#
# Instructions of create-diff-object, which counts.py compares within 5 %. Written by `make bench-record`: where a change costs
# more and has to, and where one costs less, so that it stays so.
"""


class Skipped(Exception):
    pass


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[0].strip()
    except (OSError, subprocess.CalledProcessError):
        return "none"


def version_of(package):
    """Debian's, where it is a library of Debian's: its patches count."""
    return first_line("dpkg-query", "-W", "-f", "${Version}", package)


def conditions(cc, cflags):
    """What the counts depend on besides the source and the input."""
    return {"compiler": first_line(*cc.split(), "--version"), "flags": " ".join(cflags.split()), "machine": os.uname().machine,
            "libc": first_line("getconf", "GNU_LIBC_VERSION") + " " + version_of("libc6"), "libelf": version_of("libelf1"),
            "libdw": version_of("libdw1"), "zydis": version_of("libzydis4.0"), "zlib": version_of("zlib1g"),
            "linker": first_line("ld", "--version"), "valgrind": first_line("valgrind", "--version")}


def refuse_other_builds(cflags):
    for tool in ("valgrind", "setarch", "ld", "nm"):
        if not shutil.which(tool):
            raise Skipped(f"{tool} is not installed")
    if subprocess.run(["setarch", os.uname().machine, "-R", "true"], capture_output=True).returncode:
        raise Skipped("addresses cannot be kept from varying here (setarch -R)")
    if "-fsanitize" in cflags:
        raise Skipped("with sanitizers other instructions are counted (SAN=1)")


def count(work, arguments):
    """Instructions of a run in `work`, where all files are."""
    command = ["setarch", os.uname().machine, "-R", "valgrind", "--tool=callgrind", "--callgrind-out-file=count", "./tool",
               "-q", "--no-sandbox", "--no-cache", *arguments]
    done = subprocess.run(command, cwd=work, env=ENVIRONMENT, capture_output=True, text=True, errors="replace", timeout=60)
    if done.returncode:
        raise OSError(f"status {done.returncode}: {done.stderr[-1000:]}")
    with open(f"{work}/count", encoding="utf-8", errors="replace") as f:
        return int(re.search(r"^(?:summary|totals): (\d+)", f.read(), re.M)[1])


def count_all(bindir):
    with tempfile.TemporaryDirectory(prefix="elfdiff-count.") as work:
        shutil.copy(f"{bindir}/create-diff-object", f"{work}/tool")
        return {name: count(work, make(work)) for name, make in count_inputs.INPUTS.items()}


def read_record():
    with open(RECORD, encoding="utf-8") as f:
        return dict(re.split(r":\s+", line.strip(), maxsplit=1) for line in f if line.strip() and line[0] != "#")


def write_record(known, counts):
    with open(RECORD, "w", encoding="utf-8") as f:
        f.write(HEAD + "\n")
        for name, value in {**known, **counts}.items():
            f.write(f"{name + ':':16}{value}\n")
    print(f"bench-record: {RECORD}")


def compare(record, counts):
    failed = 0
    for name, now in counts.items():
        then = int(record.get(name, 0))
        change = now / then - 1 if then else float("inf")
        wrong = abs(change) > MOST
        failed += wrong
        if wrong or os.environ.get("V"):
            print(f"{'FAIL ' if wrong else ''}{name}: {now} instructions, recorded are {then}: {change:+.1%}"
                  + (f"; at most {MOST:.0%}; see tests/bench/README" if wrong else ""))
    return failed


def check(bindir, known):
    record = read_record()
    for name, value in known.items():
        if record.get(name) != value:
            raise Skipped(f"the record's {name} is `{record.get(name)}`, here it is `{value}`")
    counts = count_all(bindir)
    failed = compare(record, counts)
    print(f"counts: {len(counts) - failed} passed, {failed} failed, 0 skipped")
    return failed


def main():
    arguments = sys.argv[1:]
    recording = arguments[0] == "--record"
    bindir, cc, cflags = arguments[recording:]
    try:
        refuse_other_builds(cflags)
        known = conditions(cc, cflags)
        if recording:
            write_record(known, count_all(bindir))
            return 0
        return 1 if check(bindir, known) else 0
    except Skipped as why:
        print(f"SKIPPED: {why}")
        print(f"counts: 0 passed, 0 failed, {len(count_inputs.INPUTS)} skipped")
        return 1 if recording else 0
    except OSError as why:
        print(f"FAIL {why}")
        print("counts: 0 passed, 1 failed, 0 skipped")
        return 1


if __name__ == "__main__":
    sys.exit(main())
