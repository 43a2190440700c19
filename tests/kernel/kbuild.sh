#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kbuild.sh LAB TARGET... - kbuild as Debian ran it, with a section for each function and variable
#
# The configuration names the compiler ($LAB/cc; see suite.sh), and without KERNELRELEASE vermagic would be another one.
set -eu
unset MAKEFLAGS MFLAGS # of a make that runs this: its variables and its silence are not for kbuild
LAB=$1
shift
PATH=$LAB/bin:$PATH exec make --no-print-directory -k -j"$(nproc)" CC="$(cat "$LAB/cc")" HOSTCC=gcc-12 -C "$LAB/linux" O="$LAB/bld" LOCALVERSION= \
	KERNELRELEASE="$(cat "$LAB/abi")" KCFLAGS="-ffunction-sections -fdata-sections" "$@"
