/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/frame.h"

#include <assert.h>
#include <string.h>

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

void frame_send(struct loop_stream *port, enum frame_type type, enum frame_lane lane,
		uint32_t channel, const void *payload, size_t len)
{
	uint8_t header[FRAME_HEADER_SIZE] = { (uint8_t)type, (uint8_t)lane };

	assert(len <= FRAME_PAYLOAD_MAX);
	put16(header + 2, (uint32_t)len);
	put16(header + 4, channel);
	put16(header + 6, channel >> 16);
	loop_stream_write(port, header, sizeof(header));
	if (len)
		loop_stream_write(port, payload, len);
}

void frame_greet(struct loop_stream *port, uint64_t nonce)
{
	static const uint8_t padding[FRAME_HEADER_SIZE + FRAME_PAYLOAD_MAX];
	struct frame_hello hello = { .version = FRAME_VERSION, .nonce = nonce };

	memcpy(hello.magic, FRAME_MAGIC, sizeof(hello.magic));
	loop_stream_write(port, padding, sizeof(padding));
	frame_send(port, FRAME_HELLO, FRAME_LANE_IN, 0, &hello, sizeof(hello));
}
