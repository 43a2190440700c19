/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "klp/model.h"

#include <elf.h>
#include <string.h>

#include "klp/internal.h"
#include "klp/form_names.h"
#include "file/load.h"

#ifndef SHT_LLVM_ADDRSIG
#define SHT_LLVM_ADDRSIG 0x6fff4c03
#endif
#ifndef SHT_LLVM_CALL_GRAPH_PROFILE
#define SHT_LLVM_CALL_GRAPH_PROFILE 0x6fff4c09
#endif

/*
 * One ELF symbol of form klp may be used by the KLP relocations of several
 * objects. The model has a symbol for each of them: a `use`.
 */
struct use {
	uint32_t symbol; /* in the object */
	const char *when;
	uint32_t next;   /* another use of the same symbol, or NONE */
	uint32_t number; /* of the model's symbol */
};

struct reader {
	struct arena *a;
	struct diags *ds;
	const struct object *o;
	struct model *m;
	uint32_t strtab;    /* names of the symbols: the writer makes it anew */
	uint32_t *sections; /* by section of the object: the model's number, or 0 */
	const char **whens; /* by section of the object: whose loading applies this KLP relocation section, or NULL */
	uint32_t *symbols;  /* by symbol of the object: the model's number, or 0; livepatch symbols: see uses */
	struct klp_name *names;         /* by symbol of the object; .object is NULL when it is no KLP symbol */
	uint32_t *first_use, *last_use; /* by symbol of the object */
	VEC(struct use) uses;
	struct index uses_by_key;
};

/* All refusals have one shape: the file cannot be read without losing something. */
static enum elfdiff_status refuse(struct reader *r, const char *id, const char *section, const char *symbol,
				  const char *cause, const char *hint)
{
	diag_add(r->ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
					.id = id,
					.object = r->o->path,
					.section = section,
					.symbol = symbol,
					.cause = cause,
					.hint = hint },
		 "`%s` cannot be converted without loss", symbol ? symbol : section);
	return ELFDIFF_ERROR;
}

/*
 * What the writer makes itself is left out, and three kinds of section that
 * would be wrong in the output:
 * - SHT_GROUP: the sections of a patch are chosen one by one, so a group would
 *   no longer be whole; the kernel's loader knows nothing of groups, and a
 *   linker that drops a "duplicate" group would drop patched code.
 * - SHT_LLVM_ADDRSIG and SHT_LLVM_CALL_GRAPH_PROFILE: hints for a linker that
 *   name symbols by number, and the numbers change.
 */
static bool is_kept(const struct reader *r, uint32_t i)
{
	switch (r->o->sections[i].type) {
	case SHT_NULL:
	case SHT_SYMTAB:
	case SHT_SYMTAB_SHNDX:
	case SHT_RELA:
	case SHT_GROUP:
	case SHT_LLVM_ADDRSIG:
	case SHT_LLVM_CALL_GRAPH_PROFILE:
		return false;
	case SHT_STRTAB:
		return i != r->strtab && strcmp(r->o->sections[i].name, ".shstrtab") != 0;
	}
	return true;
}

static enum elfdiff_status read_sections(struct reader *r)
{
	*vec_push(r->a, &r->m->sections) = (struct model_section){ .name = "" };
	for (uint32_t i = 1; i < r->o->section_count; i++) {
		const struct section *s = &r->o->sections[i];

		if (!is_kept(r, i) && s->type != SHT_RELA && section_is_alloc(s) && s->size)
			return refuse(
				r, "lost-section", s->name, NULL,
				"its type is that of a table of ELF, and its flags are those of what a kernel loads",
				"rebuild the object");
		if (!is_kept(r, i))
			continue;
		r->sections[i] = r->m->sections.count;
		*vec_push(r->a, &r->m->sections) = (struct model_section){ .name = s->name,
									   .type = s->type,
									   .flags = s->flags & ~(uint64_t)SHF_GROUP,
									   .align = s->align ? s->align : 1,
									   .entsize = s->entsize,
									   .size = s->size,
									   .data = s->data };
	}
	return ELFDIFF_OK;
}

static enum elfdiff_status link_sections(struct reader *r)
{
	for (uint32_t i = 1; i < r->o->section_count; i++) {
		const struct section *s = &r->o->sections[i];
		struct model_section *ms = &r->m->sections.items[r->sections[i]];

		if (!r->sections[i])
			continue;
		ms->link = r->sections[s->link];
		ms->info = s->info;
		if (s->flags & SHF_INFO_LINK)
			ms->info = s->info < r->o->section_count ? r->sections[s->info] : 0;
		if ((s->flags & SHF_LINK_ORDER && s->link && !ms->link) || (s->flags & SHF_INFO_LINK && !ms->info))
			return refuse(r, "lost-link", s->name, NULL,
				      "it belongs to a section that the conversion does not keep",
				      "rebuild the object");
	}
	return ELFDIFF_OK;
}

static enum elfdiff_status read_klp_sections(struct reader *r)
{
	for (uint32_t i = 1; i < r->o->section_count; i++) {
		const struct section *s = &r->o->sections[i];
		const char *flaw;

		/* A linker may lose the flag, never the name. */
		if (s->type != SHT_RELA || !(s->flags & SHF_RELA_LIVEPATCH || starts_with(s->name, KLP_SECTION_PREFIX)))
			continue;
		flaw = klp_section_parse(r->a, s->name, &r->whens[i]);
		if (flaw)
			return refuse(r, "klp-section-name", s->name, NULL, flaw,
				      "name it `.klp.rela.<object>.<target section>`");
		if (!section_is_alloc(&r->o->sections[s->info]))
			return refuse(r, "klp-section-target", s->name, NULL, "it relocates what is not loaded",
				      "rebuild the object");
	}
	return ELFDIFF_OK;
}

static enum elfdiff_status read_klp_names(struct reader *r)
{
	for (uint32_t i = 1; i < r->o->symbol_count; i++) {
		const struct symbol *s = &r->o->symbols[i];
		const char *flaw = NULL;

		if (s->place == SYMBOL_LIVEPATCH)
			flaw = klp_symbol_parse(r->a, s->name, &r->names[i]);
		else if (s->place == SYMBOL_UNDEFINED && starts_with(s->name, LINKABLE_SYMBOL_PREFIX))
			flaw = linkable_symbol_parse(r->a, s->name, &r->names[i]);
		if (flaw)
			return refuse(r, "klp-symbol-name", NULL, s->name, flaw,
				      s->place == SYMBOL_LIVEPATCH
					      ? "name it `.klp.sym.<object>.<name>,<position>`"
					      : "name it `.klp.sym.rela.<when>.<object>.<name>,<position>`");
	}
	return ELFDIFF_OK;
}

static uint64_t use_key(uint32_t symbol, const char *when)
{
	return hash_mix(symbol, hash_string(when));
}

static uint32_t find_use(const struct reader *r, uint32_t symbol, const char *when)
{
	const struct index *ix = &r->uses_by_key;

	for (uint32_t e = index_first(ix, use_key(symbol, when)); e != NONE; e = index_next(ix, e)) {
		const struct use *u = &r->uses.items[ix->ids[e]];

		if (u->symbol == symbol && !strcmp(u->when, when))
			return ix->ids[e];
	}
	return NONE;
}

static void add_use(struct reader *r, uint32_t symbol, const char *when)
{
	uint32_t n = r->uses.count;

	if (find_use(r, symbol, when) != NONE)
		return;
	*vec_push(r->a, &r->uses) = (struct use){ .symbol = symbol, .when = when, .next = NONE };
	index_add(r->a, &r->uses_by_key, use_key(symbol, when), n);
	if (r->first_use[symbol] == NONE)
		r->first_use[symbol] = n;
	else
		r->uses.items[r->last_use[symbol]].next = n;
	r->last_use[symbol] = n;
}

/*
 * The loader leaves relocations of sections without SHF_ALLOC alone, so debug
 * information may name a KLP symbol in an ordinary relocation; elsewhere it
 * would not say whose loading is to apply it.
 */
static enum elfdiff_status collect_use(struct reader *r, const struct reloc *rel)
{
	const struct symbol *s = &r->o->symbols[rel->symbol];
	const struct section *target = &r->o->sections[rel->section];
	const char *when = rel->from == NONE ? NULL : r->whens[rel->from];

	if (when && s->place != SYMBOL_LIVEPATCH)
		return refuse(r, "klp-symbol-ordinary", r->o->sections[rel->from].name, s->name,
			      "a KLP relocation section refers to a symbol that is not SHN_LIVEPATCH",
			      "convert the linkable form, or rebuild the object with create-diff-object");
	if (!when && s->place == SYMBOL_LIVEPATCH && section_is_alloc(target))
		return refuse(r, "klp-symbol-in-ordinary", target->name, s->name,
			      "an ordinary relocation refers to a livepatch symbol, and does not say when it is to be "
			      "applied",
			      "put the relocation into `.klp.rela.<object>.<section>`");
	if (when)
		add_use(r, rel->symbol, when);
	return ELFDIFF_OK;
}

static enum elfdiff_status collect_uses(struct reader *r)
{
	for (uint32_t i = 0; i < r->o->reloc_count; i++) {
		enum elfdiff_status status = collect_use(r, &r->o->relocs[i]);

		if (status)
			return status;
	}
	/* A livepatch symbol that nothing uses is kept; its own object will do. */
	for (uint32_t i = 1; i < r->o->symbol_count; i++)
		if (r->o->symbols[i].place == SYMBOL_LIVEPATCH && r->first_use[i] == NONE)
			add_use(r, i, r->names[i].object);
	return ELFDIFF_OK;
}

static void push_klp_symbol(struct reader *r, uint32_t i, const char *when)
{
	const struct klp_name *n = &r->names[i];

	/* Binding and type mean nothing to the kernel; one spelling makes equal references equal. */
	*vec_push(r->a, &r->m->symbols) = (struct model_symbol){ .name = n->name,
								 .place = MODEL_KLP,
								 .bind = STB_GLOBAL,
								 .type = STT_NOTYPE,
								 .klp_object = n->object,
								 .klp_when = when,
								 .position = n->position };
}

static void push_plain_symbol(struct reader *r, uint32_t i)
{
	static const enum model_place places[] = {
		[SYMBOL_UNDEFINED] = MODEL_UNDEFINED, [SYMBOL_DEFINED] = MODEL_DEFINED,
		[SYMBOL_ABSOLUTE] = MODEL_ABSOLUTE,   [SYMBOL_COMMON] = MODEL_COMMON,
		[SYMBOL_LIVEPATCH] = MODEL_KLP,
	};
	const struct symbol *s = &r->o->symbols[i];

	if (s->place == SYMBOL_DEFINED && !r->sections[s->section])
		return; /* label of a section that the writer makes, or of a group */
	r->symbols[i] = r->m->symbols.count;
	*vec_push(r->a, &r->m->symbols) =
		(struct model_symbol){ .name = s->name,
				       .value = s->value,
				       .size = s->size,
				       .place = places[s->place],
				       .section = s->place == SYMBOL_DEFINED ? r->sections[s->section] : 0,
				       .bind = s->bind,
				       .type = s->type,
				       .other = s->other };
}

static void read_symbol(struct reader *r, uint32_t i)
{
	if (r->o->symbols[i].place == SYMBOL_LIVEPATCH) {
		for (uint32_t u = r->first_use[i]; u != NONE; u = r->uses.items[u].next) {
			r->uses.items[u].number = r->m->symbols.count;
			push_klp_symbol(r, i, r->uses.items[u].when);
		}
	} else if (r->names[i].object) {
		r->symbols[i] = r->m->symbols.count;
		push_klp_symbol(r, i, r->names[i].when);
	} else {
		push_plain_symbol(r, i);
	}
}

static bool becomes_local(const struct reader *r, uint32_t i)
{
	/* Some tools make livepatch symbols local; in the model they are global. */
	return r->o->symbols[i].bind == STB_LOCAL && !r->names[i].object;
}

static void read_symbols(struct reader *r)
{
	*vec_push(r->a, &r->m->symbols) = (struct model_symbol){ .name = "" };
	for (uint32_t i = 1; i < r->o->symbol_count; i++)
		if (becomes_local(r, i))
			read_symbol(r, i);
	for (uint32_t i = 1; i < r->o->symbol_count; i++)
		if (!becomes_local(r, i))
			read_symbol(r, i);
}

/* The model's symbol for a relocation; 0 when it has none. */
static uint32_t symbol_of(const struct reader *r, const struct reloc *rel)
{
	const char *when = r->whens[rel->from];
	uint32_t use;

	if (r->o->symbols[rel->symbol].place != SYMBOL_LIVEPATCH)
		return r->symbols[rel->symbol];
	use = when ? find_use(r, rel->symbol, when) : r->first_use[rel->symbol];
	return r->uses.items[use].number;
}

static enum elfdiff_status read_relocation(struct reader *r, struct model_section *ms, const struct reloc *rel)
{
	uint32_t symbol;

	if (rel->from == NONE)
		return ELFDIFF_OK; /* stands in the code, not in the file's tables */
	symbol = symbol_of(r, rel);
	if (rel->symbol && !symbol)
		return refuse(r, "lost-symbol", ms->name, r->o->symbols[rel->symbol].name,
			      "a relocation refers to a section that the conversion does not keep",
			      "rebuild the object");
	*vec_push(r->a, &ms->relocs) = (struct model_reloc){
		.offset = rel->offset, .addend = rel->addend, .type = rel->type, .symbol = symbol
	};
	return ELFDIFF_OK;
}

static enum elfdiff_status read_relocations(struct reader *r)
{
	enum elfdiff_status status = ELFDIFF_OK;

	for (uint32_t i = 1; i < r->o->section_count && !status; i++) {
		const struct section *s = &r->o->sections[i];

		for (uint32_t j = 0; r->sections[i] && j < s->reloc_count && !status; j++)
			status = read_relocation(r, &r->m->sections.items[r->sections[i]],
						 &r->o->relocs[s->reloc_first + j]);
	}
	return status;
}

static void prepare(struct reader *r)
{
	r->sections = arena_array(r->a, r->o->section_count, uint32_t);
	r->whens = arena_array(r->a, r->o->section_count, const char *);
	r->symbols = arena_array(r->a, r->o->symbol_count, uint32_t);
	r->names = arena_array(r->a, r->o->symbol_count, struct klp_name);
	r->first_use = none_array(r->a, r->o->symbol_count);
	r->last_use = arena_array(r->a, r->o->symbol_count, uint32_t);
	for (uint32_t i = 1; i < r->o->section_count; i++)
		if (r->o->sections[i].type == SHT_SYMTAB)
			r->strtab = r->o->sections[i].link;
	*r->m = (struct model){ .machine = r->o->machine, .flags = r->o->flags, .big_endian = r->o->big_endian };
}

static enum elfdiff_status read_file(struct arena *a, struct diags *ds, const char *path, struct model *ret)
{
	struct reader r = { .a = a, .ds = ds, .m = ret };
	enum elfdiff_status status = load_object(a, ds, path, LOAD_ALL, &r.o);

	if (status)
		return status;
	prepare(&r);
	status = read_sections(&r);
	if (!status)
		status = link_sections(&r);
	if (!status)
		status = read_klp_sections(&r);
	if (!status)
		status = read_klp_names(&r);
	if (!status)
		status = collect_uses(&r);
	if (status)
		return status;
	read_symbols(&r);
	return read_relocations(&r);
}

enum elfdiff_status model_read(struct arena *a, struct diags *ds, const char *path, bool klp_arch, struct model *ret)
{
	struct model m = { 0 };
	enum elfdiff_status status = read_file(a, ds, path, &m);

	if (!status && kpatch_has_records(&m))
		return kpatch_decode(a, ds, path, &m, klp_arch, ret);
	*ret = m;
	return status;
}
