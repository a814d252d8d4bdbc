/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/flow_question.h"

#include "lab/model/lab.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CLIENT_PORT 49152 /* the first of those that nobody owns (RFC 6335) */
#define HOST_SIZE   128

static const struct {
	const char *name;
	uint8_t number;
} protocols[] = {
	{ "TCP", IPPROTO_TCP }, { "UDP", IPPROTO_UDP },     { "ICMP", IPPROTO_ICMP },
	{ "ESP", IPPROTO_ESP }, { "ICMP", IPPROTO_ICMPV6 }, { "AH", IPPROTO_AH },
};

const char *flow_protocol_name(uint8_t protocol)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i].number == protocol)
			return protocols[i].name;
	return NULL;
}

/* Digits only: strtoul would take blanks and signs, too. */
static bool read_number(const char *text, unsigned long most, unsigned long *ret_number)
{
	size_t len = strlen(text);

	if (!len || len > 5 || strspn(text, "0123456789") != len)
		return false;
	*ret_number = strtoul(text, NULL, 10);
	return *ret_number <= most;
}

static int read_direction(const char *text, enum rule_direction *ret_direction, struct err *err)
{
	bool is_in = !strcasecmp(text, "in") || !strcasecmp(text, "inbound");

	if (!is_in && strcasecmp(text, "out") != 0 && strcasecmp(text, "outbound") != 0)
		return err_set(err, -EINVAL, "'%.40s' is no direction: in or out", text);
	*ret_direction = is_in ? DIRECTION_INBOUND : DIRECTION_OUTBOUND;
	return 0;
}

static int read_protocol(const char *text, uint8_t *ret_protocol, struct err *err)
{
	unsigned long number;

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (!strcasecmp(protocols[i].name, text)) {
			*ret_protocol = protocols[i].number;
			return 0;
		}
	if (!read_number(text, UINT8_MAX, &number))
		return err_set(err, -EINVAL,
			       "'%.40s' is no protocol: tcp, udp, icmp, esp, ah or a number", text);
	*ret_protocol = (uint8_t)number;
	return 0;
}

/* One side as it was typed. */
struct side {
	char host[HOST_SIZE];
	const char *port; /* NULL: none was given */
};

/* ADDRESS, ADDRESS:PORT, [IPV6], [IPV6]:PORT, or a name in the place of the address. */
static int split(const char *text, struct side *side, struct err *err)
{
	const char *colon = strrchr(text, ':'), *end = text + strlen(text);
	struct ip ip;

	*side = (struct side){ .port = NULL };
	if (*text == '[') {
		end = strchr(text++, ']');
		if (!end || (end[1] && end[1] != ':'))
			return err_set(err, -EINVAL, "'%.60s': IPv6 is written [ADDRESS]:PORT",
				       text - 1);
		side->port = end[1] ? end + 2 : NULL;
	} else if (colon && !ip_parse(text, &ip)) {
		end = colon;
		side->port = colon + 1;
	}
	if ((size_t)(end - text) >= sizeof(side->host))
		return err_set(err, -EINVAL, "'%.60s...' is no address", text);
	(void)snprintf(side->host, sizeof(side->host), "%.*s", (int)(end - text), text);
	return 0;
}

static bool is_any(const char *text)
{
	return !text || !*text || !strcmp(text, "*");
}

/* `may_be_any`: a client's port is one that its system gives it. */
static int read_port(const struct side *side, bool may_be_any, const char *what, uint16_t *ret_port,
		     struct err *err)
{
	unsigned long port;

	if (is_any(side->port) && may_be_any)
		return 0;
	if (is_any(side->port))
		return err_set(
			err, -EINVAL,
			"the %s port is missing: only that of the side where the flow starts "
			"may be '*' (NW-01)",
			what);
	if (!read_number(side->port, UINT16_MAX, &port))
		return err_set(err, -EINVAL, "'%.40s' is no port", side->port);
	*ret_port = (uint16_t)port;
	return 0;
}

static int read_remote(const struct lab *lab, const char *host, struct ip *ret_ip, struct err *err)
{
	struct err missing = { 0 };
	const struct nic *nic;

	if (ip_parse(host, ret_ip))
		return 0;
	if (is_any(host))
		return err_set(err, -EINVAL, "the remote address is missing");
	nic = lab_find_nic(lab, host, &missing);
	if (!nic && missing.code == -EINVAL) /* it has several */
		return err_set(err, -EINVAL, "%s", missing.text);
	if (!nic)
		return err_set(err, -EINVAL, "'%.60s' is no address and no virtual machine", host);
	*ret_ip = nic->ip;
	return 0;
}

static int read_local(const struct nic *nic, const char *host, uint8_t family, struct ip *ret_ip,
		      struct err *err)
{
	if (is_any(host)) {
		*ret_ip = nic_ip(nic, family);
		if (ret_ip->family)
			return 0;
		return err_set(err, -EINVAL, "%s has no IPv%d address", nic->object.name,
			       family == IP_V6 ? 6 : 4);
	}
	if (!ip_parse(host, ret_ip))
		return err_set(err, -EINVAL, "'%.60s' is no address", host);
	if (ret_ip->family != family)
		return err_set(err, -EINVAL, "one address is IPv4, and the other IPv6");
	if (nic_has_ip(nic, *ret_ip) || nic->enable_ip_forwarding.value)
		return 0; /* one that forwards meets packets of others, too (NSG-27) */
	return err_set(err, -EINVAL, "%s is no address of %s, which has %s (NW-01)",
		       ip_print(*ret_ip).text, nic->object.name, ip_print(nic->ip).text);
}

int flow_question_read(const struct lab *lab, const struct nic *nic, const char *direction,
		       const char *protocol, const char *local, const char *remote,
		       struct flow_question *ret_question, struct err *err)
{
	struct flow_question out = { 0 };
	uint16_t local_port = CLIENT_PORT, remote_port = CLIENT_PORT;
	struct ip local_ip, remote_ip;
	struct side here, there;
	bool is_in;

	if (read_direction(direction, &out.direction, err) ||
	    read_protocol(protocol, &out.tuple.protocol, err) || split(local, &here, err) ||
	    split(remote, &there, err) || read_remote(lab, there.host, &remote_ip, err) ||
	    read_local(nic, here.host, remote_ip.family, &local_ip, err))
		return err->code;
	is_in = out.direction == DIRECTION_INBOUND;
	out.has_ports = out.tuple.protocol == IPPROTO_TCP || out.tuple.protocol == IPPROTO_UDP;
	if (!out.has_ports && (!is_any(here.port) || !is_any(there.port)))
		return err_set(err, -EINVAL, "'%.40s' has no ports", protocol);
	if (out.has_ports && (read_port(&here, !is_in, "local", &local_port, err) ||
			      read_port(&there, is_in, "remote", &remote_port, err)))
		return err->code;
	if (out.tuple.protocol == IPPROTO_ICMP && remote_ip.family == IP_V6)
		out.tuple.protocol = IPPROTO_ICMPV6;
	out.is_any_source_port = out.has_ports && is_any(is_in ? there.port : here.port);
	out.tuple.source = is_in ? remote_ip : local_ip;
	out.tuple.destination = is_in ? local_ip : remote_ip;
	out.tuple.source_port = out.has_ports ? (is_in ? remote_port : local_port) : 0;
	out.tuple.destination_port = out.has_ports ? (is_in ? local_port : remote_port) : 0;
	*ret_question = out;
	return 0;
}
