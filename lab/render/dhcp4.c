/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of DHCP for IPv4: RFC 2131, options of RFC 2132, 3442 (routes) and 6842 (identifier). */
#include "lab/azure/platform.h"
#include "lab/render/dhcp_parts.h"

#define COOKIE     0x63825363u
#define AT_FLAGS   10
#define AT_CIADDR  12
#define AT_GIADDR  24
#define AT_CHADDR  28
#define AT_COOKIE  236
#define AT_OPTIONS 240
#define SIZE_LEAST 300 /* RFC 1542: old clients want no less */
#define BROADCAST  0x8000u

enum op {
	BOOTREQUEST = 1,
	BOOTREPLY = 2
};

enum message_type {
	DISCOVER = 1,
	OFFER = 2,
	REQUEST = 3,
	ACK = 5,
	NAK = 6,
	INFORM = 8,
};

enum option {
	OPTION_PAD = 0,
	OPTION_MASK = 1,
	OPTION_ROUTER = 3,
	OPTION_DNS = 6,
	OPTION_MTU = 26,
	OPTION_REQUESTED = 50,
	OPTION_LEASE = 51,
	OPTION_TYPE = 53,
	OPTION_SERVER = 54,
	OPTION_T1 = 58,
	OPTION_T2 = 59,
	OPTION_CLIENT = 61,
	OPTION_ROUTES = 121,
	OPTION_END = 255,
};

struct request {
	const uint8_t *message;
	unsigned type;
	uint32_t ciaddr, requested, server; /* 0: not said */
	const uint8_t *client;              /* its identifier, borrowed */
	size_t client_size;
};

static void take_option(struct request *request, unsigned code, const uint8_t *value, size_t size)
{
	if (code == OPTION_TYPE && size == 1)
		request->type = value[0];
	else if (code == OPTION_REQUESTED && size == 4)
		request->requested = get32(value);
	else if (code == OPTION_SERVER && size == 4)
		request->server = get32(value);
	else if (code == OPTION_CLIENT) {
		request->client = value;
		request->client_size = size;
	}
}

static bool read_options(struct request *request, const uint8_t *options, size_t size)
{
	for (size_t at = 0; at < size && options[at] != OPTION_END;) {
		if (options[at] == OPTION_PAD) {
			at++;
			continue;
		}
		if (size - at < 2 || size - at - 2 < options[at + 1])
			return false;
		take_option(request, options[at], options + at + 2, options[at + 1]);
		at += 2u + options[at + 1];
	}
	return request->type;
}

/* False for what is none, for another machine's, and for one that a relay passed on. */
static bool read_request(const struct dhcp_lease *lease, const uint8_t *message, size_t size,
			 struct request *ret)
{
	*ret = (struct request){ .message = message };
	if (size < AT_OPTIONS || message[0] != BOOTREQUEST || message[1] != 1 ||
	    message[2] != MAC_SIZE || get32(message + AT_COOKIE) != COOKIE ||
	    get32(message + AT_GIADDR) || memcmp(message + AT_CHADDR, lease->mac, MAC_SIZE) != 0)
		return false;
	ret->ciaddr = get32(message + AT_CIADDR);
	return read_options(ret, message + AT_OPTIONS, size - AT_OPTIONS);
}

static void put_option(struct bytes_out *out, enum option option, const void *value, size_t size)
{
	put8(out, option);
	put8(out, (unsigned)size);
	put_bytes(out, value, size);
}

static void put_option_ip(struct bytes_out *out, enum option option, struct ip ip)
{
	put_option(out, option, ip.bytes, 4);
}

static void put_option32(struct bytes_out *out, enum option option, uint32_t value)
{
	put8(out, option);
	put8(out, 4);
	put32(out, value);
}

/* Who reads these does not look at the router (RFC 3442): it is one of them. */
static void put_routes(struct bytes_out *out, struct ip router)
{
	put8(out, OPTION_ROUTES);
	put8(out, 5 + 9 + 9);
	put8(out, 0);
	put_ip(out, router);
	put8(out, 32);
	put_ip(out, azure_wire_server);
	put_ip(out, router);
	put8(out, 32);
	put_ip(out, azure_metadata);
	put_ip(out, router);
}

static void put_configuration(struct bytes_out *out, const struct dhcp_lease *lease)
{
	put_option32(out, OPTION_MASK, lease->ip4.len ? UINT32_MAX << (32 - lease->ip4.len) : 0);
	if (lease->router4.family != IP_NONE)
		put_option_ip(out, OPTION_ROUTER, lease->router4);
	put_option_ip(out, OPTION_DNS, azure_wire_server);
	put8(out, OPTION_MTU);
	put8(out, 2);
	put16(out, ETHERNET_MTU);
	if (lease->router4.family != IP_NONE)
		put_routes(out, lease->router4);
}

static void put_head(struct bytes_out *out, const struct request *request, struct ip given,
		     bool is_refusal)
{
	put8(out, BOOTREPLY);
	put_bytes(out, request->message + 1, 2); /* kind and length of its hardware address */
	put8(out, 0);
	put_bytes(out, request->message + 4, 4); /* its number of the exchange */
	put16(out, 0);
	put_bytes(out, request->message + AT_FLAGS, 2);
	put32(out, is_refusal ? 0 : request->ciaddr);
	put32(out, ip_v4(given));
	put_zeros(out, 8);
	put_bytes(out, request->message + AT_CHADDR, 16);
	put_zeros(out, AT_COOKIE - AT_CHADDR - 16);
	put32(out, COOKIE);
}

static void put_reply(struct bytes_out *out, const struct dhcp_lease *lease,
		      const struct request *request, enum message_type type)
{
	bool is_refusal = type == NAK, is_lease = !is_refusal && request->type != INFORM;

	put_head(out, request, is_lease ? lease->ip4.addr : (struct ip){ 0 }, is_refusal);
	put8(out, OPTION_TYPE);
	put8(out, 1);
	put8(out, type);
	put_option_ip(out, OPTION_SERVER, azure_wire_server);
	if (request->client)
		put_option(out, OPTION_CLIENT, request->client, request->client_size);
	if (is_lease) {
		put_option32(out, OPTION_LEASE, LEASE_FOR_EVER);
		put_option32(out, OPTION_T1, LEASE_FOR_EVER);
		put_option32(out, OPTION_T2, LEASE_FOR_EVER);
	}
	if (!is_refusal)
		put_configuration(out, lease);
	put8(out, OPTION_END);
	if (out->size < SIZE_LEAST)
		put_zeros(out, SIZE_LEAST - out->size);
}

/* RFC 2131, 4.1: to the address that it has; else to the one that it gets, unless it asks not to */
static uint32_t where_to(const struct dhcp_lease *lease, const struct request *request)
{
	if (request->ciaddr)
		return request->ciaddr;
	return get16(request->message + AT_FLAGS) & BROADCAST ? UINT32_MAX : ip_v4(lease->ip4.addr);
}

enum dhcp_told dhcp4_answer(const struct dhcp_lease *lease, const uint8_t *message, size_t size,
			    struct bytes_out *out, struct dhcp4_way *ret_way)
{
	const uint32_t own = ip_v4(lease->ip4.addr);
	struct request request;
	uint32_t wanted;

	if (!read_request(lease, message, size, &request))
		return DHCP_NOTHING;
	wanted = request.requested ? request.requested : request.ciaddr;
	switch (request.type) {
	case DISCOVER:
		request.ciaddr = 0;
		ret_way->to = where_to(lease, &request);
		put_reply(out, lease, &request, OFFER);
		return DHCP_OFFERED;
	case REQUEST:
		if (!wanted || (request.server && request.server != ip_v4(azure_wire_server)))
			return DHCP_NOTHING;
		ret_way->to = wanted == own ? where_to(lease, &request) : UINT32_MAX;
		put_reply(out, lease, &request, wanted == own ? ACK : NAK);
		return wanted == own ? DHCP_GIVEN : DHCP_REFUSED;
	case INFORM:
		if (request.ciaddr != own)
			return DHCP_NOTHING;
		ret_way->to = own;
		put_reply(out, lease, &request, ACK);
		return DHCP_CONFIGURED;
	default: /* what needs no answer, and what only servers say */
		return DHCP_NOTHING;
	}
}
