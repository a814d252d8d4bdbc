/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routing daemons: each speaker's BIRD or FRR, and its configuration. */
#include "lab/plan/compile.h"

#include "lab/base/text_file.h"
#include "lab/render/bird_conf.h"
#include "lab/render/frr_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void routing_conf_path(const struct bgp_speaker *speaker, char path[ROUTING_CONF_SIZE])
{
	const char *program = routing_daemon_name(speaker->daemon);

	(void)snprintf(path, ROUTING_CONF_SIZE, RUN_NODE "/%s/%s/%s.conf", speaker->node->name,
		       program, program);
}

static void add_config(struct plan *plan, const struct bgp_graph *graph,
		       const struct bgp_speaker *speaker, const char *path)
{
	struct text_file file;
	FILE *out = text_open(&file);

	switch (speaker->daemon) {
	case ROUTING_BIRD:
		bird_conf_print(graph, speaker, out);
		break;
	case ROUTING_FRR:
		frr_conf_print(graph, speaker, out);
		break;
	}
	plan_add_file(plan, path, text_close(&file), speaker->node->pos);
	free(file.text);
}

static void add_bird(struct plan *plan, const struct bgp_speaker *speaker, const char *config)
{
	const char *name = speaker->node->name;
	char control[200], argv[500];

	(void)snprintf(control, sizeof(control), RUN_NODE "/%s/bird/bird.ctl", name);
	(void)snprintf(argv, sizeof(argv), "bird -f -c /run/%s -s /run/%s", config, control);
	plan_add_daemon(plan, name,
			&(struct daemon_spec){ .name = name, .argv = argv, .control = control },
			speaker->node->pos);
}

/*
 * They read no file: what is in frr.conf is told them one line at a time, so that each that is
 * refused is known. All but zebra wait for zebra.
 */
static void add_frr_program(struct plan *plan, const struct bgp_speaker *speaker,
			    const char *program)
{
	const char *node = speaker->node->name;
	char name[100], directory[150], control[200], zebra[200], argv[1200];
	struct daemon_spec daemon = {
		.name = name, .argv = argv, .control = control, .user = "frr"
	};
	size_t len;

	(void)snprintf(name, sizeof(name), "%s@%s", program, node);
	(void)snprintf(directory, sizeof(directory), RUN_NODE "/%s/frr", node);
	(void)snprintf(control, sizeof(control), "%s/%s.vty", directory, program);
	(void)snprintf(zebra, sizeof(zebra), "%s/zserv.api", directory);
	len = (size_t)snprintf(argv, sizeof(argv),
			       FRR_DIRECTORY "/%s -u frr -g frr --vty_socket /run/%s -z /run/%s "
					     "-i /run/%s/%s.pid -f /dev/null -P 0 --log stdout "
					     "--log-level debugging",
			       program, directory, zebra, directory, program);
	if (!strcmp(program, "bfdd"))
		(void)snprintf(argv + len, sizeof(argv) - len, " --bfdctl /run/%s/bfdd.sock",
			       directory);
	if (strcmp(program, "zebra") != 0)
		daemon.needs = zebra;
	plan_add_daemon(plan, node, &daemon, speaker->node->pos);
}

static void add_frr(struct plan *plan, const struct bgp_speaker *speaker)
{
	static const char *const programs[] = { "zebra", "staticd", "bfdd", "bgpd" };

	char path[200];

	/* vtysh on the node finds it: see enter.c */
	(void)snprintf(path, sizeof(path), RUN_NODE "/%s/frr/vtysh.conf", speaker->node->name);
	plan_add_file(plan, path, "service integrated-vtysh-config\n", speaker->node->pos);
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		add_frr_program(plan, speaker, programs[i]);
}

void compile_bgp(struct plan *plan, const struct bgp_graph *graph, const struct node *router)
{
	for (size_t i = 0; i < graph->speakers.count; i++) {
		const struct bgp_speaker *speaker = graph->speakers.items[i];
		char config[ROUTING_CONF_SIZE];

		if (!compile_is_for(speaker->node, router))
			continue;
		routing_conf_path(speaker, config);
		add_config(plan, graph, speaker, config);
		switch (speaker->daemon) {
		case ROUTING_BIRD:
			add_bird(plan, speaker, config);
			break;
		case ROUTING_FRR:
			add_frr(plan, speaker);
			break;
		}
	}
}
