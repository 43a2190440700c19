/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86_64_usual.c - lengths of usual instructions
 *
 * Source: Intel's Software Developer's Manual, volume 2, appendix A (opcode maps) and chapter 2 (ModR/M, SIB, prefixes).
 * What has a prefix that is rare or changes what an opcode means is left to Zydis, as is what is invalid with some ModR/M.
 */
#include "arch/x86_64_usual.h"

#include <string.h>

enum {
	N = 1,  /* nothing behind it */
	M = 2,  /* ModR/M */
	B = 4,  /* an immediate of a byte */
	Z = 8,  /* of four, or of two with the prefix 66 */
	V = 16, /* the same, or of eight with REX.W */
	J = 32, /* a branch: distance of a byte */
	K = 64, /* of four */
	C = 128 /* valid with some values of ModR/M.reg alone, see is_valid() */
};

/* clang-format off */
static const uint8_t one_byte[256] = {
	M, M, M, M, B, Z, 0, 0,  M, M, M, M, B, Z, 0, 0,
	M, M, M, M, B, Z, 0, 0,  M, M, M, M, B, Z, 0, 0,
	M, M, M, M, B, Z, 0, 0,  M, M, M, M, B, Z, 0, 0,
	M, M, M, M, B, Z, 0, 0,  M, M, M, M, B, Z, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,
	N, N, N, N, N, N, N, N,  N, N, N, N, N, N, N, N,
	0, 0, 0, M, 0, 0, 0, 0,  Z, M | Z, B, M | B, 0, 0, 0, 0,
	J, J, J, J, J, J, J, J,  J, J, J, J, J, J, J, J,
	M | B, M | Z, 0, M | B, M, M, M, M,  M, M, M, M, 0, M | C, 0, 0,
	N, N, N, N, N, N, N, N,  N, N, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0,  B, Z, 0, 0, 0, 0, 0, 0,
	B, B, B, B, B, B, B, B,  V, V, V, V, V, V, V, V,
	M | B | C, M | B | C, 0, N, 0, 0, M | B | C, M | Z | C,  0, N, 0, 0, N, 0, 0, 0,
	M | C, M | C, M | C, M | C, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0,  K, K, 0, J, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, M | C, M | C,  0, 0, 0, 0, 0, 0, M | C, M | C,
};

static const uint8_t two_byte[256] = {
	0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, N, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, M | C,
	0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,
	M, M, M, M, M, M, M, M,  M, M, M, M, M, M, M, M,
	0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,
	K, K, K, K, K, K, K, K,  K, K, K, K, K, K, K, K,
	M | C, M | C, M | C, M | C, M | C, M | C, M | C, M | C,  M | C, M | C, M | C, M | C, M | C, M | C, M | C, M | C,
	0, 0, 0, M, M | B, M, 0, 0,  0, 0, 0, M, M | B, M, 0, M,
	0, 0, 0, M, 0, 0, M, M,  0, 0, M | B | C, M, 0, 0, M, M,
	0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,
};
/* clang-format on */

struct prefixes {
	bool segment; /* fs, gs */
	bool word;    /* 66 */
};

/* Prefixes: false where there is one of another kind. Returns how many bytes they are with the opcode. */
static unsigned read_opcode(const uint8_t *p, struct prefixes *pre, struct x86_raw *ret)
{
	unsigned at = 0;

	for (; at < 2; at++) {
		if ((p[at] & 0xfe) == 0x64 && !pre->segment)
			pre->segment = true;
		else if (p[at] == 0x66 && !pre->word)
			pre->word = true;
		else
			break;
	}
	if ((p[at] & 0xf0) == 0x40)
		ret->rex = p[at++];
	ret->map = p[at] == 0x0f ? X86_TWO_BYTE : X86_ONE_BYTE;
	at += ret->map == X86_TWO_BYTE;
	ret->opcode = p[at++];
	return at;
}

static bool is_valid_two_byte(const struct x86_raw *r)
{
	switch (r->opcode & 0xf0) {
	case 0x10: /* nop */
	case 0x90: /* setcc */
		return r->reg == 0;
	default: /* bt and the like */
		return r->reg >= 4;
	}
}

/* Of those with C. */
static bool is_valid(const struct x86_raw *r, const struct prefixes *pre)
{
	if (r->map == X86_TWO_BYTE)
		return is_valid_two_byte(r);
	switch (r->opcode) {
	case 0x8d: /* lea */
		return r->mod != 3;
	case 0xc6: /* mov */
	case 0xc7:
		return r->reg == 0;
	case 0xf6: /* test, not, neg, mul, div */
	case 0xf7:
		return r->reg != 1;
	case 0xfe: /* inc, dec */
		return r->reg < 2;
	case 0xff: /* and call, jmp, push */
		return r->reg < 2 || (!pre->word && (r->reg == 2 || r->reg == 4 || r->reg == 6));
	default: /* shifts */
		return r->reg != 6;
	}
}

/* ModR/M and what belongs to it, from `at`; returns where it ends. */
static unsigned read_modrm(const uint8_t *p, unsigned at, struct x86_raw *ret)
{
	ret->mod = p[at] >> 6;
	ret->reg = p[at] >> 3 & 7;
	ret->rm = p[at++] & 7;
	if (ret->mod == 3)
		return at;
	if (ret->rm == 4) {
		ret->index = p[at] >> 3 & 7;
		ret->base = p[at++] & 7;
	}
	if (ret->mod)
		ret->disp_size = ret->mod == 1 ? 1 : 4;
	else if (ret->rm == 5 || (ret->rm == 4 && ret->base == 5))
		ret->disp_size = 4;
	ret->disp_offset = ret->disp_size ? (uint8_t)at : 0;
	return at + ret->disp_size;
}

static unsigned immediate_size(uint8_t kind, const struct prefixes *pre, const struct x86_raw *r)
{
	if (r->map == X86_ONE_BYTE && (r->opcode & 0xfe) == 0xf6 && r->reg == 0) /* test */
		kind = r->opcode & 1 ? Z : B;
	if (kind & (B | J))
		return 1;
	if (kind & K)
		return 4;
	if (kind & V && r->rex & 8)
		return 8;
	return !(kind & (Z | V)) ? 0 : pre->word ? 2 : 4;
}

static int64_t signed_at(const uint8_t *p, unsigned size)
{
	int8_t byte;
	int16_t half;
	int32_t word;
	int64_t all;

	switch (size) {
	case 1:
		memcpy(&byte, p, 1);
		return byte;
	case 2:
		memcpy(&half, p, 2);
		return half;
	case 4:
		memcpy(&word, p, 4);
		return word;
	case 8:
		memcpy(&all, p, 8);
		return all;
	}
	return 0;
}

/* What is valid without prefixes may be something else with them. */
static bool fits_prefixes(uint8_t kind, const struct prefixes *pre, const struct x86_raw *r)
{
	bool plain = !pre->segment && !pre->word;

	if (!kind || (pre->word && r->rex & 8))
		return false;
	if (kind & (N | J | K) && !plain)
		return false;
	return !pre->segment || kind & M;
}

/* Bytes of the longest one here: three prefixes, two of opcode, ModR/M and SIB, displacement, immediate. */
enum { LONGEST = 15 };

bool x86_usual(const uint8_t *p, uint64_t size, struct x86_raw *ret)
{
	uint8_t bytes[LONGEST + 1] = { 0 };
	struct prefixes pre = { 0 };
	unsigned at;
	uint8_t kind;

	*ret = (struct x86_raw){ 0 };
	if (size < LONGEST)
		p = memcpy(bytes, p, size);
	at = read_opcode(p, &pre, ret);
	kind = ret->map == X86_TWO_BYTE ? two_byte[ret->opcode] : one_byte[ret->opcode];
	if (!fits_prefixes(kind, &pre, ret) || (ret->opcode == 0x90 && ret->map == X86_ONE_BYTE && ret->rex))
		return false;
	if (kind & M)
		at = read_modrm(p, at, ret);
	if (kind & C && !is_valid(ret, &pre))
		return false;
	ret->disp = signed_at(p + ret->disp_offset, ret->disp_size);
	ret->imm_size = (uint8_t)immediate_size(kind, &pre, ret);
	ret->imm_offset = ret->imm_size ? (uint8_t)at : 0;
	ret->imm = signed_at(p + ret->imm_offset, ret->imm_size);
	ret->relative = kind & (J | K);
	ret->nop = ret->map == X86_ONE_BYTE && ret->opcode == 0x90;
	ret->length = (uint8_t)(at + ret->imm_size);
	return ret->length <= size;
}
