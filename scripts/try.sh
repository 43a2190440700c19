#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# try.sh - from a source patch to a running kernel, and out again, as root on Debian 12
#
# Installs what is missing, builds, makes livepatch-meminfo.ko of tests/kernel/meminfo.patch for Debian's own kernel 6.1, and
# loads and unloads it in that kernel, in QEMU. $O is the build directory (build), $LAB where the kernel's packages are
# unpacked (~/.cache/elfdiff-lab, 1.8 GB).
set -eu

cd "$(dirname "$0")/.."
[ -n "${ALOUD:-}" ] || exec scripts/aloud.sh scripts/try.sh scripts/try.sh
O=${O:-build}

run() {
	echo
	echo "\$ $*"
	"$@"
}

scripts/setup.sh live
make -s -j"$(nproc)" O="$O" all
LAB=$(sh tests/kernel/lab.sh)
export KPATCH_TOOLS="$O/bin" KPATCH_BUILD_DIR="$LAB/kpatch-build"
try=$LAB/try
rm -rf "$try"
mkdir -p "$try/root/bin"

run cat tests/kernel/meminfo.patch
run scripts/kpatch-build -s "$LAB/linux" -b "$LAB/bld" -v "$LAB/vmlinux" -M "$LAB/modules" -o "$try/root" tests/kernel/meminfo.patch
run "$O/bin/create-diff-object" --check "$try/root/livepatch-meminfo.ko" -k "$LAB/vmlinux" -s "$LAB/bld/Module.symvers"

cp /bin/busybox scripts/kpatch "$try/root/bin"
cat >"$try/root/init" <<'END'
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /tmp
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
run() {
	echo "(guest) # $*"
	"$@"
}
echo
run uname -r
run grep -E 'MemA|MemU' /proc/meminfo
run kpatch load /livepatch-meminfo.ko
run kpatch list
run grep -E 'MemA|MemU' /proc/meminfo
came=$(grep -c MemU /proc/meminfo)
run kpatch unload livepatch_meminfo
run grep -E 'MemA|MemU' /proc/meminfo
[ "$came $(grep -c MemU /proc/meminfo)" = "1 0" ] && echo "(guest) the patch came and went"
poweroff -f
END
chmod +x "$try/root/init" "$try/root/bin/kpatch"
(cd "$try/root" && find . | cpio -o -H newc --quiet | gzip -1) >"$try/initrd"
echo
timeout 300 qemu-system-x86_64 -m 512 -accel tcg -cpu max -nic none -nographic -no-reboot -kernel "$LAB/vmlinuz" \
	-initrd "$try/initrd" -append "console=ttyS0 panic=-1 quiet" </dev/null | tr -d '\r' | tee "$try/console" | sed -n '/^(guest)/,$p'
grep -aq '^(guest) the patch came and went' "$try/console"
