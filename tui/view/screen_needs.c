/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be known of the lab, for what the screen shows now. */
#include "tui/view/screen.h"

#include <stdio.h>

bool screen_wants_model(const struct screen *s)
{
	return s->mode == MODE_MENU || s->mode == MODE_COMMAND || s->view == &view_steps;
}

bool screen_wants_test(const struct screen *s)
{
	return s->view == &view_steps;
}

const char *screen_nic(const struct screen *s)
{
	const struct view_state *v = screen_state_of(s, &view_vms);

	return *v->name ? v->name : NULL;
}

const char *screen_why(const struct screen *s)
{
	const struct view_state *v = screen_state(s);

	return s->view == &view_routes && v->why != WHY_NONE ? screen_nic(s) : NULL;
}

const char *screen_security(const struct screen *s)
{
	return s->view == &view_security ? screen_nic(s) : NULL;
}

const char *screen_question(const struct screen *s)
{
	return s->view == &view_security && *s->question ? s->question : NULL;
}

const char *screen_path(const struct screen *s)
{
	return s->view == &view_why && *s->scene.asked ? s->scene.asked : NULL;
}

const char *screen_gateway(const struct screen *s)
{
	const struct view_state *v = screen_state(s);

	return s->view == &view_gateways && *v->name ? v->name : NULL;
}

const char *screen_advertised(struct screen *s)
{
	const char *name = screen_gateway(s);
	const char *peer = name ? view_gateways_peer(&s->scene, screen_state(s)) : NULL;

	(void)snprintf(s->told, sizeof(s->told), "%s %s", name ? name : "", peer ? peer : "");
	return peer ? s->told : NULL;
}

#define PROBES_FEW 500

const char *screen_probes_of(const struct screen *s)
{
	const struct snapshot *snapshot = &s->scene.snapshot;
	const struct view_state *v = screen_state_of(s, &view_vms);
	size_t index = view_at(&view_vms, &s->scene, v, v->selected);

	if (!snapshot->lab || snapshot->lab->probe_count <= PROBES_FEW || s->view == &view_probes ||
	    s->view == &view_matrix)
		return NULL;
	return index == VIEW_NOTHING ? NULL : snapshot->vms->vms.items[index].vm;
}

bool screen_history(const struct screen *s)
{
	return s->view == &view_history;
}

bool screen_logs(const struct screen *s)
{
	return s->view == &view_logs;
}

const char *screen_log(const struct screen *s)
{
	const struct view_state *v = screen_state(s);

	return s->view == &view_logs && *v->name ? v->name : NULL;
}

bool screen_map(const struct screen *s)
{
	return s->view == &view_map;
}

const char *screen_map_path(struct screen *s)
{
	return s->scene.flow ? graph_path_question(s->scene.flow, s->path, sizeof(s->path)) : NULL;
}
