/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/base/text_file.h"

#include <stdlib.h>

FILE *text_open(struct text_file *file)
{
	*file = (struct text_file){ 0 };
	file->out = open_memstream(&file->text, &file->len);
	if (!file->out)
		abort();
	return file->out;
}

char *text_close(struct text_file *file)
{
	if (fclose(file->out))
		abort();
	return file->text;
}
