/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Addresses and prefixes of both families, as values. Bytes are in network order. */
#include "lab/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ip_family {
	IP_NONE,
	IP_V4,
	IP_V6
};

struct ip {
	uint8_t family; /* enum ip_family; IP_NONE for "no address" */
	uint8_t bytes[16];
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
bool ip_equal(struct ip a, struct ip b);
int ip_compare(struct ip a, struct ip b); /* IPv4 first, then by value */
struct ip ip_add(struct ip ip, uint64_t n);
/* b - a of two addresses of one family; UINT64_MAX when it is larger or b is before a. */
uint64_t ip_distance(struct ip a, struct ip b);

struct prefix prefix_of(struct ip ip, unsigned len); /* host bits cleared */
struct prefix prefix_host(struct ip ip);             /* /32 or /128 */
bool prefix_is_network(struct prefix prefix);        /* no bits set behind the length */
bool prefix_equal(struct prefix a, struct prefix b);
int prefix_compare(struct prefix a, struct prefix b); /* by family, address, then length */
bool prefix_has_ip(struct prefix prefix, struct ip ip);
bool prefix_covers(struct prefix outer, struct prefix inner); /* equal, or inside */
bool prefix_overlaps(struct prefix a, struct prefix b);
struct ip prefix_first(struct prefix prefix);
struct ip prefix_last(struct prefix prefix);
