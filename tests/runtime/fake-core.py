#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""fake-core.py FILE ADDRESS=HEX...: /proc/kcore of a kernel that has these bytes at these addresses, which begin pages.
The last one is far in the file, as a kernel's are."""
import struct
import sys

PAGE = 4096
FAR = 1 << 40


def main():
    memory = [(int(address, 16), bytes.fromhex(data)) for address, data in (word.split('=') for word in sys.argv[2:])]
    places = [PAGE * (n + 1) for n in range(len(memory) - 1)] + [FAR]
    segments = [(4, 0, 0, 0)] + [(1, place, address, PAGE) for place, (address, _) in zip(places, memory)]
    header = struct.pack('<16sHHIQQQIHHHHHH', b'\x7fELF\2\1\1', 4, 62, 1, 0, 64, 0, 0, 64, 56, len(segments), 0, 0, 0)
    for kind, offset, address, size in segments:
        header += struct.pack('<IIQQQQQQ', kind, 7, offset, address, 0, size, size, PAGE)
    with open(sys.argv[1], 'wb') as f:
        f.write(header.ljust(PAGE, b'\0'))
        for place, (_, data) in zip(places, memory):
            f.seek(place)
            f.write(data.ljust(PAGE, b'\0'))


main()
