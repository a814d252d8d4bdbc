/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The heads of frames around messages, and router advertisements. */
#include "lab/render/dhcp.h"

#include "lab/azure/platform.h"
#include "lab/base/inet_sum.h"
#include "lab/plan/fabric_ids.h"
#include "lab/render/dhcp_parts.h"

#include <netinet/in.h>

#define ETHERNET_HEAD 14u
#define IP4_HEAD      20u
#define IP6_HEAD      40u
#define UDP_HEAD      8u
#define TYPE_IP4      0x0800
#define TYPE_IP6      0x86dd

#define PORT_SERVER4 67
#define PORT_CLIENT4 68
#define PORT_CLIENT6 546
#define PORT_SERVER6 547

#define ROUTER_SOLICITATION  133
#define ROUTER_ADVERTISEMENT 134
#define ROUTER_IS_MANAGED    0x80
#define ROUTER_LIFETIME_S    9000 /* the longest that there is (RFC 4861, 6.2.1) */
#define HOP_LIMIT            64
#define HOP_LIMIT_LINK       255 /* shows that no router passed it on */

static const struct ip all_nodes = { { 0xff, 0x02, [15] = 1 }, IP_V6 };
static const struct ip all_routers = { { 0xff, 0x02, [15] = 2 }, IP_V6 };
static const struct ip all_servers = { { 0xff, 0x02, [13] = 1, 0, 2 }, IP_V6 };

/* ---- who gets what ---- */

/* As a machine is told that is told on its command line: one default route for each family. */
static bool is_first_with_ipv6(const struct interface *port)
{
	const struct node *node = port->node;
	size_t i = 0;

	while (i < node->interfaces.count &&
	       interface_ip(node->interfaces.items[i], IP_V6).family == IP_NONE)
		i++;
	return i < node->interfaces.count && node->interfaces.items[i] == port;
}

struct dhcp_lease dhcp_lease_of(const struct interface *port)
{
	struct dhcp_lease lease = { .ip4 = interface_prefix(port, port->ip),
				    .ip6 = interface_ip(port, IP_V6),
				    .has_router6 = is_first_with_ipv6(port) };

	memcpy(lease.mac, port->mac, MAC_SIZE);
	if (port == port->node->interfaces.items[0])
		lease.router4 = subnet_router_ip(port->subnet);
	return lease;
}

bool dhcp_lease_equal(const struct dhcp_lease *a, const struct dhcp_lease *b)
{
	return !memcmp(a->mac, b->mac, MAC_SIZE) && prefix_equal(a->ip4, b->ip4) &&
	       ip_equal(a->router4, b->router4) && ip_equal(a->ip6, b->ip6) &&
	       a->has_router6 == b->has_router6;
}

/* ---- writing ---- */

static void set16(uint8_t *bytes, unsigned value)
{
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
}

/* Of what is above IP, with both addresses and the protocol, as UDP and ICMPv6 have it. */
static unsigned sum_of(struct ip from, struct ip to, unsigned protocol, const uint8_t *bytes,
		       size_t size)
{
	uint32_t sum = protocol + (uint32_t)size;

	sum = inet_sum_add(sum, from.bytes, ip_bits(from) / 8);
	sum = inet_sum_add(sum, to.bytes, ip_bits(to) / 8);
	return inet_sum_fold(inet_sum_add(sum, bytes, size));
}

static struct bytes_out behind(struct dhcp_answer *answer, size_t heads)
{
	return (struct bytes_out){ answer->frame + heads, 0, DHCP_FRAME_MAX - heads, false };
}

static void put_ethernet(struct dhcp_answer *answer, const uint8_t to[MAC_SIZE], unsigned type)
{
	memcpy(answer->frame, to, MAC_SIZE);
	memcpy(answer->frame + MAC_SIZE, azure_mac, MAC_SIZE);
	set16(answer->frame + 2 * MAC_SIZE, type);
}

/* In front of `size` bytes of a message. */
static void put_udp(uint8_t *udp, unsigned from_port, unsigned to_port, struct ip from,
		    struct ip to, size_t size)
{
	unsigned sum;

	set16(udp, from_port);
	set16(udp + 2, to_port);
	set16(udp + 4, (unsigned)(UDP_HEAD + size));
	set16(udp + 6, 0);
	sum = sum_of(from, to, IPPROTO_UDP, udp, UDP_HEAD + size);
	set16(udp + 6, sum ? sum : 0xffff); /* 0 is "none" */
}

static void put_ip4(uint8_t *head, struct ip from, struct ip to, size_t size)
{
	memset(head, 0, IP4_HEAD);
	head[0] = 0x45;
	set16(head + 2, (unsigned)(IP4_HEAD + size));
	head[8] = HOP_LIMIT;
	head[9] = IPPROTO_UDP;
	memcpy(head + 12, from.bytes, 4);
	memcpy(head + 16, to.bytes, 4);
	set16(head + 10, inet_sum_fold(inet_sum_add(0, head, IP4_HEAD)));
}

static void put_ip6(uint8_t *head, unsigned protocol, struct ip to, size_t size)
{
	memset(head, 0, IP6_HEAD);
	head[0] = 0x60;
	set16(head + 4, (unsigned)size);
	head[6] = (uint8_t)protocol;
	head[7] = HOP_LIMIT_LINK;
	memcpy(head + 8, azure_link_local.addr.bytes, 16);
	memcpy(head + 24, to.bytes, 16);
}

/* ---- answers ---- */

static void answer4(const struct dhcp_lease *lease, const uint8_t *message, size_t size,
		    struct dhcp_answer *answer)
{
	static const uint8_t all[MAC_SIZE] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct bytes_out out = behind(answer, ETHERNET_HEAD + IP4_HEAD + UDP_HEAD);
	struct dhcp4_way way;
	struct ip to;

	answer->told = dhcp4_answer(lease, message, size, &out, &way);
	if (answer->told == DHCP_NOTHING || out.is_full) {
		answer->told = DHCP_NOTHING;
		return;
	}
	to = ip4(way.to);
	put_ethernet(answer, way.to == UINT32_MAX ? all : lease->mac, TYPE_IP4);
	put_ip4(answer->frame + ETHERNET_HEAD, azure_wire_server, to, UDP_HEAD + out.size);
	put_udp(answer->frame + ETHERNET_HEAD + IP4_HEAD, PORT_SERVER4, PORT_CLIENT4,
		azure_wire_server, to, out.size);
	answer->family = IP_V4;
	answer->size = ETHERNET_HEAD + IP4_HEAD + UDP_HEAD + out.size;
}

static void answer6(const struct dhcp_lease *lease, struct ip from, const uint8_t *message,
		    size_t size, struct dhcp_answer *answer)
{
	struct bytes_out out = behind(answer, ETHERNET_HEAD + IP6_HEAD + UDP_HEAD);

	answer->told = dhcp6_answer(lease, message, size, &out);
	if (answer->told == DHCP_NOTHING || out.is_full) {
		answer->told = DHCP_NOTHING;
		return;
	}
	put_ethernet(answer, lease->mac, TYPE_IP6);
	put_ip6(answer->frame + ETHERNET_HEAD, IPPROTO_UDP, from, UDP_HEAD + out.size);
	put_udp(answer->frame + ETHERNET_HEAD + IP6_HEAD, PORT_SERVER6, PORT_CLIENT6,
		azure_link_local.addr, from, out.size);
	answer->family = IP_V6;
	answer->size = ETHERNET_HEAD + IP6_HEAD + UDP_HEAD + out.size;
}

/* No prefix is told: a machine has no neighbours but the router, and no address but by DHCPv6. */
static void advertise(const struct dhcp_lease *lease, struct ip to, const uint8_t to_mac[MAC_SIZE],
		      struct dhcp_answer *answer)
{
	struct bytes_out out = behind(answer, ETHERNET_HEAD + IP6_HEAD);

	put8(&out, ROUTER_ADVERTISEMENT);
	put_zeros(&out, 3);
	put8(&out, HOP_LIMIT);
	put8(&out, ROUTER_IS_MANAGED);
	put16(&out, lease->has_router6 ? ROUTER_LIFETIME_S : 0);
	put_zeros(&out, 8);
	put8(&out, 1); /* its MAC address; lengths are in units of eight bytes */
	put8(&out, 1);
	put_bytes(&out, azure_mac, MAC_SIZE);
	put8(&out, 5);
	put8(&out, 1);
	put16(&out, 0);
	put32(&out, ETHERNET_MTU);
	set16(out.bytes + 2,
	      sum_of(azure_link_local.addr, to, IPPROTO_ICMPV6, out.bytes, out.size));
	put_ethernet(answer, to_mac, TYPE_IP6);
	put_ip6(answer->frame + ETHERNET_HEAD, IPPROTO_ICMPV6, to, out.size);
	answer->told = DHCP_CONFIGURED;
	answer->family = IP_V6;
	answer->size = ETHERNET_HEAD + IP6_HEAD + out.size;
}

void dhcp_advertise(const struct dhcp_lease *lease, struct dhcp_answer *ret_answer)
{
	static const uint8_t all[MAC_SIZE] = { 0x33, 0x33, 0, 0, 0, 1 };

	*ret_answer = (struct dhcp_answer){ 0 };
	if (lease->ip6.family != IP_NONE)
		advertise(lease, all_nodes, all, ret_answer);
}

/* ---- reading: sums are not looked at, which a guest's kernel may have left to be computed ---- */

static bool is_from_client(const uint8_t *udp, size_t size, unsigned from, unsigned to,
			   size_t *ret_size)
{
	if (size < UDP_HEAD || get16(udp) != from || get16(udp + 2) != to ||
	    get16(udp + 4) < UDP_HEAD || get16(udp + 4) > size)
		return false;
	*ret_size = get16(udp + 4) - UDP_HEAD;
	return true;
}

static void read4(const struct dhcp_lease *lease, const uint8_t *packet, size_t size,
		  struct dhcp_answer *answer)
{
	size_t head, whole, message_size;
	uint32_t to;

	if (size < IP4_HEAD || packet[0] >> 4 != 4)
		return;
	head = (packet[0] & 15u) * 4u;
	whole = get16(packet + 2);
	to = get32(packet + 16);
	if (head < IP4_HEAD || whole < head || whole > size || packet[9] != IPPROTO_UDP ||
	    get16(packet + 6) & 0x3fff || /* a fragment */
	    (to != UINT32_MAX && to != ip_v4(azure_wire_server)))
		return;
	if (is_from_client(packet + head, whole - head, PORT_CLIENT4, PORT_SERVER4, &message_size))
		answer4(lease, packet + head + UDP_HEAD, message_size, answer);
}

static bool is_link_local(struct ip ip)
{
	return ip.bytes[0] == 0xfe && (ip.bytes[1] & 0xc0) == 0x80;
}

static struct ip ip6_at(const uint8_t *bytes)
{
	struct ip ip = { .family = IP_V6 };

	memcpy(ip.bytes, bytes, sizeof(ip.bytes));
	return ip;
}

/* RFC 4861, 6.1.1; who has no address yet hears what is said to all. */
static void read_solicitation(const struct dhcp_lease *lease, const uint8_t *packet, size_t size,
			      struct dhcp_answer *answer)
{
	const uint8_t *icmp = packet + IP6_HEAD;
	struct ip from = ip6_at(packet + 8), to = ip6_at(packet + 24);

	if (size < 8 || icmp[0] != ROUTER_SOLICITATION || icmp[1] || packet[7] != HOP_LIMIT_LINK ||
	    (!ip_equal(to, all_routers) && !ip_equal(to, azure_link_local.addr)))
		return;
	if (is_link_local(from))
		advertise(lease, from, lease->mac, answer);
	else
		dhcp_advertise(lease, answer);
}

static void read6(const struct dhcp_lease *lease, const uint8_t *packet, size_t size,
		  struct dhcp_answer *answer)
{
	size_t whole, message_size;
	struct ip from;

	if (lease->ip6.family == IP_NONE || size < IP6_HEAD || packet[0] >> 4 != 6)
		return;
	whole = get16(packet + 4);
	if (whole > size - IP6_HEAD)
		return;
	from = ip6_at(packet + 8);
	if (packet[6] == IPPROTO_ICMPV6)
		read_solicitation(lease, packet, whole, answer);
	else if (packet[6] == IPPROTO_UDP && is_link_local(from) &&
		 ip_equal(ip6_at(packet + 24), all_servers) &&
		 is_from_client(packet + IP6_HEAD, whole, PORT_CLIENT6, PORT_SERVER6,
				&message_size))
		answer6(lease, from, packet + IP6_HEAD + UDP_HEAD, message_size, answer);
}

void dhcp_answer(const struct dhcp_lease *lease, const uint8_t *frame, size_t size,
		 struct dhcp_answer *ret_answer)
{
	*ret_answer = (struct dhcp_answer){ 0 };
	if (size < ETHERNET_HEAD || memcmp(frame + MAC_SIZE, lease->mac, MAC_SIZE) != 0)
		return;
	if (get16(frame + 2 * MAC_SIZE) == TYPE_IP4)
		read4(lease, frame + ETHERNET_HEAD, size - ETHERNET_HEAD, ret_answer);
	else if (get16(frame + 2 * MAC_SIZE) == TYPE_IP6)
		read6(lease, frame + ETHERNET_HEAD, size - ETHERNET_HEAD, ret_answer);
}
