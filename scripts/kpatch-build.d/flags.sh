# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# flags.sh - compiler options with which a unit's functions can be taken out of it; tests/kernel/kbuild.sh takes them from here

# diff_flags CONFIG
diff_flags() {
	echo "-ffunction-sections -fdata-sections"
	# A module is too far from the kernel's data for offsets of 32 bits, and for anchors that stand for several variables.
	! grep -q '^CONFIG_PPC64=y' "$1" || echo "-mcmodel=large -mno-save-toc-indirect -fno-section-anchors -fno-optimize-sibling-calls"
	# The same there, where the loader fills in a part of what is too far, and has no slots for addresses of 64 bits.
	! grep -q '^CONFIG_LOONGARCH=y' "$1" || echo "-mcmodel=extreme -mdirect-extern-access -fno-section-anchors"
}
