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

/* Of larger ELF files the caller reads parts: of a vmlinux with DWARF one part in a hundred. */
enum { PARTS_FROM = 1 << 20, FIRST_READ = 1 << 16 };

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

static bool is_large_elf(int fd, const struct stat *st)
{
	char magic[4];

	return S_ISREG(st->st_mode) && st->st_size >= PARTS_FROM && pread(fd, magic, 4, 0) == 4 &&
	       !memcmp(magic, "\177ELF", 4);
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
	if (S_ISFIFO(st->st_mode) && !in->size)
		return "nothing was written to the pipe";
	return file && st->st_size ? file_changed(a, fd, st) : NULL;
}

static enum elfdiff_status get_bytes(struct arena *a, struct diags *ds, bool parts, struct input *in)
{
	struct handle *h = arena_new(a, struct handle);
	struct stat st;
	const char *wrong;

	h->fd = -1;
	arena_defer(a, handle_close, h);
	h->fd = open(in->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe that nobody writes to is empty */
	if (h->fd < 0 || fstat(h->fd, &st))
		return fail(ds, in->path, arena_strdup(a, strerror(errno)), "check the path and its permissions");
	if (!is_readable(&st))
		return fail(ds, in->path, "it is neither a file nor a pipe", "give a file");
	if (S_ISFIFO(st.st_mode)) /* other files have what they have now: /proc/kmsg would never end */
		fcntl(h->fd, F_SETFL, O_RDONLY);
	in->before = st;
	if (parts && is_large_elf(h->fd, &st)) {
		in->fd = h->fd;
		in->size = (size_t)st.st_size;
		return ELFDIFF_OK;
	}
	wrong = read_whole(a, h->fd, &st, in);
	if (wrong)
		return fail(ds, in->path, wrong, "check the path and its permissions");
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
	return read_bytes(a, in->fd, part, size, offset) ? NULL : part;
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

enum elfdiff_status input_read(struct arena *a, struct diags *ds, const char *path, enum input_want want,
			       struct input *ret)
{
	struct input in = { .path = arena_strdup(a, path), .fd = -1 };
	enum elfdiff_status st = get_bytes(a, ds, want == INPUT_PARTS, &in);

	if (!st && in.data && in.size > 2 && in.data[0] == 0x1f && in.data[1] == 0x8b)
		st = gunzip(a, ds, &in);
	if (st)
		return st;
	if (!in.size && want != INPUT_ANY)
		return fail(ds, in.path, "the file is empty", "check how it was created");
	*ret = in;
	return ELFDIFF_OK;
}

/* ---- text ---- */

bool input_next_line(const struct input *in, struct line *l)
{
	const char *end = (const char *)in->data + in->size, *start = l->number ? l->next : (const char *)in->data,
		   *eol;

	if (start >= end)
		return false;
	eol = memchr(start, '\n', (size_t)(end - start));
	l->next = eol ? eol + 1 : end;
	if (!eol)
		eol = end;
	l->text = start;
	l->length = (size_t)(eol - start);
	if (l->length && eol < end && start[l->length - 1] == '\r')
		l->length--;
	l->number++;
	return true;
}

const char *input_string(struct arena *a, const struct input *in, const struct word *w)
{
	size_t end = (size_t)((const uint8_t *)w->text + w->length - in->data);

	if (end >= in->size)
		return arena_strndup(a, w->text, w->length);
	in->data[end] = 0;
	return w->text;
}

bool word_is(const struct word *w, const char *s)
{
	return strlen(s) == w->length && !memcmp(w->text, s, w->length);
}

/* One more than what a character stands for as a digit; 0: it is none. */
static const uint8_t digits[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* The usual case: so few digits that there is no overflow. */
static bool short_number(const char *p, size_t n, unsigned base, uint64_t *ret)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = digits[(unsigned char)p[i]];

		if (d - 1 >= base)
			return false;
		v = v * base + d - 1;
	}
	*ret = v;
	return true;
}

#define EACH_BYTE(v) (UINT64_C(0x0101010101010101) * (v))

/* 8 hexadecimal digits at once, each of them in a byte of one number. */
static bool eight_digits(const char *p, uint64_t *ret)
{
	uint64_t text = bytes_get((const uint8_t *)p, 8, true), small = text | EACH_BYTE(0x20);
	uint64_t letter = small >> 6 & EACH_BYTE(1), v = (small & EACH_BYTE(0x0f)) + 9 * letter;

	/* 10 to 15 are the letters, no letter was made of what is none, and nothing else gives the text again */
	if ((v & EACH_BYTE(0xf0)) || ((v + EACH_BYTE(6)) >> 4 & EACH_BYTE(1)) != letter ||
	    (~(text | text >> 1) & EACH_BYTE(0x20)) || v + EACH_BYTE(0x30) + 0x27 * letter != small)
		return false;
	v = (v | v >> 4) & UINT64_C(0x00ff00ff00ff00ff);
	v = (v | v >> 8) & UINT64_C(0x0000ffff0000ffff);
	*ret = (v | v >> 16) & UINT32_MAX;
	return true;
}

/* An address of 64 bits. */
static bool sixteen_digits(const char *p, uint64_t *ret)
{
	uint64_t high, low;

	if (!eight_digits(p, &high) || !eight_digits(p + 8, &low))
		return false;
	*ret = high << 32 | low;
	return true;
}

static bool long_number(const char *p, size_t n, unsigned base, uint64_t *ret)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = digits[(unsigned char)p[i]];

		if (d - 1 >= base || __builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d - 1, &v))
			return false;
	}
	*ret = v;
	return true;
}

bool word_number(const struct word *w, unsigned base, uint64_t *ret)
{
	const char *p = w->text;
	size_t n = w->length;

	if (base == 16 && n > 2 && p[0] == '0' && (p[1] | 0x20) == 'x') {
		p += 2;
		n -= 2;
	}
	if (!n)
		return false;
	if (n == 16 && base == 16)
		return sixteen_digits(p, ret);
	if (n > 16)
		return long_number(p, n, base, ret);
	return base == 16 ? short_number(p, n, 16, ret) : short_number(p, n, base, ret);
}
