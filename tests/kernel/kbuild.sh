#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kbuild.sh LAB TARGET... - kbuild as Debian ran it, with a section for each function and variable
#
# The configuration names the compiler ($LAB/cc; see suite.sh), and without KERNELRELEASE vermagic would be another one.
set -eu
unset MAKEFLAGS MFLAGS # of a make that runs this: its variables and its silence are not for kbuild
here=$(cd "$(dirname "$0")" && pwd)
LAB=$1
shift
# Of 5.10 kbuild keeps the compiler's command alone. corpus.py needs objtool's as well, and objects that the linker has not written
# anew for the checksums of their exports.
if grep -q '^cmd_objtool = .*if .*patsubst' "$LAB/linux/scripts/Makefile.build"; then
	# shellcheck disable=SC2016 # make expands it
	set -- 'cmd_cc_o_c=$(CC) $(c_flags) -c -o $@ $<$(if $(objtool_obj), ; $(objtool_obj) $(objtool_args) $@)' \
		cmd_objtool= cmd_modversions_c= "$@"
fi
# objtool on each object, as kpatch-build has it: a kernel may leave it for the link (CONFIG_X86_KERNEL_IBT, CONFIG_KLP_BUILD).
# shellcheck disable=SC2016 # make expands it
set -- delay-objtool= 'objtool-args=$(filter-out --ibt,$(objtool-args-y))$(if $(part-of-module), --module)' "$@"
. "$here/arch.sh"
. "$here/../../scripts/kpatch-build.d/flags.sh"
arch=$(cat "$LAB/arch" 2>/dev/null || echo amd64) # older labs are of amd64, and do not say so
jobs=$(nproc)
# Beside drivers/s390 of the top Kbuild there is drivers, which compiles units of the other as its own, and never for a module. One
# after the other, the right one is the last.
case " $*" in *" drivers/s390/"*) jobs=1 ;; esac
PATH=$LAB/bin:$PATH exec make --no-print-directory -k -j"$jobs" ARCH="$(kbuild_arch_of "$arch")" CROSS_COMPILE="$(cross_of "$arch")" \
	CC="$(cat "$LAB/cc")" HOSTCC=gcc-12 -C "$LAB/linux" O="$LAB/bld" LOCALVERSION= KERNELRELEASE="$(cat "$LAB/abi")" \
	KCFLAGS="$(diff_flags "$LAB/bld/.config" | tr '\n' ' ')" "$@"
