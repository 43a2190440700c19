/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mutations.h - what the mutations of one object share */
#ifndef MUTATIONS_H
#define MUTATIONS_H

#include "elf_mutate.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* elf_pick.c */
uint32_t any_section(const struct elf *e, struct random *r);
uint32_t section_of_type(const struct elf *e, struct random *r, uint64_t type); /* 0: there is none */
/* A section that the tool knows by its name, if there is one. */
uint32_t special_section(const struct elf *e, struct random *r);
/* Where a record of the section is, or 0. */
uint64_t any_record(const struct elf *e, struct random *r, uint32_t section, uint32_t record);
/* An odd number takes the place of the field's. */
void change(struct elf *e, struct random *r, uint64_t at, struct field f);

void mutate_names_offset(struct elf *e, struct random *r);
void mutate_section_name(struct elf *e, struct random *r);
void mutate_symbol_name(struct elf *e, struct random *r);
void mutate_group(struct elf *e, struct random *r);
void mutate_compressed(struct elf *e, struct random *r);

#endif
