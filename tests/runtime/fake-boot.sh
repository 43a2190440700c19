# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fake-boot.sh - starts the fake kernel (fake-kernel.sh) for kpatch(8), and stops it; to be sourced with $here set to a
# directory beside tests/runtime or to it. FAKE_RELEASE is what uname -r says there.

# boot DIR: the kernel's files in $FAKE, DIR/fake; the environment has kpatch find them, and the fake commands in DIR/bin
boot() {
	export FAKE="$1/fake" TMPDIR="$1/tmp"
	export KPATCH_SYSFS="$FAKE/sys" KPATCH_PROC="$FAKE/proc" KPATCH_DIR="$FAKE/lib" KPATCH_UNIT_DIR="$FAKE/units"
	mkdir -p "$1/bin" "$TMPDIR" "$FAKE/sys/kernel/livepatch" "$FAKE/sys/module/ext4" "$FAKE/proc/100/task/100" \
		"$FAKE/proc/200/task/200" "$FAKE/units" "$FAKE/spec"
	for each in kernel insmod rmmod uname id dmesg systemctl; do
		ln -s "$here/../runtime/fake-kernel.sh" "$1/bin/$each"
	done
	export KPATCH_INSMOD="$1/bin/insmod" KPATCH_RMMOD="$1/bin/rmmod" KPATCH_UNAME="$1/bin/uname"
	export KPATCH_ID="$1/bin/id" KPATCH_DMESG="$1/bin/dmesg" KPATCH_SYSTEMCTL="$1/bin/systemctl"
	echo 0 >"$FAKE/user"
	: >"$FAKE/proc/modules"
	: >"$FAKE/sys/module/ext4/taint"
	echo -1 >"$FAKE/proc/100/task/100/patch_state"
	echo -1 >"$FAKE/proc/200/task/200/patch_state"
	echo sleeper >"$FAKE/proc/100/task/100/comm"
	echo innocent >"$FAKE/proc/200/task/200/comm"
	printf '[<0>] deep_sleep+0x1/0x2\n[<0>] some_function+0x3/0x4 [one]\n' >"$FAKE/proc/100/task/100/stack"
	"$1/bin/kernel" &
	kernel=$!
}

halt() {
	: >"$FAKE/halt"
	wait "$kernel"
}
