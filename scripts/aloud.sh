#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# aloud.sh NAME [COMMAND...] - pass on what COMMAND says, or else the standard input, and never be silent for long
#
# While nothing comes, a line tells every 20 seconds ($ALOUD_SECONDS) that NAME is at work. Exit status: COMMAND's, whose
# standard error goes to the standard output, too. ALOUD is set for it, so that it need not do the same.
set -u

name=$1
shift

# A line that has only begun waits for its end.
relay() {
	local line begun='' status since=$SECONDS
	while :; do
		IFS= read -r -t "${ALOUD_SECONDS:-20}" line
		status=$?
		begun+=$line
		if [ "$status" = 0 ]; then
			printf '%s\n' "$begun"
			begun=''
		elif [ "$status" -gt 128 ]; then
			printf '== %s: at work for %d min %d s\n' "$name" $(((SECONDS - since) / 60)) $(((SECONDS - since) % 60))
		else
			[ -z "$begun" ] || printf '%s\n' "$begun"
			return
		fi
	done
}

if [ $# -eq 0 ]; then
	relay
else
	ALOUD=1 "$@" 2>&1 | relay
	exit "${PIPESTATUS[0]}"
fi
