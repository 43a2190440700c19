/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check_extent.c - where the records of a section lie: between symbols, or up to a closing word of zeros */
#include "check_spec.h"

#define MARKERS(from, to)                                                                                              \
	s.callback_markers.name = "kpatch_pre_patch", s.callback_markers.start = from, s.callback_markers.end = to
FINE(tail, s.callback_tail = 8)
FINE(tail_alone, s.callback_tail = 8; s.no_callback = true)
RULE(tail_odd, REFUSAL, "record-size", s.callback_tail = 4)
RULE(tail_filled, REFUSAL, "record-outside", s.callback_tail = 8; s.callback_filling = 1)
RULE(tail_of_functions, REFUSAL, "record-size", s.record_cut = 48)
FINE(markers, MARKERS(0, 16); s.callback_tail = 8)
FINE(markers_of_kpatch, MARKERS(0, 16); s.callback_markers.name = "__kpatch_callbacks_pre_patch"; s.callback_tail = 8)
FINE(markers_long_tail, MARKERS(0, 16); s.callback_tail = 24)
FINE(markers_later, MARKERS(8, 24); s.callback_before = 8)
FINE(markers_of_none, MARKERS(0, 0); s.no_callback = true; s.callback_tail = 8)
RULE(markers_backwards, REFUSAL, "record-markers", MARKERS(16, 0))
RULE(markers_odd, REFUSAL, "record-size", MARKERS(0, 8))
RULE(markers_before, REFUSAL, "record-outside", MARKERS(16, 32); s.callback_tail = 16)
RULE(markers_filled, REFUSAL, "record-outside", MARKERS(0, 16); s.callback_tail = 8; s.callback_filling = 1)
RULE(markers_start_alone, REFUSAL, "record-size", s.callback_tail = 4; s.callback_markers.name = "kpatch_pre_patch_end";
     s.callback_markers.end = 16)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tail),
		TEST(tail_alone),
		TEST(tail_odd),
		TEST(tail_filled),
		TEST(tail_of_functions),
		TEST(markers),
		TEST(markers_of_kpatch),
		TEST(markers_long_tail),
		TEST(markers_later),
		TEST(markers_of_none),
		TEST(markers_backwards),
		TEST(markers_odd),
		TEST(markers_before),
		TEST(markers_filled),
		TEST(markers_start_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
