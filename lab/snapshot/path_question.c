/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/path_question.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_near(const struct nic *nic, const struct nic *from)
{
	return from && nic->subnet && from->subnet && nic->subnet->vnet == from->subnet->vnet;
}

/* NULL: none has it. */
static const struct nic *find_address(const struct lab *lab, struct ip ip, const struct nic *from)
{
	const struct nic *found = NULL;

	for (size_t i = 0; i < lab->vms.count; i++)
		for (size_t n = 0; n < lab->vms.items[i].network_interfaces.count; n++) {
			const struct nic *nic = &lab->vms.items[i].network_interfaces.items[n];

			if (nic_has_ip(nic, ip) && (!found || is_near(nic, from)))
				found = nic;
		}
	return found;
}

static const struct nic *find_internet(const struct lab *lab, struct err *err)
{
	for (size_t i = 0; i < lab->vms.count; i++)
		if (lab->vms.items[i].is_internet)
			return &lab->vms.items[i].network_interfaces.items[0];
	err_set(err, -ENOENT, "lab '%s' has no host of the Internet: 'internet' lists them",
		lab->name.value);
	return NULL;
}

const struct nic *path_question_find(const struct lab *lab, const char *name, struct err *err)
{
	if (!strcasecmp(name, "internet") && !lab_find_vm(lab, name))
		return find_internet(lab, err);
	return lab_find_nic(lab, name, err);
}

int path_question_read_protocol(const char *text, struct probe_spec *flow, struct err *err)
{
	char *end;
	unsigned long port;

	flow->protocol.value = PROBE_ICMP;
	if (!strcasecmp(text, "icmp"))
		return 0;
	flow->protocol.value = PROBE_HTTP;
	if (!strcasecmp(text, "http"))
		return 0;
	if (strncasecmp(text, "tcp:", 4) != 0 && strncasecmp(text, "udp:", 4) != 0)
		return err_set(err, -EINVAL, "'%.40s' is none of icmp, http, tcp:PORT and udp:PORT",
			       text);
	port = strtoul(text + 4, &end, 10);
	if (text[4] < '0' || text[4] > '9' || *end || !port || port > UINT16_MAX)
		return err_set(err, -EINVAL, "'%.40s' is no port", text + 4);
	flow->protocol.value = *text == 't' || *text == 'T' ? PROBE_TCP : PROBE_UDP;
	flow->port.value = (double)port;
	return 0;
}

int path_question_read(const struct lab *lab, const char *from, const char *to,
		       const char *protocol, struct path_question *ret_question, struct err *err)
{
	struct path_question out = { 0 };
	struct ip ip;

	if (path_question_read_protocol(protocol, &out.flow, err))
		return err->code;
	if (ip_parse(from, &ip)) {
		out.flow.from = find_address(lab, ip, NULL);
		if (!out.flow.from)
			return err_set(err, -ENOENT, "no machine of the lab has the address %s",
				       ip_print(ip).text);
	} else {
		out.flow.from = path_question_find(lab, from, err);
		if (!out.flow.from)
			return err->code;
	}
	if (ip_parse(to, &out.to)) {
		out.flow.to = find_address(lab, out.to, out.flow.from);
	} else {
		out.flow.to = path_question_find(lab, to, err);
		if (!out.flow.to)
			return err->code;
		out.to = nic_ip_from(out.flow.to, out.flow.from);
	}
	*ret_question = out;
	return 0;
}

const char *path_question_protocol(const struct probe_spec *flow, struct arena *arena)
{
	switch ((enum probe_protocol)flow->protocol.value) {
	case PROBE_ICMP:
		return "icmp";
	case PROBE_HTTP:
		return "http";
	case PROBE_TCP:
	case PROBE_UDP:
		break;
	}
	return arena_printf(arena, "%s:%.0f", flow->protocol.value == PROBE_UDP ? "udp" : "tcp",
			    flow->port.value);
}
