/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Bytes of messages in network order, and the messages of both versions. For dhcp*.c alone. */
#include "lab/render/dhcp.h"

/* Nothing passes the end of the buffer: what has no room makes it full, and it is not sent. */
struct bytes_out {
	uint8_t *bytes;
	size_t size, capacity;
	bool is_full;
};

static inline void put_bytes(struct bytes_out *out, const void *bytes, size_t size)
{
	out->is_full |= size > out->capacity - out->size;
	if (out->is_full)
		return;
	if (size)
		memcpy(out->bytes + out->size, bytes, size);
	out->size += size;
}

static inline void put_zeros(struct bytes_out *out, size_t size)
{
	static const uint8_t zeros[256];

	for (; size > sizeof(zeros); size -= sizeof(zeros))
		put_bytes(out, zeros, sizeof(zeros));
	put_bytes(out, zeros, size);
}

static inline void put8(struct bytes_out *out, unsigned value)
{
	const uint8_t byte = (uint8_t)value;

	put_bytes(out, &byte, 1);
}

static inline void put16(struct bytes_out *out, unsigned value)
{
	put8(out, value >> 8);
	put8(out, value);
}

static inline void put32(struct bytes_out *out, uint32_t value)
{
	put16(out, value >> 16);
	put16(out, value & 0xffff);
}

static inline void put_ip(struct bytes_out *out, struct ip ip)
{
	put_bytes(out, ip.bytes, ip_bits(ip) / 8);
}

static inline unsigned get16(const uint8_t *bytes)
{
	return (unsigned)bytes[0] << 8 | bytes[1];
}

static inline uint32_t get32(const uint8_t *bytes)
{
	return (uint32_t)get16(bytes) << 16 | get16(bytes + 2);
}

#define LEASE_FOR_EVER UINT32_MAX /* seconds, as both versions write it */

/* Where a message of DHCP goes. */
struct dhcp4_way {
	uint32_t to; /* host order; UINT32_MAX: to all on the link */
};

/* What both write: the message behind the heads of UDP. DHCP_NOTHING when there is no answer. */
enum dhcp_told dhcp4_answer(const struct dhcp_lease *lease, const uint8_t *message, size_t size,
			    struct bytes_out *out, struct dhcp4_way *ret_way);
enum dhcp_told dhcp6_answer(const struct dhcp_lease *lease, const uint8_t *message, size_t size,
			    struct bytes_out *out);
