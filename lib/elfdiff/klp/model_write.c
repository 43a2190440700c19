/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order of the sections: the model's, each followed by its ordinary
 * relocations, then by its KLP relocations, one section for each object whose
 * loading applies them, in the order in which they are first used; at the end
 * the symbol table, its extended indexes where there are any, and the strings.
 * So ordinary relocations of a place come before its KLP relocations, and
 * nothing depends on anything but the model.
 */
#include "klp/model.h"

#include <string.h>

#include "arch/arch.h"
#include "file/elf_out.h"
#include "klp/internal.h"
#include "klp/form_names.h"
#include "file/output_file.h"

/* An object that relocations wait for. */
struct when {
	const char *name;
	uint32_t section; /* the model section that was last seen to use it */
	uint32_t relocs;  /* its number in `tables`; valid for `section` */
};

/* Relocations of one output section. */
struct rela_table {
	const char *when; /* NULL: ordinary */
	VEC(Elf64_Rela) relas;
};

struct plan {
	struct arena *a;
	struct diags *ds;
	const struct model *m;
	enum elfdiff_form form;
	const char *path;
	struct elf_out out;
	uint32_t *sections;  /* by model section: number in the file */
	uint32_t *symbols;   /* by model symbol: number in the file */
	uint32_t *when_of;   /* by model symbol: number in `whens` */
	VEC(uint32_t) order; /* by symbol of the file: a model symbol with its properties */
	uint32_t first_global;
	struct strings names;
	VEC(struct when) whens;
	struct index whens_by_name, klp_by_key;
	VEC(struct rela_table) tables; /* of the section at hand; 0 is ordinary */
};

static enum elfdiff_status fail(struct plan *p, const char *id, const char *cause, const char *hint)
{
	diag_add(p->ds,
		 (struct elfdiff_diag){
			 .severity = ELFDIFF_FAILURE, .id = id, .object = p->path, .cause = cause, .hint = hint },
		 "cannot write `%s`", p->path);
	return ELFDIFF_ERROR;
}

static struct klp_name klp_name_of(const struct plan *p, const struct model_symbol *s)
{
	bool klp = p->form == ELFDIFF_FORM_KLP;

	return (struct klp_name){
		.when = klp ? NULL : s->klp_when, .object = s->klp_object, .name = s->name, .position = s->position
	};
}

static enum elfdiff_status check_names(struct plan *p)
{
	enum elfdiff_status status = ELFDIFF_OK;

	for (uint32_t i = 1; i < p->m->symbols.count; i++) {
		const struct model_symbol *s = &p->m->symbols.items[i];
		struct klp_name n = { .when = s->klp_when, .object = s->klp_object, .name = s->name };
		const char *flaw = s->place == MODEL_KLP ? klp_name_flaw(&n) : NULL;

		if (!flaw)
			continue;
		diag_add(p->ds,
			 (struct elfdiff_diag){ .severity = ELFDIFF_REFUSAL,
						.id = "klp-name",
						.object = p->path,
						.symbol = s->name,
						.cause = flaw,
						.hint = "avoid the reference, or export the symbol" },
			 "the kernel cannot look up a KLP symbol with the name `%s` in `%s`", s->name, s->klp_object);
		status = ELFDIFF_REFUSED;
	}
	return status;
}

static bool same_klp(const struct plan *p, const struct model_symbol *x, const struct model_symbol *y)
{
	return p->form == ELFDIFF_FORM_KLP ? same_klp_target(x, y) : same_klp_reference(x, y);
}

/*
 * The symbol of the file for a KLP symbol. In form klp the symbol's name does
 * not tell when it is applied, the section does: symbols that differ in that
 * alone are one.
 */
static uint32_t klp_symbol(struct plan *p, uint32_t i)
{
	const struct model_symbol *s = &p->m->symbols.items[i];
	uint64_t key = hash_mix(hash_string(s->name), hash_mix(hash_string(s->klp_object), s->position));

	for (uint32_t e = index_first(&p->klp_by_key, key); e != NONE; e = index_next(&p->klp_by_key, e)) {
		uint32_t known = p->klp_by_key.ids[e];

		if (same_klp(p, s, &p->m->symbols.items[known]))
			return p->symbols[known];
	}
	index_add(p->a, &p->klp_by_key, key, i);
	*vec_push(p->a, &p->order) = i;
	return p->order.count - 1;
}

static uint32_t intern_when(struct plan *p, const char *name)
{
	uint64_t hash = hash_string(name);

	for (uint32_t e = index_first(&p->whens_by_name, hash); e != NONE; e = index_next(&p->whens_by_name, e))
		if (!strcmp(p->whens.items[p->whens_by_name.ids[e]].name, name))
			return p->whens_by_name.ids[e];
	index_add(p->a, &p->whens_by_name, hash, p->whens.count);
	*vec_push(p->a, &p->whens) = (struct when){ .name = name };
	return p->whens.count - 1;
}

static enum elfdiff_status number_symbols(struct plan *p)
{
	const struct model *m = p->m;

	p->symbols = arena_array(p->a, m->symbols.count, uint32_t);
	p->when_of = arena_array(p->a, m->symbols.count, uint32_t);
	*vec_push(p->a, &p->order) = 0;
	p->first_global = 1;
	for (uint32_t i = 1; i < m->symbols.count; i++) {
		const struct model_symbol *s = &m->symbols.items[i];
		bool local = s->place != MODEL_KLP && s->bind == STB_LOCAL;

		if (local && p->first_global != p->order.count)
			return fail(p, "internal", "a local symbol follows a global one", "report this as a bug");
		if (s->place == MODEL_KLP) {
			p->symbols[i] = klp_symbol(p, i);
			p->when_of[i] = intern_when(p, s->klp_when);
			continue;
		}
		p->symbols[i] = p->order.count;
		*vec_push(p->a, &p->order) = i;
		if (local)
			p->first_global = p->order.count;
	}
	return ELFDIFF_OK;
}

/*
 * The table that a relocation of model section `i` belongs to. KLP relocations
 * of sections that are not loaded (debug information) stay ordinary: the
 * loader skips them, livepatch's late application would not.
 */
static struct rela_table *table_for(struct plan *p, uint32_t i, uint32_t symbol)
{
	struct when *w;

	if (p->form != ELFDIFF_FORM_KLP || p->m->symbols.items[symbol].place != MODEL_KLP ||
	    !(p->m->sections.items[i].flags & SHF_ALLOC))
		return &p->tables.items[0];
	w = &p->whens.items[p->when_of[symbol]];
	if (w->section != i) {
		w->section = i;
		w->relocs = p->tables.count;
		*vec_push(p->a, &p->tables) = (struct rela_table){ .when = w->name };
	}
	return &p->tables.items[w->relocs];
}

static void sort_relocations(struct plan *p, uint32_t i)
{
	const struct model_section *s = &p->m->sections.items[i];

	p->tables.count = 0;
	*vec_push(p->a, &p->tables) = (struct rela_table){ .when = NULL };
	for (uint32_t j = 0; j < s->relocs.count; j++) {
		const struct model_reloc *r = &s->relocs.items[j];
		struct rela_table *t = table_for(p, i, r->symbol);

		*vec_push(p->a, &t->relas) = (Elf64_Rela){
			.r_offset = r->offset,
			.r_info = ELF64_R_INFO((uint64_t)p->symbols[r->symbol], r->type),
			.r_addend = r->addend,
		};
	}
}

static void add_table(struct plan *p, uint32_t i, const struct rela_table *t)
{
	const char *target = p->m->sections.items[i].name;

	if (!t->relas.count)
		return;
	*vec_push(p->a, &p->out.sections) =
		(struct out_section){ .name = t->when ? klp_section_name(p->a, t->when, target)
						      : arena_printf(p->a, ".rela%s", target),
				      .type = SHT_RELA,
				      .flags = SHF_INFO_LINK | (t->when ? SHF_ALLOC | SHF_RELA_LIVEPATCH : 0),
				      .align = 8,
				      .entsize = sizeof(Elf64_Rela),
				      .info = p->sections[i],
				      .size = t->relas.count * sizeof(Elf64_Rela),
				      .kind = OUT_RELOCATIONS,
				      .data = t->relas.items };
}

static void add_sections(struct plan *p)
{
	p->sections = arena_array(p->a, p->m->sections.count, uint32_t);
	*vec_push(p->a, &p->out.sections) = (struct out_section){ .name = "" };
	for (uint32_t i = 1; i < p->m->sections.count; i++) {
		const struct model_section *s = &p->m->sections.items[i];

		p->sections[i] = p->out.sections.count;
		*vec_push(p->a, &p->out.sections) = (struct out_section){ .name = s->name,
									  .type = s->type,
									  .flags = s->flags,
									  .align = s->align,
									  .entsize = s->entsize,
									  .size = s->size,
									  .data = s->data };
		sort_relocations(p, i);
		for (uint32_t t = 0; t < p->tables.count; t++)
			add_table(p, i, &p->tables.items[t]);
	}
}

/* What could not be known before every section had its number. */
static void link_sections(struct plan *p, uint32_t symtab)
{
	for (uint32_t i = 1; i < p->m->sections.count; i++) {
		const struct model_section *s = &p->m->sections.items[i];
		struct out_section *os = &p->out.sections.items[p->sections[i]];

		os->link = s->link < p->m->sections.count ? p->sections[s->link] : 0;
		os->info = s->flags & SHF_INFO_LINK && s->info < p->m->sections.count ? p->sections[s->info] : s->info;
	}
	for (uint32_t i = 1; i < symtab; i++)
		if (p->out.sections.items[i].kind == OUT_RELOCATIONS)
			p->out.sections.items[i].link = symtab;
}

static const char *name_of(struct plan *p, const struct model_symbol *s)
{
	struct klp_name n = klp_name_of(p, s);

	if (s->place != MODEL_KLP)
		return s->type == STT_SECTION ? "" : s->name;
	return p->form == ELFDIFF_FORM_KLP ? klp_symbol_name(p->a, &n) : linkable_symbol_name(p->a, &n);
}

/* Section index for st_shndx; *extended is what does not fit. */
static uint16_t place_of(const struct plan *p, const struct model_symbol *s, uint32_t *extended)
{
	uint32_t n;

	switch (s->place) {
	case MODEL_UNDEFINED:
		return SHN_UNDEF;
	case MODEL_ABSOLUTE:
		return SHN_ABS;
	case MODEL_COMMON:
		return SHN_COMMON;
	case MODEL_KLP:
		return p->form == ELFDIFF_FORM_KLP ? SHN_LIVEPATCH : SHN_UNDEF;
	case MODEL_DEFINED:
		break;
	}
	n = p->sections[s->section];
	if (n < SHN_LORESERVE)
		return (uint16_t)n;
	*extended = n;
	return SHN_XINDEX;
}

static void fill_symbol(struct plan *p, uint32_t i, Elf64_Sym *es, uint32_t *extended)
{
	const struct model_symbol *s = &p->m->symbols.items[p->order.items[i]];
	bool klp = s->place == MODEL_KLP;

	es->st_name = strings_add(p->a, &p->names, name_of(p, s));
	es->st_info = klp ? ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE) : ELF64_ST_INFO(s->bind, s->type);
	es->st_other = klp ? 0 : s->other;
	es->st_shndx = place_of(p, s, extended);
	es->st_value = klp ? 0 : s->value;
	es->st_size = klp ? 0 : s->size;
}

static void add_symbol_table(struct plan *p)
{
	uint32_t symtab = p->out.sections.count, count = p->order.count;
	Elf64_Sym *syms = arena_array(p->a, count, Elf64_Sym);
	uint32_t *extended = arena_array(p->a, count, uint32_t);
	bool many = symtab > SHN_LORESERVE;

	link_sections(p, symtab);
	for (uint32_t i = 1; i < count; i++)
		fill_symbol(p, i, &syms[i], &extended[i]);
	*vec_push(p->a, &p->out.sections) = (struct out_section){ .name = ".symtab",
								  .type = SHT_SYMTAB,
								  .align = 8,
								  .entsize = sizeof(*syms),
								  .link = symtab + 1 + many,
								  .info = p->first_global,
								  .size = count * sizeof(*syms),
								  .kind = OUT_SYMBOLS,
								  .data = syms };
	if (many)
		*vec_push(p->a, &p->out.sections) = (struct out_section){ .name = ".symtab_shndx",
									  .type = SHT_SYMTAB_SHNDX,
									  .align = 4,
									  .entsize = sizeof(*extended),
									  .link = symtab,
									  .size = count * sizeof(*extended),
									  .kind = OUT_WORDS,
									  .data = extended };
}

static void add_string_tables(struct plan *p)
{
	strings_add(p->a, &p->names, "");
	*vec_push(p->a, &p->out.sections) = (struct out_section){ .name = ".strtab",
								  .type = SHT_STRTAB,
								  .align = 1,
								  .size = p->names.bytes.count,
								  .data = p->names.bytes.items };
	p->out.shstrtab = p->out.sections.count;
	*vec_push(p->a, &p->out.sections) = (struct out_section){ .name = ".shstrtab", .type = SHT_STRTAB, .align = 1 };
}

static enum elfdiff_status write_file(struct plan *p, struct output_file **f)
{
	const char *error = output_open(p->a, p->path, f);

	if (error)
		return fail(p, "unwritable", error, "check the path and its permissions");
	error = elf_out_write(p->a, &p->out, (*f)->fd);
	if (!error)
		error = output_close(p->a, *f);
	if (error)
		return fail(p, "write-error", error, "check whether the disk is full; an existing file is unchanged");
	return ELFDIFF_OK;
}

static enum elfdiff_status put_in_place(struct plan *p, model_verify verify, void *arg)
{
	struct output_file *f = NULL;
	enum elfdiff_status status = write_file(p, &f);
	const char *error;

	if (!status && verify)
		status = verify(arg, f->temp);
	if (!status) {
		error = output_commit(p->a, f);
		if (error)
			status = fail(p, "unwritable", error, "check the path and its permissions");
	}
	output_discard(f);
	return status;
}

static enum elfdiff_status use_records(struct plan *p)
{
	struct model *records = arena_new(p->a, struct model);

	if (!arch_find(p->m->machine))
		return fail(p, "unsupported-machine", "no kernel of this architecture can be live-patched",
			    "use another form");
	kpatch_encode(p->a, p->m, records);
	p->m = records;
	return ELFDIFF_OK;
}

enum elfdiff_status model_write(struct arena *a, struct diags *ds, const struct model *m, enum elfdiff_form form,
				const char *path, model_verify verify, void *arg)
{
	struct plan p = { .a = a, .ds = ds, .m = m, .form = form, .path = path };
	enum elfdiff_status status = check_names(&p);

	if (!status && form == ELFDIFF_FORM_KPATCH)
		status = use_records(&p);
	if (!status)
		status = number_symbols(&p);
	if (status)
		return status;
	p.out.machine = m->machine;
	p.out.flags = m->flags;
	p.out.big_endian = m->big_endian;
	add_sections(&p);
	add_symbol_table(&p);
	add_string_tables(&p);
	return put_in_place(&p, verify, arg);
}
