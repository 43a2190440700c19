// SPDX-License-Identifier: GPL-2.0-or-later
#include "file/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <zlib.h>

#include "base/bytes.h"
#include "file/internal.h"

/* Bounds what a small hostile gzip file can make of our memory. */
#define INPUT_MAX (UINT64_C(2) << 30)

/* What gzip makes of a kernel's symbols is a quarter or a tenth of them; of zeros, a thousandth. */
enum { RATIO_MOST = 100, UNPACKED_FREE = 64 << 20 };

/* Larger files are read as the caller asks: of a vmlinux with DWARF one part in a hundred, a text by its lines. */
enum { LARGE_FROM = 1 << 18, FIRST_READ = 1 << 16 };

static enum elfdiff_status fail(struct diags *ds, const char *path, const char *cause, const char *hint)
{
	diag_add(ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
					.id = "input-unreadable",
					.object = path,
					.cause = cause,
					.hint = hint },
		 "`%s` cannot be read", path);
	return ELFDIFF_ERROR;
}

enum elfdiff_status input_fail(struct diags *ds, const struct input *in, const char *cause)
{
	return fail(ds, in->path, cause, "check the path and its permissions");
}

/* ---- descriptors: closed by the arena, so that an unwound run leaks none ---- */

struct handle {
	int fd;
};

static void handle_close(void *arg)
{
	struct handle *h = arg;

	if (h->fd >= 0)
		close(h->fd);
	h->fd = -1;
}

/* Files of /proc have no size and pipes have none either: read until the end. NULL: errno says why. */
static uint8_t *slurp(struct arena *a, int fd, size_t room, size_t *size)
{
	uint8_t *p = arena_alloc(a, room), *bigger;
	ssize_t n;

	for (*size = 0;;) {
		if (*size == room) {
			if (room > INPUT_MAX / 2) {
				errno = EFBIG;
				return NULL;
			}
			bigger = arena_alloc(a, room * 2);
			memcpy(bigger, p, room);
			p = bigger;
			room *= 2;
		}
		n = read(fd, p + *size, room - *size);
		if (!n)
			return p;
		if (n < 0 && errno != EINTR)
			return NULL;
		*size += n > 0 ? (size_t)n : 0;
	}
}

/* /dev/null is the usual way to give an empty file. */
static bool is_readable(const struct stat *st)
{
	return S_ISREG(st->st_mode) || S_ISFIFO(st->st_mode) || S_ISDIR(st->st_mode) ||
	       (S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3));
}

static void note_part(const struct input *in, uint64_t offset, uint64_t size, const uint8_t *bytes)
{
	if (in->content)
		content_add(in->content, offset, size, bytes);
}

static void set_start(struct input *in)
{
	memset(in->start, 0, INPUT_START);
	memcpy(in->start, in->data, in->size < INPUT_START ? in->size : INPUT_START);
}

static bool is_gzip(const struct input *in)
{
	return in->start[0] == 0x1f && in->start[1] == 0x8b;
}

/* The caller reads it; whoever sees that it is ELF has read that much. */
static bool is_for_parts(struct arena *a, struct input *in, int fd)
{
	if (!S_ISREG(in->before.st_mode) || in->before.st_size < LARGE_FROM ||
	    read_bytes(a, fd, in->start, sizeof(in->start), 0) || is_gzip(in))
		return false;
	if (!memcmp(in->start, "\177ELF", 4))
		note_part(in, 0, sizeof(in->start), in->start);
	else if (in->before.st_size >= (off_t)INPUT_MAX)
		return false;
	in->fd = fd;
	in->size = (size_t)in->before.st_size;
	return true;
}

/* Why the whole cannot be read, or NULL. */
static const char *read_whole(struct arena *a, int fd, const struct stat *st, struct input *in)
{
	bool file = S_ISREG(st->st_mode);
	size_t room = FIRST_READ;

	if (file && st->st_size > 0 && st->st_size < (off_t)INPUT_MAX)
		room = (size_t)st->st_size + 1;
	in->data = slurp(a, fd, room, &in->size);
	if (!in->data)
		return arena_strdup(a, strerror(errno));
	note_part(in, 0, in->size, in->data);
	if (S_ISFIFO(st->st_mode) && !in->size)
		return "nothing was written to the pipe";
	return file && st->st_size ? file_changed(a, fd, st) : NULL;
}

static enum elfdiff_status get_bytes(struct arena *a, struct diags *ds, struct input *in)
{
	struct handle *h = arena_new(a, struct handle);
	const char *wrong;

	h->fd = -1;
	arena_defer(a, handle_close, h);
	h->fd = open(in->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe that nobody writes to is empty */
	if (h->fd < 0 || fstat(h->fd, &in->before))
		return input_fail(ds, in, arena_strdup(a, strerror(errno)));
	if (!is_readable(&in->before))
		return fail(ds, in->path, "it is neither a file nor a pipe", "give a file");
	if (S_ISFIFO(in->before.st_mode)) /* other files have what they have now: /proc/kmsg would never end */
		fcntl(h->fd, F_SETFL, O_RDONLY);
	if (in->content)
		in->content->size = (uint64_t)in->before.st_size;
	if (is_for_parts(a, in, h->fd))
		return ELFDIFF_OK;
	wrong = read_whole(a, h->fd, &in->before, in);
	if (wrong)
		return input_fail(ds, in, wrong);
	set_start(in);
	handle_close(h);
	return ELFDIFF_OK;
}

const uint8_t *input_part(struct arena *a, const struct input *in, uint64_t offset, uint64_t size)
{
	uint8_t *part;

	if (!range_ok(offset, size, in->size))
		return NULL;
	if (in->data)
		return in->data + offset;
	part = arena_alloc(a, size);
	if (read_bytes(a, in->fd, part, size, offset))
		part = NULL;
	note_part(in, offset, size, part);
	return part;
}

bool input_unchanged(struct arena *a, const struct input *in)
{
	return in->data || !file_changed(a, in->fd, &in->before);
}

/* ---- gzip ---- */

static void *zlib_alloc(void *arena, unsigned count, unsigned size)
{
	return arena_calloc(arena, count, size);
}

static void zlib_free(void *arena, void *p)
{
	(void)arena;
	(void)p;
}

/* Make room for more output; false beyond `most`. */
static bool more_room(struct arena *a, z_stream *z, uint8_t **out, size_t *room, size_t most)
{
	size_t used = z->total_out;
	uint8_t *p;

	if (*room >= most)
		return false;
	*room = *room > most / 2 ? most : *room * 2;
	p = arena_alloc(a, *room);
	memcpy(p, *out, used);
	*out = p;
	z->next_out = p + used;
	z->avail_out = (unsigned)(*room - used > UINT32_MAX ? UINT32_MAX : *room - used);
	return true;
}

/* What follows a gzip member: another one, or padding. */
static bool next_member(z_stream *z, const uint8_t *end)
{
	uLong total = z->total_out;

	if (end - z->next_in < 2 || z->next_in[0] != 0x1f || z->next_in[1] != 0x8b)
		return false;
	inflateReset(z);
	z->total_out = total;
	return true;
}

/* Tapes and disks pad with zeros. */
static bool only_padding(const uint8_t *p, const uint8_t *end)
{
	while (p < end && !*p)
		p++;
	return p == end;
}

static const char *unpack(struct arena *a, struct input *in, z_stream *z)
{
	const uint8_t *end = in->data + in->size;
	size_t most = in->size > INPUT_MAX / RATIO_MOST ? INPUT_MAX : in->size * RATIO_MOST + UNPACKED_FREE;
	size_t room = in->size > INPUT_MAX / 16 ? INPUT_MAX : in->size * 4 + 64;
	uint8_t *out = arena_alloc(a, room);
	int r;

	z->next_out = out;
	z->avail_out = (unsigned)room;
	for (;;) {
		z->avail_in = (unsigned)(end - z->next_in > INT32_MAX ? INT32_MAX : end - z->next_in);
		r = inflate(z, Z_NO_FLUSH);
		if (r == Z_STREAM_END && !next_member(z, end))
			break;
		if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
			return "the gzip data is corrupt";
		if (z->avail_out == 0 && !more_room(a, z, &out, &room, most))
			return most == INPUT_MAX ? "it decompresses to more than 2 GiB"
						 : "it decompresses to more than a hundred times its size";
		if (z->next_in == end && r != Z_STREAM_END && z->avail_out > 0)
			return "the gzip data is truncated";
	}
	if (!only_padding(z->next_in, end))
		return "there is something behind the gzip data";
	in->data = out;
	in->size = z->total_out;
	set_start(in);
	return NULL;
}

static enum elfdiff_status gunzip(struct arena *a, struct diags *ds, struct input *in)
{
	z_stream z = { .zalloc = zlib_alloc, .zfree = zlib_free, .opaque = a, .next_in = (uint8_t *)in->data };
	const char *wrong;

	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return fail(ds, in->path, "zlib cannot be initialised", "check the installed zlib");
	wrong = unpack(a, in, &z);
	if (wrong)
		return fail(ds, in->path, wrong, "obtain the file again, or decompress it yourself");
	return ELFDIFF_OK;
}

enum elfdiff_status input_read(struct arena *a, struct diags *ds, const char *path, struct input_want want,
			       struct input *ret)
{
	struct input in = { .path = arena_strdup(a, path), .fd = -1, .content = want.content };
	enum elfdiff_status st = get_bytes(a, ds, &in);

	if (!st && in.data && in.size > 2 && is_gzip(&in))
		st = gunzip(a, ds, &in);
	if (st)
		return st;
	if (!in.size && want.some)
		return fail(ds, in.path, "the file is empty", "check how it was created");
	*ret = in;
	return ELFDIFF_OK;
}
