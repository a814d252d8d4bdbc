/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Addresses and prefixes of both families, as values. Bytes are in network order. */
#include "lab/base/macros.h"

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum ip_family {
	IP_NONE,
	IP_V4,
	IP_V6
};

struct ip {
	uint8_t bytes[16];
	uint8_t family; /* enum ip_family; IP_NONE for "no address" */
};

struct prefix {
	struct ip addr;
	uint8_t len;
};

/* Large enough for any address or prefix as text, with its final NUL. */
#define IP_TEXT     46
#define PREFIX_TEXT 50

struct ip_text {
	char text[IP_TEXT];
};
struct prefix_text {
	char text[PREFIX_TEXT];
};

struct ip ip4(uint32_t host_order);
uint32_t ip_v4(struct ip ip); /* host order; 0 when it is not IPv4 */

/* False when `text` is not exactly one address. */
bool ip_parse(const char *text, struct ip *ret_ip) NODISCARD;
/* Address/length. The address may have bits set behind the length; see prefix_is_network. */
bool prefix_parse(const char *text, struct prefix *ret_prefix) NODISCARD;

/* By value, so that one printf can use several: printf("%s", ip_print(a).text). */
struct ip_text ip_print(struct ip ip);                 /* "" for IP_NONE */
struct prefix_text prefix_print(struct prefix prefix); /* "" for IP_NONE */

unsigned ip_bits(struct ip ip); /* 32, 128, or 0 */
struct ip ip_add(struct ip ip, uint64_t n);
/* b - a of two addresses of one family; UINT64_MAX when it is larger or b is before a. */
uint64_t ip_distance(struct ip a, struct ip b);

struct prefix prefix_of(struct ip ip, unsigned len); /* host bits cleared */
struct prefix prefix_host(struct ip ip);             /* /32 or /128 */
bool prefix_is_network(struct prefix prefix);        /* no bits set behind the length */
bool prefix_overlaps(struct prefix a, struct prefix b);
struct ip prefix_first(struct prefix prefix);
struct ip prefix_last(struct prefix prefix);

/* Tables of a million rows are made by what follows: it is compared in place. */

/* The first or last eight bytes as a number. */
static inline uint64_t ip_half(struct ip ip, unsigned half)
{
	uint64_t bytes;

	memcpy(&bytes, ip.bytes + half * sizeof(bytes), sizeof(bytes));
	return be64toh(bytes);
}

static inline bool ip_equal(struct ip a, struct ip b)
{
	return a.family == b.family && ip_half(a, 0) == ip_half(b, 0) &&
	       ip_half(a, 1) == ip_half(b, 1);
}

/* IPv4 first, then by value */
static inline int ip_compare(struct ip a, struct ip b)
{
	if (a.family != b.family)
		return a.family < b.family ? -1 : 1;
	for (unsigned half = 0; half < 2; half++) {
		uint64_t x = ip_half(a, half), y = ip_half(b, half);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

static inline bool prefix_equal(struct prefix a, struct prefix b)
{
	return a.len == b.len && ip_equal(a.addr, b.addr);
}

/* by family, address, then length */
static inline int prefix_compare(struct prefix a, struct prefix b)
{
	int order = ip_compare(a.addr, b.addr);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static inline bool prefix_has_ip(struct prefix prefix, struct ip ip)
{
	unsigned len = prefix.len;

	if (prefix.addr.family != ip.family)
		return false;
	if (len > 64 && ip_half(prefix.addr, 0) != ip_half(ip, 0))
		return false;
	if (!len)
		return true;
	return !((ip_half(prefix.addr, len > 64) ^ ip_half(ip, len > 64)) >>
		 (64 - (len > 64 ? len - 64 : len)));
}

/* equal, or inside */
static inline bool prefix_covers(struct prefix outer, struct prefix inner)
{
	return outer.len <= inner.len && prefix_has_ip(outer, inner.addr);
}
