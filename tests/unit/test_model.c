/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_model.c - reading and writing models in both forms */
#include "model_common.h"

static const struct model_section *model_section(const struct model *m, const char *name)
{
	for (uint32_t i = 1; i < m->sections.count; i++)
		if (!strcmp(m->sections.items[i].name, name))
			return &m->sections.items[i];
	fail_msg("no section %s", name);
	return NULL;
}

static void convert(struct test *t, const char *in, const char *out, enum elfdiff_form form)
{
	struct model m;

	assert_int_equal(model_read(&t->arena, &t->ds, in, true, &m), ELFDIFF_OK);
	assert_int_equal(model_write(&t->arena, &t->ds, &m, form, out, NULL, NULL), ELFDIFF_OK);
}

static void assert_klp(const struct model *m, const struct model_reloc *r, uint64_t offset, const char *name,
		       const char *object, const char *when, unsigned long position)
{
	const struct model_symbol *s = &m->symbols.items[r->symbol];

	assert_int_equal(r->offset, offset);
	assert_int_equal(s->place, MODEL_KLP);
	assert_string_equal(s->name, name);
	assert_string_equal(s->klp_object, object);
	assert_string_equal(s->klp_when, when);
	assert_int_equal(s->position, position);
}

static void assert_model(struct test *t, const char *path)
{
	const struct model_section *s;
	struct model m;

	assert_int_equal(model_read(&t->arena, &t->ds, path, true, &m), ELFDIFF_OK);
	s = model_section(&m, ".text.f.g");
	assert_int_equal(s->relocs.count, 7);
	assert_int_equal(m.symbols.count, 7); /* null, local, printk, foo, bar, both twice */
	assert_string_equal(m.symbols.items[s->relocs.items[0].symbol].name, "local");
	assert_klp(&m, &s->relocs.items[1], 8, "foo.isra.0", "vmlinux", "vmlinux", 0);
	assert_int_equal(s->relocs.items[1].addend, 5);
	assert_klp(&m, &s->relocs.items[2], 12, "bar", "ext4", "ext4", 3);
	assert_true(s->relocs.items[2].addend == INT64_MIN);
	assert_klp(&m, &s->relocs.items[3], 20, "both", "ext4", "ext4", 0);
	assert_klp(&m, &s->relocs.items[4], 24, "both", "ext4", "vmlinux", 0);
	assert_int_equal(s->relocs.items[5].symbol, s->relocs.items[4].symbol);
	assert_string_equal(m.symbols.items[s->relocs.items[6].symbol].name, "printk");
	s = model_section(&m, ".debug_info");
	assert_int_equal(s->relocs.count, 1);
	assert_klp(&m, &s->relocs.items[0], 0, "foo.isra.0", "vmlinux", "vmlinux", 0);
	s = model_section(&m, ".bss");
	assert_int_equal(s->size, 4096);
	assert_null(s->data);
}

static void round_trip(struct test *t, bool big_endian)
{
	const char *in = in_dir(t, "in"), *klp = in_dir(t, "klp"), *linkable = in_dir(t, "linkable");
	const char *again = in_dir(t, "again"), *linkable2 = in_dir(t, "linkable2");

	build_klp(t, in, big_endian);
	assert_model(t, in);
	convert(t, in, klp, ELFDIFF_FORM_KLP);
	assert_model(t, klp);
	convert(t, klp, linkable, ELFDIFF_FORM_LINKABLE);
	assert_model(t, linkable);
	convert(t, linkable, again, ELFDIFF_FORM_KLP);
	assert_same_file(t, klp, again);
	convert(t, again, linkable2, ELFDIFF_FORM_LINKABLE);
	assert_same_file(t, linkable, linkable2);
	assert_int_equal(t->ds.list.count, 0);
}

static void test_round_trip(void **state)
{
	round_trip(*state, false);
}

static void test_round_trip_big_endian(void **state)
{
	round_trip(*state, true);
}

static uint32_t klp_relocations(const struct model *m, const char *when)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i < m->sections.count; i++) {
		const struct model_section *s = &m->sections.items[i];

		for (uint32_t j = 0; j < s->relocs.count; j++) {
			const struct model_symbol *sym = &m->symbols.items[s->relocs.items[j].symbol];

			n += sym->place == MODEL_KLP && !strcmp(sym->klp_when, when) && s->flags & SHF_ALLOC;
		}
	}
	return n;
}

/* The linkable form is there for the linker's sake: two objects become one, and every reference is still there. */
static void test_linker(void **state)
{
	struct test *t = *state;
	const char *klp = in_dir(t, "klp"), *one = in_dir(t, "one.o"), *two = in_dir(t, "two.o");
	const char *linked = in_dir(t, "linked.o"), *out = in_dir(t, "out");
	struct model m;

	build_klp(t, klp, false);
	convert(t, klp, one, ELFDIFF_FORM_LINKABLE);
	convert(t, klp, two, ELFDIFF_FORM_LINKABLE);
	if (system(arena_printf(&t->arena, "ld -m elf_x86_64 -r -o %s %s %s 2>/dev/null", linked, one, two)))
		skip(); /* no linker for x86_64 */
	convert(t, linked, out, ELFDIFF_FORM_KLP);
	assert_int_equal(model_read(&t->arena, &t->ds, out, true, &m), ELFDIFF_OK);
	assert_int_equal(klp_relocations(&m, "vmlinux"), 6);
	assert_int_equal(klp_relocations(&m, "ext4"), 4);
	assert_int_equal(model_section(&m, ".text.f.g")->size, 128);
	assert_int_equal(model_section(&m, ".debug_info")->relocs.count, 2);
}

/* What the kernel looks at, seen by a reader that knows nothing of models. */
static void test_klp_layout(void **state)
{
	struct test *t = *state;
	const char *in = in_dir(t, "in"), *out = in_dir(t, "out");
	const struct object *o;
	uint32_t text, early, late, livepatch = 0;

	build_klp(t, in, false);
	convert(t, in, in_dir(t, "linkable"), ELFDIFF_FORM_LINKABLE);
	convert(t, in_dir(t, "linkable"), out, ELFDIFF_FORM_KLP);
	assert_int_equal(load_object(&t->arena, &t->ds, out, LOAD_ALL, &o), ELFDIFF_OK);
	text = object_section(o, ".text.f.g", 0);
	early = object_section(o, ".klp.rela.vmlinux..text.f.g", 0);
	late = object_section(o, ".klp.rela.ext4..text.f.g", 0);
	assert_int_not_equal(early, 0);
	assert_int_not_equal(late, 0);
	assert_int_equal(o->sections[early].type, SHT_RELA);
	assert_int_equal(o->sections[early].flags, SHF_ALLOC | SHF_INFO_LINK | 0x100000);
	assert_int_equal(o->sections[early].info, text);
	assert_int_equal(o->sections[o->sections[early].link].type, SHT_SYMTAB);
	assert_int_equal(o->sections[late].flags, SHF_ALLOC | SHF_INFO_LINK | 0x100000);
	assert_int_equal(o->sections[text].align, 16);
	assert_int_equal(object_section(o, ".rela.bss", 0), 0);
	for (uint32_t i = 1; i < o->symbol_count; i++) {
		if (o->symbols[i].place != SYMBOL_LIVEPATCH)
			continue;
		livepatch++;
		assert_int_equal(o->symbols[i].bind, STB_GLOBAL);
		assert_int_equal(o->symbols[i].type, STT_NOTYPE);
	}
	/* `both` is one symbol, though two objects' relocations use it. */
	assert_int_equal(livepatch, 3);
}

static void test_linkable_layout(void **state)
{
	static const char *const names[] = { ".klp.sym.rela.vmlinux.vmlinux.foo.isra.0,0",
					     ".klp.sym.rela.ext4.ext4.bar,3", ".klp.sym.rela.vmlinux.ext4.both,0",
					     ".klp.sym.rela.ext4.ext4.both,0" };
	struct test *t = *state;
	const char *in = in_dir(t, "in"), *out = in_dir(t, "out");
	const struct object *o;

	build_klp(t, in, false);
	convert(t, in, out, ELFDIFF_FORM_LINKABLE);
	assert_int_equal(load_object(&t->arena, &t->ds, out, LOAD_ALL, &o), ELFDIFF_OK);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		uint32_t e = index_first(&o->symbol_by_name, hash_string(names[i]));

		assert_int_not_equal(e, NONE);
		assert_int_equal(o->symbols[o->symbol_by_name.ids[e]].place, SYMBOL_UNDEFINED);
		assert_int_equal(o->symbols[o->symbol_by_name.ids[e]].bind, STB_GLOBAL);
	}
	for (uint32_t i = 1; i < o->section_count; i++)
		assert_false(o->sections[i].flags & SHF_RELA_LIVEPATCH);
	assert_int_equal(o->sections[object_section(o, ".text.f.g", 0)].reloc_count, 7);
}

/* Groups go, partners and info links are renumbered, a local livepatch symbol becomes global. */
static void test_links(void **state)
{
	struct test *t = *state;
	const char *in = in_dir(t, "in"), *out = in_dir(t, "out");
	struct eb b = eb_start(&t->arena, EM_X86_64);
	uint32_t group, text, pfe, special, rela, foo, after;
	const struct object *o;

	group = eb_section(&b, ".group", SHT_GROUP, 0, (uint8_t[]){ 1, 0, 0, 0, 2, 0, 0, 0 }, 8);
	text = eb_section(&b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_GROUP, NULL, 16);
	pfe = eb_section(&b, "__patchable_function_entries", SHT_PROGBITS, SHF_ALLOC | SHF_LINK_ORDER, NULL, 8);
	special = eb_section(&b, "linked", SHT_PROGBITS, SHF_ALLOC | SHF_INFO_LINK, NULL, 8);
	b.sections.items[pfe].link = text;
	b.sections.items[special].info = pfe;
	foo = eb_symbol(&b, ".klp.sym.vmlinux.foo,0", STB_LOCAL, STT_FUNC, SHN_LIVEPATCH, 0);
	eb_symbol(&b, "signature", STB_LOCAL, STT_NOTYPE, (uint16_t)group, 0);
	after = eb_symbol(&b, "after", STB_LOCAL, STT_OBJECT, (uint16_t)text, 7);
	rela = eb_rela(&b, ".klp.rela.vmlinux.text", text, SHF_ALLOC | SHF_RELA_LIVEPATCH);
	eb_reloc(&b, rela, 0, foo, R_PC32, 0);
	rela = eb_rela(&b, ".rela__patchable_function_entries", pfe, 0);
	eb_reloc(&b, rela, 0, after, R_64, 0);
	b.sections.items[group].link = 0;
	eb_write(&b, in);
	convert(t, in, out, ELFDIFF_FORM_KLP);
	assert_int_equal(load_object(&t->arena, &t->ds, out, LOAD_ALL, &o), ELFDIFF_OK);
	text = object_section(o, ".text", 0);
	pfe = object_section(o, "__patchable_function_entries", 0);
	assert_int_equal(object_section(o, ".group", 0), 0);
	assert_int_equal(o->sections[text].flags, SHF_ALLOC);
	assert_int_equal(o->sections[pfe].link, text);
	assert_int_equal(o->sections[object_section(o, "linked", 0)].info, pfe);
	assert_int_equal(o->symbol_count, 3);
	assert_string_equal(o->symbols[1].name, "after");
	assert_int_equal(o->symbols[2].bind, STB_GLOBAL);
	assert_int_equal(o->relocs[o->sections[pfe].reloc_first].symbol, 1);
	assert_int_equal(o->relocs[o->sections[text].reloc_first].symbol, 2);
}

/* More sections than fit into 16 bits: the symbol in the last one and the names must be found again. */
static void test_many_sections(void **state)
{
	enum { MANY = 70000 };
	struct test *t = *state;
	const char *first = in_dir(t, "first"), *second = in_dir(t, "second");
	struct model m = { .machine = EM_X86_64 };
	const struct object *o;

	*vec_push(&t->arena, &m.sections) = (struct model_section){ .name = "" };
	*vec_push(&t->arena, &m.symbols) = (struct model_symbol){ .name = "" };
	for (uint32_t i = 1; i <= MANY; i++)
		*vec_push(&t->arena, &m.sections) = (struct model_section){ .name = arena_printf(&t->arena, ".d%u", i),
									    .type = SHT_PROGBITS,
									    .flags = SHF_ALLOC,
									    .align = 1,
									    .size = 1,
									    .data = (uint8_t *)"x" };
	*vec_push(&t->arena, &m.symbols) =
		(struct model_symbol){ .name = "near", .place = MODEL_DEFINED, .section = 7, .bind = STB_GLOBAL };
	*vec_push(&t->arena, &m.symbols) =
		(struct model_symbol){ .name = "far", .place = MODEL_DEFINED, .section = MANY, .bind = STB_GLOBAL };
	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, first, NULL, NULL), ELFDIFF_OK);
	assert_int_equal(load_object(&t->arena, &t->ds, first, LOAD_ALL, &o), ELFDIFF_OK);
	assert_string_equal(o->sections[o->symbols[1].section].name, ".d7");
	assert_string_equal(o->sections[o->symbols[2].section].name, ".d70000");
	convert(t, first, second, ELFDIFF_FORM_KLP);
	assert_same_file(t, first, second);
}

static struct eb start_with_text(struct test *t, uint32_t *text)
{
	struct eb b = eb_start(&t->arena, EM_X86_64);

	*text = eb_section(&b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, 64);
	return b;
}

static void refused(struct test *t, struct eb *b, const char *id)
{
	const char *in = in_dir(t, "in");
	struct model m;

	eb_write(b, in);
	assert_int_equal(model_read(&t->arena, &t->ds, in, true, &m), ELFDIFF_ERROR);
	assert_true(has_diag(t, id));
}

static void test_refuses_ordinary_symbol_in_klp_section(void **state)
{
	struct test *t = *state;
	uint32_t text, r, s;
	struct eb b = start_with_text(t, &text);

	s = eb_symbol(&b, ".klp.sym.vmlinux.foo,0", STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
	r = eb_rela(&b, ".klp.rela.vmlinux..text", text, SHF_ALLOC | SHF_RELA_LIVEPATCH);
	eb_reloc(&b, r, 0, s, R_PC32, 0);
	refused(t, &b, "klp-symbol-ordinary");
}

static void test_refuses_livepatch_symbol_in_ordinary_section(void **state)
{
	struct test *t = *state;
	uint32_t text, r, s;
	struct eb b = start_with_text(t, &text);

	s = eb_symbol(&b, ".klp.sym.vmlinux.foo,0", STB_GLOBAL, STT_NOTYPE, SHN_LIVEPATCH, 0);
	r = eb_rela(&b, ".rela.text", text, SHF_INFO_LINK);
	eb_reloc(&b, r, 0, s, R_PC32, 0);
	refused(t, &b, "klp-symbol-in-ordinary");
}

static void test_no_file(void **state)
{
	struct test *t = *state;
	struct model m;

	assert_int_equal(model_read(&t->arena, &t->ds, in_dir(t, "absent"), true, &m), ELFDIFF_ERROR);
	assert_int_equal(t->ds.failures, 1);
}

static void test_refuses_bad_names(void **state)
{
	static const char *const livepatch[] = { "foo",
						 ".klp.sym.vmlinux",
						 ".klp.sym.vmlinux.foo",
						 ".klp.sym.vmlinux.foo,",
						 ".klp.sym.vmlinux.foo,x",
						 ".klp.sym.vmlinux.foo,1x",
						 ".klp.sym..foo,0",
						 ".klp.sym.vmlinux.,0",
						 ".klp.sym.vmlinux.foo,99999999999999999999999",
						 ".klp.sym.a-b.foo,0" };
	struct test *t = *state;

	for (size_t i = 0; i < sizeof(livepatch) / sizeof(*livepatch); i++) {
		uint32_t text;
		struct eb b = start_with_text(t, &text);

		t->ds.list.count = 0;
		eb_symbol(&b, livepatch[i], STB_GLOBAL, STT_NOTYPE, SHN_LIVEPATCH, 0);
		refused(t, &b, "klp-symbol-name");
	}
}

/* The parsers say what is wrong; the reader's refusal alone would not show which of them noticed. */
static void test_name_flaws(void **state)
{
	static const struct {
		const char *name, *flaw;
	} klp[] = {
		{ "foo", "does not start" },
		{ ".klp.sym.vmlinux", "not followed by a dot" },
		{ ".klp.sym..foo,0", "object's name is empty" },
		{ ".klp.sym.a-b.foo,0", "dash" },
		{ ".klp.sym.vmlinux.foo", "not followed by a comma" },
		{ ".klp.sym.vmlinux.,0", "own name is empty" },
		{ ".klp.sym.vmlinux.foo,", "position is missing" },
		{ ".klp.sym.vmlinux.foo,1 ", "not a number" },
		{ ".klp.sym.vmlinux.foo,-1", "not a number" },
		{ ".klp.sym.vmlinux.foo,99999999999999999999999", "too large" },
	}, linkable[] = {
		{ ".klp.sym.vmlinux.foo,0", "does not start" },
		{ ".klp.sym.rela.vmlinux", "not followed by a dot" },
		{ ".klp.sym.rela.vmlinux.foo,0", "not followed by a dot" },
		{ ".klp.sym.rela..vmlinux.foo,0", "object's name is empty" },
	};
	struct test *t = *state;
	struct klp_name n;
	const char *when;

	for (size_t i = 0; i < sizeof(klp) / sizeof(*klp); i++)
		assert_non_null(strstr(klp_symbol_parse(&t->arena, klp[i].name, &n), klp[i].flaw));
	for (size_t i = 0; i < sizeof(linkable) / sizeof(*linkable); i++)
		assert_non_null(strstr(linkable_symbol_parse(&t->arena, linkable[i].name, &n), linkable[i].flaw));
	assert_non_null(strstr(klp_section_parse(&t->arena, ".rela.text", &when), "does not start"));
	assert_non_null(strstr(klp_section_parse(&t->arena, ".klp.rela..text", &when), "is empty"));
	assert_null(klp_section_parse(&t->arena, ".klp.rela.ext4.text.f", &when));
	assert_string_equal(when, "ext4");
}

static void test_refuses_bad_linkable_and_section_names(void **state)
{
	struct test *t = *state;
	uint32_t text;
	struct eb b = start_with_text(t, &text);

	eb_symbol(&b, ".klp.sym.rela.vmlinux.foo,0", STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
	refused(t, &b, "klp-symbol-name");
	b = start_with_text(t, &text);
	eb_rela(&b, ".rela.text", text, SHF_ALLOC | SHF_RELA_LIVEPATCH);
	refused(t, &b, "klp-section-name");
}

/* A relocation into a group, and a partner that is not kept. */
static void test_refuses_what_it_would_lose(void **state)
{
	struct test *t = *state;
	uint32_t text, group, r, s;
	struct eb b = start_with_text(t, &text);

	group = eb_section(&b, ".group", SHT_GROUP, 0, NULL, 8);
	s = eb_symbol(&b, "in_group", STB_LOCAL, STT_OBJECT, (uint16_t)group, 0);
	r = eb_rela(&b, ".rela.text", text, SHF_INFO_LINK);
	eb_reloc(&b, r, 0, s, R_PC32, 0);
	refused(t, &b, "lost-symbol");
	b = start_with_text(t, &text);
	group = eb_section(&b, ".group", SHT_GROUP, 0, NULL, 8);
	s = eb_section(&b, "ordered", SHT_PROGBITS, SHF_ALLOC | SHF_LINK_ORDER, NULL, 8);
	b.sections.items[s].link = group;
	refused(t, &b, "lost-link");
}

/* No relocation uses it, so nothing but itself says when it would be applied. */
static void test_unused_livepatch_symbol(void **state)
{
	struct test *t = *state;
	const char *in = in_dir(t, "in");
	uint32_t text;
	struct eb b = start_with_text(t, &text);
	struct model m;

	eb_symbol(&b, ".klp.sym.ext4.idle,4", STB_GLOBAL, STT_NOTYPE, SHN_LIVEPATCH, 0);
	eb_write(&b, in);
	assert_int_equal(model_read(&t->arena, &t->ds, in, true, &m), ELFDIFF_OK);
	assert_int_equal(m.symbols.count, 2);
	assert_string_equal(m.symbols.items[1].name, "idle");
	assert_string_equal(m.symbols.items[1].klp_when, "ext4");
	assert_int_equal(m.symbols.items[1].position, 4);
}

static void test_name_limits(void **state)
{
	struct test *t = *state;
	char object[60], name[600];
	struct klp_name n = { .when = "vmlinux", .object = object, .name = name };

	memset(object, 'o', sizeof(object));
	memset(name, 'n', sizeof(name));
	object[55] = name[511] = 0;
	assert_null(klp_name_flaw(&n));
	assert_null(klp_symbol_parse(&t->arena, klp_symbol_name(&t->arena, &n), &n));
	assert_int_equal(strlen(n.object), 55);
	n = (struct klp_name){ .when = "vmlinux", .object = object, .name = name };
	object[55] = 'o';
	object[56] = 0;
	assert_non_null(klp_name_flaw(&n));
	object[55] = 0;
	name[511] = 'n';
	name[512] = 0;
	assert_non_null(klp_name_flaw(&n));
	n.name = "with,comma";
	assert_non_null(klp_name_flaw(&n));
	n.name = "fine";
	n.when = "has.dot";
	assert_non_null(klp_name_flaw(&n));
}

static void test_writer_refuses_names(void **state)
{
	struct test *t = *state;
	struct model m = klp_model(t, "a,b");

	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, in_dir(t, "out"), NULL, NULL),
			 ELFDIFF_REFUSED);
	assert_true(has_diag(t, "klp-name"));
	assert_int_equal(files_in(t->dir), 0);
}

static void test_writer_wants_locals_first(void **state)
{
	struct test *t = *state;
	struct model m = klp_model(t, "foo");

	*vec_push(&t->arena, &m.symbols) = (struct model_symbol){ .name = "late", .place = MODEL_ABSOLUTE };
	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, in_dir(t, "out"), NULL, NULL),
			 ELFDIFF_ERROR);
	assert_true(has_diag(t, "internal"));
	assert_int_equal(files_in(t->dir), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_round_trip_big_endian),
		TEST(test_linker),
		TEST(test_klp_layout),
		TEST(test_linkable_layout),
		TEST(test_links),
		TEST(test_many_sections),
		TEST(test_refuses_ordinary_symbol_in_klp_section),
		TEST(test_refuses_livepatch_symbol_in_ordinary_section),
		TEST(test_no_file),
		TEST(test_refuses_bad_names),
		TEST(test_refuses_bad_linkable_and_section_names),
		TEST(test_name_flaws),
		TEST(test_refuses_what_it_would_lose),
		TEST(test_unused_livepatch_symbol),
		TEST(test_name_limits),
		TEST(test_writer_refuses_names),
		TEST(test_writer_wants_locals_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
