/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * aarch64_detour.c - code that tests a static key where a jump label cannot be
 *
 * A site has four bytes (arch/arm64/include/asm/jump_label.h), like the jump that replaces it. The test takes a register,
 * which is saved meanwhile: below the stack pointer nothing lives, and the pointer is a multiple of 16 wherever an
 * exception may come, since the kernel's entry code stores there, too. cbz leaves the flags alone.
 */
#include <string.h>

#include "arch/internal.h"

#define NOP 0xd503201fu
#define B 0x14000000u
#define IS_B(word) (((word)&0xfc000000u) == B)

enum { INSN = 4, KEY_PAGE = 1, KEY_LOW = 2, TEST = 3, BACK = 5, AWAY = 7, REACH = 1 << 27 };

static const uint32_t test_of_key[] = {
	0xf81f0ff0, /* str x16, [sp, #-16]! */
	0x90000010, /* adrp x16, key */
	0xb9400210, /* ldr w16, [x16, :lo12:key] */
	0x35000070, /* cbnz w16, 1f */
	0xf84107f0, /* ldr x16, [sp], #16 */
	B,          /* b behind the site */
	0xf84107f0, /* 1: ldr x16, [sp], #16 */
	B,          /* b target */
};

static const struct detour_reloc relocs[] = {
	{ .offset = KEY_PAGE * INSN, .type = R_AARCH64_ADR_PREL_PG_HI21, .to = DETOUR_KEY },
	{ .offset = KEY_LOW * INSN, .type = R_AARCH64_LDST32_ABS_LO12_NC, .to = DETOUR_KEY },
	{ .offset = BACK * INSN, .type = R_AARCH64_JUMP26, .to = DETOUR_CODE },
	{ .offset = AWAY * INSN, .type = R_AARCH64_JUMP26, .to = DETOUR_TARGET },
};

static bool is_jump_label(const struct object *o, const struct section *s, uint64_t site)
{
	uint32_t word;

	return section_word(s, site, &word) &&
	       (IS_B(word) || (word == NOP && !reloc_fills(&arch_aarch64, o, s, site, INSN)));
}

static void put_test(const struct key_site *k, struct detour *d)
{
	enum { CBZ_FROM_CBNZ = 0x01000000 };

	d->length = sizeof(test_of_key);
	for (size_t i = 0; i < sizeof(test_of_key) / INSN; i++)
		bytes_put(d->bytes + i * INSN, test_of_key[i] ^ (i == TEST && k->inverted ? CBZ_FROM_CBNZ : 0), INSN,
			  false);
	d->reloc_count = sizeof(relocs) / sizeof(*relocs);
	memcpy(d->relocs, relocs, sizeof(relocs));
	for (unsigned i = 0; i < d->reloc_count; i++)
		d->relocs[i].place = k->site + INSN;
}

bool aarch64_key_detour(const struct object *o, const struct key_site *k, struct detour *ret)
{
	*ret = (struct detour){ .size = INSN, .site_size = INSN };
	if (!is_jump_label(o, &o->sections[k->section], k->site))
		return no_detour(ret, NO_JUMP_LABEL);
	if (k->code % INSN || k->code - k->site >= REACH)
		return no_detour(ret, OUT_OF_REACH);
	bytes_put(ret->jump, B | (k->code - k->site) / INSN, INSN, false);
	put_test(k, ret);
	return true;
}
