# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a function for which ftrace would hook the weak function behind it, that lost and has no symbol, is refused
# kernels: 6.1
# needs: X86_KERNEL_IBT
# refused: before the kernel's next symbol is a second ftrace location
