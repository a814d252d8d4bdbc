/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to the files lab_schema*.c: how their tables are written, and the parts of the whole. */
#include "lab/model/lab.h"

#define KEY(name, field_kind, type, member, ...)                                                   \
	{                                                                                          \
		.key = (name), .kind = (field_kind), .offset = offsetof(struct type, member),      \
		__VA_ARGS__                                                                        \
	}

#define SCHEMA(what, type, table, ...)                                                             \
	{                                                                                          \
		.noun = (what), .size = sizeof(struct type), .fields = (table),                    \
		.field_count = ARRAY_SIZE(table), __VA_ARGS__                                      \
	}

extern const struct schema gateway_schema, local_network_gateway_schema, connection_schema,
	route_server_schema, port_schema, circuit_schema, provider_schema, branch_schema;
extern const struct schema guest_route_schema, nva_bgp_schema, device_tunnel_schema,
	ipsec_policy_schema;
