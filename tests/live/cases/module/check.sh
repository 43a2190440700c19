# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a function of a module that is there before the patch; it calls an unexported one of its module
# sample: 5.10
# ships: zram
algorithms() { cat /sys/block/zram0/comp_algorithm; }
insert_module zram
lacks "before" livepatch "$(algorithms)"
load zram
has "patched" '^livepatch$' "$(algorithms)"
has "the module's own function" '\[lz' "$(algorithms)"
unload zram
lacks "after" livepatch "$(algorithms)"
rmmod zram || fail "zram is still in use"
