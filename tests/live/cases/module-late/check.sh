# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a function of a module that comes after the patch
# sample: 6.12
# ships: zram
algorithms() { cat /sys/block/zram0/comp_algorithm; }
load zram
insert_module zram
has "patched" '^livepatch$' "$(algorithms)"
has "the module's own function" '\[lz' "$(algorithms)"
unload zram
lacks "after" livepatch "$(algorithms)"
rmmod zram || fail "zram is still in use"
