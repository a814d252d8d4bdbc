/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that a guest says to its supervisor: refused, or frames that are the same in any pieces. */
#include "netns/guest/frame.h"
#include "tests/fuzz/fuzz.h"

struct sum {
	size_t frames, bytes;
	uint32_t hash;
};

static void mix(struct sum *sum, uint32_t value)
{
	sum->hash = sum->hash * 31 + value;
}

static bool take(void *arg, const struct frame *frame)
{
	struct frame_fetched fetched;
	struct frame_echoed echoed;
	struct sum *sum = arg;
	uint32_t version;
	uint64_t nonce;

	assert(frame->type > FRAME_PAD && frame->type < FRAME_TYPES);
	assert(frame->lane < FRAME_LANES && frame->len <= FRAME_PAYLOAD_MAX);
	for (uint32_t i = 0; i < frame->len; i++)
		mix(sum, frame->payload[i]);
	mix(sum, (uint32_t)frame->type);
	mix(sum, (uint32_t)frame->lane);
	mix(sum, frame->channel);
	sum->frames++;
	sum->bytes += FRAME_HEADER_SIZE + frame->len;
	assert(frame_take(frame, &fetched, sizeof(fetched)) == (frame->len == sizeof(fetched)));
	assert(frame_take(frame, &echoed, sizeof(echoed)) == (frame->len == sizeof(echoed)));
	assert(!frame_take_hello(frame, &nonce, &version) || version == FRAME_VERSION);
	return frame->type != FRAME_CLOSE; /* what only a supervisor says */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame_decoder decoder = { 0 };
	struct sum whole = { 0 }, pieces = { 0 };
	bool is_good = frame_decode(&decoder, data, size, take, &whole), is_good_so_far = true;
	size_t left = decoder.count, step = size ? 1 + data[0] % 13u : 1;

	assert(whole.bytes <= size && decoder.count <= sizeof(decoder.bytes));
	memset(&decoder, 0, sizeof(decoder));
	for (size_t at = 0; at < size && is_good_so_far; at += step)
		is_good_so_far = frame_decode(&decoder, data + at,
					      step < size - at ? step : size - at, take, &pieces);
	assert(is_good == is_good_so_far && decoder.count == left);
	assert(whole.frames == pieces.frames && whole.hash == pieces.hash);
	return 0;
}
