/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_form_kpatch.c - KLP references to records and back */
#include "model_common.h"

#include "klp/internal.h"
#include "kpatch-patch.h"

struct lines {
	char **items;
	uint32_t count, room;
};

static const char *target_of(struct test *t, const struct model *m, const struct model_reloc *r)
{
	const struct model_symbol *s = &m->symbols.items[r->symbol];

	switch (s->place) {
	case MODEL_KLP:
		return arena_printf(&t->arena, "%s:%s,%lu when %s, bind %u, type %u, at %#lx", s->klp_object, s->name,
				    s->position, s->klp_when, s->bind, s->type, (unsigned long)s->address);
	case MODEL_DEFINED:
		return arena_printf(&t->arena, "%s+%#lx", m->sections.items[s->section].name, (unsigned long)s->value);
	default:
		return s->name;
	}
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

/* All that a model means, without the order of its symbols and relocations. */
static struct lines meaning(struct test *t, const struct model *m)
{
	struct lines l = { 0 };

	for (uint32_t i = 1; i < m->sections.count; i++) {
		const struct model_section *s = &m->sections.items[i];

		if (!strcmp(s->name, KPATCH_STRINGS_SECTION)) /* the records' strings stay in it */
			continue;
		*vec_push(&t->arena, &l) = arena_printf(&t->arena, "%s: %u %#lx %lu of %lu, %lu, to %s", s->name,
							s->type, (unsigned long)s->flags, (unsigned long)s->size,
							(unsigned long)s->entsize, (unsigned long)s->align,
							m->sections.items[s->link].name);
		for (uint32_t j = 0; j < s->relocs.count; j++)
			*vec_push(&t->arena, &l) =
				arena_printf(&t->arena, "%s+%#lx: %u %s %+ld", s->name,
					     (unsigned long)s->relocs.items[j].offset, s->relocs.items[j].type,
					     target_of(t, m, &s->relocs.items[j]), (long)s->relocs.items[j].addend);
	}
	for (uint32_t i = 1; i < m->symbols.count; i++) {
		const struct model_symbol *s = &m->symbols.items[i];

		if (s->place != MODEL_KLP && s->type != STT_SECTION)
			*vec_push(&t->arena, &l) = arena_printf(&t->arena, "symbol %s %d %u %u %#lx %lu", s->name,
								(int)s->place, s->bind, s->type,
								(unsigned long)s->value, (unsigned long)s->size);
	}
	qsort(l.items, l.count, sizeof(*l.items), by_text);
	return l;
}

static void assert_same_meaning(struct test *t, const struct model *x, const struct model *y)
{
	struct lines a = meaning(t, x), b = meaning(t, y);

	for (uint32_t i = 0; i < a.count && i < b.count; i++)
		assert_string_equal(a.items[i], b.items[i]);
	assert_int_equal(a.count, b.count);
}

static const struct model_section *section_of(const struct model *m, const char *name)
{
	for (uint32_t i = 1; i < m->sections.count; i++)
		if (!strcmp(m->sections.items[i].name, name))
			return &m->sections.items[i];
	return NULL;
}

/* What form klp cannot say of a symbol. */
static void enrich(struct model *m)
{
	uint64_t address = 0xffffffff81000000;

	for (uint32_t i = 1; i < m->symbols.count; i++) {
		struct model_symbol *s = &m->symbols.items[i];

		if (s->place != MODEL_KLP)
			continue;
		/* one record for symbols that differ in their `when` alone */
		s->address = address + hash_string(s->name) % 0x1000;
		s->bind = strcmp(s->name, "bar") ? STB_GLOBAL : STB_LOCAL;
		s->type = strcmp(s->name, "bar") ? STT_NOTYPE : STT_FUNC;
	}
}

static struct model klp_source(struct test *t, bool big_endian)
{
	const char *in = in_dir(t, "in");
	struct model m;

	build_klp(t, in, big_endian);
	assert_int_equal(model_read(&t->arena, &t->ds, in, true, &m), ELFDIFF_OK);
	enrich(&m);
	return m;
}

static void inverse(struct test *t, bool big_endian)
{
	const char *first = in_dir(t, "first"), *second = in_dir(t, "second");
	struct model m = klp_source(t, big_endian), records, decoded, read;

	kpatch_encode(&t->arena, &m, &records);
	assert_true(kpatch_has_records(&records));
	assert_int_equal(kpatch_decode(&t->arena, &t->ds, "in", &records, true, &decoded), ELFDIFF_OK);
	assert_false(kpatch_has_records(&decoded));
	assert_same_meaning(t, &m, &decoded);
	/* and through files */
	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KPATCH, first, NULL, NULL), ELFDIFF_OK);
	assert_int_equal(model_read(&t->arena, &t->ds, first, true, &read), ELFDIFF_OK);
	assert_same_meaning(t, &m, &read);
	assert_int_equal(model_write(&t->arena, &t->ds, &read, ELFDIFF_FORM_KPATCH, second, NULL, NULL), ELFDIFF_OK);
	assert_same_file(t, first, second);
	assert_int_equal(t->ds.list.count, 0);
}

static void test_inverse(void **state)
{
	inverse(*state, false);
}

static void test_inverse_big_endian(void **state)
{
	inverse(*state, true);
}

/* The bytes themselves, in the target's order: foo.isra.0 is the first symbol, and the first record. */
static void layout(struct test *t, bool big_endian)
{
	struct model m = klp_source(t, big_endian), records;
	const struct model_section *symbols, *relocations;
	uint64_t address = 0xffffffff81000000 + hash_string("foo.isra.0") % 0x1000;

	kpatch_encode(&t->arena, &m, &records);
	symbols = section_of(&records, ".kpatch.symbols");
	relocations = section_of(&records, ".kpatch.relocations");
	assert_int_equal(symbols->size, 6 * 40); /* one for each relocation, though they name three symbols */
	assert_int_equal(symbols->relocs.count, 6 * 2);
	assert_int_equal(relocations->size, 6 * 40); /* five of .text.f.g, one of .debug_info */
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(relocations->relocs.items[3 * i + 2].addend, 40 * i); /* the n-th has the n-th */
	assert_int_equal(relocations->relocs.count, 6 * 3);
	for (int i = 0; i < 8; i++) {
		int byte = big_endian ? 7 - i : i;

		assert_int_equal(symbols->data[i], address >> 8 * byte & 0xff);
		assert_int_equal(symbols->data[40 + 8 + i], byte ? 0 : 3); /* position of bar */
		assert_int_equal(relocations->data[16 + i], byte ? 0 : 5); /* addend */
	}
	assert_int_equal(symbols->data[40 + 16], STB_LOCAL);
	assert_int_equal(symbols->data[40 + 17], STT_FUNC);
	assert_int_equal(symbols->relocs.items[0].type, big_endian ? R_390_64 : R_64);
	assert_int_equal(symbols->relocs.items[0].offset, 24);
	assert_int_equal(symbols->relocs.items[1].offset, 32);
	for (int i = 0; i < 4; i++) {
		int byte = big_endian ? 3 - i : i;

		assert_int_equal(relocations->data[8 + i], byte ? 0 : big_endian ? 4 : R_PC32);
		assert_int_equal(relocations->data[12 + i], 0);
	}
	assert_int_equal(relocations->relocs.items[0].offset, 0);
	assert_int_equal(relocations->relocs.items[1].offset, 24);
	assert_int_equal(relocations->relocs.items[2].offset, 32);
}

static void test_layout(void **state)
{
	layout(*state, false);
}

static void test_layout_big_endian(void **state)
{
	layout(*state, true);
}

/* Older files have one record for a symbol, and all its relocations lead to that. */
static void test_shared_symbols(void **state)
{
	struct test *t = *state;
	struct model m = klp_source(t, false), records, decoded;
	struct model_section *relocations = NULL;
	const struct model_section *symbols;
	uint32_t shared = 0;

	kpatch_encode(&t->arena, &m, &records);
	symbols = section_of(&records, ".kpatch.symbols");
	for (uint32_t i = 1; i < records.sections.count; i++)
		if (!strcmp(records.sections.items[i].name, ".kpatch.relocations"))
			relocations = &records.sections.items[i];
	assert_non_null(relocations);
	for (uint32_t i = 0; i < relocations->size / 40; i++)
		for (uint32_t j = 0; j < i; j++)
			if (symbols->relocs.items[2 * i].addend == symbols->relocs.items[2 * j].addend &&
			    !memcmp(symbols->data + 40 * i, symbols->data + 40 * j, 24)) {
				relocations->relocs.items[3 * i + 2].addend = 40 * j;
				shared++;
				break;
			}
	assert_int_equal(shared, 3); /* six relocations to three symbols */
	assert_int_equal(kpatch_decode(&t->arena, &t->ds, "in", &records, true, &decoded), ELFDIFF_OK);
	assert_same_meaning(t, &m, &decoded);
}

static uint32_t add_section(struct test *t, struct model *m, const char *name, const uint8_t *data, uint64_t size)
{
	*vec_push(&t->arena, &m->sections) = (struct model_section){
		.name = name, .type = SHT_PROGBITS, .flags = SHF_ALLOC, .align = 1, .size = size, .data = data
	};
	*vec_push(&t->arena, &m->symbols) = (struct model_symbol){
		.name = "", .place = MODEL_DEFINED, .section = m->sections.count - 1, .type = STT_SECTION
	};
	return m->sections.count - 1;
}

static struct model empty_model(struct test *t)
{
	struct model m = { .machine = EM_X86_64 };

	*vec_push(&t->arena, &m.sections) = (struct model_section){ .name = "" };
	*vec_push(&t->arena, &m.symbols) = (struct model_symbol){ .name = "" };
	return m;
}

/* The symbol of a section is that section's number, as add_section() makes them. */
static void point(struct test *t, struct model *m, uint32_t from, uint64_t at, uint32_t to, int64_t addend)
{
	*vec_push(&t->arena, &m->sections.items[from].relocs) =
		(struct model_reloc){ .offset = at, .type = R_64, .symbol = to, .addend = addend };
}

static uint32_t sections_named(const struct model *m, const char *name)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i < m->sections.count; i++)
		n += !strcmp(m->sections.items[i].name, name);
	return n;
}

/* One section for each ftrace location, in the order of its function; a list that holds something else stays whole. */
static void test_trace_sites(void **state)
{
	static const uint8_t zeroes[64];
	struct test *t = *state;

	for (int kind = 0; kind < 3; kind++) {
		struct model m = empty_model(t), out;
		uint32_t f = add_section(t, &m, ".text.f", zeroes, 16), g = add_section(t, &m, ".text.g", zeroes, 16);
		uint32_t sites = add_section(t, &m, "__patchable_function_entries", zeroes, kind == 1 ? 12 : 16);

		point(t, &m, sites, 0, g, 4);
		point(t, &m, sites, 8, f, 0);
		if (kind == 2)
			*vec_push(&t->arena, &m.symbols) = (struct model_symbol){
				.name = "second", .place = MODEL_DEFINED, .section = sites, .value = 8
			};
		kpatch_encode(&t->arena, &m, &out);
		assert_int_equal(sections_named(&out, "__patchable_function_entries"), kind ? 1 : 2);
		assert_int_equal(out.sections.items[sites].size, kind == 0 ? 8 : kind == 1 ? 12 : 16);
		for (uint32_t i = 1; i < out.sections.count; i++) {
			const struct model_section *s = &out.sections.items[i];
			uint32_t target;

			if (strcmp(s->name, "__patchable_function_entries") || kind)
				continue;
			assert_int_equal(s->size, 8);
			assert_int_equal(s->relocs.count, 1);
			assert_int_equal(s->relocs.items[0].offset, 0);
			target = out.symbols.items[s->relocs.items[0].symbol].section;
			assert_int_equal(s->flags, SHF_ALLOC | SHF_LINK_ORDER);
			assert_int_equal(s->link, target);
			assert_string_equal(out.sections.items[target].name, i == sites ? ".text.g" : ".text.f");
		}
	}
}

/* .altinstructions of the module itself, then of ext4, vmlinux and ext4 again: 4, 8, 4 and 4 bytes. */
static struct model arch_model(struct test *t, bool foreign)
{
	static const uint8_t table[] = "own:EXT4ext4VMLNmore", zeroes[48];
	static const char strings[] = "ext4\0vmlinux";
	static const struct {
		uint64_t start, name;
	} parts[] = { { 12, 5 }, { 4, 0 }, { 16, 0 } }; /* in no order */
	struct model m = empty_model(t);
	uint32_t text = add_section(t, &m, ".text", zeroes, 16);
	uint32_t alt = add_section(t, &m, ".altinstructions", table, 20);
	uint32_t names = add_section(t, &m, ".kpatch.strings", (const uint8_t *)strings, sizeof(strings));
	uint32_t arch = add_section(t, &m, ".kpatch.arch", zeroes, 48);

	for (uint64_t at = 0; at < 20; at += 4)
		point(t, &m, alt, at, text, (int64_t)at);
	for (uint64_t i = 0; i < 3; i++) {
		point(t, &m, arch, 16 * i, alt, (int64_t)parts[i].start);
		point(t, &m, arch, 16 * i + 8, names, (int64_t)parts[i].name);
	}
	if (foreign)
		point(t, &m, text, 0, alt, 8);
	return m;
}

static void assert_part(const struct model *m, const char *name, const char *bytes, uint32_t relocs,
			const uint64_t *addends)
{
	const struct model_section *s = section_of(m, name);

	assert_non_null(s);
	assert_int_equal(s->size, strlen(bytes));
	assert_memory_equal(s->data, bytes, strlen(bytes));
	assert_int_equal(s->relocs.count, relocs);
	for (uint32_t i = 0; i < relocs; i++) {
		assert_int_equal(s->relocs.items[i].offset, 4 * i);
		assert_int_equal(s->relocs.items[i].addend, addends[i]);
	}
}

static void test_arch_sections(void **state)
{
	struct test *t = *state;
	struct model m = arch_model(t, false), out;

	assert_int_equal(kpatch_decode(&t->arena, &t->ds, "in", &m, true, &out), ELFDIFF_OK);
	assert_int_equal(section_of(&out, ".altinstructions")->size, 4);
	assert_int_equal(section_of(&out, ".altinstructions")->relocs.count, 1);
	assert_part(&out, ".klp.arch.ext4..altinstructions", "EXT4ext4more", 3, (const uint64_t[]){ 4, 8, 16 });
	assert_part(&out, ".klp.arch.vmlinux..altinstructions", "VMLN", 1, (const uint64_t[]){ 12 });
	assert_null(section_of(&out, ".kpatch.arch"));
}

static void test_arch_sections_left(void **state)
{
	struct test *t = *state;
	struct model m = arch_model(t, false), out;

	assert_int_equal(kpatch_decode(&t->arena, &t->ds, "in", &m, false, &out), ELFDIFF_OK);
	assert_int_equal(section_of(&out, ".altinstructions")->size, 20);
	assert_int_equal(section_of(&out, ".altinstructions")->relocs.count, 5);
	assert_int_equal(sections_named(&out, ".klp.arch.ext4..altinstructions"), 0);
	assert_null(section_of(&out, ".kpatch.arch"));
}

static void test_arch_refused(void **state)
{
	struct test *t = *state;
	struct model m = arch_model(t, true), out;

	assert_int_equal(kpatch_decode(&t->arena, &t->ds, "in", &m, true, &out), ELFDIFF_ERROR);
	assert_true(has_diag(t, "klp-arch"));
	m = arch_model(t, false);
	t->ds.list.count = 0;
	*vec_push(&t->arena, &m.symbols) =
		(struct model_symbol){ .name = "inside", .place = MODEL_DEFINED, .section = 2, .value = 8 };
	assert_int_equal(kpatch_decode(&t->arena, &t->ds, "in", &m, true, &out), ELFDIFF_ERROR);
	assert_true(has_diag(t, "klp-arch"));
	m = arch_model(t, false);
	t->ds.list.count = 0;
	m.sections.items[2].name = ".smp_locks";
	assert_int_equal(kpatch_decode(&t->arena, &t->ds, "in", &m, true, &out), ELFDIFF_ERROR);
	assert_true(has_diag(t, "klp-arch"));
}

static void test_every_allocation_fails(void **state)
{
	fail_every_allocation(*state, ELFDIFF_FORM_KPATCH);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_inverse),        TEST(test_inverse_big_endian),
		TEST(test_layout),         TEST(test_layout_big_endian),
		TEST(test_shared_symbols), TEST(test_trace_sites),
		TEST(test_arch_sections),  TEST(test_arch_sections_left),
		TEST(test_arch_refused),   TEST(test_every_allocation_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
