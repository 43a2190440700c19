/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * form_kpatch.h - form kpatch: KLP references as records beside the code
 *
 * A relocation that leads to a symbol which the kernel has to find is a record
 * of .kpatch.relocations and stands in no relocation section; the symbol is a
 * record of .kpatch.symbols. Record n of the one belongs to record n of the
 * other: create-klp-module of kpatch 0.9.11 demands as many of both. Files in
 * which relocations share a symbol's record are read, too. Both are ordinary data with ordinary relocations, so
 * a linker keeps them. .kpatch.arch lists the tables that kernels 4.9 to 5.7
 * read late, from sections named .klp.arch.<object>.<table>
 * (arch_klp_init_object_loaded() of arch/x86/kernel/livepatch.c there).
 *
 * Ftrace locations that the compiler lists stand in one section for each function,
 * as the compiler would have made them (SHF_LINK_ORDER): a linker refuses to
 * merge them with those of other objects otherwise.
 *
 * The layout is that of kpatch-build's tools (kpatch-patch.h has it): 64-bit words in the byte
 * order of the target; a pointer is an absolute relocation. kmod/core-patch.c reads both as they are.
 */
#ifndef ELFDIFF_FORM_KPATCH_H
#define ELFDIFF_FORM_KPATCH_H

#include <stddef.h>
#include <stdint.h>

#include "kpatch-patch.h"

#define KPATCH_ARCH_SECTION ".kpatch.arch"

struct kpatch_arch {
	uint64_t sec;     /* pointer: where this object's part of the table begins */
	uint64_t objname; /* pointer: string, the patched object */
};

_Static_assert(sizeof(struct kpatch_arch) == 16, "fixed layout");

#endif
