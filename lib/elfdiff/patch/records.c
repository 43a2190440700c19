/* SPDX-License-Identifier: GPL-2.0-or-later */
/* records.c - what the patch module reads: kpatch-patch.h in the byte order of the target */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "patch/internal.h"
#include "base/bytes.h"
#include "klp/form_kpatch.h"
#include "klp/klp_arch.h"
#include "kpatch-patch.h"

enum { WORD = 8 };

static void put_word(const struct assembler *as, uint8_t *record, size_t at, uint64_t value)
{
	bytes_put(record + at, value, WORD, as->g->object->big_endian);
}

static void put_pointer(struct assembler *as, uint32_t section, uint64_t at, uint32_t symbol, uint64_t addend)
{
	build_relocate(&as->b, section,
		       (struct model_reloc){ .offset = at,
					     .type = as->g->object->arch->pointer_reloc,
					     .symbol = symbol,
					     .addend = (int64_t)addend });
}

/* A pointer to a string of .kpatch.strings. */
static void put_string(struct assembler *as, uint32_t section, uint64_t at, const char *text)
{
	uint32_t strings = build_section(&as->b, KPATCH_STRINGS_SECTION, SHT_PROGBITS, SHF_ALLOC, 1, 0);

	put_pointer(as, section, at, build_section_symbol(&as->b, strings),
		    build_append(&as->b, strings, text, strlen(text) + 1, 1));
}

static void write_function(struct assembler *as, const struct patched_function *f)
{
	const char *list = f->original ? KPATCH_REDIRECTS_SECTION : KPATCH_FUNCS_SECTION;
	uint32_t section = build_section(&as->b, list, SHT_PROGBITS, SHF_ALLOC, WORD, 0);
	const struct symbol *now = &as->g->object->symbols[f->symbol];
	const struct symbol *was = &as->d->orig->object->symbols[f->orig_symbol];
	uint8_t record[sizeof(struct kpatch_patch_func)] = { 0 };
	uint64_t at;

	put_word(as, record, offsetof(struct kpatch_patch_func, new_size),
		 size_with_detours(as, now, as->g->symbol_block[f->symbol]));
	put_word(as, record, offsetof(struct kpatch_patch_func, old_size), was->size);
	put_word(as, record, offsetof(struct kpatch_patch_func, old_addr), f->original ? 0 : f->old_address);
	put_word(as, record, offsetof(struct kpatch_patch_func, sympos), f->position);
	at = build_append(&as->b, section, record, sizeof(record), WORD);
	put_pointer(as, section, at + offsetof(struct kpatch_patch_func, new_addr), as->symbol_of[f->symbol], 0);
	if (f->original)
		put_pointer(as, section, at + offsetof(struct kpatch_patch_func, old_addr),
			    reference_symbol(as, f->original, was), 0);
	put_string(as, section, at + offsetof(struct kpatch_patch_func, name), was->name);
	put_string(as, section, at + offsetof(struct kpatch_patch_func, objname), as->d->object);
}

static void write_callback(struct assembler *as, const struct callback *cb)
{
	static const uint8_t record[sizeof(struct kpatch_patch_callback)];
	uint32_t section = build_section(&as->b, cb->section, SHT_PROGBITS, SHF_ALLOC, WORD, 0);
	uint64_t at = build_append(&as->b, section, record, sizeof(record), WORD);

	put_pointer(as, section, at, as->symbol_of[as->g->blocks[cb->block].symbol], 0);
	put_string(as, section, at + offsetof(struct kpatch_patch_callback, objname), as->d->object);
}

/* The tables of the output that old kernels read late. A list of none says, too, that it may be for such a kernel. */
static void write_late_tables(struct assembler *as)
{
	static const uint8_t record[sizeof(struct kpatch_arch)];
	uint32_t section = build_section(&as->b, KPATCH_ARCH_SECTION, SHT_PROGBITS, SHF_ALLOC, WORD, 0);

	for (uint32_t i = 1; i < section; i++) {
		uint64_t at;

		if (!klp_arch_is_late(as->b.m->sections.items[i].name))
			continue;
		at = build_append(&as->b, section, record, sizeof(record), WORD);
		put_pointer(as, section, at + offsetof(struct kpatch_arch, sec), build_section_symbol(&as->b, i), 0);
		put_string(as, section, at + offsetof(struct kpatch_arch, objname), as->d->object);
	}
}

/* modpost and the loader let a module use a namespace only if it says so. */
static void write_namespaces(struct assembler *as)
{
	for (uint32_t i = 0; i < as->r->namespaces.count; i++) {
		uint32_t n = build_section(&as->b, ".modinfo", SHT_PROGBITS, SHF_ALLOC, 1, 0);
		const char *tag = arena_printf(as->d->a, "import_ns=%s", as->r->namespaces.items[i]);

		build_append(&as->b, n, tag, strlen(tag) + 1, 1);
	}
}

void write_records(struct assembler *as)
{
	for (uint32_t i = 0; i < as->r->functions.count; i++)
		write_function(as, &as->r->functions.items[i]);
	for (uint32_t i = 0; i < as->s->callbacks.count; i++)
		write_callback(as, &as->s->callbacks.items[i]);
	write_originals(as);
	/* Of new functions alone there is no record: an empty section says that it is a part of a patch. */
	build_section(&as->b, KPATCH_STRINGS_SECTION, SHT_PROGBITS, SHF_ALLOC, 1, 0);
	if (as->d->klp_arch)
		write_late_tables(as);
	write_namespaces(as);
}
