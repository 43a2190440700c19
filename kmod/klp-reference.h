/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klp-reference.h - what the patch module itself needs of the kernel that is not exported
 *
 *	static int name(int) KLP_REFERENCE(function);
 *	static int *name KLP_REFERENCE(variable);
 *
 * It becomes a KLP reference like any other of a patch: of vmlinux, by a name that is unique there, which the kernel checks.
 * Old assemblers take the comma in such a symbol's name for the end of an operand, though the name be quoted; as a weakref
 * it is in none.
 */
#ifndef KPATCH_KLP_REFERENCE_H
#define KPATCH_KLP_REFERENCE_H

#define KLP_NAME(name) ".klp.sym.rela.vmlinux.vmlinux." #name ",0"
#ifdef __clang__
#define KLP_REFERENCE(name) __attribute__((weakref(KLP_NAME(name))))
#else
#define KLP_REFERENCE(name) __attribute__((weakref("\"" KLP_NAME(name) "\"")))
#endif

#endif
