/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file/file_content.h"

#include <string.h>

#include "base/bytes.h"
#include "file/internal.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

/* So many bytes are read at a time into the same place, which stays near the processor. */
enum { BLOCK = 1 << 16 };

static struct content_part part_of(uint64_t offset, uint64_t size, XXH128_hash_t hash)
{
	return (struct content_part){ offset, size, { hash.low64, hash.high64 } };
}

static void add_part(struct content *c, struct content_part part)
{
	if (c->count < CONTENT_PARTS)
		c->parts[c->count++] = part;
	else
		c->count = CONTENT_PARTS + 1;
}

void content_add(struct content *c, uint64_t offset, uint64_t size, const uint8_t *bytes)
{
	if (bytes)
		add_part(c, part_of(offset, size, XXH3_128bits(bytes, size)));
	else
		c->count = CONTENT_PARTS + 1;
}

struct content_stream {
	XXH3_state_t *state;
};

/* The arena aligns to 16 bytes, and a state wants 64. */
struct content_stream *content_stream_new(struct arena *a)
{
	struct content_stream *s = arena_new(a, struct content_stream);
	char *p = arena_alloc(a, sizeof(*s->state) + 64);

	s->state = (void *)(p + (64 - (uintptr_t)p % 64));
	XXH3_128bits_reset(s->state);
	return s;
}

void content_stream_add(struct content_stream *s, const void *bytes, size_t size)
{
	XXH3_128bits_update(s->state, bytes, size);
}

void content_stream_end(struct content_stream *s, struct content *c, uint64_t size)
{
	add_part(c, part_of(0, size, XXH3_128bits_digest(s->state)));
}

bool content_known(const struct content *c)
{
	return c->count && c->count <= CONTENT_PARTS;
}

bool content_same(const struct content *x, const struct content *y)
{
	return !memcmp(x, y, sizeof(*x));
}

/* The part as the file has it now; false: it does not have it. */
static bool read_part(struct arena *a, int fd, uint8_t *block, struct content_part *part)
{
	XXH3_state_t state;

	XXH3_128bits_reset(&state);
	for (uint64_t done = 0, n; done < part->size; done += n) {
		n = part->size - done < BLOCK ? part->size - done : BLOCK;
		if (read_bytes(a, fd, block, n, part->offset + done))
			return false;
		XXH3_128bits_update(&state, block, n);
	}
	*part = part_of(part->offset, part->size, XXH3_128bits_digest(&state));
	return true;
}

bool content_is_in(struct arena *a, int fd, const struct content *c)
{
	uint8_t *block = arena_alloc(a, BLOCK);

	if (!content_known(c))
		return false;
	for (uint64_t i = 0; i < c->count; i++) {
		struct content_part now = c->parts[i];

		if (!range_ok(now.offset, now.size, c->size) || !read_part(a, fd, block, &now) ||
		    memcmp(&now, &c->parts[i], sizeof(now)))
			return false;
	}
	return true;
}
