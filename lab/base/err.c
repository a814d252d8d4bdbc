/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static PRINTF(4, 0) int err_vset(struct err *err, struct src_pos pos, int code, const char *fmt,
				 va_list args)
{
	if (!err)
		return code;
	if (err->code)
		return err->code;
	err->code = code;
	err->pos = pos;
	(void)vsnprintf(err->text, sizeof(err->text), fmt, args);
	return code;
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	code = err_vset(err, (struct src_pos){ 0 }, code, fmt, args);
	va_end(args);
	return code;
}

int err_at(struct err *err, struct src_pos pos, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	code = err_vset(err, pos, code, fmt, args);
	va_end(args);
	return code;
}

int err_in(struct err *err, const char *fmt, ...)
{
	char cause[sizeof(err->text)];
	va_list args;
	size_t len;

	if (!err)
		return 0;
	memcpy(cause, err->text, sizeof(cause));
	va_start(args, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	len = strlen(err->text);
	(void)snprintf(err->text + len, sizeof(err->text) - len, ": %.*s",
		       (int)(sizeof(err->text) - len), cause);
	return err->code;
}
