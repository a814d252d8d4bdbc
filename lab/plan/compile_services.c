/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What machines offer: names they know each other by, and a web page that says who they are. */
#include "lab/plan/compile.h"

#include "lab/base/text_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HTTP_PORT 80

/* The first IPv6 address of any of its interfaces. */
static struct ip node_ipv6(const struct node *node)
{
	struct ip ip = { 0 };

	for (size_t i = 0; i < node->interfaces.count && ip.family == IP_NONE; i++)
		ip = interface_ip(node->interfaces.items[i], IP_V6);
	return ip;
}

static void add_hosts(struct plan *plan, const struct topology *topology)
{
	struct text_file file;
	FILE *out = text_open(&file);

	(void)fprintf(out, "127.0.0.1 localhost\n");
	for (size_t i = 0; i < topology->nodes.count; i++) {
		const struct node *node = topology->nodes.items[i];
		struct ip ip;

		if (node->interfaces.count)
			(void)fprintf(out, "%s %s\n", ip_print(node->interfaces.items[0]->ip).text,
				      node->name);
		ip = node_ipv6(node);
		if (ip.family != IP_NONE)
			(void)fprintf(out, "%s %s\n", ip_print(ip).text, node->name);
	}
	plan_add_file(plan, RUN_HOSTS, text_close(&file), (struct src_pos){ 0 });
	free(file.text);
}

static void add_listener(struct plan *plan, const struct node *node, uint32_t port,
			 struct src_pos pos)
{
	plan_text_id answer = plan_add_text(plan, node->name);
	struct step *step = plan_add_step(plan, STEP_LISTENER, node->name, pos);

	step->listener.port = port;
	step->listener.has_ipv6 = node_ipv6(node).family != IP_NONE;
	step->listener.answer = answer;
}

static bool is_listening(const struct plan *plan, uint32_t first, const char *node, uint32_t port)
{
	for (uint32_t i = first; i < plan->step_count; i++)
		if (plan->steps[i].kind == STEP_LISTENER && plan->steps[i].listener.port == port &&
		    !strcmp(plan_text(plan, plan->steps[i].ns), node))
			return true;
	return false;
}

static void add_probed_listener(struct plan *plan, uint32_t first, const struct topology *topology,
				const struct probe_spec *probe)
{
	uint32_t port = (uint32_t)probe->port.value;

	if (vm_is_guest(probe->to->vm))
		return; /* who listens there is its own business */
	if (probe->protocol.value != PROBE_TCP || port == HTTP_PORT ||
	    is_listening(plan, first, probe->to->vm->object.name, port))
		return;
	add_listener(plan, topology_find_nic(topology, probe->to)->node, port, probe->object.pos);
}

/* Where a connection is tried, or expected, or expected to fail, somebody listens: it shows the
 * network. */
static void add_probed_listeners(struct plan *plan, const struct topology *topology)
{
	const struct lab *lab = topology->lab;
	uint32_t first = plan->step_count;

	for (size_t i = 0; i < lab->expectations.count; i++)
		if (lab->expectations.items[i]->kind == EXPECT_FLOW)
			add_probed_listener(plan, first, topology,
					    &lab->expectations.items[i]->probe);
	for (size_t i = 0; i < lab->probes.count; i++)
		add_probed_listener(plan, first, topology, &lab->probes.items[i]);
}

void compile_services(struct plan *plan, const struct topology *topology)
{
	add_hosts(plan, topology);
	/* never the host's servers: names that /etc/hosts does not have fail at once */
	plan_add_file(plan, RUN_RESOLV_CONF, "# labs have no DNS: names are in /etc/hosts\n",
		      (struct src_pos){ 0 });
	for (size_t i = 0; i < topology->nodes.count; i++) {
		const struct node *node = topology->nodes.items[i];

		if ((node->vm && !node_is_guest(node)) || node->endpoint)
			add_listener(plan, node, HTTP_PORT, node->pos);
	}
	add_probed_listeners(plan, topology);
}
