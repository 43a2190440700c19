# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest-lib.sh - for guest.sh and systemd.sh: the kernel, test modules for it, and what the guest said; to be sourced with $here
# and $work set
#
# LAB is the directory that tests/kernel/lab.sh fills; VMLINUZ the kernel, when it is not there: then the linux-image package
# is downloaded once for it.

LAB=${LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/elfdiff-lab}

# Of the kernel: what it would say of a processor that QEMU and a busy machine make slow is no complaint about a patch.
patient="quiet nosoftlockup no_timer_check rcupdate.rcu_cpu_stall_suppress=1"

skip() {
	echo "SKIPPED $*"
	exit 0
}

# check_lab TOOL...: sets $abi, $version and $compiler
check_lab() {
	for tool in "$@"; do
		command -v "$tool" >/dev/null || skip "$tool is missing"
	done
	[ "$(uname -m)" = x86_64 ] || skip "this is no x86_64 machine"
	[ -e "$LAB/bld/Module.symvers" ] || skip "no prepared kernel in $LAB; \`make check-kernel\` or tests/kernel/lab.sh makes it"
	abi=$(cat "$LAB/abi") version=$(cat "$LAB/version") compiler=$(cat "$LAB/cc")
	PATH=$LAB/bin:$PATH
	command -v "$compiler" >/dev/null || skip "$compiler is missing"
}

find_kernel() {
	for each in "${VMLINUZ:-}" "$LAB/vmlinuz" "$LAB/boot/vmlinuz-$abi"; do
		VMLINUZ=$each
		[ ! -f "$VMLINUZ" ] || return 0
	done
	(cd "$work" && apt-get -q -o APT::Sandbox::User=root download "linux-image-$abi=$version" >/dev/null 2>&1 &&
		dpkg -x "linux-image-${abi}"_*.deb image && mkdir -p "$LAB/boot" &&
		mv "image/boot/vmlinuz-$abi" "$LAB/boot/") || skip "linux-image-$abi of version $version cannot be downloaded"
}

# The headers' .config and Module.symvers with the source's scripts: what the package linux-headers gives too.
build_modules() {
	mkdir "$work/modules"
	cp "$here"/guest/*.[ch] "$here/guest/Kbuild" "$work/modules"
	make -s CC="$compiler" HOSTCC=gcc-12 -C "$LAB/linux" O="$LAB/bld" M="$work/modules" LOCALVERSION= KERNELRELEASE="$abi" \
		modules >"$work/log" 2>&1 || {
		cat "$work/log"
		echo "FAIL its modules do not build"
		exit 1
	}
}

judge() {
	if grep -q '^GUEST DONE' "$work/console"; then
		grep -E '^(PASS|FAIL|  \|)' "$work/console"
	else
		cat "$work/console"
		echo "FAIL it did not come to its end"
	fi
	! grep -q '^FAIL' "$work/console" && grep -q '^GUEST DONE' "$work/console"
}
