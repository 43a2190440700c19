/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86_64_detour.c - code that tests a static key where a jump label cannot be
 *
 *	site:	jmp 1f				1:	cmpl $0, key(%rip)
 *	...					jne target
 *						what stood behind the site and had to make room
 *						jmp back
 *
 * A site has two or five bytes (arch/x86/kernel/jump_label.c), and a jump takes as many: two where it leads no farther
 * than 127 bytes.
 */
#include <string.h>

#include "arch/x86_64.h"

enum { JUMP = 5, SHORT_JUMP = 2, SHORT_REACH = 127, MOST_INSNS = 64 };

/* All that jcc, setcc, cmovcc, adc and their like read. */
#define STATUS_FLAGS                                                                                                   \
	(ZYDIS_CPUFLAG_CF | ZYDIS_CPUFLAG_PF | ZYDIS_CPUFLAG_AF | ZYDIS_CPUFLAG_ZF | ZYDIS_CPUFLAG_SF |                \
	 ZYDIS_CPUFLAG_OF)

/* The symbol that a jmp leads to by its relocation, with what to add; or NULL. */
static const struct symbol *jump_symbol(const struct object *o, const struct section *s, uint64_t offset,
					const struct insn *in, int64_t *addend)
{
	uint64_t field = offset + in->length - 4;
	uint32_t r = object_first_reloc(o, s, field);

	if (in->length != JUMP || r == s->reloc_first + s->reloc_count || o->relocs[r].offset != field)
		return NULL;
	*addend = o->relocs[r].addend + 4;
	return &o->symbols[o->relocs[r].symbol];
}

/* The flags that an instruction writes whatever its operands are: shifts by nothing leave them alone, and so on. */
static ZyanU32 flags_written(const ZydisDecodedInstruction *in)
{
	const ZydisAccessedFlags *flags = in->cpu_flags;

	if (!flags)
		return 0;
	switch (in->mnemonic) {
	case ZYDIS_MNEMONIC_ADD:
	case ZYDIS_MNEMONIC_AND:
	case ZYDIS_MNEMONIC_CMP:
	case ZYDIS_MNEMONIC_DEC:
	case ZYDIS_MNEMONIC_INC:
	case ZYDIS_MNEMONIC_NEG:
	case ZYDIS_MNEMONIC_OR:
	case ZYDIS_MNEMONIC_SUB:
	case ZYDIS_MNEMONIC_TEST:
	case ZYDIS_MNEMONIC_XOR:
		return flags->modified | flags->set_0 | flags->set_1 | flags->undefined;
	default:
		return 0;
	}
}

/*
 * From here on the flags are written before they are read, whichever way control takes. No function gets any from its
 * caller, or hands any back; of what the kernel writes into code (alternatives, other jump labels), compilers take it
 * that it changes all flags, as of every asm().
 */
static bool flags_are_dead(const struct object *o, uint32_t section, uint64_t offset)
{
	ZyanU32 live = STATUS_FLAGS;
	int64_t addend;

	for (unsigned i = 0; i < MOST_INSNS && live; i++) {
		const struct section *s = &o->sections[section];
		struct x86_insn full;
		struct insn in;

		if (!arch_x86_64.decode(o, s, offset, &in) || !x86_decode_full(s, offset, &full))
			return false;
		if (in.flow == FLOW_CALL || full.in.meta.category == ZYDIS_CATEGORY_RET)
			return true;
		if ((full.in.cpu_flags && full.in.cpu_flags->tested & live) ||
		    full.in.meta.category == ZYDIS_CATEGORY_COND_BR)
			return false;
		live &= ~flags_written(&full.in);
		if (in.flow != FLOW_STOPS) {
			offset += in.length;
		} else if (in.direct_branch) {
			offset = in.target;
		} else if (live) {
			const struct symbol *to = jump_symbol(o, s, offset, &in, &addend);

			if (!to || to->place != SYMBOL_DEFINED)
				return to && to->place == SYMBOL_UNDEFINED;
			section = to->section;
			offset = to->value + (uint64_t)addend;
		}
	}
	return !live;
}

/* A no-op or jmp of two or five bytes: its length, or 0. */
static uint8_t site_length(const struct object *o, const struct section *s, uint64_t site)
{
	static const struct {
		uint8_t length, same; /* bytes that say what it is; no relocation fills them in */
		uint8_t bytes[JUMP];
	} forms[] = {
		{ 2, 2, { 0x66, 0x90 } },
		{ 2, 1, { 0xeb } },
		{ 5, 5, { 0x0f, 0x1f, 0x44, 0x00, 0x00 } },
		{ 5, 1, { 0xe9 } },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const uint8_t *p = section_bytes(s, site, forms[i].length);

		if (p && !memcmp(p, forms[i].bytes, forms[i].same) &&
		    !reloc_fills(&arch_x86_64, o, s, site, forms[i].same))
			return forms[i].length;
	}
	return 0;
}

/* Appends a jmp or jcc to a place of the section. */
static void add_jump(struct detour *d, uint16_t opcode, enum detour_target to, uint64_t place)
{
	if (opcode >> 8)
		d->bytes[d->length++] = (uint8_t)(opcode >> 8);
	d->bytes[d->length++] = (uint8_t)opcode;
	d->relocs[d->reloc_count++] = (struct detour_reloc){
		.offset = d->length, .type = R_X86_64_PC32, .addend = -4, .to = to, .place = place
	};
	d->length += 4;
}

/* jcc and jmp within the section, of eight bits or 32, as 32 bits. */
static bool move_branch(struct detour *d, const uint8_t *p, const struct insn *in)
{
	if (d->reloc_count == DETOUR_RELOCS - 1)
		return false;
	if ((*p & 0xf0) == 0x70)
		add_jump(d, (uint16_t)(0x0f80 | (*p & 0xf)), DETOUR_CODE, in->target);
	else if (*p == 0x0f && (p[1] & 0xf0) == 0x80)
		add_jump(d, (uint16_t)(0x0f00 | p[1]), DETOUR_CODE, in->target);
	else if (*p == 0xeb || *p == 0xe9)
		add_jump(d, 0xe9, DETOUR_CODE, in->target);
	else
		return false;
	return true;
}

/* One instruction goes from the function to the detour. False: it does something else there. */
static bool move(const struct object *o, const struct section *s, uint64_t from, struct detour *d, bool *stops)
{
	const uint8_t *p = section_bytes(s, from, 1);
	struct insn in;

	if (!p || !arch_x86_64.decode(o, s, from, &in) || in.flow == FLOW_CALL)
		return false;
	d->size += in.length;
	*stops = in.flow == FLOW_STOPS;
	if (in.direct_branch)
		return move_branch(d, p, &in);
	if (*stops || in.pc_operand || d->length + in.length > DETOUR_BYTES - JUMP)
		return false;
	d->moved[d->moved_count++] = (struct detour_move){ .from = from, .to = d->length, .size = in.length };
	memcpy(d->bytes + d->length, p, in.length);
	d->length += in.length;
	return true;
}

/* The jump takes the place of what made room, and is as long as it must be. */
static void put_jump(const struct key_site *k, struct detour *d)
{
	bool is_short = d->size == SHORT_JUMP;
	uint8_t length = is_short ? SHORT_JUMP : JUMP;

	d->jump[0] = is_short ? 0xeb : 0xe9;
	bytes_put(d->jump + 1, k->code - (k->site + length), length - 1u, false);
	memset(d->jump + length, 0xcc, d->size - length);
}

bool x86_key_detour(const struct object *o, const struct key_site *k, struct detour *ret)
{
	const struct section *s = &o->sections[k->section];
	uint8_t room = k->code - (k->site + SHORT_JUMP) <= SHORT_REACH ? SHORT_JUMP : JUMP;
	bool stops = false;

	*ret = (struct detour){ .size = site_length(o, s, k->site),
				.site_size = site_length(o, s, k->site),
				.bytes = { 0x83, 0x3d },
				.length = 7 };
	if (!ret->size)
		return no_detour(ret, NO_JUMP_LABEL);
	if (k->code - k->site > INT32_MAX)
		return no_detour(ret, OUT_OF_REACH);
	if (!flags_are_dead(o, k->section, k->site + ret->size) ||
	    !flags_are_dead(o, k->target_section, k->target_offset))
		return no_detour(ret, "the code behind it needs the flags that a test of the key would change");
	ret->relocs[ret->reloc_count++] =
		(struct detour_reloc){ .offset = 2, .type = R_X86_64_PC32, .addend = -5, .to = DETOUR_KEY };
	add_jump(ret, k->inverted ? 0x0f84 : 0x0f85, DETOUR_TARGET, 0);
	while (ret->size < room)
		if (stops || !move(o, s, k->site + ret->size, ret, &stops))
			return no_detour(ret, NO_ROOM_FOR_JUMP);
	if (!stops)
		add_jump(ret, 0xe9, DETOUR_CODE, k->site + ret->size);
	put_jump(k, ret);
	return true;
}
