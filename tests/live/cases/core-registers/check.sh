# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of the core: a program that has addresses of the kernel in its registers does not hold up a patch
# only: core
# Linux 6.14 gave the function that reads pipes another name.
address=$(sed -n 's/\([^ ]*\) .* \(anon_pipe_read\|pipe_read\)$/\1/p' /proc/kallsyms | sort -u | head -n 1)
/helper "$address" &
first=$!
/helper "$address" &
second=$!
sleep 1
load reader
is "patched" 1 "$(reader_is_patched)"
kill $first $second || fail "the programs have ended"
unload reader
