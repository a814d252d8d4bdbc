/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/base/utf8.h"

size_t utf8_put(uint32_t ch, char text[UTF8_SIZE])
{
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = ch < 0x80 ? 1 : ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4;

	for (size_t i = len; i-- > 1; ch >>= 6)
		text[i] = (char)(0x80 | (ch & 63));
	text[0] = (char)(first[len] | ch);
	text[len] = '\0';
	return len;
}

uint32_t utf8_next(const char **text)
{
	const unsigned char *t = (const unsigned char *)*text;
	unsigned more = t[0] >= 0xf0 ? 3 : t[0] >= 0xe0 ? 2 : t[0] >= 0xc2 ? 1 : 0;
	uint32_t ch = more == 3 ? t[0] & 7u : more == 2 ? t[0] & 15u : more ? t[0] & 31u : t[0];

	(*text)++;
	if (ch >= 0x80 && !more)
		return 0;
	for (unsigned i = 1; i <= more; i++) {
		if ((t[i] & 0xc0) != 0x80)
			return 0;
		ch = ch << 6 | (t[i] & 63u);
	}
	*text += more;
	return ch;
}
