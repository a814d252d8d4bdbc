/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Text that is printed as into a file, and is in memory then. Out of memory ends the program. */
#include <stdio.h>

struct text_file {
	FILE *out;
	char *text; /* after text_close */
	size_t len;
};

/* Borrowed until text_close, which ends it. */
FILE *text_open(struct text_file *file);
/* The text; the caller frees it. */
char *text_close(struct text_file *file);
