# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a patched module can go and come back under the patch; before 6.3 the kernel does not clear relocations
# sample: 6.12
# ships: zram
# kernels: 6.12 7.2
algorithms() { cat /sys/block/zram0/comp_algorithm; }
insert_module zram
load zram
for round in 1 2 3; do
	has "round $round" '^livepatch$' "$(algorithms)"
	rmmod zram || fail "zram cannot be removed"
	insert_module zram
done
has "at last" '^livepatch$' "$(algorithms)"
unload zram
lacks "after" livepatch "$(algorithms)"
