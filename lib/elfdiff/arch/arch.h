/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arch.h - what differs between architectures: data and small hooks
 *
 * One `const struct arch` per machine, chosen by e_machine at run time; all of
 * them are in every build and work on every host. EM_* and R_<ARCH>_* names
 * are used under arch/ alone.
 */
#ifndef ELFDIFF_ARCH_H
#define ELFDIFF_ARCH_H

#include "elf/object.h"

enum { ARCH_X86_64 = 1, ARCH_AARCH64 = 2, ARCH_PPC64LE = 4, ARCH_S390X = 8, ARCH_LOONGARCH64 = 16, ARCH_ANY = 31 };

/* The field that a relocation type fills in. */
#define NO_START UINT64_MAX

enum { RELOC_FIELD_MOST = 8 }; /* bytes: none is larger */

struct reloc_field {
	uint8_t size;  /* bytes from the relocation's offset */
	uint64_t mask; /* bits that the relocation owns, the field read in the object's byte order */
	bool pc_relative;
	bool branch;      /* used by instructions that transfer control, and by no others */
	bool for_linkers; /* a module's loader does not know the type */
};

/* Where control goes behind an instruction. */
enum flow {
	FLOW_UNKNOWN,
	FLOW_ON,    /* to the next instruction, perhaps among others */
	FLOW_CALL,  /* the same, unless the callee does not return */
	FLOW_STOPS, /* never to the next instruction */
	FLOW_NOP,   /* padding */
};

/* One instruction. */
struct insn {
	uint8_t length; /* bytes */
	enum flow flow;
	/* A branch within the section whose displacement no relocation fills in: */
	bool direct_branch;
	/* An operand of another kind that refers to a place of the section without a relocation (lea, adr, larl): */
	bool pc_operand;
	uint64_t target;      /* section offset; valid with direct_branch or pc_operand */
	uint8_t field_offset; /* where a branch's displacement stands, bytes from the instruction's start */
	uint32_t reloc_type;  /* the relocation that expresses the branch; 0: none can */
	int64_t reloc_addend; /* addend when the symbol is at the target */
	/* An immediate that a __LINE__ could be (loaded, stored or pushed), filled in by no relocation: */
	uint8_t imm_offset, imm_size; /* the field that holds it, bytes; size 0: none */
	uint64_t imm_mask;            /* its bits in that field, the field read in the object's byte order */
	uint64_t imm_value;           /* zero-extended; 0 without imm_size */
	uint8_t imm_argument; /* the argument register that it is loaded into, 1 for the first; ARGUMENT_STACK: it is
				 pushed; 0: it goes elsewhere */
};

enum { ARGUMENT_STACK = 255 };

/* What loads a value from its variable, where the kernel's image has a runtime constant. */
struct runtime_load {
	uint64_t start; /* section offset of what is replaced */
	uint8_t size;   /* bytes */
	uint8_t bytes[16];
	uint8_t reloc_count; /* relocations that name the variable */
	struct {
		uint8_t offset; /* bytes, from the start */
		uint32_t type;
		int64_t addend;
	} relocs[2];
};

/* A place in code where the kernel writes a jump or none, as a static key says: an entry of __jump_table. */
struct key_site {
	uint32_t section;
	uint64_t site; /* section offset */
	uint64_t code; /* where the detour will stand: behind the function, as if its section went on there */
	uint32_t target_section;
	uint64_t target_offset;
	bool inverted; /* it jumps when the key is off */
};

#define NO_ROOM_FOR_JUMP                                                                                               \
	"a short jump in its place does not reach beyond the function's end, and what stands behind it cannot make "   \
	"room for a long one"
enum { DETOUR_BYTES = 64, DETOUR_RELOCS = 6, DETOUR_MOVES = 4 };
enum detour_target { DETOUR_KEY, DETOUR_TARGET, DETOUR_CODE };

struct detour_reloc {
	uint8_t offset; /* of the field, bytes from the start of the detour */
	uint32_t type;
	int64_t addend;
	enum detour_target to;
	uint64_t place; /* DETOUR_CODE: offset in the site's section */
};

/* Code that tests the key, and a jump to it in the place of the site and of some instructions behind it. */
struct detour {
	const char *obstacle; /* why there is none, in words */
	uint8_t site_size;    /* bytes that the kernel would write */
	uint8_t size;         /* bytes of the function that make room, from the site on */
	uint8_t jump[24];     /* what stands there instead: a jump to key_site.code */
	uint8_t length;       /* bytes of the detour */
	uint8_t bytes[DETOUR_BYTES];
	uint8_t reloc_count, moved_count;
	struct detour_reloc relocs[DETOUR_RELOCS];
	/* instructions that are in the detour as they were, with the relocations that they have */
	struct detour_move {
		uint64_t from; /* section offset */
		uint8_t to;    /* offset in the detour */
		uint8_t size;  /* bytes */
	} moved[DETOUR_MOVES];
};

/*
 * What an instruction does with the values of registers. Sets: bit n is register n as the architecture numbers it, and the
 * bits below are operands that are none.
 */
struct register_use {
	uint64_t base;       /* they make the address of memory that it reads or writes */
	uint64_t copied;     /* `written` gets their sum, or one of them */
	uint64_t subtracted; /* from what is copied */
	uint64_t compared;   /* with each other */
	uint64_t stored;     /* to memory */
	uint64_t block;      /* they make the address of what it copies from memory to memory, of any size */
	uint64_t read;       /* used otherwise. What is only called or jumped to is left out */
	uint64_t written;    /* as a whole; a conditional or partial write is none */
	uint64_t blurred;    /* written in part, or perhaps */
	bool one_of;         /* copied: one of them, not their sum */
	bool returns;
	bool jumps;                /* to where a register or memory says */
	uint8_t address_field_end; /* relocated fields that end here or before are of REGISTER_DISPLACEMENT, bytes */
};

enum {
	REGISTER_MEMORY = 60,       /* what the memory at `base` contains, if it is an address's worth at least */
	REGISTER_OTHER = 61,        /* a value that is none of these */
	REGISTER_DISPLACEMENT = 62, /* what a relocation puts into the address of an operand in memory */
	REGISTER_VALUE = 63,        /* what a relocation puts elsewhere, or a number in its place */
};
#define REGISTER(n) ((uint64_t)1 << (n))

struct arch {
	uint16_t machine; /* EM_* */
	const char *name;
	bool big_endian;
	unsigned bit;           /* ARCH_* */
	uint32_t pointer_reloc; /* 64-bit absolute address */
	uint32_t none_reloc;
	uint8_t max_insn; /* bytes of the longest instruction */

	/* False for a type this architecture does not have. */
	bool (*field)(uint32_t type, struct reloc_field *ret);

	/* The name of a type ("R_X86_64_PC32"), or NULL. */
	const char *(*reloc_name)(uint32_t type);

	/*
	 * What has to be added to symbol + addend to get the address that a
	 * relocation of an instruction refers to; 0 of one that is not
	 * PC-relative. `start` is the offset of an instruction boundary at or
	 * before the relocation; NO_START: it is not known, and the usual
	 * distance will do.
	 */
	int64_t (*bias)(const struct object *o, const struct reloc *r, uint64_t start);

	/* NULL: bias() never asks for `start`. Else whether it does: the bytes before the relocation may tell. */
	bool (*needs_start)(const struct object *o, const struct reloc *r);

	/* NULL: nothing is known. Else the last place from `start` to `offset` of which relocations tell that an instruction
	 * begins there, or `start`, where one does. */
	uint64_t (*known_boundary)(const struct object *o, const struct section *s, uint64_t start, uint64_t offset);

	/* The relocation is the target of a call or jump (not an address taken). */
	bool (*is_branch)(const struct object *o, const struct reloc *r);

	/* The relocated operand is memory that the instruction reads or writes: the address of no thing's end. NULL:
	 * not known. */
	bool (*dereferences)(const struct object *o, const struct reloc *r);

	/* It is, and no register is added to its address. NULL: not known. */
	bool (*dereferences_exactly)(const struct object *o, const struct reloc *r);

	/* Decode one instruction at `offset` of a section; false: not decodable. */
	bool (*decode)(const struct object *o, const struct section *s, uint64_t offset, struct insn *ret);

	/*
	 * The instruction neither reads nor writes the argument register (see insn.imm_argument), and goes on to the
	 * next one and, if decode() tells a direct_branch, to its target, but nowhere else. False when in doubt. NULL:
	 * always in doubt.
	 */
	bool (*spares_argument)(const struct object *o, const struct section *s, uint64_t offset, uint8_t argument);

	/*
	 * What the instruction does with registers; what decode() tells (calls,
	 * branches) is not repeated. False: not known. NULL: never known.
	 */
	bool (*register_use)(const struct object *o, const struct section *s, uint64_t offset,
			     struct register_use *ret);
	uint64_t argument_registers;  /* a set */
	uint64_t result_register;     /* the first: no constant's address is the second half of a structure */
	uint64_t preserved_registers; /* across calls */
	/* How symbols begin that assembler code calls, with registers of its own; or NULL. */
	const char *const *odd_callees;
	const char *return_thunk; /* a jump to this symbol returns; or NULL */
	const char *jump_thunk;   /* how symbols begin that jump to where a register says; or NULL */

	/* The instruction in words, for people; at most `size` bytes with the NUL. */
	bool (*format)(const struct object *o, const struct section *s, uint64_t offset, char *buf, size_t size);

	/*
	 * The instructions that load a runtime constant, by the place that the
	 * entry of runtime_ptr_* names; false: they are none. NULL: the
	 * architecture has no runtime constants.
	 */
	bool (*runtime_load)(const struct object *o, const struct section *s, uint64_t offset,
			     struct runtime_load *ret);

	/*
	 * Code that does what a jump label does, wherever the key is. Nothing but the instructions before may lead to what it
	 * moves. False: there is none, see obstacle. NULL hook: there is none.
	 */
	bool (*key_detour)(const struct object *o, const struct key_site *k, struct detour *ret);

	/*
	 * What does the same as the instruction of a relocation, in its place,
	 * and reaches the kernel from wherever a module is. It fits only where
	 * the relocation's addend is that of the first in relocs. False: there
	 * is nothing; NULL hook: every instruction reaches as far.
	 */
	bool (*far_form)(const struct object *o, const struct reloc *r, struct runtime_load *ret);
	uint64_t far_below; /* a kernel of lower addresses is out of reach for a module's instructions that stay near */
	bool (*stays_near)(const struct object *o, const struct reloc *r);

	/*
	 * Why the instruction of a relocation reaches nothing but its own
	 * module, in words; NULL: it reaches the kernel. NULL hook: all do.
	 */
	const char *(*confined)(const struct object *o, const struct reloc *r);

	/*
	 * It is a call that reaches the kernel nevertheless if nothing else
	 * leads to the instruction behind it, which the module loader then
	 * writes anew: the offset of that instruction, or 0. NULL hook: 0.
	 */
	uint64_t (*written_behind)(const struct object *o, const struct reloc *r);
	const char *confined_hint; /* what to do about it where it is data */

	/* Bytes right before a function's label that its code reads relative to itself. NULL hook: none. */
	uint8_t (*lead)(const struct object *o, const struct symbol *function);

	/* What a function starts with whose address may be called (ENDBR), or NULL. */
	const uint8_t *landing_pad;
	uint8_t landing_pad_size; /* bytes */

	/*
	 * What the running kernel has of a function's code (graph/running_code.h): all that writes into it at run time is known,
	 * by the rows of special.c, the landing pad, and what follows.
	 */
	const char *unrecorded; /* why it is not known, in words; or NULL */
	uint8_t trace_bytes;    /* at an ftrace location */
	/*
	 * What a linker or a module's loader may write anew beside a relocation's field: section offsets, from and up to. False:
	 * nothing. NULL hook: nothing ever.
	 */
	bool (*rewritten)(const struct object *o, const struct reloc *r, uint64_t *from, uint64_t *to);
	/* Boot may replace the instruction where an object has unwind data that tell of it. NULL hook: none. */
	bool (*unwind_rewrites)(const struct object *o, const struct section *s, uint64_t offset);
	/* Between two functions of one section the assembler takes a shorter jump (graph/short_jumps.h). */
	bool shortens_jumps;
	/* Compilers address several variables of a unit from one place, unless each has a section (graph/anchors.h). */
	bool shares_anchors;

	/* kmod/redirect.c can send a call elsewhere from a kprobe at a function's entry, or behind its landing pad. */
	bool kprobe_redirects;

	/* Undefined symbol that a function's tracing prologue calls ("__fentry__"), or NULL. */
	const char *trace_symbol;

	/* How symbols begin that every module has of its own and that stay ordinary (s390x expolines, `.TOC.`), or
	 * NULL. */
	const char *const *ordinary_prefixes;
};

/* A module has an undefined symbol of this name of its own, or the loader knows how to call it: it stays ordinary. */
bool arch_keeps_ordinary(const struct arch *arch, const char *name);

/* The relocation leads to a slot with the symbol's address, which the linker makes (GOT). */
bool arch_uses_slot(const struct arch *arch, uint32_t type);

/* NULL when it is none that can be live-patched. */
const struct arch *arch_find(uint16_t machine);

/* The machine of any object as `uname -m` says it, for messages. Lives in the arena, or for ever. */
const char *arch_machine_name(struct arena *a, uint16_t machine, bool big_endian);

extern const struct arch arch_x86_64, arch_aarch64, arch_ppc64le, arch_s390x, arch_loongarch64;

#endif
