/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_originals.c - .kpatch.original: the code that kpatch(8) compares with the running kernel's
 *
 * The kernel does not read it. A line that no function has would be compared with nothing, and a function without a line
 * would be replaced unseen; so where the section is, the two lists are the same.
 */
#include "check/internal.h"

#include <elf.h>
#include <string.h>

#include "base/bytes.h"
#include "kpatch-patch.h"

/* A line without its end, in the section. */
struct line {
	const struct section *s;
	uint64_t offset, length;
};

static void bad_line(struct check *c, const struct line *l, const char *cause)
{
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){ .id = "original-record",
				      .section = l->s->name,
				      .has_offset = true,
				      .offset = l->offset,
				      .cause = cause,
				      .hint = "rebuild the object with create-diff-object" },
	       "a record of an original's code cannot be read");
}

static const char *text_of(const struct line *l)
{
	return (const char *)l->s->data + l->offset;
}

/* What the line of a function begins with, behind the version. */
static const char *key_of(const struct check *c, const struct section *s, uint64_t record)
{
	const uint8_t *at = s->data + record;
	const char *name = string_of_pointer(c, s, record + offsetof(struct kpatch_patch_func, name));
	const char *object = string_of_pointer(c, s, record + offsetof(struct kpatch_patch_func, objname));
	uint64_t position = bytes_get(at + offsetof(struct kpatch_patch_func, sympos), 8, c->o->big_endian);
	uint64_t size = bytes_get(at + offsetof(struct kpatch_patch_func, old_size), 8, c->o->big_endian);

	return name && object ? arena_printf(c->a, "%s %s %llu %llu ", object, name, (unsigned long long)position,
					     (unsigned long long)size)
			      : NULL;
}

static void list_functions(const struct check *c, struct text_set *keys)
{
	for (uint32_t i = 1; i < c->o->section_count; i++) {
		const struct section *s = &c->o->sections[i];
		struct record_extent e;

		if (!record_extent(c, s, &e) || e.flaw || e.size != sizeof(struct kpatch_patch_func))
			continue;
		for (uint64_t at = e.start; at < e.end; at += e.size) {
			const char *key = key_of(c, s, at);

			if (key)
				text_set_add(c->a, keys, key, strlen(key));
		}
	}
}

/* Characters up to the end of the n-th word, with the blank behind it; 0: there are fewer. */
static uint64_t words(const char *text, uint64_t length, unsigned n)
{
	for (uint64_t i = 0; i < length; i++)
		if (text[i] == ' ' && !--n)
			return i + 1;
	return 0;
}

static bool is_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '?';
}

static bool is_code(const char *text, uint64_t length)
{
	for (uint64_t i = 0; i < length; i++)
		if (!is_digit(text[i]))
			return false;
	return true;
}

static uint64_t number(const char *text, uint64_t length)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < length && text[i] >= '0' && text[i] <= '9'; i++)
		n = n * 10 + (uint64_t)(text[i] - '0');
	return n;
}

static const char *flaw_of(const struct check *c, const struct line *l, const struct text_set *keys,
			   struct text_set *seen)
{
	const uint64_t version = strlen(KPATCH_ORIGINAL_VERSION " ");
	const char *text = text_of(l);
	uint64_t head = words(text, l->length, 5), size_at = words(text, l->length, 4);

	if (l->length < version || memcmp(text, KPATCH_ORIGINAL_VERSION " ", version) != 0)
		return "it is of another version than " KPATCH_ORIGINAL_VERSION;
	if (!head)
		return "it has too few words";
	if (!text_set_has(keys, text + version, head - version))
		return "no record of a replaced function has that object, name, position and size";
	if (!text_set_add(c->a, seen, text + version, head - version))
		return "there are two of one function";
	if (l->length - head > 2 && !memcmp(text + head, "- ", 2))
		return NULL;
	if (!is_code(text + head, l->length - head))
		return "its code is not of hexadecimal digits and `?`";
	if ((l->length - head) / 2 != number(text + size_at, head - size_at) || (l->length - head) % 2)
		return "its code is not as long as it says";
	return NULL;
}

static void check_lines(struct check *c, const struct section *s, const struct text_set *keys, struct text_set *seen)
{
	struct line l = { .s = s };

	while (s->data && l.offset < s->size) {
		const uint8_t *end = memchr(s->data + l.offset, '\n', s->size - l.offset);
		const char *flaw;

		l.length = end ? (uint64_t)(end - s->data) - l.offset : 0;
		flaw = end ? flaw_of(c, &l, keys, seen) : "its line does not end";
		if (flaw) {
			bad_line(c, &l, flaw);
			return;
		}
		l.offset += l.length + 1;
	}
	if (seen->list.count < keys->list.count) {
		l.offset = 0;
		bad_line(c, &l, "a function that the patch replaces has none");
	}
}

void check_originals(struct check *c)
{
	struct text_set keys = { 0 }, seen = { 0 };
	uint32_t n = object_section(c->o, KPATCH_ORIGINAL_SECTION, 0);
	const struct section *s = &c->o->sections[n];
	struct line whole = { .s = s };

	if (!n)
		return;
	list_functions(c, &keys);
	if (section_is_alloc(s) || s->type != SHT_PROGBITS || s->reloc_count)
		bad_line(c, &whole, "its section is one that is loaded or relocated, and nobody but kpatch reads it");
	else
		check_lines(c, s, &keys, &seen);
}
