/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s390x_arguments.c - which instructions leave an argument register alone: see arch.spares_argument
 *
 * Those that compilers put among the loads of arguments, if all registers that
 * they have stand in them. Left out are what has pairs of registers
 * (multiplication and division to 128 bits, strings) or registers by
 * convention, what counts in one and branches, and calls.
 */
#include "arch/arch.h"
#include "arch/internal.h"
#include "arch/registers.h"

/* Where the rest of an opcode stands. */
enum rest { WHOLE, NIBBLE /* low half of byte 1 */, BYTE1, BYTE5 };

/* By the first byte and a range of what the rest may be. */
struct forms {
	uint8_t first, last; /* of the first byte */
	enum rest where;
	uint8_t low, high;
	bool number; /* byte 1 has no register in its high half: a number, a mask, a part of the opcode */
};

/* clang-format off */
#define FORMS(from, to, number) { from, to, WHOLE, 0, 0, number }
#define SOME(byte, where, low, high, number) { byte, byte, where, low, high, number }
static const struct forms allowed[] = {
	FORMS(0x10, 0x13, false), /* lpr to lcr */
	FORMS(0x14, 0x1b, false), /* nr to sr, lr among them */
	FORMS(0x1e, 0x1f, false), /* alr, slr */
	FORMS(0x40, 0x43, false), /* sth, la, stc, ic */
	FORMS(0x48, 0x4b, false), /* lh, ch, ah, sh */
	FORMS(0x50, 0x50, false), /* st */
	FORMS(0x54, 0x5b, false), /* n to s, l among them */
	FORMS(0x5e, 0x5f, false), /* al, sl */
	FORMS(0x71, 0x71, false), /* ms */
	FORMS(0x88, 0x8b, false), /* shifts */
	FORMS(0x91, 0x92, true), /* tm, mvi */
	FORMS(0x94, 0x97, true), /* ni, cli, oi, xi */
	FORMS(0xa5, 0xa5, false), /* of 16 bits of a register */
	SOME(0xa7, NIBBLE, 0x0, 0x3, false), /* tml and its kin */
	SOME(0xa7, NIBBLE, 0x4, 0x4, true), /* brc */
	SOME(0xa7, NIBBLE, 0x8, 0xf, false), /* lhi to cghi */
	SOME(0xb2, BYTE1, 0x52, 0x52, true), /* msr */
	SOME(0xb9, BYTE1, 0x00, 0x0b, true), /* lpgr to slgr */
	SOME(0xb9, BYTE1, 0x11, 0x1b, true), /* the same with 32 bits */
	SOME(0xb9, BYTE1, 0x20, 0x21, true), /* cgr, clgr */
	SOME(0xb9, BYTE1, 0x26, 0x27, true), /* lbr, lhr */
	SOME(0xb9, BYTE1, 0x30, 0x31, true), /* cgfr, clgfr */
	SOME(0xb9, BYTE1, 0x80, 0x82, true), /* ngr, ogr, xgr */
	SOME(0xb9, BYTE1, 0x84, 0x85, true), /* llgcr, llghr */
	SOME(0xb9, BYTE1, 0x94, 0x95, true), /* llcr, llhr */
	SOME(0xb9, BYTE1, 0xe2, 0xe2, true), /* locgr */
	SOME(0xb9, BYTE1, 0xe4, 0xeb, true), /* ngrk to slgrk */
	SOME(0xb9, BYTE1, 0xf2, 0xfb, true), /* locr to slrk */
	FORMS(0xba, 0xba, false), /* cs */
	SOME(0xc0, NIBBLE, 0x0, 0x1, false), /* larl, lgfi */
	SOME(0xc0, NIBBLE, 0x4, 0x4, true), /* brcl */
	SOME(0xc0, NIBBLE, 0x6, 0xf, false), /* xihf to llilf */
	FORMS(0xc2, 0xc2, false), /* with 32 bits behind */
	SOME(0xc4, NIBBLE, 0x2, 0xf, false), /* lrl, strl and their kin */
	FORMS(0xd2, 0xd2, true), /* mvc */
	FORMS(0xd4, 0xd7, true), /* nc, clc, oc, xc */
	SOME(0xe3, BYTE5, 0x02, 0x0c, false), /* ltg to msg */
	SOME(0xe3, BYTE5, 0x0e, 0x0f, false), /* cvbg, lrvg */
	SOME(0xe3, BYTE5, 0x12, 0x1c, false), /* lt to msgf */
	SOME(0xe3, BYTE5, 0x1e, 0x1f, false), /* lrv, lrvh */
	SOME(0xe3, BYTE5, 0x20, 0x21, false), /* cg, clg */
	SOME(0xe3, BYTE5, 0x24, 0x24, false), /* stg */
	SOME(0xe3, BYTE5, 0x2f, 0x2f, false), /* strvg */
	SOME(0xe3, BYTE5, 0x30, 0x34, false), /* cgf to cgh */
	SOME(0xe3, BYTE5, 0x3e, 0x3f, false), /* strv, strvh */
	SOME(0xe3, BYTE5, 0x50, 0x5b, false), /* sty to sy */
	SOME(0xe3, BYTE5, 0x70, 0x82, false), /* sthy to xg */
	SOME(0xe3, BYTE5, 0x90, 0x95, false), /* llgc to llh */
	SOME(0xe5, BYTE1, 0x44, 0x5d, true), /* mvhhi to clfhsi */
	SOME(0xeb, BYTE5, 0x04, 0x04, false), /* lmg */
	SOME(0xeb, BYTE5, 0x0a, 0x0d, false), /* srag to sllg */
	SOME(0xeb, BYTE5, 0x1c, 0x1d, false), /* rllg, rll */
	SOME(0xeb, BYTE5, 0x24, 0x24, false), /* stmg */
	SOME(0xeb, BYTE5, 0x51, 0x57, true), /* tmy to xiy */
	SOME(0xeb, BYTE5, 0x6a, 0x7e, true), /* asi, agsi */
	SOME(0xeb, BYTE5, 0xdc, 0xdf, false), /* srak to sllk */
	SOME(0xec, BYTE5, 0x51, 0x59, false), /* risblg to risbgn */
	SOME(0xec, BYTE5, 0x64, 0x65, false), /* cgrj, clgrj */
	SOME(0xec, BYTE5, 0x76, 0x77, false), /* crj, clrj */
	SOME(0xec, BYTE5, 0x7c, 0x7f, false), /* cgij to clij */
	SOME(0xec, BYTE5, 0xd8, 0xdb, false), /* ahik to alghsik */
};
/* clang-format on */

static uint8_t rest_of(enum rest where, const uint8_t in[6])
{
	switch (where) {
	case NIBBLE:
		return in[1] & 0xf;
	case BYTE1:
		return in[1];
	case BYTE5:
		return in[5];
	case WHOLE:
		break;
	}
	return 0;
}

static const struct forms *form_of(const uint8_t in[6])
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++) {
		const struct forms *f = &allowed[i];
		uint8_t rest = rest_of(f->where, in);

		if (in[0] >= f->first && in[0] <= f->last && rest >= f->low && rest <= f->high)
			return f;
	}
	return NULL;
}

bool s390_spares_argument(const struct object *o, const struct section *s, uint64_t offset, uint8_t argument)
{
	const uint8_t *p = section_bytes(s, offset, 2);
	uint8_t in[6] = { 0 }, length = p ? (uint8_t[]){ 2, 4, 4, 6 }[*p >> 6] : 0, reg = argument + 1u;
	const struct forms *f;
	struct register_use use;

	if (argument == ARGUMENT_STACK || !p || !section_bytes(s, offset, length))
		return false;
	for (unsigned i = 0; i < length; i++)
		in[i] = p[i];
	f = form_of(in);
	/* what compares a register with a number does not count as a use of it */
	if (!f || (!f->number && in[1] >> 4 == reg) || !s390_register_use(o, s, offset, &use))
		return false;
	return !((use.base | use.copied | use.subtracted | use.compared | use.stored | use.block | use.read |
		  use.written | use.blurred) &
		 REGISTER(reg));
}
