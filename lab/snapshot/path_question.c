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

/* "1472", "1472/df" */
static int read_size(const char *text, struct probe_spec *flow, struct err *err)
{
	char *end;
	unsigned long bytes = strtoul(text, &end, 10);

	flow->dont_fragment.value = !strcasecmp(end, "/df");
	if (*text < '0' || *text > '9' || (*end && !flow->dont_fragment.value) ||
	    bytes < PROBE_SIZE_MIN || bytes > PROBE_SIZE_MAX)
		return err_set(err, -EINVAL,
			       "'%.40s' is no size of a ping: %d to %d bytes, or %d/df", text,
			       PROBE_SIZE_MIN, PROBE_SIZE_MAX, 1472);
	flow->size_bytes.value = (double)bytes;
	return 0;
}

int path_question_read_protocol(const char *text, struct probe_spec *flow, struct err *err)
{
	char *end;
	unsigned long port;

	flow->protocol.value = PROBE_ICMP;
	if (!strcasecmp(text, "icmp"))
		return 0;
	if (!strncasecmp(text, "icmp:", 5))
		return read_size(text + 5, flow, err);
	flow->protocol.value = PROBE_HTTP;
	if (!strcasecmp(text, "http"))
		return 0;
	if (strncasecmp(text, "tcp:", 4) != 0 && strncasecmp(text, "udp:", 4) != 0)
		return err_set(err, -EINVAL,
			       "'%.40s' is none of icmp[:SIZE], http, tcp:PORT and udp:PORT", text);
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
	char *text = arena_strdup(arena, probe_protocol_print(flow).text);

	text[0] = (char)(text[0] + ('a' - 'A'));
	return text;
}
