// SPDX-License-Identifier: GPL-2.0-or-later
#include "reports.h"

#include "page.h"

bool reports_open(struct reports *r, const struct options *o)
{
	return (!o->json || json_file_open(&r->json, o->json)) && (!o->report || json_file_open(&r->page, o->report));
}

bool reports_try(struct reports *r, json_document put, const void *arg)
{
	return json_file_try(&r->json, put, arg) &&
	       json_file_try(&r->page, page_of_run, &(struct page_run){ put, arg, &r->steps });
}

bool reports_finish(struct reports *r, json_document put, const void *arg)
{
	steps_next(&r->steps, NULL);
	return json_file_finish(&r->json, put, arg) &&
	       json_file_finish(&r->page, page_of_run, &(struct page_run){ put, arg, &r->steps });
}

void reports_discard(struct reports *r)
{
	json_file_discard(&r->json);
	json_file_discard(&r->page);
}
