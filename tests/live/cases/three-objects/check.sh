# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: one patch of the kernel and two modules, of which one comes later
# also: drop-in
# ships: zram dummy
mtu() {
	ip link add "$1" type dummy || fail "no interface $1"
	cat "/sys/class/net/$1/mtu"
}
insert_module zram
load all
is "the kernel" livepatch "$(tail -n 1 /proc/version)"
has "zram" '^livepatch$' "$(cat /sys/block/zram0/comp_algorithm)"
insert_module dummy
is "dummy" 1234 "$(mtu one)"
unload all
is "the kernel, after" 1 "$(wc -l </proc/version)"
lacks "zram, after" livepatch "$(cat /sys/block/zram0/comp_algorithm)"
is "dummy, after" 1500 "$(mtu two)"
