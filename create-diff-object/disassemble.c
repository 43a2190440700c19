// SPDX-License-Identifier: GPL-2.0-or-later
/* disassemble.c - Capstone's text, with the names that relocations give */
#include "disassemble.h"

#include <capstone/capstone.h>
#include <dlfcn.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "report.h"

/* ---- the library ----------------------------------------------------------------- */

/* Its tables have 77,000 addresses, with which each run would begin that has no page to make. */
#define TEXT_OF(number) #number
#define LIBRARY(major) "libcapstone.so." TEXT_OF(major)

static struct {
	__typeof__(&cs_open) open;
	__typeof__(&cs_close) close;
	__typeof__(&cs_option) option;
	__typeof__(&cs_disasm) disasm;
	__typeof__(&cs_free) free;
	__typeof__(&cs_insn_group) insn_group;
} capstone;

static bool find_function(void *library, const char *name, void *ret)
{
	void *function = dlsym(library, name);

	memcpy(ret, &function, sizeof(function)); /* ISO C has no way to make a function of it */
	return function;
}

bool disassemble_load(void)
{
	void *library = dlopen(LIBRARY(CS_API_MAJOR), RTLD_NOW);

	if (library && find_function(library, "cs_open", &capstone.open) &&
	    find_function(library, "cs_close", &capstone.close) &&
	    find_function(library, "cs_option", &capstone.option) &&
	    find_function(library, "cs_disasm", &capstone.disasm) &&
	    find_function(library, "cs_free", &capstone.free) &&
	    find_function(library, "cs_insn_group", &capstone.insn_group))
		return true;
	report_error("missing-library", NULL, dlerror(),
		     "install Capstone 4 (Debian: libcapstone4), or leave out --report",
		     "`%s` cannot be loaded, which a page disassembles with", LIBRARY(CS_API_MAJOR));
	return false;
}

/* ---- architectures --------------------------------------------------------------- */

static const struct machine {
	const char *name;
	unsigned step; /* bytes of what cannot be decoded */
	bool known;
	cs_arch arch;
	cs_mode mode;
} machines[] = {
	{ "x86_64", 1, true, CS_ARCH_X86, CS_MODE_64 },
	{ "aarch64", 4, true, CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN },
	{ "ppc64le", 4, true, CS_ARCH_PPC, CS_MODE_64 },
	{ "s390x", 2, true, CS_ARCH_SYSZ, CS_MODE_BIG_ENDIAN },
	{ "loongarch64", 4, false, CS_ARCH_X86, CS_MODE_64 },
};

static const struct machine *find_machine(const char *name)
{
	for (size_t i = 0; name && i < sizeof(machines) / sizeof(*machines); i++)
		if (!strcmp(machines[i].name, name))
			return &machines[i];
	return NULL;
}

bool disassemble_knows(const char *architecture)
{
	const struct machine *m = find_machine(architecture);

	return m && m->known;
}

/* ---- the code -------------------------------------------------------------------- */

struct code {
	const struct machine *machine; /* or NULL */
	uint8_t *bytes;
	size_t size;
	csh handle;
	bool open;
	const struct json_value *relocation, *line; /* the first that was not met yet */
	const char *file;
	uint64_t line_number;
};

static unsigned digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') & 15 : ((unsigned)c - 'a' + 10) & 15;
}

static void open_code(struct code *c, const char *architecture, const struct json_value *code)
{
	const char *hex = json_get_text(code, "bytes");

	*c = (struct code){ .machine = find_machine(architecture), .size = hex ? strlen(hex) / 2 : 0 };
	c->bytes = memory_array(c->size, 1);
	for (size_t i = 0; i < c->size; i++)
		c->bytes[i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
	c->open = c->machine && c->machine->known &&
		  capstone.open(c->machine->arch, c->machine->mode, &c->handle) == CS_ERR_OK;
	if (c->open)
		capstone.option(c->handle, CS_OPT_DETAIL, CS_OPT_ON);
	/* as the library's evidence, and the kernel's own tools */
	if (c->open && c->machine->arch == CS_ARCH_X86)
		capstone.option(c->handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
	c->relocation = json_first(json_get(code, "relocations"));
	c->line = json_first(json_get(code, "lines"));
}

static void close_code(struct code *c)
{
	if (c->open)
		capstone.close(&c->handle);
	free(c->bytes);
}

static char *hex_text(const struct code *c, uint64_t offset, uint64_t length)
{
	char *text = memory_text(length == 1 ? ".byte" : length == 2 ? ".short" : ".word", 6);

	for (uint64_t i = 0; i < length; i++) {
		char *longer = memory_printf("%s %02x", text, c->bytes[offset + i]);

		free(text);
		text = longer;
	}
	return text;
}

/* ---- operands ------------------------------------------------------------------------ */

static char *last_operand(char *text)
{
	char *comma = strrchr(text, ','), *space = strchr(text, ' ');

	return comma ? comma + 1 + strspn(comma + 1, " ") : space ? space + 1 : NULL;
}

static bool is_number(const char *text)
{
	text += *text == '#' || *text == '$';
	return *text >= '0' && *text <= '9' && text[strspn(text, "0123456789abcdefxABCDEF")] == 0;
}

static bool is_zero(const char *text)
{
	return !strcmp(text, "0") || !strcmp(text, "#0");
}

/* `put` in the place of `length` bytes of a text. */
static char *spliced(const char *text, const char *at, size_t length, const char *put)
{
	return memory_printf("%.*s%s%s", (int)(at - text), text, put, at + length);
}

static char *appended(const char *text, const char *target)
{
	return memory_printf("%s  # %s", text, target);
}

/*
 * In objects, the field of a relocation has no more than zeros, which AT&T's syntax leaves away in front of a base. A number is
 * where the instruction ends; what is not there is in an address.
 */
static char *with_x86_target(char *text, const char *target, bool relative, bool at_end)
{
	char *immediate = strstr(text, "$0"), *base = strchr(text, '('), *last = last_operand(text);

	if (relative && !base && last && is_number(last))
		return spliced(text, last, strlen(last), target);
	if (!relative && at_end && immediate && (!immediate[2] || immediate[2] == ','))
		return spliced(text, immediate + 1, 1, target);
	return base ? spliced(text, base, 0, target) : appended(text, target);
}

/* A distance is all of the last operand; so is a number, if it is one of zero. */
static char *with_other_target(char *text, const char *target, bool relative)
{
	char *last = last_operand(text);

	if (last && is_number(last) && (relative || is_zero(last)))
		return spliced(text, last, strlen(last), target);
	return appended(text, target);
}

/* `f.constprop.3` for `f.constprop.7`: numbers that the compiler appends. */
static char *without_numbers(const char *text)
{
	char *copy = memory_text(text, strlen(text)), *to = copy;

	for (const char *p = text; *p;) {
		size_t n = *p == '.' ? strspn(p + 1, "0123456789") : 0;

		if (n)
			p += n + 1;
		else
			*to++ = *p++;
	}
	*to = 0;
	return copy;
}

static void set_text(struct instruction *in, char *text)
{
	free(in->text);
	in->text = text;
}

/* A number of a type that is rare says more than its target: what is made of that. */
static bool is_plain(const char *type)
{
	return !strncmp(type, "R_X86_64_", 9) || strstr(type, "CALL26") || strstr(type, "JUMP26") ||
	       strstr(type, "REL24") || strstr(type, "DBL");
}

static void put_relocation(const struct code *c, struct instruction *in, const struct json_value *r)
{
	const char *target = json_get_text(r, "target"), *type = json_get_text(r, "type");
	uint64_t at = json_get_number(r, "offset"), size = json_get_number(r, "size");
	bool at_end = at + size == in->offset + in->length;
	bool relative = json_get_bool(r, "relative"), x86 = c->machine && c->machine->arch == CS_ARCH_X86 && c->open;

	target = target ? target : "?";
	set_text(in, x86 ? with_x86_target(in->text, target, relative, at_end)
			 : with_other_target(in->text, target, relative));
	if (type && !is_plain(type))
		set_text(in, memory_printf("%s  (%s)", in->text, type));
	if (relative && at_end)
		in->target = NO_TARGET;
}

static void put_relocations(struct code *c, struct instruction *in)
{
	for (; c->relocation; c->relocation = c->relocation->next) {
		if (json_get_number(c->relocation, "offset") >= in->offset + in->length)
			return;
		put_relocation(c, in, c->relocation);
	}
}

static void put_line(struct code *c, struct instruction *in)
{
	for (; c->line && json_get_number(c->line, "offset") <= in->offset; c->line = c->line->next) {
		c->file = json_get_text(c->line, "file");
		c->line_number = json_get_number(c->line, "line");
	}
	in->file = c->file;
	in->line = c->line_number;
}

/* ---- instructions ---------------------------------------------------------------------- */

/* Where a direct branch leads, if that is in the code: its last operand. */
static uint64_t branch_target(const struct code *c, const cs_insn *i, char *text)
{
	const char *last = last_operand(text);
	uint64_t target;

	if (!last || !is_number(last) ||
	    (!capstone.insn_group(c->handle, i, CS_GRP_JUMP) && !capstone.insn_group(c->handle, i, CS_GRP_CALL) &&
	     !capstone.insn_group(c->handle, i, CS_GRP_BRANCH_RELATIVE)))
		return NO_TARGET;
	target = strtoull(last + (*last == '#'), NULL, 0);
	return target < c->size ? target : NO_TARGET;
}

static void decode(const struct code *c, struct instruction *in)
{
	cs_insn *list = NULL;
	size_t left = c->size - in->offset;

	if (c->open && capstone.disasm(c->handle, c->bytes + in->offset, left, in->offset, 1, &list) == 1) {
		in->length = list->size;
		in->text = memory_printf("%s%s%s", list->mnemonic, *list->op_str ? " " : "", list->op_str);
		in->target = branch_target(c, list, in->text);
	} else {
		in->length = c->machine ? c->machine->step : 4;
		in->length = in->length < left ? in->length : left;
		in->text = hex_text(c, in->offset, in->length);
	}
	if (list)
		capstone.free(list, 1);
}

/* Of a branch within the code, the target is compared once all stand side by side. */
static void make_key(struct instruction *in)
{
	char *text = memory_text(in->text, strlen(in->text)), *last = last_operand(text);

	if (in->target != NO_TARGET && last)
		*last = 0;
	in->key = without_numbers(text);
	free(text);
}

struct instructions disassemble(const char *architecture, const struct json_value *code)
{
	struct instructions ret = { 0 };
	struct code c;

	open_code(&c, architecture, code);
	for (uint64_t at = 0; at < c.size;) {
		struct instruction in = { .offset = at, .target = NO_TARGET };

		decode(&c, &in);
		put_relocations(&c, &in);
		put_line(&c, &in);
		make_key(&in);
		ret.items = memory_grow(ret.items, ret.count, &ret.room, sizeof(*ret.items));
		ret.items[ret.count++] = in;
		at += in.length;
	}
	close_code(&c);
	return ret;
}

void instructions_free(struct instructions *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free(l->items[i].text);
		free(l->items[i].key);
	}
	free(l->items);
	*l = (struct instructions){ 0 };
}
