// SPDX-License-Identifier: GPL-2.0-or-later
#include "align.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* A byte each: of two functions of 8000 instructions that have nothing in common. */
enum { CELLS_MOST = 64 << 20 };

enum { BESIDE, ONLY_A, ONLY_B };

/* What is best from each pair of places on, from the end; `length` has two rows. */
static void fill(const char *const *a, size_t n, const char *const *b, size_t m, uint8_t *way)
{
	uint32_t *length = memory_array(2 * (m + 1), sizeof(*length));

	for (size_t i = n; i-- > 0;) {
		uint32_t *row = length + (i & 1) * (m + 1), *below = length + (~i & 1) * (m + 1);

		row[m] = 0;
		for (size_t k = m; k-- > 0;) {
			bool same = !strcmp(a[i], b[k]);

			row[k] = same ? below[k + 1] + 1 : below[k] >= row[k + 1] ? below[k] : row[k + 1];
			way[i * m + k] = same ? BESIDE : below[k] >= row[k + 1] ? ONLY_A : ONLY_B;
		}
	}
	free(length);
}

static void follow(const uint8_t *way, size_t n, size_t m, size_t first, size_t *of_a)
{
	for (size_t i = 0, k = 0; i < n && k < m;) {
		switch (way[i * m + k]) {
		case BESIDE:
			of_a[i++] = first + k++;
			break;
		case ONLY_A:
			i++;
			break;
		default:
			k++;
		}
	}
}

bool align(const char *const *a, size_t a_count, const char *const *b, size_t b_count, size_t *of_a)
{
	size_t first = 0, last = 0, n, m;
	uint8_t *way;

	for (size_t i = 0; i < a_count; i++)
		of_a[i] = ALIGN_NONE;
	for (; first < a_count && first < b_count && !strcmp(a[first], b[first]); first++)
		of_a[first] = first;
	for (;
	     first + last < a_count && first + last < b_count && !strcmp(a[a_count - 1 - last], b[b_count - 1 - last]);
	     last++)
		of_a[a_count - 1 - last] = b_count - 1 - last;
	n = a_count - first - last;
	m = b_count - first - last;
	if (!n || !m)
		return true;
	if (n > CELLS_MOST / m)
		return false;
	way = memory_array(n * m, 1);
	fill(a + first, n, b + first, m, way);
	follow(way, n, m, first, of_a + first);
	free(way);
	return true;
}
