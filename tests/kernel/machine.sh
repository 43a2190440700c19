# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# machine.sh - kernels that Debian has not: for other architectures, or made by another compiler; lab.sh and tests/live source it,
# behind arch.sh
#
# Debian's kernels have CONFIG_LIVEPATCH on amd64 only, and none has kCFI. So KERNEL=small-s390x (small-ppc64el, small-arm64, small-clang)
# is a small one (machine.config), built from Debian's source of a series that can patch on it. KERNEL=small-amd64 is one without
# CONFIG_LIVEPATCH, which only the core of this project can patch, and with the kernel's own checks of locks; small-amd64-5.10 is that
# of another series. KERNEL=small-unlisted is one that tells of few symbols, for that core: without variables (KALLSYMS_ALL), and
# with the walk through symbols of one name called otherwise, so that it is not found, as in Linux 5.12 to 6.1; it is moved at boot.
# A lab has what any lab has, and
#
#   kbuild    what its make is given on each call     busybox   of that architecture
#
# A kernel is one row in `describe`.

# What the kernel $1 takes; fails for one of Debian. `tools` are programs that scripts/setup.sh more installs, `options` are
# CONFIG_LIVEPATCH or what it has instead, `without` is an option that it has not, `flags` are the compiler's for the kernel itself.
describe() {
	series=6.1 llvm='' kbuild='' tools='cpio patch' options=LIVEPATCH without='' flags=''
	case $1 in
	small-s390x) debian=s390x image=arch/s390/boot/bzImage console=ttysclp0 qemu=qemu-system-s390x ;;
	small-ppc64el) debian=ppc64el image=vmlinux console=hvc0 qemu='qemu-system-ppc64 -M pseries,x-vof=on' ;;
	small-arm64) debian=arm64 image=arch/arm64/boot/Image console=ttyAMA0 qemu='qemu-system-aarch64 -M virt -cpu max' series=7.2 ;;
	small-clang) debian=amd64 image=arch/x86/boot/bzImage console=ttyS0 qemu='qemu-system-x86_64 -cpu max' llvm=-16 ;;
	small-amd64 | small-amd64-*)
		case $1 in *-*-*) series=${1##*-} ;; esac
		debian=amd64 image=arch/x86/boot/bzImage console=ttyS0 qemu='qemu-system-x86_64 -cpu max'
		options='KPROBES PREEMPT PROVE_LOCKING DEBUG_ATOMIC_SLEEP'
		;;
	small-unlisted)
		debian=amd64 image=arch/x86/boot/bzImage console=ttyS0 qemu='qemu-system-x86_64 -cpu max'
		options='KPROBES RELOCATABLE RANDOMIZE_BASE'
		without=KALLSYMS_ALL flags=-Dkallsyms_on_each_match_symbol=called_otherwise
		;;
	*) return 1 ;;
	esac
	if [ -n "$llvm" ]; then
		compiler=clang$llvm
		arch=x86_64 triple=x86_64-linux-gnu kbuild="ARCH=x86_64 LLVM=$llvm" tools="$tools ld.lld$llvm llvm-objcopy$llvm"
	elif [ "$debian" = amd64 ]; then
		arch=x86_64 triple=x86_64-linux-gnu compiler=gcc-12 kbuild='ARCH=x86_64'
	else
		arch=$(kbuild_arch_of "$debian") triple=$(cross_of "$debian")
		triple=${triple%-}
		compiler=$triple-gcc-12 kbuild="ARCH=$arch CROSS_COMPILE=$triple-"
	fi
	tools="$tools $compiler $triple-gcc-12 ${qemu%% *}"
}

# The source is that of the series' own lab, of which no more is needed: a lab that somebody else uses is not touched.
link_source() {
	theirs=${LAB%"-$KERNEL"}
	[ "$theirs" != "$LAB" ] || die "the directory of $KERNEL is that of 6.1 with -$KERNEL at its end"
	[ "$series" = 6.1 ] || theirs=$theirs-$series
	[ -e "$theirs/stamps/unpack_source" ] || (unset APT_CONFIG && KERNEL=$series LAB=$theirs sh "$here/lab.sh" >&2) || die "the source of Linux $series cannot be had"
	ln -sfn "$theirs/linux" "$LAB/linux"
	cp "$theirs/version" "$LAB/version"
	echo "$compiler" >"$LAB/cc"
	echo "$kbuild" >"$LAB/kbuild"
	echo "$series" >"$LAB/abi" # until the kernel tells
}

# The configuration of the kernel that was described.
machine_config() {
	for option in $options; do
		echo "CONFIG_$option=y"
	done | sed -e "/^CONFIG_${without:-NONE}=y\$/d" -e '/^CONFIG_LIVEPATCH=y$/ { r /dev/stdin' -e 'd; }' "$here/machine.config"
}

# Minutes of two processors, once; a changed machine.config makes it anew.
build_kernel() {
	mkdir -p "$LAB/bld"
	machine_config >"$LAB/machine.config"
	# shellcheck disable=SC2086 # a list of words
	set -- -s -C "$LAB/linux" O="$LAB/bld" -j"$(nproc)" CC="$compiler" HOSTCC=gcc-12 $kbuild ${flags:+"KCFLAGS=$flags"}
	(
		unset MAKEFLAGS MFLAGS CC LLVM ARCH CROSS_COMPILE
		KCONFIG_ALLCONFIG="$LAB/machine.config" make "$@" allnoconfig
		[ "$image" = vmlinux ] || set -- "$@" "${image##*/}"
		make "$@" vmlinux modules
	) >&2
	for option in $options; do
		grep -qx "CONFIG_$option=y" "$LAB/bld/.config" || die "the kernel of $KERNEL has no CONFIG_$option with machine.config"
	done
	cp "$LAB/bld/include/config/kernel.release" "$LAB/abi"
	ln -sf bld/vmlinux "$LAB/vmlinux"
	ln -sf "bld/$image" "$LAB/vmlinuz"
	rm -rf "$LAB/modules" && mkdir "$LAB/modules"
	find "$LAB/bld" -name '*.ko' -exec cp {} "$LAB/modules" \;
}

fetch_busybox() {
	private_apt bookworm
	apt-get -q update >&2
	download busybox-static
	rm -rf "$LAB/unpack" && mkdir "$LAB/unpack"
	dpkg -x "$(deb_of busybox-static)" "$LAB/unpack"
	mv "$LAB/unpack/bin/busybox" "$LAB/busybox"
	rm -rf "$LAB/unpack" "$(deb_of busybox-static)"
}
