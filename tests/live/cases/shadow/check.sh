# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a shadow variable gives an object of the kernel another member: also one that is older than the patch; it goes with its object,
#	and with the patch
mkfifo /tmp/ask /tmp/answer
/helper </tmp/ask >/tmp/answer &
exec 3>/tmp/ask 4</tmp/answer
writes() {
	echo show >&3
	read -r answer <&4
	echo "$answer"
}
echo write >&3
is "before" -1 "$(writes)"
load eventfd
is "not written to since" -1 "$(writes)"
echo write >&3
echo write >&3
is "an object that was there" 2 "$(writes)"
echo new >&3
is "a new object" -1 "$(writes)"
echo write >&3
is "counts its own" 1 "$(writes)"
unload eventfd
is "after" -1 "$(writes)"
load eventfd
is "nothing is left of it" -1 "$(writes)"
echo write >&3
is "and it begins anew" 1 "$(writes)"
unload eventfd
exec 3>&-
