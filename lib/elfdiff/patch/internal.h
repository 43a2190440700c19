/* SPDX-License-Identifier: GPL-2.0-or-later */
/* internal.h - what the files of select share, and those of assemble */
#ifndef ELFDIFF_PATCH_INTERNAL_H
#define ELFDIFF_PATCH_INTERNAL_H

#include "base/text_set.h"
#include "graph/address_uses.h"
#include "klp/model_build.h"
#include "patch/assemble.h"
#include "patch/resolve.h"
#include "patch/select.h"

/* --- select ------------------------------------------------------------------- */

/* What the author of the patch asks for in .kpatch.* sections. */
struct directives {
	bool *ignored;            /* by block: its change is to be left out */
	bool *forced;             /* by block */
	struct text_set sections; /* that are to be ignored */
	VEC(struct callback) callbacks;
};
const struct directives *read_directives(const struct diff *d);

/* callers.c: who has to be replaced because a changed function has no ftrace location. */
const struct callers *find_callers(const struct diff *d, const struct directives *w);
/* redirects.c: why no kprobe can redirect a changed function (its block in the original), in words; NULL: one can. */
const char *why_no_redirect(const struct diff *d, uint32_t block);
/* It is done so because of `obstacle`. */
void warn_redirect(const struct diff *d, uint32_t block, const char *obstacle);
/* replaced_functions.c: functions that could not be parted, and are parted otherwise on the other side. */
void refuse_fused(const struct diff *d);
/* callback_stub.c: the C of a callback that does what the patch cannot. One for an object: it may have one callback of a kind. */
struct stub *stub_new(const struct diff *d, const struct directives *w);
/* It sets the changed variable to its new value; false: nobody can tell how. */
bool stub_sets(struct stub *st, uint32_t block);
/* It runs what is new in a table that the kernel has read; false: nobody can tell how. */
bool stub_runs(struct stub *st, uint32_t block);
/* The last diagnostic is about something that it does. */
void stub_belongs_here(struct stub *st);
/* Writes it to the last of these. */
void stub_finish(struct stub *st);
/* refuse.c: changes that no live patch can make. */
void refuse_changes(const struct diff *d, const struct directives *w, struct stub *stub);
/* init_changes.c: a changed block of an init or exit section. */
void judge_init_change(const struct diff *d, uint32_t block);
/* init_changes.c: the change of such a block is wanted to be left out. */
bool skips_init(const struct diff *d, const struct graph *g, uint32_t block, const char *symbol);
/* init_changes.c: of what the kernel read at boot, for people: why a change is left out, or refused, and what to do. */
void explain_init(const struct diff *d, bool skipped, const char *name, struct elfdiff_diag *diag);
/* init_changes.c: names of elfdiff_add_skip_init() that nothing has. */
void check_skipped_names(const struct diff *d);
/* init_changes.c: what the output has and only init code would set up that is left out. */
void warn_not_set_up(const struct diff *d, const struct selection *s);
/* moved_names.c: global names that stand on something else than before. */
void refuse_moved_names(const struct diff *d);
/* shared_names.c: the symbols of a name that a block and its twin have, both of which have labels; of these, if they share none. */
struct function_pair shared_name(const struct diff *d, uint32_t block);
/* refuse_left_out.c: changes of what no patch has, and the kernel has read. */
void refuse_left_out(const struct diff *d, const struct directives *w);
/* replaced_functions.c: the functions of a changed block that are replaced. */
void find_replaced_functions(const struct diff *d, uint32_t block, struct selection *s);
/* state_loss.c: new static variables of the output, where the original has one that is gone. */
void refuse_state_loss(const struct diff *d, const struct selection *s);
/* linker_lists.c: variables that nothing refers to, in sections of their own. */
void judge_linker_lists(const struct diff *d, const struct directives *w, struct stub *stub);
/*
 * shared_section.c: a reference of a block is an offset into a section of several variables, and it could mean more
 * than one of them. `sections` is a byte for each section of the patched object, zero at first.
 */
bool owner_is_open(const struct diff *d, uint8_t *sections, uint32_t from, uint32_t reloc);
void refuse_open_owner(const struct diff *d, uint32_t from, uint32_t reloc);
void refuse_open_distances(const struct diff *d, uint32_t block);
/* ibt_seal.c: pointers to functions that the kernel may have sealed against indirect calls. */
void warn_ibt_seal(const struct diff *d, const struct selection *s);
/* ibt_seal.c: by block of code: something in the object stores or loads an address in it. */
bool *blocks_with_address_taken(struct arena *a, const struct graph *g);
/* unwound.c: unwind data of the items. */
void find_unwound(const struct diff *d, struct selection *s);
/* kcfi.c: replaced functions that a call through a pointer would not take for what they are. */
void refuse_type_changes(const struct diff *d, const struct selection *s);
/* held_constants.c: changed constants of which a copy does not do, because their address matters. */
void refuse_held_constants(const struct diff *d, const struct directives *w, const struct selection *s);
/* inner_entries.c: replaced functions that others enter behind the place where calls are redirected. */
void refuse_inner_entries(const struct diff *d, const struct selection *s);
/* What a block of code runs is a function's other than `block`'s. Code without a name may be a part of any function. */
bool is_of_other_function(const struct graph *g, uint32_t block, uint32_t from);
/* compared_copies.c: copies of which what lives has the originals, and whose addresses are compared. */
void refuse_compared_copies(const struct diff *d, const struct selection *s);
/* identity.c: what has a name and no identity, unless its address matters. */
struct identity *identity_new(const struct diff *d, const struct kernel_symbols *ks);
/* What is fresh has to be the kernel's all the same. */
bool has_identity(struct identity *id, uint32_t block);
/* What is fresh and new has to be the kernel's if it is one of several there. */
bool identity_is_unclear(struct identity *id, uint32_t block);
/* runtime_loads.c: runtime constants of the code in the output. */
void judge_runtime_constants(const struct diff *d, const struct selection *s);
/* objtool.c: code in the output that is not yet what the kernel runs. */
void refuse_unfinished(const struct diff *d, const struct selection *s, const struct kernel_symbols *ks);
/* read_on.c: constants to which nothing leads but what stands before them. */
void refuse_read_on(const struct diff *d, const struct selection *s);
/* refuse.c: sections that know of the code in the output, and are not understood. */
void refuse_unknown_tables(const struct diff *d, const struct directives *w, const struct selection *s);
void refuse_linker_relocations(const struct diff *d, const struct selection *s);
/* gone_callbacks.c: functions that are gone, and whose address lives. */
void judge_gone_callbacks(const struct diff *d, const struct selection *s);
/* refuse.c: more than a module's memory has. */
void refuse_alignments(const struct diff *d, const struct selection *s);

/* --- resolve ------------------------------------------------------------------ */

/* module_depends.c: what the patched module depends on. */
struct module_depends {
	const struct diff *d;
	const struct symvers *sv;
	const struct symbol_table *table; /* of the patched object, or NULL */
	bool is_module;                   /* or it is vmlinux, which depends on none */
	bool listed;
	struct text_set modules;
};
bool module_depends_on(struct module_depends *m, const char *module);

/* kernel_definitions.c. The global symbol of that name in a table, or NONE; of a NULL table too. */
uint32_t kernel_global(const struct symbol_table *t, const char *name);
/* The same of what an object defines: hidden, it is local in a table that does not tell visibilities. */
uint32_t kernel_global_of(const struct symbol_table *t, const struct symbol *s);
/* kernel_definitions.c: symbol number `id` is not what the original's weak symbol `orig` became in the kernel; else NULL. */
const char *why_other_definition(const struct diff *d, const struct symbol_table *t, const struct unit_place *place,
				 uint32_t orig, uint32_t id);
/* kernel_definitions.c: names that are new in the output, and the kernel has from another object. */
void refuse_taken_names(const struct diff *d, const struct selection *s, const struct symbol_table *t);

/* unlocated.c: why a local symbol of the original is not in the table (`result` is not FOUND), and what to do. */
struct unlocated {
	const char *cause, *hint;
};
struct unlocated why_unlocated(const struct diff *d, const struct symbol_table *t, const struct unit_place *place,
			       uint32_t orig_symbol, enum locate_result result);

/* kernel_definitions.c: whose global of a name a unit of a module was, or would be, linked to. */
struct name_question {
	const char *name, *module;
	const struct symbol_table *table, *vmlinux; /* of the module, or NULL; or NULL */
	const struct symvers *symvers;
	bool linked; /* the original refers to it, and so was linked to it */
};
enum name_owner {
	NAME_OUTSIDE,   /* somebody's export; or, where the original does not refer to it, anything outside */
	NAME_OWN,       /* the module's */
	NAME_OF_EITHER, /* nothing tells whether it is the module's, or which of the module's */
	NAME_OF_NOBODY, /* the module does not have it, and nobody exports it */
};
struct name_link {
	enum name_owner whose;
	uint32_t entry; /* NAME_OWN: of the module's table; NONE: that does not have it, or there is none */
};
struct name_link module_name_link(const struct name_question *q);
/* kernel_definitions.c: why a table has no global of that name, or no single one. Lives in the arena. */
const char *why_no_global(const struct diff *d, const struct symbol_table *t, const char *name);
/* kernel_definitions.c: why NAME_OF_EITHER or NAME_OF_NOBODY, and what to do. */
struct unlocated why_unlinked(const struct diff *d, enum name_owner whose);

/* hooked_elsewhere.c: functions for which ftrace may hook another one; of a NULL table none. */
void judge_hooks(const struct diff *d, const struct resolution *r, const struct symbol_table *t);

/* late_entries.c: special entries that the loader reads before the address of what they need is known. */
void judge_late_entries(const struct diff *d, const struct selection *s, struct resolution *r);

/* --- assemble ----------------------------------------------------------------- */

struct assembler {
	const struct diff *d;
	const struct graph *g; /* the patched object's */
	const struct selection *s;
	const struct resolution *r;
	const uint32_t *cut_of; /* by relocation: 1 + the number of the cut edge, or 0 */
	struct model_builder b;
	uint32_t *section_of; /* by block: model section, 0 when it is not in the output */
	uint64_t *offset_of;  /* by block: its place there */
	uint32_t *symbol_of;  /* by symbol of the patched object: symbol of the builder, 0 when it has none */
	uint32_t unwind, unwind_records; /* model sections, or 0 */
};

/* The model section of copies of what is in a section of the patched object. */
uint32_t copy_section(struct assembler *as, uint32_t section);

/* A relocation of the output to something in it. */
struct model_reloc inner_reloc(struct assembler *as, const struct reloc *r, const struct edge *e);
/* The symbol of something that is not in it; `s`: what the patched object calls it. */
uint32_t reference_symbol(struct assembler *as, const struct reference *ref, const struct symbol *s);

/* unwound.c: the unwind data that hold at an offset of a block (from its start), or NULL. */
const struct unwound *unwound_at(const struct selection *s, uint32_t block, uint64_t offset);
/* unwound.c: some begin in [start, end) of the block. */
bool unwound_begins_in(const struct selection *s, uint32_t block, uint64_t start, uint64_t end);
/* unwound.c: makes room for them if it is their section: the output's sections are in the order of the object's. */
void place_unwound(struct assembler *as, uint32_t section);
/* unwound.c: adds them, once blocks have their places. */
void add_unwound(struct assembler *as);
/* unwound.c: what holds at an offset of a block holds at this offset of its model section, too. */
void repeat_unwound(struct assembler *as, uint32_t block, uint64_t offset, uint64_t at);

/* detours.c: code behind a function that belongs to it. */
void add_detour(struct arena *a, struct resolution *r, const struct key_detour *t);
/* There is one of that block that begins at that offset of its section. */
bool detour_at(const struct resolution *r, uint32_t block, uint64_t site);
/* Of those of a block together, bytes. */
uint64_t detours_size(const struct resolution *r, uint32_t block);
/* The size of a symbol in that block, up to their end where one of their sites is in it. */
uint64_t size_with_detours(const struct assembler *as, const struct symbol *s, uint32_t block);
/* Writes them, and the jumps to them, into the block's bytes. */
void fill_detours(const struct assembler *as, uint32_t block, uint8_t *to);
/* Where a relocation at that offset of a block goes, bytes from the block's start. False: it has no place any more. */
bool moved_by_detour(const struct assembler *as, uint32_t block, uint64_t *offset);
/* Adds their relocations and unwind data. */
void add_detours(struct assembler *as);

/* reach.c */
int64_t outer_addend(const struct object *o, const struct reloc *r,
		     const struct cut_edge *cut); /* from the label there */
/* Whether the instruction of cut edge i has to be the other one that arch.far_form knows. */
bool takes_far_form(const struct diff *d, const struct selection *s, const struct resolution *res, uint32_t i,
		    struct runtime_load *ret);
void refuse_out_of_reach(const struct diff *d, const struct selection *s, const struct resolution *res);

/* records.c: .kpatch.funcs, .kpatch.redirects, .kpatch.callbacks.*, .kpatch.strings, .modinfo. */
void write_records(struct assembler *as);
/* originals.c: the line of .kpatch.original about a function of the original. */
struct runtime_places;
const char *original_line(struct arena *a, const struct graph *orig, const struct runtime_places *p, const char *object,
			  uint32_t symbol, unsigned long position);
/* originals.c: .kpatch.original. */
void write_originals(struct assembler *as);

#endif
