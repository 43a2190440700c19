# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# machines.sh - machines on this one, as far as programs that talk over a network see: each has a name, addresses and ports of its own,
# and all have the same files; it is sourced. It wants root, iproute2, and network and UTS namespaces.
#
# The first machine is linked with each other one, and the others with nothing else: 10.71.N.1 and 10.71.N.2 for the N-th of them.

machines='' # numbers of the processes that hold the namespaces; whoever ends these ends the machines
neighbours=''

can_make_machines() { [ "$(id -u)" = 0 ] && command -v ip >/dev/null && unshare -n -u ip link add probe type veth 2>/dev/null; }

# new_machine NAME: its process in $holder
new_machine() {
	unshare -n -u sleep 3600 &
	holder=$!
	machines="$machines $holder"
	eval "machine_$1=$holder"
	until [ "$(readlink /proc/$holder/ns/net)" != "$(readlink /proc/self/ns/net)" ] && [ "$(readlink /proc/$holder/ns/uts)" != "$(readlink /proc/self/ns/uts)" ]; do sleep 0.1; done
	on_machine "$1" hostname "$1" && on_machine "$1" ip link set lo up
}

# on_machine NAME COMMAND...
on_machine() { (become_on_machine "$@"); }

# In the place of this shell, so that what is started in the background has the number that is ended.
become_on_machine() {
	eval "holder=\$machine_$1"
	shift
	exec nsenter -t "$holder" -n -u "$@"
}

# start_machines NAME NAME...
start_machines() {
	first=$1
	new_machine "$first" || return
	shift
	for name; do
		new_machine "$name" || return
		neighbours="$neighbours $name"
		net=10.71.$(echo "$neighbours" | wc -w)
		on_machine "$first" ip link add "$name" type veth peer name uplink netns "$holder" &&
			on_machine "$first" ip addr add "$net.1/24" dev "$name" && on_machine "$first" ip link set "$name" up &&
			on_machine "$name" ip addr add "$net.2/24" dev uplink && on_machine "$name" ip link set uplink up &&
			on_machine "$name" ip route add default via "$net.1" || return
	done
}

# address_towards NAME: the first machine's, for that one
address_towards() { on_machine "$1" ip route show default | awk '{ print $3 }'; }
