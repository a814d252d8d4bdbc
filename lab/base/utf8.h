/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Characters as UTF-8. */
#include <stddef.h>
#include <stdint.h>

#define UTF8_SIZE 5 /* bytes of a character, and their end */

/* Returns how many bytes it has, without their end. */
size_t utf8_put(uint32_t ch, char text[UTF8_SIZE]);
/*
 * The first character of a text that is not empty; *text is behind it then. 0, and one byte
 * further, when it is malformed.
 */
uint32_t utf8_next(const char **text);
