/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_model.c - reading and writing models in both forms */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_builder.h"
#include "form_names.h"
#include "load.h"
#include "model.h"

struct test {
	struct arena arena;
	struct diags ds;
	jmp_buf unwind;
	char dir[64];
};

#define R_PC32 2
#define R_64   1

static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	strcpy(t->dir, "/tmp/test-model-XXXXXX");
	if (!t || !mkdtemp(t->dir))
		return -1;
	t->arena.unwind = &t->unwind;
	t->ds.arena = &t->arena;
	*state = t;
	return 0;
}

static int files_in(const char *dir)
{
	DIR *d = opendir(dir);
	int n = -2; /* . and .. */

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static int teardown(void **state)
{
	struct test *t = *state;
	char command[128];

	arena_free(&t->arena);
	snprintf(command, sizeof(command), "rm -rf %s", t->dir);
	if (system(command))
		return -1;
	free(t);
	return 0;
}

static const char *in_dir(struct test *t, const char *name)
{
	return arena_printf(&t->arena, "%s/%s", t->dir, name);
}

static bool has_diag(const struct test *t, const char *id)
{
	for (uint32_t i = 0; i < t->ds.list.count; i++)
		if (!strcmp(t->ds.list.items[i].id, id) && t->ds.list.items[i].cause && t->ds.list.items[i].hint)
			return true;
	return false;
}

static const char *contents(struct test *t, const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	char *p;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	p = arena_alloc(&t->arena, (size_t)st.st_size + 1);
	assert_int_equal(read(fd, p, (size_t)st.st_size), st.st_size);
	close(fd);
	*size = (size_t)st.st_size;
	return p;
}

static void assert_same_file(struct test *t, const char *x, const char *y)
{
	size_t nx, ny;
	const char *px = contents(t, x, &nx), *py = contents(t, y, &ny);

	assert_int_equal(nx, ny);
	assert_memory_equal(px, py, nx);
}

/*
 * A klp object: .text refers to `local`, to vmlinux' foo (now) and to ext4's
 * bar (when ext4 comes) and to ext4's both, once each way; .debug_info refers
 * to foo by an ordinary relocation.
 */
static void build_klp(struct test *t, const char *path, bool big_endian)
{
	static const uint8_t text[64] = { 1, 2, 3, 4 };
	struct eb b = eb_start(&t->arena, big_endian ? EM_S390 : EM_X86_64);
	uint32_t code, debug, r, sym_local, foo, bar, both;
	uint32_t type = big_endian ? 4 /* R_390_32 */ : R_PC32;

	b.big_endian = big_endian;
	code = eb_section(&b, ".text.f.g", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, text, sizeof(text));
	b.sections.items[code].align = 16;
	debug = eb_section(&b, ".debug_info", SHT_PROGBITS, 0, NULL, 16);
	eb_section(&b, ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, NULL, 4096);
	sym_local = eb_symbol(&b, "local", STB_LOCAL, STT_FUNC, (uint16_t)code, 32);
	foo = eb_symbol(&b, ".klp.sym.vmlinux.foo.isra.0,0", STB_GLOBAL, STT_NOTYPE, SHN_LIVEPATCH, 0);
	eb_symbol(&b, "printk", STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
	bar = eb_symbol(&b, ".klp.sym.ext4.bar,3", STB_GLOBAL, STT_NOTYPE, SHN_LIVEPATCH, 0);
	both = eb_symbol(&b, ".klp.sym.ext4.both,0", STB_GLOBAL, STT_NOTYPE, SHN_LIVEPATCH, 0);
	r = eb_rela(&b, ".rela.text.f.g", code, SHF_INFO_LINK);
	eb_reloc(&b, r, 4, sym_local, type, -4);
	eb_reloc(&b, r, 40, bar - 1, type, -4);
	r = eb_rela(&b, ".klp.rela.vmlinux..text.f.g", code, SHF_ALLOC | SHF_INFO_LINK | SHF_RELA_LIVEPATCH);
	eb_reloc(&b, r, 8, foo, type, 5);
	eb_reloc(&b, r, 24, both, type, -4);
	r = eb_rela(&b, ".klp.rela.ext4..text.f.g", code, SHF_ALLOC | SHF_INFO_LINK | SHF_RELA_LIVEPATCH);
	eb_reloc(&b, r, 12, bar, type, INT64_MIN);
	eb_reloc(&b, r, 20, both, type, -4);
	r = eb_rela(&b, ".rela.debug_info", debug, SHF_INFO_LINK);
	eb_reloc(&b, r, 0, foo, type, 0);
	eb_write(&b, path);
}

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

	assert_int_equal(model_read(&t->arena, &t->ds, in, &m), ELFDIFF_OK);
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

	assert_int_equal(model_read(&t->arena, &t->ds, path, &m), ELFDIFF_OK);
	s = model_section(&m, ".text.f.g");
	assert_int_equal(s->relocs.count, 6);
	assert_string_equal(m.symbols.items[s->relocs.items[0].symbol].name, "local");
	assert_klp(&m, &s->relocs.items[1], 8, "foo.isra.0", "vmlinux", "vmlinux", 0);
	assert_int_equal(s->relocs.items[1].addend, 5);
	assert_klp(&m, &s->relocs.items[2], 12, "bar", "ext4", "ext4", 3);
	assert_true(s->relocs.items[2].addend == INT64_MIN);
	assert_klp(&m, &s->relocs.items[3], 20, "both", "ext4", "ext4", 0);
	assert_klp(&m, &s->relocs.items[4], 24, "both", "ext4", "vmlinux", 0);
	assert_string_equal(m.symbols.items[s->relocs.items[5].symbol].name, "printk");
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
	assert_int_equal(o->sections[object_section(o, ".text.f.g", 0)].reloc_count, 6);
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
	rela = eb_rela(&b, ".rela__pfe", pfe, 0);
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
	enum {
		MANY = 70000
	};
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
	assert_int_equal(model_read(&t->arena, &t->ds, in, &m), ELFDIFF_ERROR);
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
		{ ".klp.sym.vmlinux", "no dot ends" },
		{ ".klp.sym..foo,0", "object's name is empty" },
		{ ".klp.sym.a-b.foo,0", "dash" },
		{ ".klp.sym.vmlinux.foo", "no comma" },
		{ ".klp.sym.vmlinux.,0", "own name is empty" },
		{ ".klp.sym.vmlinux.foo,", "position is missing" },
		{ ".klp.sym.vmlinux.foo,1 ", "not a number" },
		{ ".klp.sym.vmlinux.foo,-1", "not a number" },
		{ ".klp.sym.vmlinux.foo,99999999999999999999999", "too large" },
	}, linkable[] = {
		{ ".klp.sym.vmlinux.foo,0", "does not start" },
		{ ".klp.sym.rela.vmlinux", "no dot ends" },
		{ ".klp.sym.rela.vmlinux.foo,0", "no dot ends" },
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
	assert_int_equal(model_read(&t->arena, &t->ds, in, &m), ELFDIFF_OK);
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

static struct model klp_model(struct test *t, const char *name)
{
	struct model m = { .machine = EM_X86_64 };

	*vec_push(&t->arena, &m.sections) = (struct model_section){ .name = "" };
	*vec_push(&t->arena, &m.symbols) = (struct model_symbol){ .name = "" };
	*vec_push(&t->arena, &m.symbols) = (struct model_symbol){
		.name = name, .place = MODEL_KLP, .klp_object = "vmlinux", .klp_when = "vmlinux"
	};
	return m;
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

/* ---- the file appears whole or not at all ---------------------------------- */

static void put_old(const char *path, mode_t mode)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	assert_int_equal(write(fd, "old", 3), 3);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void assert_old(struct test *t, const char *path)
{
	size_t n;

	assert_string_equal(contents(t, path, &n), "old");
	assert_int_equal(files_in(t->dir), 1);
}

static enum elfdiff_status say_no(void *arg, const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 64);
	*(int *)arg += 1;
	return ELFDIFF_REFUSED;
}

static void test_verify_decides(void **state)
{
	struct test *t = *state;
	const char *out = in_dir(t, "out");
	struct model m = klp_model(t, "foo");
	int calls = 0;

	put_old(out, 0600);
	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, out, say_no, &calls), ELFDIFF_REFUSED);
	assert_int_equal(calls, 1);
	assert_old(t, out);
}

static enum elfdiff_status run_out_of_memory(void *arg, const char *path)
{
	struct test *t = arg;

	(void)path;
	arena_alloc(&t->arena, SIZE_MAX);
	return ELFDIFF_OK;
}

static void test_unwinding_leaves_nothing(void **state)
{
	struct test *t = *state;
	const char *out = in_dir(t, "out");
	struct model m = klp_model(t, "foo");
	enum elfdiff_status status;

	put_old(out, 0600);
	if (!setjmp(t->unwind)) {
		status = model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, out, run_out_of_memory, t);
		fail_msg("came back with %d", (int)status);
	}
	assert_int_equal(files_in(t->dir), 2);
	arena_free(&t->arena);
	assert_int_equal(files_in(t->dir), 1);
}

/* Every allocation of a conversion fails once. */
static void test_every_allocation_fails(void **state)
{
	struct test *t = *state;
	char in[80], out[80];
	volatile size_t n = 0;
	volatile bool done = false;

	snprintf(in, sizeof(in), "%s/in", t->dir);
	snprintf(out, sizeof(out), "%s/out", t->dir);
	build_klp(t, in, false);
	while (!done) {
		struct arena a = { .unwind = &t->unwind };
		struct diags ds = { .arena = &a };
		struct arena *volatile which = &a;

		a.fail_after = ++n;
		if (!setjmp(t->unwind)) {
			struct model m;

			assert_int_equal(model_read(&a, &ds, in, &m), ELFDIFF_OK);
			assert_int_equal(model_write(&a, &ds, &m, ELFDIFF_FORM_LINKABLE, out, NULL, NULL), ELFDIFF_OK);
			done = true;
		}
		arena_free(which);
		assert_int_equal(files_in(t->dir), done ? 2 : 1);
	}
	assert_true(n > 50);
}

static int open_files(void)
{
	return files_in("/proc/self/fd");
}

/* Another run's leftover of that name is neither used nor removed. */
static void test_temporary_name_is_taken(void **state)
{
	struct test *t = *state;
	struct model m = klp_model(t, "foo");
	const char *taken = arena_printf(&t->arena, "%s/.elfdiff-%ld-0.tmp", t->dir, (long)getpid());
	size_t n;

	put_old(taken, 0600);
	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, in_dir(t, "out"), NULL, NULL),
			 ELFDIFF_OK);
	assert_string_equal(contents(t, taken, &n), "old");
	assert_int_equal(files_in(t->dir), 2);
}

static void test_full_disk(void **state)
{
	int before = open_files();
	struct test *t = *state;
	const char *out = in_dir(t, "out");
	struct model m = klp_model(t, "foo");
	struct rlimit old, small = { 0 };
	enum elfdiff_status status;

	put_old(out, 0600);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){ .rlim_cur = 100, .rlim_max = old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	status = model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, out, NULL, NULL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(status, ELFDIFF_ERROR);
	assert_true(has_diag(t, "write-error"));
	assert_old(t, out);
	assert_int_equal(open_files(), before);
}

static void test_mode_and_links(void **state)
{
	struct test *t = *state;
	const char *out = in_dir(t, "out"), *fresh = in_dir(t, "fresh"), *link = in_dir(t, "link");
	struct model m = klp_model(t, "foo");
	struct stat st;
	mode_t mask = umask(027);

	put_old(out, 0741);
	assert_int_equal(symlink(out, link), 0);
	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, link, NULL, NULL), ELFDIFF_OK);
	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, fresh, NULL, NULL), ELFDIFF_OK);
	umask(mask);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(out, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0741);
	assert_true(st.st_size > 64);
	assert_int_equal(stat(fresh, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(files_in(t->dir), 3);
}

static void test_no_regular_file(void **state)
{
	struct test *t = *state;
	const char *fifo = in_dir(t, "fifo");
	struct model m = klp_model(t, "foo");
	struct stat st;

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, fifo, NULL, NULL), ELFDIFF_ERROR);
	assert_true(has_diag(t, "unwritable"));
	assert_int_equal(stat(fifo, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, in_dir(t, "no/such"), NULL, NULL),
			 ELFDIFF_ERROR);
	assert_int_equal(files_in(t->dir), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_round_trip_big_endian),
		TEST(test_klp_layout),
		TEST(test_linkable_layout),
		TEST(test_links),
		TEST(test_many_sections),
		TEST(test_refuses_ordinary_symbol_in_klp_section),
		TEST(test_refuses_livepatch_symbol_in_ordinary_section),
		TEST(test_refuses_bad_names),
		TEST(test_refuses_bad_linkable_and_section_names),
		TEST(test_name_flaws),
		TEST(test_refuses_what_it_would_lose),
		TEST(test_unused_livepatch_symbol),
		TEST(test_name_limits),
		TEST(test_writer_refuses_names),
		TEST(test_writer_wants_locals_first),
		TEST(test_verify_decides),
		TEST(test_unwinding_leaves_nothing),
		TEST(test_every_allocation_fails),
		TEST(test_temporary_name_is_taken),
		TEST(test_full_disk),
		TEST(test_mode_and_links),
		TEST(test_no_regular_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
