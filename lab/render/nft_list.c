/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/nft_list.h"

#include <stdarg.h>

#define ELEMENTS_AT_ONCE 1000

struct nft_list nft_list_begin(FILE *out, const char *name, const char *type, bool has_lines)
{
	struct nft_list list = { .out = out, .has_lines = has_lines };

	(void)snprintf(list.head, sizeof(list.head), "\t%s {\n\t\t%s\n", name, type);
	(void)fputs(list.head, out);
	return list;
}

static void end_elements(const struct nft_list *list)
{
	(void)fputs(list->has_lines ? "\n\t\t}\n" : " }\n", list->out);
}

void nft_list_next(struct nft_list *list)
{
	bool is_first = list->count++ % ELEMENTS_AT_ONCE == 0;

	if (is_first && list->count > 1) {
		end_elements(list);
		(void)fprintf(list->out, "\t}\n%s", list->head);
	}
	if (is_first)
		(void)fputs("\t\telements = {", list->out);
	else
		(void)fputc(',', list->out);
	(void)fputs(list->has_lines ? "\n\t\t\t" : " ", list->out);
}

void nft_list_add(struct nft_list *list, const char *fmt, ...)
{
	va_list args;

	nft_list_next(list);
	va_start(args, fmt);
	(void)vfprintf(list->out, fmt, args);
	va_end(args);
}

void nft_list_end(const struct nft_list *list)
{
	if (list->count)
		end_elements(list);
	(void)fputs("\t}\n", list->out);
}
