#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""fetch-vmlinux.py SOURCE [OUT] - vmlinux from a linux-image-*-dbg package

SOURCE is the URL or the path of the .deb; without OUT, the status says whether it is
there. vmlinux stands early in the package, so the reading stops after it: a third of
the 283 MB is never fetched.
"""
import os
import re
import shutil
import sys
import tarfile
import urllib.error
import urllib.request


# In 7.2 boot/vmlinux-* is a link to the other.
VMLINUX = re.compile(r"/(boot/vmlinux-[^/]*|lib/modules/[^/]*/vmlinux)$")


def skip_to_data(deb):
    """Read an ar archive up to the content of its member data.tar.*."""
    if deb.read(8) != b"!<arch>\n":
        sys.exit("fetch-vmlinux.py: not a Debian package")
    while True:
        header = deb.read(60)
        if len(header) < 60:
            sys.exit("fetch-vmlinux.py: no data.tar in the package")
        if header.startswith(b"data.tar"):
            return
        size = int(header[48:58])
        deb.read(size + size % 2)


def open_source(source):
    try:
        return urllib.request.urlopen(source) if "://" in source else open(source, "rb")
    except (urllib.error.URLError, OSError) as e:
        sys.exit(f"fetch-vmlinux.py: {source}: {e}")


def main():
    source, out = (sys.argv[1:] + [None])[:2]
    with open_source(source) as deb:
        if not out:
            os._exit(0)
        skip_to_data(deb)
        with tarfile.open(fileobj=deb, mode="r|xz") as tar:
            for member in tar:
                if member.isfile() and VMLINUX.search(member.name):
                    with open(out + ".part", "wb") as f:
                        shutil.copyfileobj(tar.extractfile(member), f, 1 << 20)
                    os.rename(out + ".part", out)
                    # Closing would read to the end: leave at once.
                    os._exit(0)
    sys.exit("fetch-vmlinux.py: no vmlinux in the package")


main()
