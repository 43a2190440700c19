/* SPDX-License-Identifier: GPL-2.0-or-later */
/* originals.c - .kpatch.original: the code that the patch expects in the kernel, as kpatch-patch.h describes it */
#include <elf.h>
#include <string.h>

#include "graph/running_code.h"
#include "kpatch-patch.h"
#include "patch/internal.h"

/* Two characters for each byte: a digit, or a question mark where some bit of it may differ. */
static const char *code_text(struct arena *a, const struct running_code *rc)
{
	static const char digits[] = "0123456789abcdef";
	char *text = arena_alloc(a, 2 * rc->size + 1);

	for (uint64_t i = 0; i < rc->size; i++) {
		text[2 * i] = rc->open[i] & 0xf0 ? '?' : digits[rc->code[i] >> 4];
		text[2 * i + 1] = rc->open[i] & 0x0f ? '?' : digits[rc->code[i] & 0x0f];
	}
	text[2 * rc->size] = '\0';
	return text;
}

static void write_original(struct assembler *as, const struct runtime_places *p, const struct patched_function *f)
{
	struct arena *a = as->d->a;
	uint32_t n = build_section(&as->b, KPATCH_ORIGINAL_SECTION, SHT_PROGBITS, 0, 1, 0);
	struct running_code rc = find_running_code(a, as->d->orig, p, f->orig_symbol);
	const char *head = arena_printf(a, KPATCH_ORIGINAL_VERSION " %s %s %lu %llu ", as->d->object,
					as->d->orig->object->symbols[f->orig_symbol].name, f->position,
					(unsigned long long)rc.size);
	const char *tail = rc.unknown ? arena_printf(a, "- %s", rc.unknown) : code_text(a, &rc);

	build_append(&as->b, n, head, strlen(head), 1);
	build_append(&as->b, n, tail, strlen(tail), 1);
	build_append(&as->b, n, "\n", 1, 1);
}

void write_originals(struct assembler *as)
{
	const struct runtime_places *p = find_runtime_places(as->d->a, as->d->orig);

	for (uint32_t i = 0; i < as->r->functions.count; i++)
		write_original(as, p, &as->r->functions.items[i]);
}
