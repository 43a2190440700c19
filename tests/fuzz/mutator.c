/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mutator.c - objects and pairs, mutated by what they mean
 *
 * For libFuzzer and, as a library of its own, for AFL++. What is neither an object nor a pair, and one mutation in
 * sixteen, is left to the fuzzer's own mutations of bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "elf_mutate.h"
#include "pair.h"

/* The fuzzer finds these by name, in a library. */
#pragma GCC visibility push(default)
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);
void *afl_custom_init(void *afl, unsigned seed);
struct afl;
size_t afl_custom_fuzz(struct afl *state, uint8_t *data, size_t size, uint8_t **out, uint8_t *other, size_t other_size,
		       size_t room);
void afl_custom_deinit(struct afl *state);
#pragma GCC visibility pop
/* libFuzzer has it; AFL++ mutates bytes by itself. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);

enum { FILE_ROOM = 1 << 17 }; /* more than any seed, and little enough to stay fast */

static size_t mutate_bytes(uint8_t *data, size_t size, size_t room, struct random *r)
{
	if (LLVMFuzzerMutate)
		return LLVMFuzzerMutate(data, size, room);
	if (size)
		data[random_below(r, (uint32_t)size)] ^= (uint8_t)(1u << random_below(r, 8));
	return size;
}

/* The size of the object after some mutations, or 0: it is none. */
static size_t mutate_object(uint8_t *data, size_t size, size_t room, struct random *r)
{
	uint32_t count = 1u << random_below(r, 3);
	struct elf e;

	if (!elf_open(&e, data, size, room))
		return 0;
	while (count--) {
		elf_mutate(&e, r);
		if (!elf_open(&e, data, e.size, room))
			break;
	}
	return e.size;
}

static void mutate_file(struct pair *pair, unsigned which, uint8_t *buffer, struct random *r)
{
	size_t size = pair->size[which] < FILE_ROOM ? pair->size[which] : FILE_ROOM, after;

	memcpy(buffer, pair->data[which], size);
	after = mutate_object(buffer, size, FILE_ROOM, r);
	pair->size[which] = after ? after : mutate_bytes(buffer, size, FILE_ROOM, r);
	pair->data[which] = buffer;
}

/* Half of the time both objects in the same way: what matters is what is the same on both sides, and wrong. */
static void mutate_pair(struct pair *pair, uint8_t buffers[2][FILE_ROOM], struct random *r)
{
	struct random same = *r;

	switch (random_below(r, 16)) {
	case 0:
		pair->options ^= (uint8_t)(1u << random_below(r, 5));
		return;
	case 1:
		mutate_file(pair, PAIR_SYMBOLS + random_below(r, 2), buffers[0], r);
		return;
	case 2:
	case 3:
	case 4:
	case 5:
		mutate_file(pair, PAIR_PATCHED, buffers[0], r);
		return;
	case 6:
	case 7:
	case 8:
		mutate_file(pair, PAIR_ORIG, buffers[0], r);
		return;
	default:
		mutate_file(pair, PAIR_ORIG, buffers[0], r);
		mutate_file(pair, PAIR_PATCHED, buffers[1], &same);
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	static uint8_t buffers[2][FILE_ROOM], whole[PAIR_FILES * FILE_ROOM];
	struct random r = { seed };
	struct pair pair;
	size_t after;

	if (!random_below(&r, 16))
		return mutate_bytes(data, size, room, &r);
	if (pair_read(data, size, &pair)) {
		after = mutate_object(data, size, room, &r);
		return after ? after : mutate_bytes(data, size, room, &r);
	}
	mutate_pair(&pair, buffers, &r);
	after = pair_write(whole, sizeof(whole) < room ? sizeof(whole) : room, &pair);
	memcpy(data, whole, after);
	return after ? after : size;
}

/* ---- AFL++ ---- */

struct afl {
	struct random random;
	uint8_t *data;
	size_t room;
};

void *afl_custom_init(void *afl, unsigned seed)
{
	struct afl *state = calloc(1, sizeof(*state));

	(void)afl;
	if (state)
		state->random.state = seed;
	return state;
}

size_t afl_custom_fuzz(struct afl *state, uint8_t *data, size_t size, uint8_t **out, uint8_t *other, size_t other_size,
		       size_t room)
{
	(void)other;
	(void)other_size;
	if (state->room < room) {
		free(state->data);
		state->data = malloc(room);
		state->room = state->data ? room : 0;
	}
	*out = state->data;
	if (!state->data || size > state->room)
		return 0;
	memcpy(state->data, data, size);
	return LLVMFuzzerCustomMutator(state->data, size, room, (unsigned)random_next(&state->random));
}

void afl_custom_deinit(struct afl *state)
{
	free(state->data);
	free(state);
}
