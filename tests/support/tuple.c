/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/test.h"

#include "tests/support/tuple.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ip ip_of(const char *text)
{
	struct ip ip;

	if (!ip_parse(text, &ip))
		fail_msg("'%s' is no address", text);
	return ip;
}

void tuple_read_end(const char *text, struct ip *ret_ip, uint16_t *ret_port)
{
	char address[IP_TEXT] = "";
	unsigned port = 0;

	if (sscanf(text, "[%45[0-9a-fA-F:.]]:%u", address, &port) < 1 &&
	    sscanf(text, "%45[0-9.]:%u", address, &port) < 1)
		fail_msg("'%s' is no address", text);
	*ret_ip = ip_of(address);
	*ret_port = (uint16_t)port;
}

uint8_t tuple_read_protocol(const char *text, enum ip_family family)
{
	for (const struct choice_name *name = rule_protocol_names; name->name; name++)
		if (!strcmp(name->name, text))
			return protocol_number((enum rule_protocol)name->value, family);
	if (*text < '0' || *text > '9')
		fail_msg("'%s' is no protocol", text);
	return (uint8_t)strtoul(text, NULL, 10);
}

struct flow_tuple tuple_read(const char *text)
{
	char protocol[16], source[64], destination[64];
	struct flow_tuple tuple = { 0 };

	if (sscanf(text, "%15s %63s %63s", protocol, source, destination) != 3)
		fail_msg("'%s' is no packet", text);
	tuple_read_end(source, &tuple.source, &tuple.source_port);
	tuple_read_end(destination, &tuple.destination, &tuple.destination_port);
	tuple.protocol = tuple_read_protocol(protocol, (enum ip_family)tuple.source.family);
	return tuple;
}
