/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/daemon/vty_reply.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX_BYTES (64u << 20) /* some hundred thousand routes */
#define END_ZEROES     3

void vty_reply_fini(struct vty_reply *reply)
{
	free(reply->text);
	*reply = (struct vty_reply){ 0 };
}

void vty_reply_reset(struct vty_reply *reply)
{
	reply->len = 0;
	reply->zeroes = 0;
	reply->status = VTY_OK;
}

static void append(struct vty_reply *reply, const char *bytes, size_t len)
{
	if (reply->len + len + 1 > reply->capacity) {
		reply->capacity = (reply->len + len + 1) * 2;
		reply->text = realloc(reply->text, reply->capacity);
		if (!reply->text)
			abort();
	}
	memcpy(reply->text + reply->len, bytes, len);
	reply->len += len;
	reply->text[reply->len] = '\0';
}

enum vty_progress vty_reply_read(struct vty_reply *reply, const char **bytes, size_t *len)
{
	size_t count;

	if (!reply->zeroes) {
		count = strnlen(*bytes, *len);
		if (reply->len + count > TEXT_MAX_BYTES)
			return VTY_TOO_LONG;
		append(reply, *bytes, count);
		*bytes += count;
		*len -= count;
	}
	for (; *len && reply->zeroes < END_ZEROES; (*bytes)++, (*len)--) {
		if (**bytes)
			return VTY_TOO_LONG;
		reply->zeroes++;
	}
	if (!*len)
		return VTY_MORE;
	reply->status = (unsigned char)**bytes;
	(*bytes)++;
	(*len)--;
	return VTY_DONE;
}
