/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz.h - what the harnesses share; see README */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elfdiff.h"

/* What libFuzzer, AFL++ and replay.c call. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
	const uint8_t *data;
	size_t size;
};

/* A file that lives in memory. The path ends with file_close(). */
struct file {
	int fd;
	char path[32];
};
struct file file_open(struct bytes content);
void file_close(struct file *file);

/* A path for output, in a directory of this process. */
const char *output_path(void);
/* Remove what was written there. The process ends where more is left behind, or more than inputs of this size may make. */
void output_clear(size_t inputs);

/* A run, or the end of the process. */
struct elfdiff *run_new(void);
/* Reads all results; the process ends where they contradict the status or the contract of elfdiff.h. */
void run_expect(const struct elfdiff *run, enum elfdiff_status status);
/* run_expect() and elfdiff_free() */
void run_end(struct elfdiff *run, enum elfdiff_status status);

/* Say what is wrong, and end the process as a fuzzer wants it. */
_Noreturn void finding(const char *what, const char *detail);
/* The detail is the worst that the run has to say. */
_Noreturn void finding_of(const char *what, const struct elfdiff *run);

#endif
