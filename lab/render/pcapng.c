/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/pcapng.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK_INTERFACE = 1,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BLOCK_SECTION = 0x0a0d0d0a,
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define LENGTH_UNKNOWN   UINT64_MAX
#define TEXT_MAX         UINT16_MAX

enum { /* in every kind of block */
	OPTION_END = 0,
	OPTION_COMMENT = 1,
};

enum {
	SECTION_OS = 3,
	SECTION_PROGRAM = 4,
	INTERFACE_NAME = 2,
	INTERFACE_DESCRIPTION = 3,
	INTERFACE_TIME_RESOLUTION = 9,
	INTERFACE_FILTER = 11,
	PACKET_FLAGS = 2,
	STATISTICS_START = 2,
	STATISTICS_END = 3,
	STATISTICS_RECEIVED = 4,
	STATISTICS_DROPPED = 5,
};

#define NANOSECONDS     9 /* a negative power of ten */
#define FILTER_IS_TEXT  0
#define RECEPTION_SHIFT 2

void pcapng_fini(struct pcapng *file)
{
	free(file->bytes);
	*file = (struct pcapng){ 0 };
}

static void put(struct pcapng *f, const void *bytes, size_t len)
{
	if (f->len + len > f->capacity) {
		f->capacity = (f->len + len) * 2;
		f->bytes = realloc(f->bytes, f->capacity);
		if (!f->bytes)
			abort();
	}
	if (len)
		memcpy(f->bytes + f->len, bytes, len);
	f->len += len;
}

static void put16(struct pcapng *f, uint16_t value)
{
	put(f, (uint8_t[]){ (uint8_t)value, (uint8_t)(value >> 8) }, 2);
}

static void put32(struct pcapng *f, uint32_t value)
{
	put16(f, (uint16_t)value);
	put16(f, (uint16_t)(value >> 16));
}

/* Times are two words, the upper one first, whatever the byte order. */
static void put_time(struct pcapng *f, uint64_t time_ns)
{
	put32(f, (uint32_t)(time_ns >> 32));
	put32(f, (uint32_t)time_ns);
}

static void put64(struct pcapng *f, uint64_t value)
{
	put32(f, (uint32_t)value);
	put32(f, (uint32_t)(value >> 32));
}

static void pad(struct pcapng *f)
{
	static const uint8_t zeros[3];

	put(f, zeros, -f->len & 3);
}

/* ---- blocks and options ---- */

/* Where it begins; its length is filled in at its end. */
static size_t begin(struct pcapng *f, uint32_t type)
{
	size_t at = f->len;

	assert(at % 4 == 0);
	put32(f, type);
	put32(f, 0);
	return at;
}

static void end(struct pcapng *f, size_t at)
{
	size_t len = f->len - at + 4;
	uint32_t size = (uint32_t)len;

	assert(len <= UINT32_MAX);
	put32(f, size);
	memcpy(f->bytes + at + 4, f->bytes + f->len - 4, 4);
}

static void begin_option(struct pcapng *f, uint16_t code, size_t len)
{
	put16(f, code);
	put16(f, (uint16_t)len);
}

static void put_text(struct pcapng *f, uint16_t code, const char *text)
{
	size_t len = text ? strnlen(text, TEXT_MAX) : 0;

	if (!text)
		return;
	begin_option(f, code, len);
	put(f, text, len);
	pad(f);
}

static void put_filter(struct pcapng *f, const char *text)
{
	const uint8_t kind = FILTER_IS_TEXT;
	size_t len = text ? strnlen(text, TEXT_MAX - 1) : 0;

	if (!text)
		return;
	begin_option(f, INTERFACE_FILTER, len + 1);
	put(f, &kind, 1);
	put(f, text, len);
	pad(f);
}

/* ---- each kind ---- */

void pcapng_put_section(struct pcapng *f, const char *program, const char *comment)
{
	size_t at = begin(f, BLOCK_SECTION);

	put32(f, BYTE_ORDER_MAGIC);
	put16(f, 1); /* version 1.0 */
	put16(f, 0);
	put64(f, LENGTH_UNKNOWN);
	put_text(f, OPTION_COMMENT, comment);
	put_text(f, SECTION_OS, "Linux");
	put_text(f, SECTION_PROGRAM, program);
	begin_option(f, OPTION_END, 0);
	end(f, at);
}

void pcapng_put_interface(struct pcapng *f, const struct pcapng_interface *interface)
{
	const uint8_t resolution = NANOSECONDS;
	size_t at = begin(f, BLOCK_INTERFACE);

	put16(f, interface->link);
	put16(f, 0);
	put32(f, interface->snaplen);
	put_text(f, OPTION_COMMENT, interface->comment);
	put_text(f, INTERFACE_NAME, interface->name);
	put_text(f, INTERFACE_DESCRIPTION, interface->description);
	begin_option(f, INTERFACE_TIME_RESOLUTION, 1);
	put(f, &resolution, 1);
	pad(f);
	put_filter(f, interface->filter);
	begin_option(f, OPTION_END, 0);
	end(f, at);
}

void pcapng_put_packet(struct pcapng *f, const struct pcapng_packet *packet)
{
	size_t at = begin(f, BLOCK_PACKET);

	put32(f, packet->interface);
	put_time(f, packet->time_ns);
	put32(f, packet->captured);
	put32(f, packet->length);
	put(f, packet->bytes, packet->captured);
	pad(f);
	begin_option(f, PACKET_FLAGS, 4);
	put32(f, (uint32_t)packet->direction | (uint32_t)packet->reception << RECEPTION_SHIFT);
	begin_option(f, OPTION_END, 0);
	end(f, at);
}

static void put_count(struct pcapng *f, uint16_t code, uint64_t count)
{
	begin_option(f, code, 8);
	put64(f, count);
}

void pcapng_put_statistics(struct pcapng *f, const struct pcapng_statistics *statistics)
{
	size_t at = begin(f, BLOCK_STATISTICS);

	put32(f, statistics->interface);
	put_time(f, statistics->end_ns);
	begin_option(f, STATISTICS_START, 8);
	put_time(f, statistics->start_ns);
	begin_option(f, STATISTICS_END, 8);
	put_time(f, statistics->end_ns);
	put_count(f, STATISTICS_RECEIVED, statistics->received);
	put_count(f, STATISTICS_DROPPED, statistics->dropped);
	begin_option(f, OPTION_END, 0);
	end(f, at);
}

static uint32_t read32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

size_t pcapng_whole(const uint8_t *bytes, size_t len)
{
	size_t at = 0, size;

	while (len - at >= 8) {
		size = read32(bytes + at + 4);
		if (size < 12 || size > len - at)
			break;
		at += size;
	}
	return at;
}
