/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of DHCPv6: RFC 8415, whose chapters the numbers are. */
#include "lab/render/dhcp_parts.h"

#define HEAD         4 /* kind, and the number of the exchange */
#define OPTION_HEAD  4
#define IA_HEAD      12   /* number, T1, T2 */
#define ADDRESS_HEAD 24   /* address, two lifetimes */
#define DUID_MOST    130u /* 11.1 */

enum message_type {
	SOLICIT = 1,
	ADVERTISE = 2,
	REQUEST = 3,
	CONFIRM = 4,
	RENEW = 5,
	REBIND = 6,
	REPLY = 7,
	RELEASE = 8,
	DECLINE = 9,
	INFORMATION_REQUEST = 11,
};

enum option_code {
	OPTION_CLIENT = 1,
	OPTION_SERVER = 2,
	OPTION_IA_NA = 3,
	OPTION_ADDRESS = 5,
	OPTION_STATUS = 13,
	OPTION_RAPID_COMMIT = 14,
	OPTION_IA_PD = 25,
};

enum status {
	STATUS_SUCCESS = 0,
	STATUS_NO_ADDRESSES = 2,
	STATUS_NOT_ON_LINK = 4,
	STATUS_NO_PREFIX = 6,
};

struct option {
	unsigned code;
	const uint8_t *value;
	size_t size;
};

struct bytes_in {
	const uint8_t *at;
	size_t left;
};

/* False at the end, or where what is left is no option. */
static bool next_option(struct bytes_in *in, struct option *ret)
{
	if (in->left < OPTION_HEAD || in->left - OPTION_HEAD < get16(in->at + 2))
		return false;
	*ret = (struct option){ get16(in->at), in->at + OPTION_HEAD, get16(in->at + 2) };
	in->at += OPTION_HEAD + ret->size;
	in->left -= OPTION_HEAD + ret->size;
	return true;
}

struct request {
	const uint8_t *message;
	unsigned type;
	struct bytes_in options;
	struct option client, server; /* zeroed: there is none */
	bool is_rapid;
	bool is_given; /* one of its associations has the address */
};

static bool read_request(const uint8_t *message, size_t size, struct request *ret)
{
	struct bytes_in in;
	struct option option;

	if (size < HEAD)
		return false;
	in = (struct bytes_in){ message + HEAD, size - HEAD };
	*ret = (struct request){ .message = message, .type = message[0], .options = in };
	while (next_option(&in, &option)) {
		if (option.code == OPTION_CLIENT)
			ret->client = option;
		else if (option.code == OPTION_SERVER)
			ret->server = option;
		else if (option.code == OPTION_RAPID_COMMIT)
			ret->is_rapid = true;
	}
	return !in.left;
}

/* Ours is made of the router's MAC address (11.4). */
#define DUID_HEAD 4
static const uint8_t duid_head[DUID_HEAD] = { 0, 3, 0, 1 };

static bool is_for_us(const struct option *server)
{
	return server->size == DUID_HEAD + MAC_SIZE &&
	       !memcmp(server->value, duid_head, DUID_HEAD) &&
	       !memcmp(server->value + DUID_HEAD, azure_mac, MAC_SIZE);
}

/* Who must be named in which message (16). */
static bool is_valid(const struct request *request)
{
	bool has_client = request->client.size && request->client.size <= DUID_MOST;

	switch (request->type) {
	case SOLICIT:
	case CONFIRM:
	case REBIND:
		return has_client && !request->server.value;
	case REQUEST:
	case RENEW:
	case RELEASE:
	case DECLINE:
		return has_client && is_for_us(&request->server);
	case INFORMATION_REQUEST:
		return (has_client || !request->client.value) &&
		       (!request->server.value || is_for_us(&request->server));
	default: /* what only servers and relays say */
		return false;
	}
}

/* ---- associations: what has an address ---- */

static bool is_own(const struct dhcp_lease *lease, const struct option *address)
{
	return !memcmp(address->value, lease->ip6.bytes, sizeof(lease->ip6.bytes));
}

/* The next address that an association names. */
static bool next_address(struct bytes_in *in, struct option *ret)
{
	while (next_option(in, ret))
		if (ret->code == OPTION_ADDRESS && ret->size >= ADDRESS_HEAD)
			return true;
	return false;
}

static struct bytes_in parts_of(const struct option *ia)
{
	return (struct bytes_in){ ia->value + IA_HEAD, ia->size - IA_HEAD };
}

static void put_status(struct bytes_out *out, enum status status)
{
	put16(out, OPTION_STATUS);
	put16(out, 2);
	put16(out, status);
}

static void put_address(struct bytes_out *out, const uint8_t address[16], uint32_t lifetime_s)
{
	put16(out, OPTION_ADDRESS);
	put16(out, ADDRESS_HEAD);
	put_bytes(out, address, 16);
	put32(out, lifetime_s);
	put32(out, lifetime_s);
}

/* What it has and is not its own is at its end (18.3.4). */
static void put_others(struct bytes_out *out, const struct dhcp_lease *lease,
		       const struct request *request, const struct option *ia)
{
	struct bytes_in in = parts_of(ia);
	struct option address;

	if (request->type != RENEW && request->type != REBIND)
		return;
	while (next_address(&in, &address))
		if (!is_own(lease, &address))
			put_address(out, address.value, 0);
}

/* A NIC has one address, so the first association has it. */
static void put_ia(struct bytes_out *out, const struct dhcp_lease *lease, struct request *request,
		   const struct option *ia)
{
	bool has_address = ia->code == OPTION_IA_NA && !request->is_given;
	size_t length_at;

	put16(out, ia->code);
	length_at = out->size;
	put16(out, 0);
	put_bytes(out, ia->value, 4);
	put32(out, has_address ? LEASE_FOR_EVER : 0);
	put32(out, has_address ? LEASE_FOR_EVER : 0);
	if (has_address)
		put_address(out, lease->ip6.bytes, LEASE_FOR_EVER);
	else
		put_status(out, ia->code == OPTION_IA_NA ? STATUS_NO_ADDRESSES : STATUS_NO_PREFIX);
	if (ia->code == OPTION_IA_NA)
		put_others(out, lease, request, ia);
	request->is_given |= has_address;
	if (out->is_full)
		return;
	out->bytes[length_at] = (uint8_t)((out->size - length_at - 2) >> 8);
	out->bytes[length_at + 1] = (uint8_t)(out->size - length_at - 2);
}

static void put_ias(struct bytes_out *out, const struct dhcp_lease *lease, struct request *request)
{
	struct bytes_in in = request->options;
	struct option option;

	while (next_option(&in, &option))
		if ((option.code == OPTION_IA_NA || option.code == OPTION_IA_PD) &&
		    option.size >= IA_HEAD)
			put_ia(out, lease, request, &option);
}

/* Is it where its addresses are (18.3.3)? False when it names none. */
static bool find_status(const struct dhcp_lease *lease, const struct request *request,
			enum status *ret_status)
{
	struct bytes_in in = request->options, parts;
	struct option option, address;
	bool is_any = false;

	*ret_status = STATUS_SUCCESS;
	while (next_option(&in, &option)) {
		if (option.code != OPTION_IA_NA || option.size < IA_HEAD)
			continue;
		for (parts = parts_of(&option); next_address(&parts, &address); is_any = true)
			if (!is_own(lease, &address))
				*ret_status = STATUS_NOT_ON_LINK;
	}
	return is_any;
}

/* ---- messages ---- */

static void put_head(struct bytes_out *out, const struct request *request, enum message_type type)
{
	put8(out, type);
	put_bytes(out, request->message + 1, HEAD - 1);
	put16(out, OPTION_SERVER);
	put16(out, DUID_HEAD + MAC_SIZE);
	put_bytes(out, duid_head, DUID_HEAD);
	put_bytes(out, azure_mac, MAC_SIZE);
	if (!request->client.value)
		return;
	put16(out, OPTION_CLIENT);
	put16(out, (unsigned)request->client.size);
	put_bytes(out, request->client.value, request->client.size);
}

enum dhcp_told dhcp6_answer(const struct dhcp_lease *lease, const uint8_t *message, size_t size,
			    struct bytes_out *out)
{
	struct request request;
	enum status status;

	if (!read_request(message, size, &request) || !is_valid(&request))
		return DHCP_NOTHING;
	switch (request.type) {
	case SOLICIT:
		put_head(out, &request, request.is_rapid ? REPLY : ADVERTISE);
		if (request.is_rapid) {
			put16(out, OPTION_RAPID_COMMIT);
			put16(out, 0);
		}
		put_ias(out, lease, &request);
		return !request.is_given  ? DHCP_CONFIGURED
		       : request.is_rapid ? DHCP_GIVEN
					  : DHCP_OFFERED;
	case REQUEST:
	case RENEW:
	case REBIND:
		put_head(out, &request, REPLY);
		put_ias(out, lease, &request);
		return request.is_given ? DHCP_GIVEN : DHCP_CONFIGURED;
	case CONFIRM:
		if (!find_status(lease, &request, &status))
			return DHCP_NOTHING;
		put_head(out, &request, REPLY);
		put_status(out, status);
		return status == STATUS_SUCCESS ? DHCP_CONFIGURED : DHCP_REFUSED;
	case RELEASE:
	case DECLINE:
		put_head(out, &request, REPLY);
		put_status(out, STATUS_SUCCESS);
		return DHCP_CONFIGURED;
	default: /* INFORMATION_REQUEST: there is nothing but addresses to tell */
		put_head(out, &request, REPLY);
		return DHCP_CONFIGURED;
	}
}
