/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replay.c FILE... - each file through the harness, with limits of time and memory, and no fuzzer */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SECONDS = 20, MEMORY_MIB = 1024 }; /* with sanitizers, which take some times more of both */

static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data;
	long end;

	if (!f || fseek(f, 0, SEEK_END) || (end = ftell(f)) < 0) {
		perror(path);
		exit(1);
	}
	rewind(f);
	*size = (size_t)end;
	data = malloc(*size ? *size : 1);
	if (!data || fread(data, 1, *size, f) != *size) {
		perror(path);
		exit(1);
	}
	fclose(f);
	return data;
}

static void replay(const char *path)
{
	struct rusage used;
	size_t size;
	uint8_t *data = read_file(path, &size);

	alarm(SECONDS);
	LLVMFuzzerTestOneInput(data, size);
	alarm(0);
	free(data);
	getrusage(RUSAGE_SELF, &used);
	if (used.ru_maxrss >> 10 > MEMORY_MIB)
		finding("too much memory", path);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		printf("%s\n", argv[i]); /* the last one that is printed is the one that failed */
		fflush(stdout);
		replay(argv[i]);
	}
	return 0;
}
