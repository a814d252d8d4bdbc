/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What machines offer: names they know each other by, and a web page that says who they are. */
#include "lab/plan/compile.h"

#include <stdio.h>
#include <stdlib.h>

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

static void add_listener(struct plan *plan, const struct node *node)
{
	plan_text_id answer = plan_add_text(plan, node->name);
	struct step *step = plan_add_step(plan, STEP_LISTENER, node->name, node->pos);

	step->listener.port = HTTP_PORT;
	step->listener.answer = answer;
}

void compile_services(struct plan *plan, const struct topology *topology)
{
	add_hosts(plan, topology);
	/* never the host's servers: names that /etc/hosts does not have fail at once */
	plan_add_file(plan, RUN_RESOLV_CONF, "# labs have no DNS: names are in /etc/hosts\n",
		      (struct src_pos){ 0 });
	for (size_t i = 0; i < topology->nodes.count; i++)
		if (topology->nodes.items[i]->role == ROLE_VM)
			add_listener(plan, topology->nodes.items[i]);
}
