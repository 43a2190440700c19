// SPDX-License-Identifier: GPL-2.0-or-later
#include "file/cache_file.h"

#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/index.h"
#include "file/internal.h"
#include "file/output_file.h"

/* To be raised whenever a table of the same text would come out otherwise, or lie otherwise in the file. */
enum { FORMAT = 2 };

#define MAGIC "elfdiff\n"
#define ORDER UINT32_C(0x01020304) /* tells byte orders apart */

/* As it is in the file, in this machine's byte order. */
struct cache_header {
	char magic[8];
	uint32_t order, format;
	char version[16];
	uint32_t kind, chunks;
	struct content source;
	uint64_t checksum; /* of all that is before it, and of the directory */
};

struct cache_entry {
	uint64_t checksum;
	uint32_t offset, size; /* offset / 8 */
};

enum { CHUNKS_MOST = 1 << 24, CHUNK_MOST = 1 << 26 };

/* ---- the source ---- */

struct handle {
	int fd;
};

static void close_handle(void *arg)
{
	close(((struct handle *)arg)->fd);
}

static int open_for_run(struct arena *a, const char *path)
{
	struct handle *h = arena_new(a, struct handle);

	h->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (h->fd >= 0)
		arena_defer(a, close_handle, h);
	return h->fd;
}

bool cache_source_open(struct arena *a, const char *path, struct cache_source *s)
{
	char real[PATH_MAX];

	*s = (struct cache_source){ .fd = -1 };
	if (!realpath(path, real))
		return false;
	s->path = arena_strdup(a, real);
	if (stat(s->path, &s->st) || !S_ISREG(s->st.st_mode) || s->st.st_size < CACHE_FROM)
		return false;
	s->fd = open_for_run(a, s->path);
	return s->fd >= 0 && !fstat(s->fd, &s->st);
}

bool cache_source_known(const struct cache_source *s, const struct stat *file)
{
	return content_known(&s->read) && s->st.st_dev == file->st_dev && s->st.st_ino == file->st_ino;
}

/* ---- reading ---- */

static struct cache_header header_of(enum cache_kind kind, uint32_t chunks, const struct content *source)
{
	struct cache_header h = { .order = ORDER, .format = FORMAT, .kind = kind, .chunks = chunks, .source = *source };

	memcpy(h.magic, MAGIC, sizeof(h.magic));
	strncpy(h.version, ELFDIFF_VERSION, sizeof(h.version) - 1);
	return h;
}

static uint64_t checksum_of(const struct cache_header *h, const struct cache_entry *chunks)
{
	return hash_mix(hash_bytes(h, offsetof(struct cache_header, checksum)),
			hash_bytes(chunks, h->chunks * sizeof(*chunks)));
}

/* Whoever may write to it could make us believe anything. */
static bool is_trusted(int fd, struct stat *st)
{
	return !fstat(fd, st) && S_ISREG(st->st_mode) && (st->st_uid == geteuid() || !st->st_uid) &&
	       !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static const struct cache_entry *read_directory(struct arena *a, int fd, const struct cache_header *h,
						const struct stat *st)
{
	struct cache_entry *chunks;

	if (h->chunks > CHUNKS_MOST || h->chunks * sizeof(*chunks) > (uint64_t)st->st_size)
		return NULL;
	chunks = arena_array(a, h->chunks, struct cache_entry);
	if (read_bytes(a, fd, chunks, h->chunks * sizeof(*chunks), sizeof(*h)) || checksum_of(h, chunks) != h->checksum)
		return NULL;
	for (uint32_t i = 0; i < h->chunks; i++)
		if (chunks[i].size > CHUNK_MOST)
			return NULL;
	return chunks;
}

static const char *cache_path(struct arena *a, const struct cache_source *s)
{
	return arena_printf(a, "%s" CACHE_SUFFIX, s->path);
}

struct cache_file *cache_open(struct arena *a, const struct cache_source *s, enum cache_kind kind)
{
	struct cache_file *c = arena_new(a, struct cache_file);
	struct cache_header h, wanted;
	struct stat st;

	c->fd = open_for_run(a, cache_path(a, s));
	if (c->fd < 0 || !is_trusted(c->fd, &st) || read_bytes(a, c->fd, &h, sizeof(h), 0))
		return NULL;
	wanted = header_of(kind, h.chunks, &h.source);
	if (memcmp(&h, &wanted, sizeof(h) - sizeof(h.checksum)) || h.source.size != (uint64_t)s->st.st_size)
		return NULL;
	c->count = h.chunks;
	c->source = h.source;
	c->chunks = read_directory(a, c->fd, &h, &st);
	return c->chunks && content_is_in(a, s->fd, &h.source) ? c : NULL;
}

uint32_t cache_chunk_size(const struct cache_file *c, uint32_t chunk)
{
	return chunk < c->count ? c->chunks[chunk].size : 0;
}

bool cache_chunk_read(const struct cache_file *c, uint32_t chunk, void *to)
{
	const struct cache_entry *e = &c->chunks[chunk];
	ssize_t n = pread(c->fd, to, e->size, (off_t)e->offset * 8);

	return n == (ssize_t)e->size && hash_bytes(to, e->size) == e->checksum;
}

/* ---- writing ---- */

enum { BUFFER = 1 << 18 };

struct cache_writer {
	struct arena *a;
	struct output_file *out;
	struct cache_header header;
	struct cache_entry *chunks;
	uint32_t next;
	uint64_t offset; /* of the next chunk */
	uint8_t *buffer;
	uint32_t used;
	bool failed;
};

static void put_bytes(struct cache_writer *w, const void *bytes, size_t size, uint64_t offset)
{
	for (size_t done = 0; done < size && !w->failed;) {
		ssize_t n = pwrite(w->out->fd, (const char *)bytes + done, size - done, (off_t)(offset + done));

		w->failed = n <= 0;
		done += n > 0 ? (size_t)n : 0;
	}
}

static void flush_buffer(struct cache_writer *w)
{
	put_bytes(w, w->buffer, w->used, w->offset - w->used);
	w->used = 0;
}

/* Others may read it where all may read the source, whose group may be another one; nobody else may write to it. */
static mode_t mode_for(const struct cache_source *s)
{
	return (s->st.st_mode & S_IROTH) ? 0644 : 0600;
}

struct cache_writer *cache_create(struct arena *a, const struct cache_source *s, enum cache_kind kind, uint32_t chunks)
{
	struct cache_writer *w = arena_new(a, struct cache_writer);

	if (chunks > CHUNKS_MOST || output_replace(a, cache_path(a, s), mode_for(s), &w->out))
		return NULL;
	w->a = a;
	w->header = header_of(kind, chunks, &s->read);
	w->chunks = arena_array(a, chunks, struct cache_entry);
	w->offset = sizeof(w->header) + chunks * sizeof(*w->chunks);
	w->buffer = arena_alloc(a, BUFFER);
	return w;
}

void cache_add(struct cache_writer *w, const void *bytes, uint32_t size)
{
	uint32_t whole = (size + 7) / 8 * 8;

	w->failed |= w->next >= w->header.chunks || size > CHUNK_MOST || w->offset / 8 > UINT32_MAX;
	if (w->failed)
		return;
	w->chunks[w->next++] = (struct cache_entry){ hash_bytes(bytes, size), (uint32_t)(w->offset / 8), size };
	if (w->used + whole > BUFFER)
		flush_buffer(w);
	if (whole > BUFFER) {
		put_bytes(w, bytes, size, w->offset);
	} else {
		memcpy(w->buffer + w->used, bytes, size);
		memset(w->buffer + w->used + size, 0, whole - size);
		w->used += whole;
	}
	w->offset += whole;
}

void cache_finish(struct cache_writer *w)
{
	w->failed |= w->next != w->header.chunks;
	w->header.checksum = checksum_of(&w->header, w->chunks);
	flush_buffer(w);
	put_bytes(w, w->chunks, w->header.chunks * sizeof(*w->chunks), sizeof(w->header));
	put_bytes(w, &w->header, sizeof(w->header), 0);
	if (w->failed || output_close(w->a, w->out) || output_commit(w->a, w->out))
		output_discard(w->out);
}
