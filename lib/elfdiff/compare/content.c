/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compare/internal.h"

#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "base/text.h"
#include "elf/names.h"

enum { LONG_STRING = 256 }; /* bytes: what is longer is compared once */

static bool anonymous(const struct block *b)
{
	return b->kind == BLOCK_STRING || b->kind == BLOCK_CONST || b->kind == BLOCK_PAYLOAD;
}

static uint32_t find_known(const struct comparer *cmp, uint32_t b, uint32_t c)
{
	for (uint32_t e = index_first(&cmp->pairs, hash_mix(b, c)); e != NONE; e = index_next(&cmp->pairs, e)) {
		const struct known_pair *known = &cmp->known.items[cmp->pairs.ids[e]];

		if (known->b == b && known->c == c)
			return cmp->pairs.ids[e];
	}
	return NONE;
}

static uint32_t remember(struct comparer *cmp, struct known_pair pair)
{
	index_add(cmp->a, &cmp->pairs, hash_mix(pair.b, pair.c), cmp->known.count);
	*vec_push(cmp->a, &cmp->known) = pair;
	return cmp->known.count - 1;
}

/* What refers to a pair that is not the same, is not the same either. */
static void settle(struct comparer *cmp, uint32_t first)
{
	VEC(uint32_t) different = { 0 };

	for (uint32_t n = first; n < cmp->known.count; n++)
		if (!cmp->known.items[n].same)
			*vec_push(cmp->a, &different) = n;
	while (different.count) {
		uint32_t n = different.items[--different.count];

		for (uint32_t u = cmp->known.items[n].users; u != NONE; u = cmp->uses.items[u].next) {
			struct known_pair *user = &cmp->known.items[cmp->uses.items[u].user];

			if (user->same)
				*vec_push(cmp->a, &different) = cmp->uses.items[u].user;
			user->same = false;
		}
	}
	for (uint32_t n = first; n < cmp->known.count; n++)
		cmp->known.items[n].open = false;
}

/* NOLINTBEGIN(misc-no-recursion): two levels, as only what is not called from explore() itself calls explore() */
/*
 * All that pair number `first`, the last one, refers to: each pair is compared
 * once, as if what it refers to were the same. Without recursion: a list of
 * constants is as deep as it is long.
 */
static void explore(struct comparer *cmp, uint32_t first)
{
	for (uint32_t n = first; n < cmp->known.count; n++) {
		struct evidence ev;

		if (!cmp->known.items[n].open)
			continue;
		cmp->user = n;
		if (!same_block(cmp, cmp->known.items[n].b, cmp->known.items[n].c, &ev))
			cmp->known.items[n].same = false;
	}
	cmp->user = NONE;
	settle(cmp, first);
}

/* Same content, remembered. Things which refer to each other are the same unless they differ elsewhere. */
static bool same_content(struct comparer *cmp, uint32_t b, uint32_t c)
{
	uint32_t n = find_known(cmp, b, c);

	if (n == NONE)
		n = remember(cmp, (struct known_pair){ .b = b, .c = c, .same = true, .open = true, .users = NONE });
	if (cmp->user == NONE && cmp->known.items[n].open)
		explore(cmp, n);
	if (cmp->known.items[n].open) {
		*vec_push(cmp->a, &cmp->uses) =
			(struct use_of_pair){ .user = cmp->user, .next = cmp->known.items[n].users };
		cmp->known.items[n].users = cmp->uses.count - 1;
	}
	return cmp->known.items[n].same;
}

/* The whole string counts, wherever it is referred to: code may read it backwards from there. */
static bool same_string(struct comparer *cmp, const struct edge *e, const struct edge *f)
{
	const struct block *b = &cmp->orig->blocks[e->block], *c = &cmp->patched->blocks[f->block];
	uint64_t n = b->end - b->start, m = c->end - c->start;
	uint32_t known;
	bool same;

	if (e->offset != f->offset || n != m)
		return false;
	known = n > LONG_STRING ? find_known(cmp, e->block, f->block) : NONE;
	if (known != NONE)
		return cmp->known.items[known].same;
	same = !memcmp(block_bytes(cmp->orig, b), block_bytes(cmp->patched, c), n);
	if (n > LONG_STRING)
		remember(cmp, (struct known_pair){ .b = e->block, .c = f->block, .same = same, .users = NONE });
	return same;
}

/* What was weak may be missing in the kernel, and is then zero; what was not weak is there. */
static bool same_outside(const struct comparer *cmp, const struct edge *e, const struct edge *f)
{
	const struct symbol *s = &cmp->orig->object->symbols[e->symbol], *t = &cmp->patched->object->symbols[f->symbol];

	return e->offset == f->offset && s->place == t->place && !strcmp(s->name, t->name) &&
	       (s->place != SYMBOL_ABSOLUTE || s->value == t->value) && (s->bind != STB_WEAK || t->bind == STB_WEAK);
}

static bool same_named(struct comparer *cmp, uint32_t b, uint32_t c)
{
	const struct block *bl = &cmp->orig->blocks[b], *cl = &cmp->patched->blocks[c];
	const struct symbol *s = block_symbol(cmp->orig, b), *t = block_symbol(cmp->patched, c);
	bool twins = cmp->twins->of_orig[b] == c;
	bool same_name = s && t && name_same_stem(s->name, t->name);
	uint32_t label;

	if (bl->fresh && cl->fresh)
		return same_name && same_content(cmp, b, c) && one_to_one(cmp, b, c);
	if (bl->kind == BLOCK_RODATA)
		return (twins || (same_name && cmp->twins->of_orig[b] == NONE && cmp->twins->of_patched[c] == NONE)) &&
		       same_content(cmp, b, c);
	if (bl->kind == BLOCK_ENTRY) /* it is about one place of its function: there is no other like it */
		return bl->special == cl->special && same_content(cmp, b, c);
	if (bl->kind == BLOCK_IGNORED && (bl->special->read || cl->special->read))
		return same_labels(cmp, b, c, &label) && same_content(cmp, b, c);
	if (bl->kind == BLOCK_IGNORED || bl->kind == BLOCK_PADDING)
		return true;
	return twins;
}

/* Where a reference into a function stands, seen from its label. */
static int64_t from_label(const struct graph *g, const struct edge *e)
{
	return e->offset - (int64_t)graph_label_offset(g, e->block);
}

/* The name by which a reference to something in the object is linked, or NULL. */
static const struct symbol *linked_by(const struct graph *g, uint32_t reloc)
{
	const struct symbol *s = &g->object->symbols[g->relocs[reloc].symbol];

	return s->by_name && g->relocs[reloc].from != NONE ? s : NULL;
}

/* By a weak name, another object's definition may be meant: then the names have to be the same. */
static bool same_link(const struct comparer *cmp, uint32_t orig_reloc, uint32_t patched_reloc)
{
	const struct symbol *s = linked_by(cmp->orig, orig_reloc), *t = linked_by(cmp->patched, patched_reloc);

	if (!(s && s->bind == STB_WEAK) && !(t && t->bind == STB_WEAK))
		return true;
	return s && t && !strcmp(s->name, t->name);
}

static bool same_thing(struct comparer *cmp, uint32_t orig_reloc, uint32_t patched_reloc)
{
	const struct edge *e = &cmp->orig->edges[orig_reloc], *f = &cmp->patched->edges[patched_reloc];
	const struct block *b, *c;

	if (e->block == NONE || f->block == NONE)
		return e->block == f->block && same_outside(cmp, e, f);
	b = &cmp->orig->blocks[e->block];
	c = &cmp->patched->blocks[f->block];
	if (b->kind != c->kind)
		return false;
	if (b->kind == BLOCK_STRING)
		return same_string(cmp, e, f);
	if (anonymous(b))
		return e->offset == f->offset && same_content(cmp, e->block, f->block);
	return from_label(cmp->orig, e) == from_label(cmp->patched, f) && same_link(cmp, orig_reloc, patched_reloc) &&
	       same_named(cmp, e->block, f->block);
}

bool same_target(struct comparer *cmp, uint32_t orig_reloc, uint32_t patched_reloc)
{
	if (cmp->by_fingerprint)
		return fingerprint_of_edge(cmp->orig, orig_reloc) == fingerprint_of_edge(cmp->patched, patched_reloc);
	return same_thing(cmp, orig_reloc, patched_reloc);
}

/* --- bytes ----------------------------------------------------------------- */

/* One comparison of two blocks, from front to back. */
struct walk {
	struct comparer *cmp;
	uint32_t b, c;
	const uint8_t *p, *q; /* bytes; NULL for SHT_NOBITS */
	uint64_t size;        /* of the shorter one */
	uint64_t at;
};

static uint8_t byte_of(const uint8_t *p, uint64_t at)
{
	return p ? p[at] : 0;
}

/* Where the last pointer of an entry ends: struct bug_entry has distances of 4 bytes, or addresses of 8. */
static uint64_t end_of_pointers(const struct walk *w, const struct block *b)
{
	const struct object *o = w->cmp->orig->object;
	const struct reloc *last = &w->cmp->orig->relocs[b->reloc_first + b->reloc_count - 1];
	struct reloc_field field;

	return last->offset - b->start + (o->arch->field(last->type, &field) ? field.size : 0);
}

static bool is_source_name(const char *text)
{
	static const char *const ends[] = { ".c", ".h", ".S", ".rs", ".inc" };
	size_t n = text ? strlen(text) : 0;

	for (size_t i = 0; n && i < sizeof(ends) / sizeof(*ends); i++)
		if (part_ends_with(text, n, ends[i]))
			return true;
	return false;
}

/*
 * struct bug_entry ends with a line and flags behind its file, or with flags behind its format where it has no file (Linux
 * 7 without CONFIG_DEBUG_BUGVERBOSE), as long by its alignment. Behind flags there is nothing but zeros.
 */
static bool ends_with_line(const struct walk *w, const struct block *b, uint64_t line)
{
	const struct graph *g = w->cmp->orig;

	if (b->reloc_count < 2)
		return false;
	for (uint64_t at = line + 2; at < line + 4 && at < w->size; at++)
		if (byte_of(w->p, at) | byte_of(w->q, at))
			return true;
	return is_source_name(graph_text(g, &g->edges[b->reloc_first + b->reloc_count - 1]));
}

/* Bits of the byte at `offset` of an entry that belong to its line number. */
static uint8_t line_mask(const struct walk *w, uint64_t offset)
{
	const struct block *b = &w->cmp->orig->blocks[w->b];
	const struct special *row = b->special;
	bool big = w->cmp->orig->object->big_endian;
	uint64_t first, line;

	if (!row || !row->line_bits || (!row->line_offset && !b->reloc_count))
		return 0;
	line = row->line_offset;
	if (!line) /* struct bug_entry grew: addresses of the bug, of its format, of its file, then the line */
		line = end_of_pointers(w, b);
	if (offset < line || (!row->line_offset && !ends_with_line(w, b, line)))
		return 0;
	first = 8 * (offset - line);
	if (first >= row->line_bits)
		return 0;
	if (row->line_bits - first >= 8)
		return 0xff;
	return big ? (uint8_t)(0xff << (8 - (row->line_bits - first)))
		   : (uint8_t)(0xff >> (8 - (row->line_bits - first)));
}

/* Compares [at, end); false with w->at at the first byte that differs. */
static bool same_bytes(struct walk *w, uint64_t end)
{
	while (w->at < end) {
		uint64_t n = end - w->at, resume;

		if ((!w->p && !w->q) || (w->p && w->q && !memcmp(w->p + w->at, w->q + w->at, n))) {
			w->at = end;
			break;
		}
		while (w->at < end && !((byte_of(w->p, w->at) ^ byte_of(w->q, w->at)) & ~line_mask(w, w->at)))
			w->at++;
		if (w->at == end)
			break;
		if (!w->cmp->lines || w->cmp->orig->blocks[w->b].kind != BLOCK_TEXT ||
		    !line_proof_at(w->cmp->lines, w->b, w->c, w->at, &resume))
			return false;
		w->cmp->line_used = true;
		w->at = resume;
	}
	return true;
}

/* The bits of a field that the relocation does not own. */
static bool same_rest(const struct walk *w, const struct reloc_field *f)
{
	bool big = w->cmp->orig->object->big_endian;

	if (!w->p || !w->q || !f->size || w->at + f->size > w->size)
		return true;
	return !((bytes_get(w->p + w->at, f->size, big) ^ bytes_get(w->q + w->at, f->size, big)) & ~f->mask);
}

/* Calls through a procedure linkage and direct ones are the same in a kernel. */
static bool same_type(const struct comparer *cmp, const struct reloc *r, const struct reloc *s)
{
	const struct arch *arch = cmp->orig->object->arch;

	return r->type == s->type ||
	       (arch->is_branch(cmp->orig->object, r) && arch->is_branch(cmp->patched->object, s));
}

static void differ(const struct walk *w, enum difference what, uint32_t r, uint32_t s, struct evidence *ret)
{
	*ret = (struct evidence){ .what = what,
				  .orig = w->b,
				  .patched = w->c,
				  .orig_offset = w->at,
				  .patched_offset = w->at,
				  .orig_reloc = r,
				  .patched_reloc = s };
}

/* Offset of relocation n of a block from its start, or `none` behind the last. */
static uint64_t reloc_at(const struct graph *g, const struct block *b, uint32_t n, uint64_t none)
{
	return n < b->reloc_count ? g->relocs[b->reloc_first + n].offset - b->start : none;
}

/* Both are strings that name a source file and a line. */
static bool same_but_for_line(const struct walk *w, uint32_t r, uint32_t s)
{
	const struct comparer *cmp = w->cmp;
	const struct edge *e = &cmp->orig->edges[graph_meaning(cmp->orig, r)];
	const struct edge *f = &cmp->patched->edges[graph_meaning(cmp->patched, s)];
	const struct block *b, *c;

	if (!cmp->lines || cmp->orig->blocks[w->b].kind != BLOCK_TEXT || e->block == NONE || f->block == NONE)
		return false;
	b = &cmp->orig->blocks[e->block];
	c = &cmp->patched->blocks[f->block];
	if (b->kind != BLOCK_STRING || c->kind != BLOCK_STRING || e->offset < 0 || f->offset < 0 ||
	    (uint64_t)e->offset >= b->end - b->start || (uint64_t)f->offset >= c->end - c->start ||
	    !line_proof_string(cmp->lines, w->b, w->c, w->at, (const char *)block_bytes(cmp->orig, b) + e->offset,
			       (const char *)block_bytes(cmp->patched, c) + f->offset))
		return false;
	w->cmp->line_used = true;
	return true;
}

static bool same_relocs(struct walk *w, struct evidence *ret)
{
	struct comparer *cmp = w->cmp;
	const struct block *b = &cmp->orig->blocks[w->b], *c = &cmp->patched->blocks[w->c];

	for (uint32_t i = 0; i < b->reloc_count || i < c->reloc_count; i++) {
		uint64_t x = reloc_at(cmp->orig, b, i, w->size), y = reloc_at(cmp->patched, c, i, w->size);
		uint32_t r = b->reloc_first + i, s = c->reloc_first + i;
		struct reloc_field f = { 0 };

		if (!same_bytes(w, x < y ? x : y)) {
			differ(w, DIFFERENT_BYTES, NONE, NONE, ret);
			return false;
		}
		if (x != y || i >= b->reloc_count || i >= c->reloc_count) {
			differ(w, DIFFERENT_RELOC, x <= y && i < b->reloc_count ? r : NONE,
			       y <= x && i < c->reloc_count ? s : NONE, ret);
			return false;
		}
		w->at = x > w->at ? x : w->at;
		if (!same_type(cmp, &cmp->orig->relocs[r], &cmp->patched->relocs[s])) {
			differ(w, DIFFERENT_RELOC, r, s, ret);
			return false;
		}
		cmp->orig->object->arch->field(cmp->orig->relocs[r].type, &f);
		if (!same_rest(w, &f)) {
			differ(w, DIFFERENT_BYTES, NONE, NONE, ret);
			return false;
		}
		if (!same_target(cmp, r, s) && !same_but_for_line(w, r, s)) {
			differ(w, DIFFERENT_TARGET, r, s, ret);
			return false;
		}
		if (x + f.size > w->at)
			w->at = x + f.size;
	}
	return true;
}

/* --- special entries of a block ---------------------------------------------- */

static uint32_t next_table_entry(const struct graph *g, const struct block *b, uint32_t n)
{
	while (n < b->entry_count && g->blocks[g->entries[b->entry_first + n]].special->kind != SPECIAL_TABLE)
		n++;
	return n;
}

static bool same_entries(struct comparer *cmp, uint32_t b, uint32_t c, struct evidence *ret)
{
	const struct graph *g = cmp->orig, *h = cmp->patched;
	const struct block *bl = &g->blocks[b], *cl = &h->blocks[c];
	uint32_t i = next_table_entry(g, bl, 0), j = next_table_entry(h, cl, 0);

	for (; i < bl->entry_count && j < cl->entry_count;
	     i = next_table_entry(g, bl, i + 1), j = next_table_entry(h, cl, j + 1)) {
		uint32_t e = g->entries[bl->entry_first + i], f = h->entries[cl->entry_first + j];

		if (g->blocks[e].special != h->blocks[f].special || !same_block(cmp, e, f, ret)) {
			*ret = (struct evidence){ .what = DIFFERENT_ENTRY,
						  .orig = e,
						  .patched = f,
						  .orig_reloc = NONE,
						  .patched_reloc = NONE };
			return false;
		}
	}
	if (i == bl->entry_count && j == cl->entry_count)
		return true;
	*ret = (struct evidence){ .what = DIFFERENT_ENTRIES,
				  .orig = i < bl->entry_count ? g->entries[bl->entry_first + i] : NONE,
				  .patched = j < cl->entry_count ? h->entries[cl->entry_first + j] : NONE,
				  .orig_reloc = NONE,
				  .patched_reloc = NONE };
	return false;
}

/* Its function is as long by its symbol, and what is behind it in the block aligns the section's end. */
static bool ends_in_padding(const struct graph *g, uint32_t block, uint64_t size)
{
	const struct block *b = &g->blocks[block];
	const struct symbol *s = block_symbol(g, block);

	return b->kind == BLOCK_TEXT && s && s->value == b->start && s->size == size &&
	       is_code_padding(g->object, &g->object->sections[b->section], b->start + size, b->end);
}

/* The last function of a section has what aligns its end: no other has, once `ld -r` has put several together. */
static bool differ_in_padding(const struct comparer *cmp, uint32_t b, uint32_t c, uint64_t size)
{
	return ends_in_padding(cmp->orig, b, size) && ends_in_padding(cmp->patched, c, size);
}

bool same_block(struct comparer *cmp, uint32_t b, uint32_t c, struct evidence *ret)
{
	const struct block *bl = &cmp->orig->blocks[b], *cl = &cmp->patched->blocks[c];
	uint64_t n = bl->end - bl->start, m = cl->end - cl->start;
	struct walk w = { .cmp = cmp,
			  .b = b,
			  .c = c,
			  .p = block_data(cmp->orig, bl),
			  .q = block_data(cmp->patched, cl),
			  .size = n < m ? n : m };

	if (!same_relocs(&w, ret))
		return false;
	if (!same_bytes(&w, w.size)) {
		differ(&w, DIFFERENT_BYTES, NONE, NONE, ret);
		return false;
	}
	if (n != m && !differ_in_padding(cmp, b, c, w.size)) {
		w.at = w.size;
		differ(&w, DIFFERENT_SIZE, NONE, NONE, ret);
		return false;
	}
	return same_entries(cmp, b, c, ret);
}

/* NOLINTEND(misc-no-recursion) */

/* --- functions that share a block ------------------------------------------------ */

/* One function, as a range of its block. */
struct range {
	const struct graph *g;
	const struct block *b;
	uint64_t start, end;       /* bytes, in the block */
	uint32_t reloc, reloc_end; /* in graph.relocs */
};

static struct range range_of(const struct graph *g, uint32_t symbol)
{
	const struct symbol *s = &g->object->symbols[symbol];
	const struct block *b = &g->blocks[g->symbol_block[symbol]];
	struct range r = { .g = g, .b = b, .start = s->value - b->start };

	r.end = r.start + s->size < b->end - b->start ? r.start + s->size : b->end - b->start;
	r.reloc = graph_first_reloc(g, b, r.start);
	r.reloc_end = graph_first_reloc(g, b, r.end);
	return r;
}

static bool same_range_relocs(struct comparer *cmp, const struct range *r, const struct range *s)
{
	if (r->reloc_end - r->reloc != s->reloc_end - s->reloc)
		return false;
	for (uint32_t i = 0; i < r->reloc_end - r->reloc; i++) {
		const struct reloc *x = &r->g->relocs[r->reloc + i], *y = &s->g->relocs[s->reloc + i];

		if (x->offset - r->b->start - r->start != y->offset - s->b->start - s->start || !same_type(cmp, x, y) ||
		    !same_target(cmp, r->reloc + i, s->reloc + i))
			return false;
	}
	return true;
}

/* The next table entry, from number n of the block's by place, that is about the range; entry_count behind the last. */
static uint32_t next_in_range(const struct range *r, uint32_t n)
{
	for (; n < r->b->entry_count; n++) {
		uint32_t e = r->g->entries_by_place[r->b->entry_first + n];

		if (graph_entry_place(r->g, e) >= r->end)
			break;
		if (r->g->blocks[e].special->kind == SPECIAL_TABLE)
			return n;
	}
	return r->b->entry_count;
}

static uint32_t first_in_range(const struct range *r)
{
	return next_in_range(r, graph_first_entry(r->g, r->b, r->start));
}

bool same_function(struct comparer *cmp, uint32_t orig_symbol, uint32_t patched_symbol)
{
	struct range r = range_of(cmp->orig, orig_symbol), s = range_of(cmp->patched, patched_symbol);
	const uint8_t *p = block_data(cmp->orig, r.b), *q = block_data(cmp->patched, s.b);
	uint32_t i = first_in_range(&r), j = first_in_range(&s);
	struct evidence ev;

	cmp->function = cmp->patched->block_count + patched_symbol;
	if (!p || !q || r.end - r.start != s.end - s.start || memcmp(p + r.start, q + s.start, r.end - r.start) ||
	    !same_range_relocs(cmp, &r, &s))
		return false;
	for (; i < r.b->entry_count && j < s.b->entry_count;
	     i = next_in_range(&r, i + 1), j = next_in_range(&s, j + 1)) {
		uint32_t e = r.g->entries_by_place[r.b->entry_first + i];
		uint32_t f = s.g->entries_by_place[s.b->entry_first + j];

		if (r.g->blocks[e].special != s.g->blocks[f].special || !same_block(cmp, e, f, &ev))
			return false;
	}
	return i >= r.b->entry_count && j >= s.b->entry_count;
}
