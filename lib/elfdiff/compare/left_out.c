/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * left_out.c - what no patch has and the kernel has read all the same: tables of
 * parameters, exports, tracepoints, initcalls; sets of types; notes
 *
 * They are compared by what they hold and refer to. Entries whose order tells
 * nothing are paired by content, and what is left of them by the names of their
 * labels. What is left then is new, or gone.
 */
#include <elf.h>
#include <string.h>

#include "base/sort.h"
#include "base/text.h"
#include "compare/internal.h"
#include "elf/names.h"

/* --- names ------------------------------------------------------------------- */

/* The labels of blocks in which names are read, by block and place. */
struct label_list {
	uint32_t *first; /* by block: its labels in `symbols`, block_count + 1 numbers */
	uint32_t *symbols;
};

static bool reads_names(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];

	return b->kind == BLOCK_IGNORED && b->special && b->special->names;
}

static const struct label_list *list_labels(struct arena *a, const struct graph *g)
{
	struct label_list *l = arena_new(a, struct label_list);
	VEC(struct sort_key) keys = { 0 };

	l->first = arena_array(a, g->block_count + 1, uint32_t);
	for (uint32_t i = 1; i < g->object->symbol_count; i++) {
		const struct symbol *s = &g->object->symbols[i];
		uint32_t b = g->symbol_block[i];

		if (b == NONE || s->type == STT_SECTION || name_is_marker(s->name) || !reads_names(g, b))
			continue;
		*vec_push(a, &keys) =
			(struct sort_key){ .key = (uint64_t)b << 32 | (uint32_t)(s->value - g->blocks[b].start),
					   .id = i };
		l->first[b + 1]++;
	}
	for (uint32_t b = 0; b < g->block_count; b++)
		l->first[b + 1] += l->first[b];
	sort_keys(a, keys.items, keys.count);
	l->symbols = arena_array(a, keys.count + 1, uint32_t);
	for (uint32_t i = 0; i < keys.count; i++)
		l->symbols[i] = keys.items[i].id;
	return l;
}

static bool same_label(const struct graph *g, uint32_t b, uint32_t i, const struct graph *h, uint32_t c, uint32_t j)
{
	const struct symbol *s = &g->object->symbols[i], *t = &h->object->symbols[j];

	return s->value - g->blocks[b].start == t->value - h->blocks[c].start && name_same_stem(s->name, t->name);
}

bool same_labels(struct comparer *cmp, uint32_t b, uint32_t c, uint32_t *label)
{
	const struct label_list *l, *m;
	uint32_t i, j;

	*label = 0;
	if (!reads_names(cmp->orig, b) && !reads_names(cmp->patched, c))
		return true;
	if (!cmp->labels[0]) {
		cmp->labels[0] = list_labels(cmp->a, cmp->orig);
		cmp->labels[1] = list_labels(cmp->a, cmp->patched);
	}
	l = cmp->labels[0];
	m = cmp->labels[1];
	for (i = l->first[b], j = m->first[c]; i < l->first[b + 1] && j < m->first[c + 1]; i++, j++)
		if (!same_label(cmp->orig, b, l->symbols[i], cmp->patched, c, m->symbols[j]))
			break;
	if (i == l->first[b + 1] && j == m->first[c + 1])
		return true;
	*label = j < m->first[c + 1] ? m->symbols[j] : 0;
	return false;
}

/* --- pairing ------------------------------------------------------------------ */

struct piece_list {
	const struct graph *g;
	VEC(uint32_t) blocks;
	bool *paired; /* by block */
};

/* Made anew by each build, or said of the module and not of its code. */
static bool made_anew(const struct graph *g, const struct block *b)
{
	static const char *const keys[] = { "vermagic=", "srcversion=", "depends=",
					    "intree=",   "retpoline=",  "scmversion=" };
	const char *text = (const char *)block_bytes(g, b);

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (starts_with(text, keys[i]))
			return true;
	return !*text;
}

static bool takes_part(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];
	const uint8_t *data = block_data(g, b);

	if (b->kind != BLOCK_IGNORED || !b->special || !b->special->read || b->start == b->end)
		return false;
	/* an end without NUL: no text, compared as it is */
	return b->special->read != READ_STRINGS || !data || data[b->end - b->start - 1] || !made_anew(g, b);
}

/* How close two pieces have to be, round by round. */
enum closeness {
	BY_CONTENT, /* the same bytes, references, and label */
	BY_LABEL,   /* a label of the same name */
	BY_SECTION, /* the only pieces of sections of one name */
	ROUNDS,
};

static uint64_t key_of(const struct graph *g, uint32_t block, enum closeness how)
{
	const struct symbol *s = block_symbol(g, block);
	uint64_t key = hash_string(graph_section_name(g, block));

	if (how == BY_CONTENT && s && g->blocks[block].special->names)
		key = hash_mix(key, hash_bytes(s->name, name_stem(s->name)));
	if (how == BY_CONTENT)
		return hash_mix(key, fingerprint_of(g, block));
	return how == BY_LABEL ? hash_mix(key, hash_string(s->name)) : key;
}

/* The one piece of its section. */
static bool is_whole(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];

	return b->symbol == NONE && b->end - b->start == g->object->sections[b->section].size;
}

static struct piece_list all_pieces(struct arena *a, const struct graph *g)
{
	struct piece_list p = { .g = g, .paired = arena_array(a, g->block_count + 1, bool) };

	for (uint32_t b = 0; b < g->block_count; b++)
		if (takes_part(g, b))
			*vec_push(a, &p.blocks) = b;
	return p;
}

static bool fits(const struct piece_list *p, uint32_t block, enum closeness how)
{
	if (p->paired[block])
		return false;
	return how == BY_CONTENT || (how == BY_LABEL ? p->g->blocks[block].symbol != NONE : is_whole(p->g, block));
}

static struct key_list list_pieces(struct arena *a, const struct piece_list *p, enum closeness how)
{
	VEC(struct sort_key) keys = { 0 };

	for (uint32_t i = 0; i < p->blocks.count; i++) {
		uint32_t b = p->blocks.items[i];

		if (fits(p, b, how))
			*vec_push(a, &keys) = (struct sort_key){ .key = key_of(p->g, b, how), .id = b };
	}
	sort_keys(a, keys.items, keys.count);
	return (struct key_list){ keys.items, keys.count };
}

static void judge_pair(struct comparer *cmp, struct verdicts *v, uint32_t b, uint32_t c)
{
	struct evidence *ev = &v->evidence[c];
	uint32_t label;

	v->of[c] = VERDICT_SAME;
	if (!same_block(cmp, b, c, ev)) {
		v->of[c] = VERDICT_CHANGED;
	} else if (!same_labels(cmp, b, c, &label)) {
		v->of[c] = VERDICT_CHANGED;
		*ev = evidence_of(DIFFERENT_NAME, b, c);
		ev->label = label;
	}
}

/* What has the same key is paired, one after the other. */
static void pair_pieces(struct comparer *cmp, struct verdicts *v, struct piece_list sides[2], enum closeness how)
{
	struct key_list x = list_pieces(cmp->a, &sides[0], how), y = list_pieces(cmp->a, &sides[1], how);
	uint32_t b, c;

	while (next_equal_keys(&x, &y, &b, &c)) {
		if (strcmp(graph_section_name(cmp->orig, b), graph_section_name(cmp->patched, c)))
			continue;
		judge_pair(cmp, v, b, c);
		sides[0].paired[b] = sides[1].paired[c] = true;
	}
}

void judge_left_out(struct comparer *cmp, struct verdicts *v)
{
	struct piece_list sides[2] = { all_pieces(cmp->a, cmp->orig), all_pieces(cmp->a, cmp->patched) };

	for (enum closeness how = 0; how < ROUNDS; how++)
		pair_pieces(cmp, v, sides, how);
	for (uint32_t i = 0; i < sides[1].blocks.count; i++)
		if (!sides[1].paired[sides[1].blocks.items[i]])
			v->of[sides[1].blocks.items[i]] = VERDICT_NEW;
	for (uint32_t i = 0; i < sides[0].blocks.count; i++)
		if (!sides[0].paired[sides[0].blocks.items[i]])
			*vec_push(cmp->a, &v->gone) = sides[0].blocks.items[i];
}
