# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a patch can be loaded and unloaded again and again
for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	load version
	is "round $round" livepatch "$(tail -n 1 /proc/version)"
	unload version
	is "after round $round" 1 "$(wc -l </proc/version)"
done
