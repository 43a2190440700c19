#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [fake|guest]: scripts/kpatch under every shell that is there against a fake sysfs, then in a stock kernel
# under QEMU, alone (guest.sh) and with Debian's systemd (systemd.sh); both say what they need. Prints what fails; V=1
# prints all.
set -u

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# part NAME COMMAND...: its PASS, FAIL and SKIPPED lines; one that says nothing has failed
part() {
	name=$1
	shift
	echo "runtime: $name"
	"$@" >"$work/part" 2>&1
	status=$?
	grep -qE '^(PASS|FAIL|SKIPPED)' "$work/part" || echo "FAIL $name: ended with status $status and ran no test" >>"$work/part"
	[ "$status" -eq 0 ] || grep -q '^FAIL' "$work/part" || echo "FAIL $name: ended with status $status" >>"$work/part"
	sed -E "s/^(PASS|FAIL|SKIPPED) /&$name: /" "$work/part" >"$work/named"
	cat "$work/named" >>"$work/all"
	if [ -n "${V:-}" ]; then cat "$work/named"; else grep -v '^PASS' "$work/named"; fi
}

count() {
	grep -c "^$1" "$work/all"
}

# busybox with its applets alone: nothing that only GNU has
busybox_part() {
	if ! command -v busybox >/dev/null; then
		echo "SKIPPED busybox: it is not installed" | tee -a "$work/all"
		return
	fi
	mkdir "$work/applets"
	for applet in $(busybox --list); do
		ln -s "$(command -v busybox)" "$work/applets/$applet"
	done
	part "busybox sh -n" syntax
	APPLETS=$work/applets part "busybox sh" sh "$here/fake.sh" "$work/applets/sh"
}

syntax() {
	for script in "$here/../../scripts/kpatch" "$here"/../../scripts/kpatch.d/*.sh; do
		if busybox sh -n "$script"; then echo "PASS ${script##*/}"; else echo "FAIL ${script##*/}"; fi
	done
}

: >"$work/all"
if [ "${1:-fake}" = fake ]; then
	part sh sh "$here/fake.sh" sh
	busybox_part
fi
if [ "${1:-guest}" = guest ]; then
	part guest sh "$here/guest.sh"
	part systemd sh "$here/systemd.sh"
fi
echo "runtime: $(count PASS) passed, $(count FAIL) failed, $(count SKIPPED) skipped"
[ "$(count FAIL)" -eq 0 ] && [ -s "$work/all" ]
