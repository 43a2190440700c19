/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * die_reader.h - the entries of .debug_info, as bytes
 *
 * libdw looks up the attributes of an entry one by one, each time from the entry's start. Whoever asks for all of them reads
 * them here, once, in their order. What is not read (64-bit DWARF, type units, strings by index, a form of later versions)
 * is no error: the caller asks libdw.
 */
#ifndef ELFDIFF_DIE_READER_H
#define ELFDIFF_DIE_READER_H

#include "elf/object.h"
#include "lines/internal.h"

enum die_value_kind {
	DIE_NUMBER, /* a flag, too */
	DIE_TEXT,
	DIE_REFERENCE, /* number: offset of an entry in .debug_info */
	DIE_BLOCK,     /* number: bytes at `block` */
	DIE_PLACE,     /* an address, or an offset into another section: not read */
};

struct die_attribute {
	uint16_t name, form; /* DW_AT_*, DW_FORM_* */
	uint8_t kind;        /* enum die_value_kind, by its form */
	uint8_t size;        /* bytes; 0: they tell themselves */
	int64_t constant;    /* of DW_FORM_implicit_const */
};

struct die_abbreviation {
	uint16_t tag; /* DW_TAG_*; 0: this code ends a list of entries */
	bool has_children;
	const struct die_attribute *attributes;
	uint32_t count;
};

struct die_value {
	enum die_value_kind kind;
	uint64_t number;
	const char *text;
	const uint8_t *block;
};

/* One compilation unit; offsets are in .debug_info. */
struct die_unit {
	uint64_t start, first, end; /* of its header, its first entry; behind its last */
	uint16_t version;
	uint8_t address_size;
	const struct die_abbreviation *abbreviations; /* by code, from 0 */
	uint32_t abbreviation_count;
};

struct die_reader {
	struct arena *a;
	struct cursor info;            /* .debug_info, with the offsets of strings filled in */
	struct cursor text, line_text; /* .debug_str, .debug_line_str: they end with a NUL, or are empty */
	VEC(struct die_unit) units;
};

/* False: there is none, or something in it is not read here. */
bool die_reader_open(struct arena *a, const struct object *o, struct die_reader *ret);

/* The abbreviation of the entry at `c`, which is then at its attributes; NULL: there is none, or an end of a list where `c` is not bad. */
const struct die_abbreviation *die_begin(const struct die_unit *u, struct cursor *c);

/* Reads one attribute's value. False: it is not read here, or lies outside. */
bool die_value_read(const struct die_reader *r, const struct die_unit *u, struct cursor *c,
		    const struct die_attribute *at, struct die_value *ret);

/* The unit that an offset lies in, behind its header, or NULL. */
const struct die_unit *die_unit_at(const struct die_reader *r, uint64_t offset);

#endif
