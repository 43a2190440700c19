/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * internal.h - what the files of check share
 *
 * A rule is a function that looks at the file and reports breaches. Every
 * fact about the kernel in a rule's cause comes from Linux 6.1 unless it names
 * another version: kernel/livepatch/core.c (klp_*) and kernel/module/.
 */
#ifndef ELFDIFF_CHECK_INTERNAL_H
#define ELFDIFF_CHECK_INTERNAL_H

#include "base/text_set.h"
#include "check/check.h"
#include "klp/form_names.h"
#include "elf/object.h"
#include "arch/special.h"

enum klp_form { NO_KLP, KLP_SYMBOL, LINKABLE_SYMBOL };

/* What a symbol's name says, for symbols of either form. */
struct klp_ref {
	enum klp_form form;
	const char *flaw; /* why the name cannot be read; NULL: `name` is valid */
	struct klp_name name;
};

struct check {
	struct arena *a;
	struct diags *ds;
	const struct object *o;
	const struct kernel_symbols *ks;
	const struct symvers *sv;
	bool finished;            /* a module that the kernel could load, not a part of one */
	bool has_klp;             /* there are KLP relocation sections */
	bool klp_arch;            /* for Linux 4.9 to 5.7, which have other rules: there are .klp.arch.* sections */
	unsigned arch_bit;        /* ARCH_* */
	struct klp_ref *refs;     /* by symbol */
	const char *patched;      /* object of the first record of a function, or "" */
	struct text_set said;     /* see first_time() */
	struct index function_at; /* hash_mix(section, value) of function symbols */
	struct text_set modinfo;  /* what .modinfo says, once it is asked for */
	bool modinfo_listed;
	struct text_set unknown; /* objects whose symbols were not given */
};

/* Add a diagnostic of this severity; the file's name is filled in. */
void report(struct check *c, enum elfdiff_severity severity, struct elfdiff_diag d, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The same breach by many relocations is one breach: true when this is the first of its kind. */
bool first_time(struct check *c, const char *id, uint32_t section, uint32_t symbol);

/* A breach in a module; in a part of one something that the rest may put right. */
static inline enum elfdiff_severity when_finished(const struct check *c)
{
	return c->finished ? ELFDIFF_REFUSAL : ELFDIFF_WARNING;
}

bool is_klp_section(const struct section *s);

/* The terminated string that a relocated pointer leads to, or NULL. */
const char *string_of_pointer(const struct check *c, const struct section *s, uint64_t offset);

/* A symbol that the kernel will look up by name and position. */
struct sought {
	const char *object, *name;
	unsigned long position;
	bool is_function;             /* it is to be patched, not only referred to */
	const char *section, *symbol; /* where that is said */
	bool has_offset;
	uint64_t offset;
};
void check_position(struct check *c, const struct sought *s);
void report_unchecked_positions(struct check *c);

enum extent_flaw {
	EXTENT_OK,
	EXTENT_MARKERS, /* the end comes before the start */
	EXTENT_SIZE,    /* not whole records */
	EXTENT_OUTSIDE, /* there is something that the patch module does not read */
};

/* The records of a section of kpatch-patch.h: bytes `start` to `end`. */
struct record_extent {
	uint64_t start, end;
	uint64_t size; /* of one record */
	enum extent_flaw flaw;
};

/* False: the section holds no records of kpatch-patch.h. */
bool record_extent(const struct check *c, const struct section *s, struct record_extent *ret);

void check_klp_sections(struct check *c);
void check_klp_symbols(struct check *c);
void check_klp_relocations(struct check *c);
void check_relocations(struct check *c);
void check_tables(struct check *c);
void check_records(struct check *c);
void check_originals(struct check *c);
void check_module(struct check *c);
void check_exports(struct check *c);
void check_versions(struct check *c);

#endif
