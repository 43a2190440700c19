#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dist.sh DIR - elfdiff-VERSION.tar.gz in DIR: what is committed, the same bytes wherever and whenever it is made
#
# Owners, rights, times and the order of files are set here, and the time is the commit's unless SOURCE_DATE_EPOCH says another.
# In an unpacked tarball, the tarball is that of its own files. Prints the path.
set -eu

cd "$(dirname "$0")/.."
mkdir -p "$1"
out=$(cd "$1" && pwd)
name=elfdiff-$(cat VERSION)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C
umask 022

mkdir "$scratch/$name"
if [ -e .git ]; then
	command -v git >/dev/null || { echo "dist.sh: git is missing; scripts/setup.sh package installs it" >&2; exit 1; }
	git archive HEAD | tar -x -C "$scratch/$name"
else
	scripts/files.sh | tar -c -T - | tar -x -C "$scratch/$name"
fi
time=${SOURCE_DATE_EPOCH:-$(scripts/commit.sh --time)}
tar -c -C "$scratch" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX --mtime="@$time" "$name" |
	gzip -9n >"$scratch/made"
mv "$scratch/made" "$out/$name.tar.gz"
echo "$out/$name.tar.gz"
