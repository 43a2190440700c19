/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "graph/marks.h"

void mark(struct arena *a, struct marks *m, uint32_t section, uint64_t offset)
{
	if (offset < (uint64_t)1 << 40)
		*vec_push(a, &m->list) = (struct sort_key){ .key = mark_key(section, offset) };
}

void sort_marks(struct arena *a, struct marks *m)
{
	sort_keys(a, m->list.items, m->list.count);
}

uint32_t marks_up_to(const struct marks *m, uint32_t section, uint64_t offset)
{
	uint32_t low = 0, high = m->list.count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (m->list.items[mid].key <= mark_key(section, offset))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

uint64_t mark_before(const struct marks *m, const struct block *b, uint64_t offset)
{
	uint32_t n = marks_up_to(m, b->section, offset);
	uint64_t last = n ? m->list.items[n - 1].key : 0;

	return last > mark_key(b->section, b->start) ? last - mark_key(b->section, 0) : b->start;
}
