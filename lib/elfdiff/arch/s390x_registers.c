/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s390x_registers.c - what instructions do with the values of registers: see arch.register_use
 *
 * By first byte, and then by what else tells the opcode. As base or index,
 * number 0 is no register.
 */
#include "arch/registers.h"

#define OTHER REGISTER(REGISTER_OTHER)

/* The halves of bytes 1 to 4, as registers. */
struct fields {
	const uint8_t *in;
	uint64_t r1, r2;       /* byte 1 */
	uint64_t base, second; /* of bytes 2 and 4 */
	uint64_t low1, low2;   /* byte 3 */
	uint64_t third;        /* byte 2 */
};

static uint64_t address_register(unsigned n)
{
	return n ? REGISTER(n) : 0;
}

static struct fields fields_of(const uint8_t in[6])
{
	return (struct fields){ .in = in,
				.r1 = REGISTER(in[1] >> 4),
				.r2 = REGISTER(in[1] & 15),
				.base = address_register(in[2] >> 4) | FILLED,
				.second = address_register(in[4] >> 4),
				.low1 = REGISTER(in[3] >> 4),
				.low2 = REGISTER(in[3] & 15),
				.third = REGISTER(in[2] >> 4) };
}

/* Base and index */
static uint64_t indexed(const struct fields *f)
{
	return f->base | address_register(f->in[1] & 15);
}

/* A new half is as good as a whole: with one half of another's, no register has the address that it had. */
static bool load(uint64_t base, uint64_t to, bool whole, struct register_use *ret)
{
	return use_load(base, to, whole, ret);
}

/* What is computed from one register, and gets another one, or half of it. */
static bool compute(uint64_t from, uint64_t to, struct register_use *ret)
{
	ret->read = from;
	ret->written = to;
	return true;
}

static bool compare(uint64_t base, uint64_t what, struct register_use *ret)
{
	ret->base = base;
	ret->compared = what;
	return true;
}

/* The registers from the first to the second, past 15 from 0 on. */
static uint64_t range(const uint8_t in[6])
{
	uint64_t set = 0;

	for (unsigned n = in[1] >> 4;; n = (n + 1) & 15) {
		set |= REGISTER(n);
		if (n == (in[1] & 15u))
			return set;
	}
}

/* c0, c2, c4, c6: with 32 bits behind */
static bool long_immediate(const struct fields *f, struct register_use *ret)
{
	unsigned op = f->in[1] & 15;

	switch (f->in[0]) {
	case 0xc0:
		if (op == 0) /* larl */
			return use_copy(FILLED, f->r1, ret);
		if (op == 4 || op == 5) /* brcl, brasl */
			return true;
		if (op == 1 || op >= 0xe) {
			ret->written = f->r1;
			return true;
		}
		return use_read(0, op == 8 || op == 9 ? 0 : f->r1, f->r1, ret);
	case 0xc2:
		if (op >= 0xc) /* comparisons with numbers */
			return true;
		return op & 1 || op < 2 ? use_read(0, f->r1, f->r1, ret) : use_copy(f->r1 | FILLED, f->r1, ret);
	case 0xc4:
		if (op == 7 || op == 0xb || op == 0xf)
			return use_store(FILLED, f->r1, ret);
		return load(FILLED, f->r1, op == 8, ret);
	default:
		if (op == 2) /* pfdrl */
			return true;
		/* cgrl, clgrl; and of less */
		return op ? compare(FILLED, f->r1 | (op == 8 || op == 0xa ? MEMORY : OTHER), ret) : false;
	}
}

/* a5, a7: with 16 bits behind */
static bool short_immediate(const struct fields *f, struct register_use *ret)
{
	unsigned op = f->in[1] & 15;

	if (f->in[0] == 0xa5) {
		*(op >= 0xc ? &ret->written : &ret->blurred) = f->r1;
		ret->read = op >= 4 && op < 0xc ? f->r1 : 0;
		return true;
	}
	switch (op) {
	case 0xb: /* aghi */
		return use_copy(f->r1 | FILLED, f->r1, ret);
	case 0x8: /* lhi, lghi */
	case 0x9:
		ret->written = f->r1;
		return true;
	case 0x6:
	case 0x7:
	case 0xa:
	case 0xc:
	case 0xd:
		return use_read(0, f->r1, f->r1, ret);
	default: /* tests and comparisons with numbers, branches */
		return true;
	}
}

/* b9: two registers, or three */
static bool of_registers(const struct fields *f, struct register_use *ret)
{
	switch (f->in[1]) {
	case 0x02: /* ltgr, lgr */
	case 0x04:
		return use_copy(f->low2, f->low1, ret);
	case 0x08: /* agr, algr */
	case 0x0a:
		return use_copy(f->low1 | f->low2, f->low1, ret);
	case 0x09: /* sgr, slgr */
	case 0x0b:
		ret->subtracted = f->low2;
		return use_copy(f->low1, f->low1, ret);
	case 0x20: /* cgr, clgr */
	case 0x21:
		return compare(0, f->low1 | f->low2, ret);
	case 0xe8: /* agrk, algrk */
	case 0xea:
		return use_copy(f->low2 | f->third, f->low1, ret);
	case 0xe9: /* sgrk, slgrk */
	case 0xeb:
		ret->subtracted = f->third;
		return use_copy(f->low2, f->low1, ret);
	case 0x82: /* xgr, xgrk: nil where both are the same */
		ret->written = f->low1;
		return compare(0, f->low1 | f->low2, ret);
	case 0xe7:
		ret->written = f->low1;
		return compare(0, f->low2 | f->third, ret);
	case 0x06: /* lgbr, lghr, lgfr, llgfr, llgtr, lbr, lhr, llgcr, llghr, llcr, llhr */
	case 0x07:
	case 0x14:
	case 0x16:
	case 0x17:
	case 0x26:
	case 0x27:
	case 0x84:
	case 0x85:
	case 0x94:
	case 0x95:
		return compute(f->low2, f->low1, ret);
	case 0xe2: /* locgr */
		ret->one_of = true;
		return use_copy(f->low1 | f->low2, f->low1, ret);
	default:
		return use_read(0, f->low1 | f->low2 | f->third, f->low1, ret);
	}
}

/* e3: a register and memory */
static bool with_memory(const struct fields *f, struct register_use *ret)
{
	uint64_t base = indexed(f);

	switch (f->in[5]) {
	case 0x02: /* ltg, lg */
	case 0x04:
		return load(base, f->r1, true, ret);
	case 0x0f: /* loads of other widths: the whole register */
	case 0x14 ... 0x17:
	case 0x32:
	case 0x77:
	case 0x90:
	case 0x91:
		ret->base = base;
		ret->written = f->r1;
		return true;
	case 0x12: /* and of its lower half */
	case 0x1e:
	case 0x58:
	case 0x76:
	case 0x78:
	case 0x94:
	case 0x95:
		return load(base, f->r1, false, ret);
	case 0x24: /* stores */
	case 0x2f:
	case 0x3e:
	case 0x3f:
	case 0x50:
	case 0x70:
	case 0x72:
		return use_store(base, f->r1, ret);
	case 0x08: /* ag, alg */
	case 0x0a:
		ret->base = base;
		return use_copy(f->r1 | MEMORY, f->r1, ret);
	case 0x09: /* sg, slg */
	case 0x0b:
		ret->base = base;
		ret->subtracted = MEMORY;
		return use_copy(f->r1, f->r1, ret);
	case 0x18 ... 0x1b: /* agf, sgf, algf, slgf */
		ret->base = base;
		return use_copy(f->r1, f->r1, ret);
	case 0x20: /* cg, clg */
	case 0x21:
		return compare(base, f->r1 | MEMORY, ret);
	case 0x30: /* comparisons of less */
	case 0x31:
	case 0x34:
	case 0x55:
	case 0x59:
	case 0x79:
		return compare(base, f->r1 | OTHER, ret);
	case 0x82: /* xg: nil where both are the same */
		ret->written = f->r1;
		return compare(base, f->r1 | MEMORY, ret);
	case 0x1c: /* arithmetic with 16 and 32 bits */
	case 0x1d:
	case 0x38:
	case 0x39:
	case 0x3c:
	case 0x51:
	case 0x54:
	case 0x56:
	case 0x57:
	case 0x5a ... 0x5f:
	case 0x7a ... 0x7c:
	case 0x96 ... 0x99:
		return use_read(base, f->r1, f->r1, ret);
	case 0x71: /* lay */
		return use_copy(base, f->r1, ret);
	case 0x36: /* pfd */
		return true;
	default:
		return use_read(base, f->r1 | MEMORY, f->r1, ret);
	}
}

/* eb: two registers, and memory or how far to shift */
static bool two_and_memory(const struct fields *f, struct register_use *ret)
{
	switch (f->in[5]) {
	case 0x04: /* lmg, lmh, lmy */
	case 0x96:
	case 0x98:
		return use_load(f->base, range(f->in), f->in[5] == 0x04, ret);
	case 0x24: /* stmg, stmh, stmy */
	case 0x26:
	case 0x90:
		return use_store(f->base, range(f->in), ret);
	case 0x14: /* csy, csg */
	case 0x30:
		ret->stored = f->r2;
		return compare(f->base, f->r1 | OTHER, ret);
	case 0x51 ... 0x57: /* numbers in memory */
	case 0x6a ... 0x7e:
		ret->base = f->base;
		return true;
	case 0xe2: /* locg: or nothing */
		ret->base = f->base;
		ret->copied = MEMORY;
		ret->blurred = f->r1;
		return true;
	case 0xf2: /* loc */
		return use_read(f->base, 0, f->r1, ret);
	case 0x0a ... 0x0d: /* srag, slag, srlg, sllg, rllg, rll, srak, slak, srlk, sllk */
	case 0x1c:
	case 0x1d:
	case 0xdc ... 0xdf:
		ret->base = f->base;
		return compute(f->r2, f->r1, ret);
	case 0xe3: /* stocg, stoc */
	case 0xf3:
		return use_store(f->base, f->r1, ret);
	default:
		return use_read(f->base, f->r1 | f->r2, f->r1, ret);
	}
}

/* ec: with two operands and a displacement, or with three */
static bool with_displacement(const struct fields *f, struct register_use *ret)
{
	switch (f->in[5]) {
	case 0x64: /* cgrj, clgrj, crj, clrj */
	case 0x65:
	case 0x76:
	case 0x77:
		return compare(0, f->r1 | f->r2, ret);
	case 0x7c ... 0x7f: /* comparisons with numbers */
		return true;
	case 0x55: /* risbg, risbgn: the other bits are zero */
	case 0x59:
		return f->in[3] & 0x80 ? compute(f->r2, f->r1, ret) : use_read(0, f->r1 | f->r2, f->r1, ret);
	case 0xd9: /* aghik, alghsik */
	case 0xdb:
		return use_copy(f->r2, f->r1, ret);
	default:
		return use_read(0, f->r1 | f->r2, f->r1, ret);
	}
}

/* Four bytes: a register and memory */
static bool old_with_memory(const struct fields *f, struct register_use *ret)
{
	switch (f->in[0]) {
	case 0x41: /* la */
		return use_copy(indexed(f), f->r1, ret);
	case 0x40: /* sth, stc, st */
	case 0x42:
	case 0x50:
		return use_store(indexed(f), f->r1, ret);
	case 0x43: /* ic: a byte */
		return use_read(indexed(f), 0, f->r1, ret);
	case 0x48: /* lh, l */
	case 0x58:
		return load(indexed(f), f->r1, false, ret);
	case 0x49: /* ch, cl, c */
	case 0x55:
	case 0x59:
		return compare(indexed(f), f->r1 | OTHER, ret);
	case 0x47: /* bc */
		ret->jumps = f->in[1] >> 4;
		return true;
	case 0x44: /* ex */
	case 0x45:
		return false;
	default:
		return use_read(indexed(f), f->r1, f->r1, ret);
	}
}

/* mvn to oc, xc: as many bytes as the second says, and one. An address has eight. */
static bool memory_and_memory(const struct fields *f, struct register_use *ret)
{
	uint64_t contents = f->in[1] >= 7 ? MEMORY : 0;

	ret->base = f->base | f->second;
	*(f->in[0] == 0xd5 ? &ret->compared : &ret->stored) = contents;
	ret->block = f->in[0] != 0xd5 && f->in[1] > 7 ? f->second : 0;
	return true;
}

/* Memory alone */
static bool memory_alone(const struct fields *f, struct register_use *ret)
{
	switch (f->in[0]) {
	case 0x91 ... 0x97: /* a byte and a number */
	case 0xe5:
		ret->base = f->base;
		return f->in[0] != 0x93;
	case 0xd1 ... 0xd7:
		return memory_and_memory(f, ret);
	case 0xed: /* of floating point */
		return use_read(indexed(f), MEMORY, 0, ret);
	case 0xe7: /* of vectors */
		ret->base = f->base;
		ret->read = f->low1 | f->low2 | f->r2 | MEMORY;
		ret->blurred = f->r1;
		return true;
	case 0xb3:
		return use_read(0, f->low2, f->low1, ret);
	case 0xac: /* stnsm, stosm: the system mask */
	case 0xad:
		ret->base = f->base;
		return true;
	case 0xaf: /* mc */
		return true;
	default:
		return false;
	}
}

/* b2: of many kinds */
static bool of_all_kinds(const struct fields *f, struct register_use *ret)
{
	switch (f->in[1]) {
	case 0x05: /* stck, stcke, stckf */
	case 0x78:
	case 0x7c:
		ret->base = f->base;
		return true;
	case 0x22: /* ipm */
		ret->blurred = f->low1;
		return true;
	case 0x52: /* msr */
		return use_read(0, f->low1 | f->low2, f->low1, ret);
	default:
		return false;
	}
}

/* cs: where memory is not what the register says, the register gets it. */
static bool swap(const struct fields *f, struct register_use *ret)
{
	ret->stored = f->r2;
	ret->blurred = f->r1;
	return compare(f->base, f->r1 | OTHER, ret);
}

static bool branch_to_register(const struct fields *f, struct register_use *ret)
{
	bool goes = f->in[0] == 0x07 && f->in[1] >> 4 && (f->in[1] & 15);

	ret->returns = goes && (f->in[1] & 15) == 14;
	ret->jumps = goes && (f->in[1] & 15) != 14;
	return true;
}

static bool by_first_byte(const struct fields *f, struct register_use *ret)
{
	switch (f->in[0]) {
	case 0x07:
	case 0x0d:
		return branch_to_register(f, ret);
	case 0x10 ... 0x13: /* lpr, lnr, ltr, lcr, lr: a part of an address is none */
	case 0x18:
		return compute(f->r2, f->r1, ret);
	case 0x15: /* clr, cr */
	case 0x19:
		return compare(0, f->r1 | f->r2, ret);
	case 0x14: /* nr, or, xr, ar, sr, alr, slr */
	case 0x16:
	case 0x17:
	case 0x1a:
	case 0x1b:
	case 0x1e:
	case 0x1f:
		return use_read(0, f->r1 | f->r2, f->r1, ret);
	case 0x40 ... 0x5f:
	case 0x71: /* ms */
		return old_with_memory(f, ret);
	case 0xba:
		return swap(f, ret);
	case 0xbf: /* icm */
		return use_read(f->base, f->r1, f->r1, ret);
	case 0xb2:
		return of_all_kinds(f, ret);
	case 0x88 ... 0x8b: /* shifts */
		return use_read(f->base, f->r1, f->r1, ret);
	case 0xa5:
	case 0xa7:
		return short_immediate(f, ret);
	case 0xb9:
		return of_registers(f, ret);
	case 0xc0:
	case 0xc2:
	case 0xc4:
	case 0xc6:
		return long_immediate(f, ret);
	case 0xe3:
		return with_memory(f, ret);
	case 0xeb:
		return two_and_memory(f, ret);
	case 0xec:
		return with_displacement(f, ret);
	default:
		return memory_alone(f, ret);
	}
}

/* lmg of registers up to the stack pointer from the stack */
static bool restores_frame(const struct section *s, uint64_t offset)
{
	const uint8_t *p = section_bytes(s, offset, 6);

	return p && p[0] == 0xeb && (p[1] & 15) == 15 && p[2] >> 4 == 15 && p[5] == 0x04;
}

static bool runs_straight(const struct object *o, const struct section *s, uint64_t at, uint64_t end)
{
	struct insn in;

	for (; at < end; at += in.length)
		if (!o->arch->decode(o, s, at, &in) || !in.length || in.flow != FLOW_ON || in.direct_branch)
			return false;
	return at == end;
}

/*
 * GCC loads the return address into %r4, then all that was saved, the stack
 * pointer with it, and ends in `br %r4`. Behind that no jump stays in the
 * function, whose frame is gone; and of another function the address would be
 * in %r1 (SIBCALL_REGNUM).
 */
static bool returns_by_r4(const struct object *o, const struct section *s, uint64_t offset)
{
	enum { FARTHEST = 24 };
	const uint8_t *p = section_bytes(s, offset, 2);

	if (p[0] != 0x07 || p[1] != 0xf4)
		return false;
	for (uint64_t back = 6; back <= FARTHEST && back <= offset; back += 2)
		if (restores_frame(s, offset - back) && runs_straight(o, s, offset - back, offset))
			return true;
	return false;
}

bool s390_register_use(const struct object *o, const struct section *s, uint64_t offset, struct register_use *ret)
{
	static const uint8_t length[] = { 2, 4, 4, 6 };
	const uint8_t *p = offset % 2 ? NULL : section_bytes(s, offset, 2);
	uint8_t in[6] = { 0 };
	struct fields f;

	*ret = (struct register_use){ 0 };
	if (!p || !section_bytes(s, offset, length[*p >> 6]))
		return false;
	for (unsigned i = 0; i < length[*p >> 6]; i++)
		in[i] = p[i];
	f = fields_of(in);
	if (returns_by_r4(o, s, offset)) {
		ret->returns = true;
		return true;
	}
	return by_first_byte(&f, ret);
}
