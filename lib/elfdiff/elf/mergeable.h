/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mergeable.h - sections of strings and numbers that a linker may merge one by one */
#ifndef ELFDIFF_MERGEABLE_H
#define ELFDIFF_MERGEABLE_H

#include "elf/labels.h"

/* No symbol says that several of its strings or numbers are one thing. */
bool section_is_mergeable(const struct object *o, const struct labels *l, uint32_t section);

#endif
