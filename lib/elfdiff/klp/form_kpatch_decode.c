/* SPDX-License-Identifier: GPL-2.0-or-later */
/* form_kpatch_decode.c - from records to KLP symbols, in a linked module or in an object of one pair */
#include "klp/internal.h"

#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "kpatch-patch.h"

enum { WORD = 8 };

/* Where a pointer leads. */
struct place {
	uint32_t section;
	uint64_t offset;
};

struct decoder {
	struct arena *a;
	struct diags *ds;
	const char *path;
	const struct model *m;
	struct model *out;
	bool klp_arch;            /* for kernels before 5.8 */
	const struct arch *arch;  /* NULL: not one that the library knows */
	uint32_t *section_of;     /* by section of m: of out; 0: left out */
	uint32_t *symbol_of;      /* by symbol of m: of out; 0: left out */
	uint32_t **pointers;      /* by section of m: NULL, or by word of it 1 + the number of its relocation */
	struct index klp_symbols; /* of out, see symbol_for() */
};

static bool is_record_section(const struct model_section *s)
{
	return !strcmp(s->name, KPATCH_SYMBOLS_SECTION) || !strcmp(s->name, KPATCH_RELOCATIONS_SECTION) ||
	       !strcmp(s->name, KPATCH_ARCH_SECTION);
}

bool kpatch_has_records(const struct model *m)
{
	for (uint32_t i = 1; i < m->sections.count; i++)
		if (is_record_section(&m->sections.items[i]))
			return true;
	return false;
}

static enum elfdiff_status refuse(struct decoder *d, uint32_t section, uint64_t at, const char *cause)
{
	diag_add(d->ds,
		 (struct elfdiff_diag){
			 .severity = ELFDIFF_FAILURE,
			 .id = "kpatch-record",
			 .object = d->path,
			 .section = d->m->sections.items[section].name,
			 .has_offset = true,
			 .offset = at,
			 .cause = cause,
			 .hint = "rebuild the object; a linker script must keep .kpatch.* sections intact" },
		 "a record of `%s` cannot be read", d->m->sections.items[section].name);
	return ELFDIFF_ERROR;
}

/* --- reading ------------------------------------------------------------------------- */

static void index_pointers(struct decoder *d, uint32_t i)
{
	const struct model_section *s = &d->m->sections.items[i];

	if (!s->data)
		return;
	d->pointers[i] = arena_array(d->a, s->size / WORD + 1, uint32_t);
	for (uint32_t j = 0; j < s->relocs.count; j++) {
		const struct model_reloc *r = &s->relocs.items[j];

		if (r->offset % WORD == 0 && r->offset < s->size && (!d->arch || r->type == d->arch->pointer_reloc))
			d->pointers[i][r->offset / WORD] = j + 1;
	}
}

static bool follow(const struct decoder *d, uint32_t section, uint64_t at, struct place *ret)
{
	uint32_t n = d->pointers[section][at / WORD];
	const struct model_reloc *r = n ? &d->m->sections.items[section].relocs.items[n - 1] : NULL;
	const struct model_symbol *s = r ? &d->m->symbols.items[r->symbol] : NULL;

	if (!s || s->place != MODEL_DEFINED)
		return false;
	*ret = (struct place){ .section = s->section, .offset = s->value + (uint64_t)r->addend };
	return ret->offset < d->m->sections.items[s->section].size;
}

static const char *follow_string(const struct decoder *d, uint32_t section, uint64_t at)
{
	struct place to;
	const struct model_section *s;

	if (!follow(d, section, at, &to))
		return NULL;
	s = &d->m->sections.items[to.section];
	if (strcmp(s->name, KPATCH_STRINGS_SECTION) || !s->data || !memchr(s->data + to.offset, 0, s->size - to.offset))
		return NULL;
	return (const char *)s->data + to.offset;
}

static uint64_t number(const struct decoder *d, uint32_t section, uint64_t at, unsigned width)
{
	return bytes_get(d->m->sections.items[section].data + at, width, d->m->big_endian);
}

/* --- sections and symbols that stay ---------------------------------------------------- */

/* A section's number in the output; none of them may be of a section that is left out. */
static bool renumber(const struct decoder *d, uint32_t *number)
{
	uint32_t old = *number;

	if (old >= d->m->sections.count)
		return true;
	*number = d->section_of[old];
	return !old || *number;
}

static enum elfdiff_status link_sections(struct decoder *d)
{
	for (uint32_t i = 1; i < d->m->sections.count; i++) {
		struct model_section *s = &d->out->sections.items[d->section_of[i]];

		if (d->section_of[i] &&
		    (!renumber(d, &s->link) || (s->flags & SHF_INFO_LINK && !renumber(d, &s->info))))
			return refuse(d, i, 0,
				      "it belongs to a section of records, which does not remain in the module");
	}
	return ELFDIFF_OK;
}

static void copy_sections(struct decoder *d)
{
	d->section_of = arena_array(d->a, d->m->sections.count, uint32_t);
	for (uint32_t i = 0; i < d->m->sections.count; i++) {
		struct model_section s = d->m->sections.items[i];

		if (is_record_section(&s)) {
			index_pointers(d, i);
			continue;
		}
		memset(&s.relocs, 0, sizeof(s.relocs));
		d->section_of[i] = d->out->sections.count;
		*vec_push(d->a, &d->out->sections) = s;
	}
}

static void copy_symbols(struct decoder *d)
{
	d->symbol_of = arena_array(d->a, d->m->symbols.count, uint32_t);
	for (uint32_t i = 0; i < d->m->symbols.count; i++) {
		struct model_symbol s = d->m->symbols.items[i];

		if (s.place == MODEL_DEFINED && !d->section_of[s.section])
			continue;
		if (s.place == MODEL_DEFINED)
			s.section = d->section_of[s.section];
		d->symbol_of[i] = d->out->symbols.count;
		*vec_push(d->a, &d->out->symbols) = s;
	}
}

static enum elfdiff_status copy_relocs(struct decoder *d, uint32_t i)
{
	const struct model_section *s = &d->m->sections.items[i];

	for (uint32_t j = 0; d->section_of[i] && j < s->relocs.count; j++) {
		struct model_reloc r = s->relocs.items[j];

		if (r.symbol && !d->symbol_of[r.symbol])
			return refuse(
				d, d->m->symbols.items[r.symbol].section, d->m->symbols.items[r.symbol].value,
				arena_printf(d->a, "`%s` refers to it, but it does not remain in the module", s->name));
		r.symbol = d->symbol_of[r.symbol];
		*vec_push(d->a, &d->out->sections.items[d->section_of[i]].relocs) = r;
	}
	return ELFDIFF_OK;
}

/* --- relocations ------------------------------------------------------------------------ */

/* One KLP symbol for all records that name the same thing: some tools write one for each relocation, some share them. */
static uint32_t symbol_for(struct decoder *d, const struct model_symbol *wanted)
{
	uint64_t key = hash_mix(hash_mix(hash_string(wanted->name), hash_string(wanted->klp_object)),
				hash_mix(hash_string(wanted->klp_when), wanted->position));

	for (uint32_t e = index_first(&d->klp_symbols, key); e != NONE; e = index_next(&d->klp_symbols, e))
		if (same_klp_reference(wanted, &d->out->symbols.items[d->klp_symbols.ids[e]]))
			return d->klp_symbols.ids[e];
	index_add(d->a, &d->klp_symbols, key, d->out->symbols.count);
	*vec_push(d->a, &d->out->symbols) = *wanted;
	return d->out->symbols.count - 1;
}

static enum elfdiff_status read_symbol(struct decoder *d, struct place at, const char *when, uint32_t *ret)
{
	const struct model_section *s = &d->m->sections.items[at.section];
	struct model_symbol symbol = { .place = MODEL_KLP, .klp_when = when };

	if (strcmp(s->name, KPATCH_SYMBOLS_SECTION) || at.offset % sizeof(struct kpatch_symbol) || !s->data ||
	    !range_ok(at.offset, sizeof(struct kpatch_symbol), s->size))
		return refuse(d, at.section, at.offset,
			      "a relocation points here, where no record of .kpatch.symbols begins");
	symbol.address = number(d, at.section, at.offset + offsetof(struct kpatch_symbol, src), 8);
	symbol.position = number(d, at.section, at.offset + offsetof(struct kpatch_symbol, sympos), 8);
	symbol.bind = (uint8_t)number(d, at.section, at.offset + offsetof(struct kpatch_symbol, bind), 1);
	symbol.type = (uint8_t)number(d, at.section, at.offset + offsetof(struct kpatch_symbol, type), 1);
	symbol.name = follow_string(d, at.section, at.offset + offsetof(struct kpatch_symbol, name));
	symbol.klp_object = follow_string(d, at.section, at.offset + offsetof(struct kpatch_symbol, objname));
	if (!symbol.name || !symbol.klp_object)
		return refuse(d, at.section, at.offset, "its name or the name of its object is not a string");
	if (symbol.bind > STB_WEAK || symbol.type >= STT_LOPROC)
		return refuse(d, at.section, at.offset, "its binding or its type is not that of a symbol");
	/* What create-diff-object -a lets wait for the patched object is there when the patch is loaded. */
	if (!d->klp_arch && !strcmp(symbol.klp_object, "vmlinux"))
		symbol.klp_when = "vmlinux";
	*ret = symbol_for(d, &symbol);
	return ELFDIFF_OK;
}

/* What a relocation of a file has to be when the file is read, a record has to be, too: it becomes one. */
static bool is_relocation(const struct decoder *d, const struct model_reloc *r, const struct model_section *s)
{
	struct reloc_field field = { .size = 1 };

	return (!d->arch || d->arch->field(r->type, &field)) && s->data && range_ok(r->offset, field.size, s->size);
}

static enum elfdiff_status read_relocation(struct decoder *d, uint32_t section, uint64_t at)
{
	const char *when = follow_string(d, section, at + offsetof(struct kpatch_relocation, objname));
	struct place dest, symbol;
	struct model_reloc r = {
		.type = (uint32_t)number(d, section, at + offsetof(struct kpatch_relocation, type), 4),
		.addend = (int64_t)number(d, section, at + offsetof(struct kpatch_relocation, addend), 8),
	};
	enum elfdiff_status status;

	if (!when)
		return refuse(d, section, at, "the name of its object is not a string");
	if (number(d, section, at + offsetof(struct kpatch_relocation, external), 4) > 1)
		return refuse(d, section, at, "its field `external` is neither 0 nor 1");
	if (!follow(d, section, at + offsetof(struct kpatch_relocation, dest), &dest) || !d->section_of[dest.section])
		return refuse(d, section, at, "what it relocates is not in the module");
	r.offset = dest.offset;
	if (!is_relocation(d, &r, &d->m->sections.items[dest.section]))
		return refuse(d, section, at,
			      "its type is not that of a relocation, or it relocates what is not there");
	if (!follow(d, section, at + offsetof(struct kpatch_relocation, ksym), &symbol))
		return refuse(d, section, at, "it does not point to a symbol");
	status = read_symbol(d, symbol, when, &r.symbol);
	if (status)
		return status;
	*vec_push(d->a, &d->out->sections.items[d->section_of[dest.section]].relocs) = r;
	return ELFDIFF_OK;
}

static enum elfdiff_status read_records(struct decoder *d, uint32_t i)
{
	const struct model_section *s = &d->m->sections.items[i];
	enum elfdiff_status status = ELFDIFF_OK;

	if (strcmp(s->name, KPATCH_RELOCATIONS_SECTION))
		return ELFDIFF_OK;
	if (s->size % sizeof(struct kpatch_relocation) || (s->size && !s->data))
		return refuse(d, i, s->size, "the size of the section is not a multiple of the size of a record");
	for (uint64_t at = 0; at < s->size && !status; at += sizeof(struct kpatch_relocation))
		status = read_relocation(d, i, at);
	return status;
}

/* --- tables that old kernels read late ---------------------------------------------------- */

static enum elfdiff_status read_arch(struct decoder *d, uint32_t i, struct klp_tables *tables)
{
	const struct model_section *s = &d->m->sections.items[i];

	if (strcmp(s->name, KPATCH_ARCH_SECTION))
		return ELFDIFF_OK;
	if (s->size % sizeof(struct kpatch_arch) || (s->size && !s->data))
		return refuse(d, i, s->size, "the size of the section is not a multiple of the size of a record");
	for (uint64_t at = 0; at < s->size; at += sizeof(struct kpatch_arch)) {
		const char *object = follow_string(d, i, at + offsetof(struct kpatch_arch, objname));
		struct place to;

		if (!object || !follow(d, i, at + offsetof(struct kpatch_arch, sec), &to) || !d->section_of[to.section])
			return refuse(d, i, at, "its table or the name of its object is not in the module");
		*vec_push(d->a, &tables->list) = (struct klp_table){ .section = d->section_of[to.section],
								     .start = to.offset,
								     .object = object };
	}
	return ELFDIFF_OK;
}

static enum elfdiff_status move_tables(struct decoder *d)
{
	struct klp_tables tables = { 0 };
	bool listed = false;
	enum elfdiff_status status;

	for (uint32_t i = 1; i < d->m->sections.count; i++) {
		status = read_arch(d, i, &tables);
		if (status)
			return status;
		listed |= !strcmp(d->m->sections.items[i].name, KPATCH_ARCH_SECTION);
	}
	if (!listed)
		return ELFDIFF_OK;
	status = klp_arch_split(d->a, d->ds, d->path, d->out, &tables);
	return status ? status : klp_arch_check(d->a, d->ds, d->path, d->out);
}

enum elfdiff_status kpatch_decode(struct arena *a, struct diags *ds, const char *path, const struct model *m,
				  bool klp_arch, struct model *ret)
{
	struct decoder d = {
		.a = a, .ds = ds, .path = path, .m = m, .out = ret, .klp_arch = klp_arch, .arch = arch_find(m->machine)
	};
	enum elfdiff_status status;

	*ret = (struct model){ .machine = m->machine, .flags = m->flags, .big_endian = m->big_endian };
	d.pointers = arena_array(a, m->sections.count, uint32_t *);
	copy_sections(&d);
	copy_symbols(&d);
	status = link_sections(&d);
	for (uint32_t i = 1; i < m->sections.count && !status; i++)
		status = copy_relocs(&d, i);
	for (uint32_t i = 1; i < m->sections.count && !status; i++)
		status = read_records(&d, i);
	return !status && klp_arch ? move_tables(&d) : status;
}
