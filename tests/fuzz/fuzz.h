/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What libFuzzer calls, and what replays the inputs that were kept. Ends the process by an
 * assertion when something does not hold. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The text up to the next NUL, to be freed; what is behind it is left. */
static inline char *fuzz_take_text(const uint8_t **data, size_t *size)
{
	size_t len = strnlen((const char *)*data, *size), used = len < *size ? len + 1 : len;
	char *text = calloc(1, len + 1);

	assert(text);
	memcpy(text, *data, len);
	*data += used;
	*size -= used;
	return text;
}
