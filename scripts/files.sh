#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# files.sh - the project's files, new ones too, a line each; also where there is no git, and only a copy of the tree
cd "$(dirname "$0")/.." || exit 1
if [ -e .git ] && command -v git >/dev/null; then
	git ls-files -co --exclude-standard
else
	find . -path ./build -prune -o \( -type f -o -type l \) -print | sed 's|^\./||'
fi | while IFS= read -r file; do
	[ ! -f "$file" ] || echo "$file"
done
