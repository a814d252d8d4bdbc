/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/frame.h"

#include <string.h>

static uint32_t get16(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8;
}

/* Where the frame that begins at `bytes` ends; 0 when that is not known yet, -1 when it is none. */
static long find_end(const uint8_t *bytes, size_t count)
{
	uint32_t len;

	if (count && (bytes[0] >= FRAME_TYPES || bytes[0] == FRAME_PAD))
		return bytes[0] == FRAME_PAD ? 1 : -1;
	if (count < FRAME_HEADER_SIZE)
		return 0;
	len = get16(bytes + 2);
	if (bytes[1] >= FRAME_LANES || len > FRAME_PAYLOAD_MAX)
		return -1;
	return count < FRAME_HEADER_SIZE + len ? 0 : (long)(FRAME_HEADER_SIZE + len);
}

static bool deliver(const uint8_t *bytes, long end, frame_fn *fn, void *arg)
{
	struct frame frame;

	if (bytes[0] == FRAME_PAD)
		return true;
	frame = (struct frame){ .type = (enum frame_type)bytes[0],
				.lane = (enum frame_lane)bytes[1],
				.channel = get16(bytes + 4) | get16(bytes + 6) << 16,
				.len = (uint32_t)end - FRAME_HEADER_SIZE,
				.payload = bytes + FRAME_HEADER_SIZE };
	return fn(arg, &frame);
}

bool frame_decode(struct frame_decoder *d, const void *bytes, size_t len, frame_fn *fn, void *arg)
{
	const uint8_t *from = bytes;

	while (len) {
		size_t used = 0, more = sizeof(d->bytes) - d->count;
		long end;

		more = more < len ? more : len;
		memcpy(d->bytes + d->count, from, more);
		d->count += more;
		from += more;
		len -= more;
		while (used < d->count && (end = find_end(d->bytes + used, d->count - used))) {
			if (end < 0 || !deliver(d->bytes + used, end, fn, arg)) {
				d->count = 0;
				return false;
			}
			used += (size_t)end;
		}
		d->count -= used; /* a whole frame has room, so something was used or more fits */
		memmove(d->bytes, d->bytes + used, d->count);
	}
	return true;
}

bool frame_take(const struct frame *frame, void *ret_payload, size_t size)
{
	if (frame->len != size)
		return false;
	memcpy(ret_payload, frame->payload, size);
	return true;
}

bool frame_take_hello(const struct frame *frame, uint64_t *ret_nonce, uint32_t *ret_version)
{
	struct frame_hello hello;

	*ret_version = 0;
	if (frame->type != FRAME_HELLO || !frame_take(frame, &hello, sizeof(hello)) ||
	    memcmp(hello.magic, FRAME_MAGIC, sizeof(hello.magic)) != 0)
		return false;
	*ret_version = hello.version;
	*ret_nonce = hello.nonce;
	return hello.version == FRAME_VERSION;
}
