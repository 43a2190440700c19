/* SPDX-License-Identifier: GPL-2.0-or-later */
/* originals.c - .kpatch.original: the code that the patch expects in the kernel, as kpatch-patch.h describes it */
#include <elf.h>
#include <string.h>

#include "graph/running_code.h"
#include "kpatch-patch.h"
#include "patch/internal.h"

/* Of four bits: a digit, or a question mark where one of them may differ. */
static char digit(unsigned value, unsigned open)
{
	static const char digits[] = "0123456789abcdef";

	if (open & 0x0f)
		return '?';
	return digits[value & 0x0f];
}

static const char *code_text(struct arena *a, const struct running_code *rc)
{
	char *text = arena_alloc(a, 2 * rc->size + 1);

	for (uint64_t i = 0; i < rc->size; i++) {
		text[2 * i] = digit(rc->code[i] >> 4, rc->open[i] >> 4);
		text[2 * i + 1] = digit(rc->code[i], rc->open[i]);
	}
	text[2 * rc->size] = '\0';
	return text;
}

const char *original_line(struct arena *a, const struct graph *orig, const struct runtime_places *p, const char *object,
			  uint32_t symbol, unsigned long position)
{
	struct running_code rc = find_running_code(a, orig, p, symbol);
	const char *head = arena_printf(a, KPATCH_ORIGINAL_VERSION " %s %s %lu %llu", object,
					orig->object->symbols[symbol].name, position, (unsigned long long)rc.size);

	return rc.unknown ? arena_printf(a, "%s - %s\n", head, rc.unknown)
			  : arena_printf(a, "%s %s\n", head, code_text(a, &rc));
}

void write_originals(struct assembler *as)
{
	const struct runtime_places *p = find_runtime_places(as->d->a, as->d->orig);

	for (uint32_t i = 0; i < as->r->functions.count; i++) {
		const struct patched_function *f = &as->r->functions.items[i];
		uint32_t n = build_section(&as->b, KPATCH_ORIGINAL_SECTION, SHT_PROGBITS, 0, 1, 0);
		const char *line = original_line(as->d->a, as->d->orig, p, as->d->object, f->orig_symbol, f->position);

		build_append(&as->b, n, line, strlen(line), 1);
	}
}
