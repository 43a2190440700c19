/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resolve.h - how the cut edges and the patched functions are found in a running kernel */
#ifndef ELFDIFF_RESOLVE_H
#define ELFDIFF_RESOLVE_H

#include "arch/arch.h"
#include "kernel/kernel_symbols.h"
#include "locate/locate.h"
#include "patch/select.h"
#include "kernel/symvers.h"

enum disposition {
	REF_NONE,      /* refused */
	REF_EXPORTED,  /* ordinary undefined symbol: vmlinux exports it */
	REF_UNDEFINED, /* ordinary undefined symbol: another object of the patch has to provide it, or whoever does so
			  for the patched object */
	REF_KLP,
};

struct reference {
	enum disposition how;
	const char *name;       /* in the kernel */
	const char *object;     /* where it lives, or NULL */
	const char *when;       /* REF_KLP: the object whose loading applies the relocations */
	unsigned long position; /* REF_KLP */
	uint64_t address;       /* REF_KLP: in the kernel's symbol table; 0: not known */
};

/* One record of .kpatch.funcs or .kpatch.redirects. */
struct patched_function {
	uint32_t symbol; /* of the patched object */
	uint32_t orig_symbol;
	unsigned long position;           /* sympos */
	uint64_t old_address;             /* in the kernel's symbol table; 0: not known */
	uint32_t entry;                   /* of that table, or NONE */
	const struct reference *original; /* by a kprobe: where that is put; else NULL */
};

/* A jump label that becomes code, in a function of the output: see arch.key_detour. */
struct key_detour {
	uint32_t block;  /* the function */
	uint64_t site;   /* in its section */
	uint32_t target; /* the relocation that tells where the jump label leads */
	uint32_t cut;    /* the cut edge that leads to the key */
	struct detour code;
};

struct resolution {
	const struct reference **of_cut; /* by cut edge of the selection */
	bool *dropped;                   /* by item: a special entry that has to be left out */
	VEC(struct key_detour) detours;
	struct index detours_of; /* by block: numbers of detours */
	VEC(struct patched_function) functions;
	VEC(const char *) namespaces; /* of the exports that are used, and those that the patched object imports */
};

const struct resolution *resolve(const struct diff *d, const struct selection *s, const struct kernel_symbols *ks,
				 const struct symvers *sv);

#endif
