/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines.c - the rows of .debug_line, by section and offset
 *
 * A reader of its own: the rows are all that is needed, in an unlinked object,
 * of any architecture and byte order. libdw would relocate every debug section
 * for it, and only for the architectures that it has a backend for.
 */
#include <dwarf.h>
#include <stdlib.h>

#include "lines/internal.h"
#include "lines/lines.h"

struct row {
	uint64_t offset;
	uint32_t section; /* 0: the address is not known */
	uint32_t line;
	uint32_t order;
	bool end; /* no row: the sequence ends here */
};

struct line_info {
	struct arena *arena;
	const struct object *object;
	bool read;
	struct debug_section lines;
	VEC(struct row) rows;  /* sorted */
	struct index by_line;  /* rows by section and line, the first of each */
	struct index by_place; /* rows that are no ends by section, offset and line */
};

/* The unit at the cursor; the cursor goes to its end. */
static bool read_header(struct cursor *c, struct line_unit *u)
{
	uint64_t length = cursor_fixed(c, 4), header;
	struct cursor in = *c;

	*u = (struct line_unit){ .offset_size = 4 };
	if (length == 0xffffffff) {
		u->offset_size = 8;
		length = cursor_fixed(c, 8);
		in = *c;
	}
	cursor_skip(c, length);
	in.end = u->end = c->pos;
	u->version = (uint16_t)cursor_fixed(&in, 2);
	if (u->version >= 5)
		cursor_skip(&in, 2); /* sizes of address and segment selector */
	header = cursor_fixed(&in, u->offset_size);
	u->program = in.pos + header;
	if (!range_ok(in.pos, header, in.end))
		in.bad = true;
	u->min_insn = (uint8_t)cursor_fixed(&in, 1);
	if (u->version >= 4)
		cursor_skip(&in, 1); /* operations per instruction: 1 where there is no VLIW */
	cursor_skip(&in, 1);         /* is_stmt: every row is a row here */
	u->line_base = (int8_t)cursor_fixed(&in, 1);
	u->line_range = (uint8_t)cursor_fixed(&in, 1);
	u->opcode_base = (uint8_t)cursor_fixed(&in, 1);
	u->operands = in.data + in.pos;
	cursor_skip(&in, u->opcode_base ? u->opcode_base - 1u : 0);
	return !in.bad && u->version >= 2 && u->version <= 5 && u->line_range && u->opcode_base && in.pos <= u->program;
}

/* The line number machine: where it is, and where its rows go. */
struct machine {
	struct line_info *li;
	const struct line_unit *u;
	struct cursor c;
	struct row row;
};

static void reset(struct machine *m)
{
	m->row = (struct row){ .line = 1 };
}

static void emit(struct machine *m, bool end)
{
	if (!m->row.section)
		return;
	m->row.end = end;
	m->row.order = m->li->rows.count;
	*vec_push(m->li->arena, &m->li->rows) = m->row;
}

/* Symbol + addend: the section it is in, and the offset there. */
static void set_address(struct machine *m)
{
	const struct object *o = m->li->object;
	const struct reloc *r = debug_section_reloc(&m->li->lines, m->c.pos);
	const struct symbol *sym = r ? &o->symbols[r->symbol] : NULL;

	m->row.section = 0;
	if (!sym || sym->place != SYMBOL_DEFINED)
		return;
	m->row.section = sym->section;
	m->row.offset = sym->value + (uint64_t)r->addend;
}

static void extended(struct machine *m)
{
	uint64_t length = cursor_uleb(&m->c), next;

	if (!range_ok(m->c.pos, length, m->c.end)) {
		m->c.bad = true;
		return;
	}
	next = m->c.pos + length;
	switch (length ? cursor_fixed(&m->c, 1) : 0) {
	case DW_LNE_end_sequence:
		emit(m, true);
		reset(m);
		break;
	case DW_LNE_set_address:
		set_address(m);
		break;
	}
	m->c.pos = next;
}

/*
 * The operand is the difference of two symbols. Where the linker may move code
 * (loongarch64), two relocations hold it: the first is added, the second taken away.
 */
static void fixed_advance(struct machine *m)
{
	const struct debug_section *s = &m->li->lines;
	const struct symbol *symbols = m->li->object->symbols;
	const struct reloc *r = debug_section_reloc(s, m->c.pos);

	if (r && r + 1 < s->relocs + s->reloc_count && r[1].offset == r->offset)
		m->row.offset += symbols[r[0].symbol].value + (uint64_t)r[0].addend -
				 (symbols[r[1].symbol].value + (uint64_t)r[1].addend);
	m->row.offset += cursor_fixed(&m->c, 2);
}

/* To the address so many operations on. */
static void advance(struct machine *m, uint64_t operations)
{
	m->row.offset += operations * m->u->min_insn;
}

static void skip_operands(struct machine *m, uint8_t opcode)
{
	for (unsigned i = 0; i < m->u->operands[opcode - 1]; i++)
		cursor_uleb(&m->c);
}

static void standard(struct machine *m, uint8_t opcode)
{
	switch (opcode) {
	case DW_LNS_copy:
		emit(m, false);
		break;
	case DW_LNS_advance_pc:
		advance(m, cursor_uleb(&m->c));
		break;
	case DW_LNS_advance_line:
		m->row.line += (uint32_t)cursor_sleb(&m->c);
		break;
	case DW_LNS_set_file:
		cursor_uleb(&m->c);
		break;
	case DW_LNS_const_add_pc:
		advance(m, (255u - m->u->opcode_base) / m->u->line_range);
		break;
	case DW_LNS_fixed_advance_pc:
		fixed_advance(m);
		break;
	default:
		skip_operands(m, opcode);
	}
}

static void special(struct machine *m, uint8_t opcode)
{
	unsigned step = (unsigned)opcode - m->u->opcode_base;

	advance(m, step / m->u->line_range);
	m->row.line += (uint32_t)(m->u->line_base + (int)(step % m->u->line_range));
	emit(m, false);
}

static void run(struct line_info *li, const struct line_unit *u)
{
	struct machine m = { .li = li, .u = u, .c = li->lines.bytes };

	m.c.pos = u->program;
	m.c.end = u->end;
	reset(&m);
	while (m.c.pos < m.c.end && !m.c.bad) {
		uint8_t opcode = (uint8_t)cursor_fixed(&m.c, 1);

		if (opcode >= u->opcode_base)
			special(&m, opcode);
		else if (opcode)
			standard(&m, opcode);
		else
			extended(&m);
	}
}

/* Where one sequence ends and another begins, the end comes first. */
static int by_place(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	if (x->end != y->end)
		return x->end ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* Rows of one section: as a rule one sequence, which is in order. */
static void sort_section(struct row *rows, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (by_place(&rows[i - 1], &rows[i]) > 0) {
			qsort(rows, count, sizeof(*rows), by_place);
			return;
		}
}

/* By section first, in linear time: an object may have a hundred thousand of them. */
static void sort_rows(struct line_info *li)
{
	uint32_t sections = li->object->section_count;
	uint32_t *next = arena_array(li->arena, sections + 1, uint32_t);
	struct row *sorted = arena_array(li->arena, li->rows.count + 1, struct row);

	for (uint32_t i = 0; i < li->rows.count; i++)
		next[li->rows.items[i].section + 1]++;
	for (uint32_t s = 0; s < sections; s++)
		next[s + 1] += next[s];
	for (uint32_t i = 0; i < li->rows.count; i++)
		sorted[next[li->rows.items[i].section]++] = li->rows.items[i];
	for (uint32_t s = 0, first = 0; s < sections; first = next[s++])
		sort_section(sorted + first, next[s] - first);
	li->rows.items = sorted;
}

static uint64_t line_hash(const struct row *r)
{
	return hash_mix(r->section, r->line);
}

static uint64_t place_hash(const struct row *r)
{
	return hash_mix(line_hash(r), r->offset);
}

/* The first row of that section and line, and of that offset where it is `placed`, or NONE. */
static uint32_t find_row(const struct line_info *li, const struct row *like, bool placed)
{
	const struct index *ix = placed ? &li->by_place : &li->by_line;
	uint32_t e = index_first(ix, placed ? place_hash(like) : line_hash(like));

	for (; e != NONE; e = index_next(ix, e)) {
		const struct row *r = &li->rows.items[ix->ids[e]];

		if (r->section == like->section && r->line == like->line && (!placed || r->offset == like->offset))
			return ix->ids[e];
	}
	return NONE;
}

static void index_rows(struct line_info *li)
{
	for (uint32_t i = 0; i < li->rows.count; i++) {
		const struct row *r = &li->rows.items[i];

		if (find_row(li, r, false) == NONE)
			index_add(li->arena, &li->by_line, line_hash(r), i);
		if (!r->end && find_row(li, r, true) == NONE)
			index_add(li->arena, &li->by_place, place_hash(r), i);
	}
}

static void read_all(struct line_info *li)
{
	struct cursor c = li->lines.bytes;
	struct line_unit u;

	li->read = true;
	while (c.pos < c.end && !c.bad) {
		if (read_header(&c, &u))
			run(li, &u);
	}
	sort_rows(li);
	index_rows(li);
}

/* Number of the first row after the offset. */
static uint32_t row_after(const struct line_info *li, uint32_t section, uint64_t offset)
{
	uint32_t low = 0, high = li->rows.count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const struct row *r = &li->rows.items[mid];

		if (r->section < section || (r->section == section && r->offset <= offset))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void read_once(const struct line_info *li)
{
	if (!li->read)
		read_all((struct line_info *)li); /* made by lines_open(), never const */
}

/* The last row at or before the offset, or NULL. */
static const struct row *covering(const struct line_info *li, uint32_t section, uint64_t offset)
{
	uint32_t n = row_after(li, section, offset);
	const struct row *r = n ? &li->rows.items[n - 1] : NULL;

	return r && r->section == section && !r->end ? r : NULL;
}

const struct line_info *lines_open(struct arena *a, const struct object *o)
{
	struct debug_section lines;
	struct line_info *li;

	if (!debug_section_read(a, o, ".debug_line", &lines))
		return NULL;
	li = arena_new(a, struct line_info);
	li->arena = a;
	li->object = o;
	li->lines = lines;
	return li;
}

bool lines_at(const struct line_info *li, uint32_t section, uint64_t offset, uint32_t line)
{
	const struct row *r;

	if (!li)
		return false;
	read_once(li);
	r = covering(li, section, offset);
	return r && (r->line == line ||
		     find_row(li, &(struct row){ .section = section, .offset = offset, .line = line }, true) != NONE);
}

bool lines_in_section(const struct line_info *li, uint32_t section, uint32_t line)
{
	if (!li)
		return false;
	read_once(li);
	return find_row(li, &(struct row){ .section = section, .line = line }, false) != NONE;
}
