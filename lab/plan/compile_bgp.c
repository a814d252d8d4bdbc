/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routing daemons: each speaker's BIRD and its configuration. */
#include "lab/plan/compile.h"

#include "lab/render/bird_conf.h"

#include <stdio.h>
#include <stdlib.h>

static void add_config(struct plan *plan, const struct bgp_graph *graph,
		       const struct bgp_speaker *speaker, const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	bird_conf_print(graph, speaker, out);
	if (fclose(out))
		abort();
	plan_add_file(plan, path, text, speaker->node->pos);
	free(text);
}

static void compile_speaker(struct plan *plan, const struct bgp_graph *graph,
			    const struct bgp_speaker *speaker)
{
	const char *name = speaker->node->name;
	char config[200], control[200], argv[500];
	plan_text_id name_id, argv_id, control_id;
	struct step *step;

	(void)snprintf(config, sizeof(config), RUN_BIRD_CONF, name);
	(void)snprintf(control, sizeof(control), RUN_NODE "/%s/bird/bird.ctl", name);
	(void)snprintf(argv, sizeof(argv), "bird -f -c /run/%s -s /run/%s", config, control);
	add_config(plan, graph, speaker, config);
	name_id = plan_add_text(plan, name);
	argv_id = plan_add_text(plan, argv);
	control_id = plan_add_text(plan, control);
	step = plan_add_step(plan, STEP_DAEMON, name, speaker->node->pos);
	step->daemon.name = name_id;
	step->daemon.argv = argv_id;
	step->daemon.control = control_id;
}

void compile_bgp(struct plan *plan, const struct bgp_graph *graph)
{
	for (size_t i = 0; i < graph->speakers.count; i++)
		compile_speaker(plan, graph, graph->speakers.items[i]);
}
