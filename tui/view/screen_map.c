/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the map asks of the screen: the flow on it, moving about, and what Enter opens. */
#include "tui/view/screen_parts.h"

#include <stdio.h>
#include <string.h>

/*
 * What is drawn on the map: the probe that is open in its view, or one that fails where it should
 * not, of those of the selected machine first.
 */
void screen_choose_flow(struct screen *s)
{
	const struct view_state *v = screen_mutable_state(s, &view_probes);
	const struct snapshot_probes *probes = s->scene.snapshot.probes;
	size_t index = v->is_open ? view_at(&view_probes, &s->scene, v, v->selected) : VIEW_NOTHING;

	s->scene.flow = s->view != &view_map ? NULL
			: index != VIEW_NOTHING
				? &probes->probes.items[index]
				: graph_failing_probe(probes, screen_state(s)->name);
}

bool screen_move_across(struct screen *s, int right, int down)
{
	struct view_state *v = screen_mutable_state(s, s->view);

	if (!s->view->step || !view_count(s->view, &s->scene, v))
		return false;
	screen_select(s, s->view,
		      (long)s->view->step(&s->scene, v, s->cols, right, down) - (long)v->selected);
	return true;
}

/* The rows of that view with one of that name selected, whatever was filtered there. */
static void show_row(struct screen *s, const struct view *view, const char *name)
{
	struct view_state *v = screen_mutable_state(s, view);

	*v = (struct view_state){ 0 };
	(void)snprintf(v->name, sizeof(v->name), "%s", name);
	screen_show(s, view);
}

void screen_open_node(struct screen *s, const struct graph_node *node)
{
	const struct snapshot_vms *vms = s->scene.snapshot.vms;

	for (size_t i = 0; vms && !node->is_fold && i < vms->vms.count; i++) {
		if (strcmp(vms->vms.items[i].vm, node->name) != 0)
			continue;
		show_row(s, &view_vms, vms->vms.items[i].nic);
		screen_show_anew(s, &view_routes);
		return;
	}
	if (node->is_fold) {
		show_row(s, &view_vms, "");
		(void)snprintf(screen_mutable_state(s, &view_vms)->filter, FILTER_MAX, "%s/",
			       s->scene.graph->groups.items[node->group].name);
		screen_settle(s);
	} else if (node->is_site || node->kind == ROLE_PRIVATE_ENDPOINT ||
		   node->kind == ROLE_INTERNET || node->kind == ROLE_BRANCH_HOST) {
		screen_say(s, STYLE_DIM, "%s: there is no more to see of it", node->name);
	} else {
		show_row(s, &view_gateways, node->name);
	}
}
