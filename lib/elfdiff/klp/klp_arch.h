/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klp_arch.h - tables that kernels 4.9 to 5.7 read late
 *
 * There the module loader reads .altinstructions and .parainstructions before
 * any KLP relocation is applied. Those of a patch stand in sections named
 * .klp.arch.<object>.<table>, which arch_klp_init_object_loaded() reads when
 * the relocations of that object are in place.
 */
#ifndef ELFDIFF_KLP_ARCH_H
#define ELFDIFF_KLP_ARCH_H

#include <stdbool.h>

#define KLP_ARCH_PREFIX ".klp.arch."

/* The name of a section that such kernels read late. */
bool klp_arch_is_late(const char *section);

/* A section that such kernels use by way of those tables alone. */
bool klp_arch_waits(const char *section);

#endif
