// SPDX-License-Identifier: GPL-2.0-or-later
/* json_report.c - the report that docs/report.schema.json describes */
#include "json.h"

#include <stdlib.h>

#include "memory.h"

const char *json_status_word(enum elfdiff_status s)
{
	static const char *const words[] = { "ok", "error", "refused", "unchanged" };

	return words[s];
}

void json_texts(struct json *j, const char *key, const char *const *texts, size_t count)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < count; i++)
		json_string(j, NULL, texts[i]);
	json_close(j, ']');
}

static void put_files(struct json *j, const struct options *o, enum elfdiff_status status)
{
	json_open(j, "files", '{');
	json_string(j, "original", o->orig);
	json_string(j, "patched", o->patched);
	json_string(j, "checked", o->check);
	json_string(j, "output", status == ELFDIFF_OK && !o->dry_run ? o->out : NULL);
	json_texts(j, "kernel_symbols", o->kernel_symbols, o->kernel_symbols_count);
	json_texts(j, "symvers", o->symvers, o->symvers_count);
	json_close(j, '}');
}

static void put_side(struct json *j, const char *key, bool has, uint64_t offset, const char *text)
{
	if (!has) {
		json_string(j, key, NULL);
		return;
	}
	json_open(j, key, '{');
	json_number(j, "offset", offset);
	json_string(j, "text", text);
	json_close(j, '}');
}

static void put_bytes(struct json *j, const char *key, const uint8_t *bytes, uint64_t size)
{
	char *text = memory_array(size * 2 + 1, 1);

	for (uint64_t i = 0; i < size; i++) {
		text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
	}
	json_string(j, key, text);
	free(text);
}

static void put_code_relocation(struct json *j, const struct elfdiff_code_relocation *r)
{
	json_open(j, NULL, '{');
	json_number(j, "offset", r->offset);
	json_number(j, "size", r->size);
	json_bool(j, "relative", r->relative);
	json_string(j, "type", r->type);
	json_string(j, "target", r->target);
	json_close(j, '}');
}

static void put_code_line(struct json *j, const struct elfdiff_code_line *l)
{
	json_open(j, NULL, '{');
	json_number(j, "offset", l->offset);
	json_string(j, "file", l->file);
	json_number(j, "line", l->line);
	json_close(j, '}');
}

static void put_code(struct json *j, const char *key, const struct elfdiff_code *c)
{
	if (!c) {
		json_string(j, key, NULL);
		return;
	}
	json_open(j, key, '{');
	put_bytes(j, "bytes", c->bytes, c->size);
	json_open(j, "relocations", '[');
	for (size_t i = 0; i < c->relocation_count; i++)
		put_code_relocation(j, &c->relocations[i]);
	json_close(j, ']');
	json_open(j, "lines", '[');
	for (size_t i = 0; i < c->line_count; i++)
		put_code_line(j, &c->lines[i]);
	json_close(j, ']');
	json_close(j, '}');
}

static void put_codes(struct json *j, const struct elfdiff_function *fn)
{
	if (!fn->code_count)
		return;
	json_open(j, "code", '[');
	for (size_t i = 0; i < fn->code_count; i++) {
		json_open(j, NULL, '{');
		json_string(j, "name", fn->code[i].name);
		put_code(j, "original", fn->code[i].orig);
		put_code(j, "patched", fn->code[i].patched);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void put_function(struct json *j, const struct elfdiff_function *fn)
{
	const struct elfdiff_evidence *e = &fn->evidence;

	json_open(j, NULL, '{');
	json_string(j, "name", fn->name);
	json_string(j, "section", fn->section);
	json_bool(j, "replaced", fn->replaced);
	json_bool(j, "by_kprobe", fn->by_kprobe);
	json_string(j, "reason", fn->reason);
	json_number(j, "original_size", fn->orig_size);
	json_number(j, "patched_size", fn->patched_size);
	json_number(j, "position", fn->position);
	json_open(j, "evidence", '{');
	json_string(j, "what", e->what);
	json_string(j, "origin", e->origin);
	put_side(j, "original", e->has_orig, e->orig_offset, e->orig_text);
	put_side(j, "patched", e->has_patched, e->patched_offset, e->patched_text);
	json_close(j, '}');
	put_codes(j, fn);
	json_close(j, '}');
}

static void put_item(struct json *j, const struct elfdiff_item *item)
{
	json_open(j, NULL, '{');
	json_string(j, "name", item->name);
	json_string(j, "section", item->section);
	json_string(j, "kind", elfdiff_kind_name(item->kind));
	json_string(j, "verdict", elfdiff_verdict_name(item->verdict));
	json_string(j, "reason", item->reason);
	json_number(j, "size", item->size);
	json_number_if(j, "parent", item->parent != ELFDIFF_NO_PARENT, item->parent);
	json_number_if(j, "parent_offset", item->has_parent_offset, item->parent_offset);
	json_close(j, '}');
}

static void put_reference(struct json *j, const struct elfdiff_reference *r)
{
	json_open(j, NULL, '{');
	json_string(j, "name", r->name);
	json_string(j, "how", elfdiff_how_name(r->how));
	json_string(j, "object", r->object);
	json_string(j, "when", r->when);
	json_number(j, "position", r->position);
	json_number(j, "item", r->item);
	json_number(j, "item_offset", r->item_offset);
	json_close(j, '}');
}

void json_diag(struct json *j, const struct elfdiff_diag *d)
{
	static const char *const severities[] = { "notice", "warning", "refusal", "failure" };

	json_open(j, NULL, '{');
	json_string(j, "severity", severities[d->severity]);
	json_string(j, "id", d->id);
	json_string(j, "message", d->message);
	json_string(j, "object", d->object);
	json_string(j, "section", d->section);
	json_string(j, "symbol", d->symbol);
	json_number_if(j, "offset", d->has_offset, d->offset);
	json_string(j, "cause", d->cause);
	json_string(j, "hint", d->hint);
	json_string(j, "origin", d->origin);
	json_string(j, "stub", d->stub);
	json_close(j, '}');
}

void json_results(struct json *j, const struct elfdiff *run)
{
	json_string(j, "architecture", elfdiff_architecture(run));
	json_open(j, "functions", '[');
	for (size_t i = 0; i < elfdiff_function_count(run); i++)
		put_function(j, elfdiff_function(run, i));
	json_close(j, ']');
	json_open(j, "items", '[');
	for (size_t i = 0; i < elfdiff_item_count(run); i++)
		put_item(j, elfdiff_item(run, i));
	json_close(j, ']');
	json_open(j, "references", '[');
	for (size_t i = 0; i < elfdiff_reference_count(run); i++)
		put_reference(j, elfdiff_reference(run, i));
	json_close(j, ']');
}

void json_report(FILE *f, const void *arg)
{
	const struct json_run *report = arg;
	const struct options *o = report->options;
	const struct elfdiff *run = report->run;
	enum elfdiff_status status = report->status;
	struct json j = { .f = f };

	json_open(&j, NULL, '{');
	json_number(&j, "schema", 1);
	json_string(&j, "version", elfdiff_version());
	json_string(&j, "status", json_status_word(status));
	json_number(&j, "exit_status", status);
	json_bool(&j, "dry_run", o->dry_run);
	json_string(&j, "object", elfdiff_object_name(run));
	json_string(&j, "form", o->check ? NULL : options_form_name(o->form));
	put_files(&j, o, status);
	json_results(&j, run);
	json_open(&j, "diagnostics", '[');
	for (size_t i = 0; i < elfdiff_diag_count(run); i++)
		json_diag(&j, elfdiff_diag(run, i));
	json_close(&j, ']');
	json_close(&j, '}');
}
