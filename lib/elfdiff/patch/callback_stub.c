/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * callback_stub.c - what a patch callback would have to do, as C to paste
 *
 * A variable that lives keeps its value, and a table that the kernel has read stays read: such a change is refused. What the
 * author of the patch can do about it is a callback, and of most variables the objects tell what has to stand in it: each
 * number or pointer that differs, by its name in C where debug information has it, and else by its offset. The value is only
 * set where it is still the original's, and set back when the patch is gone. Nothing is offered that would leave a
 * pointer into the patch, or that a callback cannot name or write.
 */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "base/text.h"
#include "elf/names.h"
#include "lines/variables.h"
#include "patch/internal.h"

enum { POINTER = 8, MOST_PLACES = 32 };

struct stub {
	const struct diff *d;
	const struct directives *w;
	bool opened;
	struct variables *variables; /* NULL: no debug information */
	bool *offered;               /* by block of the patched object */
	bool *held;                /* by block: entries about code refer to it, such as to the key of a static branch */
	uint32_t last;             /* 1 + the number of the last diagnostic that is about one */
	bool per_cpu, devices;     /* what the callback declares */
	const char *set, *restore; /* statements */
};

struct stub *stub_new(const struct diff *d, const struct directives *w)
{
	struct stub *st = arena_new(d->a, struct stub);

	*st = (struct stub){ .d = d, .w = w, .set = "", .restore = "" };
	st->offered = arena_array(d->a, d->patched->block_count + 1, bool);
	st->held = arena_array(d->a, d->patched->block_count + 1, bool);
	for (uint32_t c = 0; c < d->patched->block_count; c++) {
		const struct block *b = &d->patched->blocks[c];

		for (uint32_t r = b->reloc_first; b->kind == BLOCK_ENTRY && r < b->reloc_first + b->reloc_count; r++)
			if (d->patched->edges[r].block != NONE)
				st->held[d->patched->edges[r].block] = true;
	}
	return st;
}

/* --- values --------------------------------------------------------------------- */

/* Something that is set: its name in C, and what it is on both sides. */
struct place {
	struct scalar scalar;
	const char *from, *to;
};

static bool is_identifier(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

	return n && !name[n] && (name[0] < '0' || name[0] > '9');
}

/* Names are a file's, and may not end a line or a string of what is pasted. */
static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~' || *text == '"' || *text == '\\')
			return false;
	return true;
}

static bool is_relocated(const struct graph *g, uint32_t block, uint64_t offset)
{
	return graph_reloc_at(g, &g->blocks[block], offset) != NONE;
}

/* It is the kernel's, and does not go with the patch. */
static bool is_kernels(const struct diff *d, const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];

	if (b->init || b->per_cpu || block_is_copied(b) || b->symbol == NONE)
		return false;
	if (!block_is_thing(b))
		return false;
	return g == d->orig || (b->kind == BLOCK_RODATA ? d->verdicts->of[block] == VERDICT_SAME
							: d->verdicts->of[block] != VERDICT_NEW);
}

/* Where a pointer leads, in C, or NULL. */
static const char *pointer_text(const struct diff *d, const struct graph *g, uint32_t reloc)
{
	const struct edge *e = &g->edges[reloc];
	const char *name;
	int64_t at = e->offset;

	if (g->relocs[reloc].type != g->object->arch->pointer_reloc)
		return NULL;
	if (e->block == NONE) {
		name = g->object->symbols[e->symbol].name;
	} else {
		if (!is_kernels(d, g, e->block))
			return NULL;
		name = block_label(g, e->block)->name;
		at -= (int64_t)graph_label_offset(g, e->block);
	}
	if (!is_identifier(name))
		return NULL;
	return at ? arena_printf(d->a, "(void *)&%s %c %lld", name, at < 0 ? '-' : '+', (long long)(at < 0 ? -at : at))
		  : arena_printf(d->a, "(void *)&%s", name);
}

static const char *number_text(const struct diff *d, uint64_t v, const struct scalar *s)
{
	uint64_t sign = 1ULL << (8 * s->size - 1);

	if (s->kind == SCALAR_POINTER)
		return v ? arena_printf(d->a, "(void *)0x%llxUL", (unsigned long long)v) : "NULL";
	if (s->kind == SCALAR_SIGNED && v == sign)
		return arena_printf(d->a, "(-%llu%s - 1)", (unsigned long long)(sign - 1), s->size == 8 ? "LL" : "");
	if (s->kind == SCALAR_SIGNED && v & sign)
		return arena_printf(d->a, "%lld", (long long)(v | ~(2 * sign - 1)));
	return arena_printf(d->a, "%llu%s", (unsigned long long)v, v > INT32_MAX ? "ULL" : "");
}

/* What stands there on one side, in C, or NULL. */
static const char *value_text(const struct diff *d, const struct graph *g, uint32_t block, const struct scalar *s)
{
	const uint8_t *data = block_data(g, &g->blocks[block]);
	uint32_t r = graph_reloc_at(g, &g->blocks[block], s->offset);

	if (r != NONE)
		return s->size == POINTER ? pointer_text(d, g, r) : NULL;
	return number_text(d, data ? bytes_get(data + s->offset, (unsigned)s->size, g->object->big_endian) : 0, s);
}

/* Without a type: as many aligned bytes as differ at once, or a pointer. */
static void by_offset(const struct diff *d, uint32_t c, const char *variable, uint64_t at, struct scalar *ret)
{
	static const char *const types[] = { [1] = "u8 *", [2] = "u16 *", [4] = "u32 *", [8] = "u64 *" };
	const char *type;
	const struct block *b = &d->patched->blocks[c];
	uint64_t size = b->end - b->start;
	bool pointer = is_relocated(d->patched, c, at) || is_relocated(d->orig, d->twins->of_patched[c], at);

	*ret = (struct scalar){ .offset = at, .size = POINTER, .kind = pointer ? SCALAR_POINTER : SCALAR_UNSIGNED };
	while (!pointer && (at - at % ret->size + ret->size > size))
		ret->size /= 2;
	ret->offset = at - at % ret->size;
	type = pointer ? "void **" : types[ret->size];
	ret->name = ret->offset ? arena_printf(d->a, "*(%s)((void *)&%s + %llu)", type, variable,
					       (unsigned long long)ret->offset)
				: arena_printf(d->a, "*(%s)&%s", type, variable);
}

static bool differs_at(const struct diff *d, uint32_t c, uint64_t at)
{
	uint32_t b = d->twins->of_patched[c];
	const uint8_t *x = block_data(d->orig, &d->orig->blocks[b]),
		      *y = block_data(d->patched, &d->patched->blocks[c]);

	return (x ? x[at] : 0) != (y ? y[at] : 0) || is_relocated(d->orig, b, at) || is_relocated(d->patched, c, at);
}

/* The scalar at an offset on both sides; false: nothing that could be written there. */
static bool read_place(struct stub *st, uint32_t c, const char *variable, uint64_t at, struct place *ret)
{
	const struct diff *d = st->d;
	const struct block *b = &d->patched->blocks[c];

	if (!st->opened) {
		st->opened = true;
		st->variables = variables_open(d->a, d->patched->object);
	}
	if (!st->variables)
		by_offset(d, c, variable, at, &ret->scalar);
	else if (!variables_scalar(st->variables, variable, at, &ret->scalar))
		return false;
	if (!is_plain(ret->scalar.name) || !ret->scalar.size || ret->scalar.size & (ret->scalar.size - 1) ||
	    ret->scalar.size > 8 || ret->scalar.offset > at || at - ret->scalar.offset >= ret->scalar.size ||
	    ret->scalar.offset + ret->scalar.size > b->end - b->start)
		return false;
	ret->from = value_text(d, d->orig, d->twins->of_patched[c], &ret->scalar);
	ret->to = value_text(d, d->patched, c, &ret->scalar);
	return ret->from && ret->to;
}

/* `limits.most` of per-CPU `limits` is `(*per_cpu_ptr(&limits, cpu)).most`. */
static const char *lvalue(const struct diff *d, const struct block *b, const char *variable, const struct scalar *s)
{
	size_t n = strlen(variable);

	if (!b->per_cpu)
		return s->name;
	return s->name[n] ? arena_printf(d->a, "(*per_cpu_ptr(&%s, cpu))%s", variable, s->name + n)
			  : arena_printf(d->a, "*per_cpu_ptr(&%s, cpu)", variable);
}

static const char *exchange(const struct diff *d, const struct block *b, const char *where, const char *from,
			    const char *to)
{
	return arena_printf(d->a, "%s\t%sif (READ_ONCE(%s) == %s)\n%s\t\tWRITE_ONCE(%s, %s);\n",
			    b->per_cpu ? "\tfor_each_possible_cpu(cpu)\n" : "", b->per_cpu ? "\t" : "", where, from,
			    b->per_cpu ? "\t" : "", where, to);
}

static bool can_be_set(const struct diff *d, uint32_t c)
{
	const struct block *b = &d->patched->blocks[c], *o = &d->orig->blocks[d->twins->of_patched[c]];
	const char *name = graph_label(d->a, d->patched, c);

	return b->kind == BLOCK_DATA && !b->tls && b->per_cpu == o->per_cpu && b->symbol != NONE &&
	       is_identifier(name) && !graph_label_offset(d->patched, c) && b->end - b->start == o->end - o->start &&
	       !starts_with(graph_section_name(d->patched, c), ".data..ro_after_init") &&
	       !starts_with(graph_section_name(d->orig, d->twins->of_patched[c]), ".data..ro_after_init");
}

bool stub_sets(struct stub *st, uint32_t c)
{
	const struct diff *d = st->d;
	const struct block *b = &d->patched->blocks[c];
	const char *set = st->set, *restore = st->restore, *variable = graph_label(d->a, d->patched, c);
	unsigned places = 0;

	if (st->held[c] || !can_be_set(d, c))
		return false;
	for (uint64_t at = 0; at < b->end - b->start;) {
		struct place p;

		if (!differs_at(d, c, at)) {
			at++;
			continue;
		}
		if (!read_place(st, c, variable, at, &p) || (b->per_cpu && !st->variables))
			return false;
		at = p.scalar.offset + p.scalar.size;
		if (!strcmp(p.from, p.to))
			continue;
		if (++places > MOST_PLACES)
			return false;
		set = arena_printf(d->a, "%s%s", set, exchange(d, b, lvalue(d, b, variable, &p.scalar), p.from, p.to));
		restore = arena_printf(d->a, "%s%s", restore,
				       exchange(d, b, lvalue(d, b, variable, &p.scalar), p.to, p.from));
	}
	if (!places)
		return false;
	st->set = set;
	st->restore = restore;
	st->per_cpu |= b->per_cpu;
	st->offered[c] = true;
	return true;
}

/* --- tables ----------------------------------------------------------------------- */

/* struct pci_fixup of include/linux/pci.h; the hook is a distance, or a pointer behind a gap. */
struct fixup {
	uint16_t vendor, device;
	uint32_t class, shift;
	const char *hook;
};

enum { FIXUP_DISTANCE = 12, FIXUP_POINTER = 16, ANY_ID = 0xffff };

static bool read_fixup(const struct graph *g, uint32_t block, uint32_t reloc, struct fixup *ret)
{
	const struct block *b = &g->blocks[block];
	bool pointer = g->relocs[reloc].type == g->object->arch->pointer_reloc, be = g->object->big_endian;
	uint64_t field = pointer ? FIXUP_POINTER : FIXUP_DISTANCE, at = g->relocs[reloc].offset - b->start;
	const struct edge *e = &g->edges[reloc];
	const uint8_t *data = block_data(g, b);

	if (!data || at < field)
		return false;
	data += at - field;
	*ret = (struct fixup){ (uint16_t)bytes_get(data, 2, be), (uint16_t)bytes_get(data + 2, 2, be),
			       (uint32_t)bytes_get(data + 4, 4, be), (uint32_t)bytes_get(data + 8, 4, be),
			       e->block == NONE                     ? g->object->symbols[e->symbol].name
			       : g->blocks[e->block].symbol == NONE ? NULL
								    : block_label(g, e->block)->name };
	return ret->hook && is_identifier(ret->hook);
}

static bool same_fixup(const struct fixup *x, const struct fixup *y)
{
	return x->vendor == y->vendor && x->device == y->device && x->class == y->class && x->shift == y->shift &&
	       !strcmp(x->hook, y->hook);
}

static bool original_has(const struct diff *d, const char *section, const struct fixup *wanted)
{
	const struct graph *g = d->orig;
	struct fixup f;

	for (uint32_t b = 0; b < g->block_count; b++) {
		const struct block *bl = &g->blocks[b];

		if (strcmp(graph_section_name(g, b), section))
			continue;
		for (uint32_t r = bl->reloc_first; r < bl->reloc_first + bl->reloc_count; r++)
			if (read_fixup(g, b, r, &f) && same_fixup(&f, wanted))
				return true;
	}
	return false;
}

static const char *id_text(const struct diff *d, uint16_t id)
{
	return id == ANY_ID ? "PCI_ANY_ID" : arena_printf(d->a, "0x%04x", id);
}

static void call_hook(struct stub *st, const struct fixup *f)
{
	const struct diff *d = st->d;

	st->devices = true;
	st->set = arena_printf(d->a, "%s\twhile ((dev = pci_get_device(%s, %s, dev)))\n", st->set,
			       id_text(d, f->vendor), id_text(d, f->device));
	if (f->class != UINT32_MAX && f->shift)
		st->set = arena_printf(d->a, "%s\t\tif (dev->class >> %u == 0x%x)\n\t", st->set, f->shift, f->class);
	else if (f->class != UINT32_MAX)
		st->set = arena_printf(d->a, "%s\t\tif (dev->class == 0x%x)\n\t", st->set, f->class);
	st->set = arena_printf(d->a, "%s\t\t%s(dev);\n", st->set, f->hook);
}

/* Those that the kernel runs once for a device; what it runs at each suspend no callback can stand in for. */
static bool runs_once(const char *section)
{
	return !strcmp(section, ".pci_fixup_early") || !strcmp(section, ".pci_fixup_header") ||
	       !strcmp(section, ".pci_fixup_final") || !strcmp(section, ".pci_fixup_enable");
}

bool stub_runs(struct stub *st, uint32_t c)
{
	const struct graph *g = st->d->patched;
	const struct block *b = &g->blocks[c];
	const char *section = graph_section_name(g, c);
	struct fixup f;

	if (!runs_once(section))
		return false;
	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++)
		if (!read_fixup(g, c, r, &f))
			return false;
	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++)
		if (read_fixup(g, c, r, &f) && !original_has(st->d, section, &f)) {
			call_hook(st, &f);
			st->offered[c] = true;
		}
	return st->offered[c];
}

/* --- the text ----------------------------------------------------------------------- */

void stub_belongs_here(struct stub *st)
{
	st->last = st->d->ds->list.count;
}

/* A section may be ignored where the stub does all that changed in it. */
static bool does_all(const struct stub *st, const char *section)
{
	const struct graph *g = st->d->patched;

	for (uint32_t c = 0; c < g->block_count; c++)
		if (st->d->verdicts->of[c] == VERDICT_CHANGED && !st->offered[c] &&
		    !strcmp(graph_section_name(g, c), section))
			return false;
	return true;
}

static const char *ignore_sections(const struct stub *st)
{
	const struct graph *g = st->d->patched;
	struct text_set seen = { 0 };
	const char *text = "";

	for (uint32_t c = 0; c < g->block_count; c++) {
		const char *section = graph_section_name(g, c);

		if (!st->offered[c])
			continue;
		if (!is_plain(section) || !does_all(st, section))
			text = arena_printf(st->d->a, "%s/* and give `%s` its old value back */\n", text,
					    graph_label(st->d->a, g, c));
		else if (text_set_add(st->d->a, &seen, section, strlen(section)))
			text = arena_printf(st->d->a, "%sKPATCH_IGNORE_SECTION(\"%s\")\n", text, section);
	}
	return text;
}

/* The callback of that kind that the source has, or NULL. */
static const char *own_callback(const struct stub *st, const char *section)
{
	for (uint32_t i = 0; i < st->w->callbacks.count; i++)
		if (!strcmp(st->w->callbacks.items[i].section, section)) {
			const char *name = graph_label(st->d->a, st->d->patched, st->w->callbacks.items[i].block);

			return is_identifier(name) ? name : "it";
		}
	return NULL;
}

static const char *declarations(const struct stub *st)
{
	return arena_printf(st->d->a, "%s%s%s", st->devices ? "\tstruct pci_dev *dev = NULL;\n" : "",
			    st->per_cpu ? "\tint cpu;\n" : "", st->devices || st->per_cpu ? "\n" : "");
}

static const char *pre_patch(const struct stub *st)
{
	const char *own = own_callback(st, ".kpatch.callbacks.pre_patch");

	if (own)
		return arena_printf(st->d->a,
				    "/* to be called by `%s`, the pre-patch callback */\n"
				    "static void kpatch_set_values(void)\n{\n%s%s}\n",
				    own, declarations(st), st->set);
	return arena_printf(st->d->a,
			    "static int kpatch_pre_patch(patch_object *obj)\n{\n%s%s\treturn 0;\n}\n"
			    "KPATCH_PRE_PATCH_CALLBACK(kpatch_pre_patch)\n",
			    declarations(st), st->set);
}

static const char *post_unpatch(const struct stub *st)
{
	const char *own = own_callback(st, ".kpatch.callbacks.post_unpatch");
	const char *cpu = st->per_cpu ? "\tint cpu;\n\n" : "";

	if (!*st->restore)
		return "";
	if (own)
		return arena_printf(st->d->a,
				    "\n/* to be called by `%s`, the post-unpatch callback */\n"
				    "static void kpatch_restore_values(void)\n{\n%s%s}\n",
				    own, cpu, st->restore);
	return arena_printf(st->d->a,
			    "\nstatic void kpatch_post_unpatch(patch_object *obj)\n{\n%s%s}\n"
			    "KPATCH_POST_UNPATCH_CALLBACK(kpatch_post_unpatch)\n",
			    cpu, st->restore);
}

void stub_finish(struct stub *st)
{
	if (st->last)
		st->d->ds->list.items[st->last - 1].stub =
			arena_printf(st->d->a, "#include \"kpatch-macros.h\"\n\n%s\n%s%s", ignore_sections(st),
				     pre_patch(st), post_unpatch(st));
}
