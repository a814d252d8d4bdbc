/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What machines offer: names they know each other by, and a web page that says who they are. */
#include "lab/plan/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HTTP_PORT 80

static void add_hosts(struct plan *plan, const struct topology *topology)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	(void)fprintf(out, "127.0.0.1 localhost\n");
	for (size_t i = 0; i < topology->nodes.count; i++) {
		const struct node *node = topology->nodes.items[i];

		if (node->interfaces.count)
			(void)fprintf(out, "%s %s\n", ip_print(node->interfaces.items[0]->ip).text,
				      node->name);
	}
	if (fclose(out))
		abort();
	plan_add_file(plan, RUN_HOSTS, text, (struct src_pos){ 0 });
	free(text);
}

static void add_listener(struct plan *plan, const char *node, uint32_t port, struct src_pos pos)
{
	plan_text_id answer = plan_add_text(plan, node);
	struct step *step = plan_add_step(plan, STEP_LISTENER, node, pos);

	step->listener.port = port;
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

/* Where a connection is expected, or expected to fail, somebody listens: it shows the network. */
static void add_expected_listeners(struct plan *plan, const struct lab *lab)
{
	uint32_t first = plan->step_count;

	for (size_t i = 0; i < lab->expectations.count; i++) {
		const struct expectation *e = lab->expectations.items[i];
		uint32_t port = (uint32_t)e->port.value;
		const char *node;

		if (e->kind != EXPECT_FLOW || e->protocol.value != PROBE_TCP || port == HTTP_PORT)
			continue;
		node = e->probe.to->vm->object.name;
		if (!is_listening(plan, first, node, port))
			add_listener(plan, node, port, e->object.pos);
	}
}

void compile_services(struct plan *plan, const struct topology *topology)
{
	add_hosts(plan, topology);
	/* never the host's servers: names that /etc/hosts does not have fail at once */
	plan_add_file(plan, RUN_RESOLV_CONF, "# labs have no DNS: names are in /etc/hosts\n",
		      (struct src_pos){ 0 });
	for (size_t i = 0; i < topology->nodes.count; i++)
		if (topology->nodes.items[i]->role <= ROLE_PRIVATE_ENDPOINT)
			add_listener(plan, topology->nodes.items[i]->name, HTTP_PORT,
				     topology->nodes.items[i]->pos);
	add_expected_listeners(plan, topology->lab);
}
