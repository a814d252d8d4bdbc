/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/base/ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ip ip4(uint32_t host_order)
{
	struct ip ip = { .family = IP_V4 };
	uint32_t wire = htonl(host_order);

	memcpy(ip.bytes, &wire, sizeof(wire));
	return ip;
}

uint32_t ip_v4(struct ip ip)
{
	uint32_t wire;

	if (ip.family != IP_V4)
		return 0;
	memcpy(&wire, ip.bytes, sizeof(wire));
	return ntohl(wire);
}

bool ip_parse(const char *text, struct ip *ret_ip)
{
	struct ip ip = { 0 };

	if (inet_pton(AF_INET, text, ip.bytes) == 1)
		ip.family = IP_V4;
	else if (inet_pton(AF_INET6, text, ip.bytes) == 1)
		ip.family = IP_V6;
	else
		return false;
	*ret_ip = ip;
	return true;
}

bool prefix_parse(const char *text, struct prefix *ret_prefix)
{
	char address[IP_TEXT];
	struct prefix prefix;
	const char *slash = strchr(text, '/');
	size_t digits;
	unsigned long len;

	if (!slash || (size_t)(slash - text) >= sizeof(address))
		return false;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	digits = strspn(slash + 1, "0123456789");
	if (!digits || digits > 3 || slash[1 + digits] || (digits > 1 && slash[1] == '0'))
		return false;
	len = strtoul(slash + 1, NULL, 10);
	if (!ip_parse(address, &prefix.addr) || len > ip_bits(prefix.addr))
		return false;
	prefix.len = (uint8_t)len;
	*ret_prefix = prefix;
	return true;
}

struct ip_text ip_print(struct ip ip)
{
	struct ip_text out = { "" };

	if (ip.family != IP_NONE)
		(void)inet_ntop(ip.family == IP_V4 ? AF_INET : AF_INET6, ip.bytes, out.text,
				sizeof(out.text));
	return out;
}

struct prefix_text prefix_print(struct prefix prefix)
{
	struct prefix_text out = { "" };

	if (prefix.addr.family != IP_NONE)
		(void)snprintf(out.text, sizeof(out.text), "%s/%u", ip_print(prefix.addr).text,
			       prefix.len);
	return out;
}

unsigned ip_bits(struct ip ip)
{
	return ip.family == IP_V4 ? 32 : ip.family == IP_V6 ? 128 : 0;
}

struct ip ip_add(struct ip ip, uint64_t n)
{
	for (int i = (int)(ip_bits(ip) / 8) - 1; i >= 0 && n; i--) {
		n += ip.bytes[i];
		ip.bytes[i] = (uint8_t)n;
		n >>= 8;
	}
	return ip;
}

uint64_t ip_distance(struct ip a, struct ip b)
{
	unsigned bytes = ip_bits(a) / 8;
	uint64_t distance = 0;
	uint8_t diff[16];
	int borrow = 0;

	if (a.family != b.family || ip_compare(b, a) < 0)
		return UINT64_MAX;
	for (int i = (int)bytes - 1; i >= 0; i--) {
		int d = b.bytes[i] - a.bytes[i] - borrow;

		borrow = d < 0;
		diff[i] = (uint8_t)d;
	}
	for (unsigned i = 0; i < bytes; i++) {
		if (distance >> 56)
			return UINT64_MAX;
		distance = distance << 8 | diff[i];
	}
	return distance;
}

/* The byte of a netmask of `len` bits at index `i`. */
static uint8_t mask_byte(unsigned len, unsigned i)
{
	if (len >= (i + 1) * 8)
		return 0xff;
	if (len <= i * 8)
		return 0;
	return (uint8_t)(0xff << (8 - (len - i * 8)));
}

struct prefix prefix_of(struct ip ip, unsigned len)
{
	for (unsigned i = 0; i < sizeof(ip.bytes); i++)
		ip.bytes[i] &= mask_byte(len, i);
	return (struct prefix){ .addr = ip, .len = (uint8_t)len };
}

struct prefix prefix_host(struct ip ip)
{
	return (struct prefix){ .addr = ip, .len = (uint8_t)ip_bits(ip) };
}

bool prefix_is_network(struct prefix prefix)
{
	return ip_equal(prefix.addr, prefix_of(prefix.addr, prefix.len).addr);
}

bool prefix_overlaps(struct prefix a, struct prefix b)
{
	return prefix_covers(a, b) || prefix_covers(b, a);
}

struct ip prefix_first(struct prefix prefix)
{
	return prefix_of(prefix.addr, prefix.len).addr;
}

struct ip prefix_last(struct prefix prefix)
{
	struct ip ip = prefix.addr;

	for (unsigned i = 0; i < ip_bits(ip) / 8; i++)
		ip.bytes[i] |= (uint8_t)~mask_byte(prefix.len, i);
	return ip;
}
