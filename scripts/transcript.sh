#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# transcript.sh [COMMAND...] - what README's first commands say on a bare Debian 12, to docs/transcript.md; as root, a quarter of an hour
#
# The commands are those that README shows before a patch for the running kernel, but for all tests; or those that are given, and then
# the transcript goes to the standard output. They run one after the other in a clone of what is committed, in a root directory
# that debootstrap made and that has nothing else (tests/lib/bare-root.sh; the tarball is check-ci's, in $CI_CACHE). Left out, as `...`, is
# what apt and make say of each package and file. The first command that fails ends it, and nothing is written.
set -eu

cd "$(dirname "$0")/.."
. tests/lib/bare-root.sh
[ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null || { echo "transcript.sh: it wants root, and debootstrap" >&2; exit 1; }
cache=${CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/elfdiff-ci}
scratch=$(mktemp -d)
chmod 755 "$scratch" # apt downloads as a user of its own
trap 'rm -rf --one-file-system "$scratch"' EXIT
trap 'exit 130' HUP INT TERM

readme_commands() {
	awk '/^## A patch for the running kernel/ { exit }
		/^```/ { shown = !shown && $0 == "```"; next }
		shown { sub(/ +# .*/, "") }
		shown && $0 != "scripts/test.sh"' README.md
}

# of_interest: what is left out of the standard input becomes one line
of_interest() {
	tr -d '\r' | awk '
		/^(Get|Hit|Ign|Err):[0-9]|^(Fetched|Reading|Building|Selecting|Preparing|Unpacking|Setting up|Processing|Need to get|After this|Created symlink) |^\(Reading|^(The following|Suggested|Recommended) |^[0-9]+ upgraded|^debconf: |^update-alternatives: |^invoke-rc.d: |^  [a-z0-9][a-z0-9.+:-]*( [a-z0-9.+: -]*)?$|^  (CC|LD|AR|GEN|HOSTCC|INSTALL) |^== .*: at work for / {
			if (!left_out) print "..."
			left_out = 1
			next
		}
		{ left_out = 0; print }'
}

# transcript ROOT, of the commands on the standard input
transcript() {
	while IFS= read -r command; do
		echo "transcript.sh: $command" >&2
		echo "# $command"
		began=$(date +%s)
		inside_of "$1" sh -c "cd /root/elfdiff && $command" </dev/null >"$scratch/said" 2>&1 || { cat "$scratch/said" >&2; return 1; }
		of_interest <"$scratch/said"
		echo "(took $(($(date +%s) - began)) s)"
		echo
	done
}

bare_tarball "$cache/bookworm.tar" >&2
mkdir "$scratch/root"
tar -C "$scratch/root" -xf "$cache/bookworm.tar"
cp /etc/resolv.conf "$scratch/root/etc"
git clone -q --no-hardlinks . "$scratch/root/root/elfdiff"
if [ $# -gt 0 ]; then printf '%s\n' "$@"; else readme_commands; fi >"$scratch/commands"
transcript "$scratch/root" <"$scratch/commands" >"$scratch/transcript"
{
	echo "# README followed on a bare Debian 12"
	echo
	echo "Made by \`scripts/transcript.sh\` on $(LC_ALL=C date -u '+%-d %B %Y'), of commit $(git rev-parse --short=12 HEAD), on $(nproc) processors:"
	echo "a root directory by \`debootstrap --variant=minbase\`, and a clone in it. \`...\` stands for what apt and make say of each package and file."
	echo
	echo '```text'
	sed '$d' "$scratch/transcript"
	echo '```'
} >"$scratch/document"
if [ $# -gt 0 ]; then cat "$scratch/document"; else cp "$scratch/document" docs/transcript.md; fi
