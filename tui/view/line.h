/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* A line that is typed: UTF-8, edited as shells do. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_SIZE 240

struct line {
	char text[LINE_SIZE];
	size_t cursor; /* bytes before it */
};

/* The cursor goes behind it; what is too long is cut. */
void line_set(struct line *line, const char *text);
/* False when the key is none of an editor, or Backspace finds nothing to erase. */
bool line_key(struct line *line, uint32_t key);
/* Where the character behind `at` begins. */
size_t line_next(const char *text, size_t at);
