/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/base/shell.h"

#include <string.h>

const char *shell_quote(const char *word, struct arena *arena)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789._/:=,@%+-";
	const char *out = "'";

	if (*word && strspn(word, plain) == strlen(word))
		return word;
	while (*word) {
		size_t len = strcspn(word, "'");

		out = arena_printf(arena, "%s%.*s%s", out, (int)len, word,
				   word[len] ? "'\\''" : "");
		word += len + (word[len] != '\0');
	}
	return arena_printf(arena, "%s'", out);
}
