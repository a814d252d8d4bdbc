/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A packet that somebody asks about at a NIC, in the words of az network watcher test-ip-flow
 * (NW-01): direction, protocol, a local and a remote address with their ports.
 */
#include "lab/azure/verdict.h"
#include "lab/base/err.h"

struct flow_question {
	enum rule_direction direction;
	struct flow_tuple tuple;
	bool has_ports;
	bool is_any_source_port; /* "*": the tuple has one that systems give to clients */
};

/*
 * `direction`: in, out, inbound, outbound; `protocol`: tcp, udp, icmp, esp, ah or a number;
 * `local`: "*", ADDRESS, or either with :PORT; `remote`: ADDRESS or a machine of the lab. The port
 * of the side where the flow starts may be "*" or missing. IPv6 stands in brackets before a port.
 * -EINVAL when it is no question about this NIC; nothing but `err` is then written.
 */
int flow_question_read(const struct lab *lab, const struct nic *nic, const char *direction,
		       const char *protocol, const char *local, const char *remote,
		       struct flow_question *ret_question, struct err *err);

/* TCP, UDP, ICMP, ESP, AH; NULL: it has no name here. */
const char *flow_protocol_name(uint8_t protocol);
