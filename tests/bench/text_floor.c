/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text_floor.c - what tables of symbols as text cost at least: each is read, its lines are found, and each line's name is
 * hashed. Nothing is kept.
 *
 *	text_floor FILE...
 *
 * The name is the last word of a line that `readelf -s`, System.map or kallsyms has, and the second one of Module.symvers,
 * in which tabs are between words.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct text {
	char *bytes;
	size_t size;
};

static void fail(const char *path)
{
	perror(path);
	exit(1);
}

static struct text read_text(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct text t = { 0 };
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		fail(path);
	t.bytes = malloc((size_t)st.st_size + 1);
	if (!t.bytes)
		fail(path);
	for (ssize_t n; (n = read(fd, t.bytes + t.size, (size_t)st.st_size - t.size)) > 0;)
		t.size += (size_t)n;
	close(fd);
	return t;
}

static uint64_t hash_name(const char *line, const char *end)
{
	const char *tab = memchr(line, '\t', (size_t)(end - line)), *next;

	if (tab) {
		next = memchr(tab + 1, '\t', (size_t)(end - tab - 1));
		return XXH3_64bits(tab + 1, (size_t)((next ? next : end) - tab - 1));
	}
	next = memrchr(line, ' ', (size_t)(end - line));
	line = next ? next + 1 : line;
	return XXH3_64bits(line, (size_t)(end - line));
}

static uint64_t visit(const char *path)
{
	struct text t = read_text(path);
	const char *end = t.bytes + t.size, *eol;
	uint64_t sum = 0;

	for (const char *p = t.bytes; p < end; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (!eol)
			eol = end;
		sum += hash_name(p, eol);
	}
	free(t.bytes);
	return sum;
}

int main(int argc, char **argv)
{
	uint64_t sum = 0;

	for (int i = 1; i < argc; i++)
		sum ^= visit(argv[i]);
	printf("%016" PRIx64 "\n", sum);
	return argc < 2;
}
