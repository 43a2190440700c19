#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# commit.sh [--time] - the commit that this tree is of, in 12 digits, with -dirty where files differ from it
#
# --time: the second in which it was made, which dates what is built of it. In a tarball both are what `git archive` wrote
# into this file (export-subst, .gitattributes). Where neither that nor git tells: unknown, and 0.
cd "$(dirname "$0")/.." || exit 1
commit='$Format:%H$'
time='$Format:%ct$'

# Whether `git archive` wrote them. A tarball may lie inside the repository of something else, so git is asked second.
is_archived() {
	case $commit in *Format*) return 1 ;; esac
}

if [ "${1:-}" = --time ]; then
	is_archived || time=$([ ! -e .git ] || git log -1 --format=%ct 2>/dev/null)
	echo "${time:-0}"
else
	if is_archived; then
		commit=$(echo "$commit" | cut -c1-12)
	else
		commit=$([ ! -e .git ] || git --no-optional-locks describe --always --abbrev=12 --dirty --exclude '*' 2>/dev/null)
	fi
	echo "${commit:-unknown}"
fi
