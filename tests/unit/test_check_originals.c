/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check_originals.c - the rules about .kpatch.original */
#include "check_spec.h"

#define ORIGINALS(text)                                                                                                \
	s.record[0].old_size = 3;                                                                                      \
	s.originals = (text)
#define TWICE "1 ext4 twice 2 0 - nobody knows\n"
FINE(originals, ORIGINALS("1 vmlinux hidden 0 3 90??a?\n" TWICE))
FINE(originals_other_order, ORIGINALS(TWICE "1 vmlinux hidden 0 3 90??a?\n"))
FINE(originals_in_part, ORIGINALS("1 vmlinux hidden 0 3 90??a?\n" TWICE); s.unfinished = true; s.modinfo = NULL)
FINE(originals_big_endian, ORIGINALS("1 vmlinux hidden 0 3 90??a?\n" TWICE); s.big_endian = true)
RULE(originals_missing, REFUSAL, "original-record", ORIGINALS(TWICE))
RULE(originals_none, REFUSAL, "original-record", ORIGINALS(""))
RULE(originals_double, REFUSAL, "original-record", ORIGINALS(TWICE TWICE "1 vmlinux hidden 0 3 90??a?\n"))
RULE(originals_other_name, REFUSAL, "original-record", ORIGINALS("1 vmlinux other 0 3 90??a?\n" TWICE))
RULE(originals_other_object, REFUSAL, "original-record", ORIGINALS("1 ext4 hidden 0 3 90??a?\n" TWICE))
RULE(originals_other_position, REFUSAL, "original-record", ORIGINALS("1 vmlinux hidden 1 3 90??a?\n" TWICE))
RULE(originals_other_size, REFUSAL, "original-record", ORIGINALS("1 vmlinux hidden 0 2 90??\n" TWICE))
RULE(originals_short, REFUSAL, "original-record", ORIGINALS("1 vmlinux hidden 0 3 90??\n" TWICE))
RULE(originals_odd, REFUSAL, "original-record", ORIGINALS("1 vmlinux hidden 0 3 90??a?0\n" TWICE))
RULE(originals_no_hex, REFUSAL, "original-record", ORIGINALS("1 vmlinux hidden 0 3 90??aG\n" TWICE))
RULE(originals_capitals, REFUSAL, "original-record", ORIGINALS("1 vmlinux hidden 0 3 90??A?\n" TWICE))
RULE(originals_version, REFUSAL, "original-record", ORIGINALS("2 vmlinux hidden 0 3 90??a?\n" TWICE))
RULE(originals_words, REFUSAL, "original-record", ORIGINALS("1 vmlinux hidden\n" TWICE))
RULE(originals_no_end, REFUSAL, "original-record", ORIGINALS(TWICE "1 vmlinux hidden 0 3 90??a?"))
RULE(originals_no_reason, REFUSAL, "original-record", ORIGINALS("1 vmlinux hidden 0 3 - \n" TWICE))
RULE(originals_loaded, REFUSAL, "original-record", ORIGINALS("1 vmlinux hidden 0 3 90??a?\n" TWICE);
     s.originals_flags = SHF_ALLOC)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(originals),
		TEST(originals_other_order),
		TEST(originals_in_part),
		TEST(originals_big_endian),
		TEST(originals_missing),
		TEST(originals_none),
		TEST(originals_double),
		TEST(originals_other_name),
		TEST(originals_other_object),
		TEST(originals_other_position),
		TEST(originals_other_size),
		TEST(originals_short),
		TEST(originals_odd),
		TEST(originals_no_hex),
		TEST(originals_capitals),
		TEST(originals_version),
		TEST(originals_words),
		TEST(originals_no_end),
		TEST(originals_no_reason),
		TEST(originals_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
