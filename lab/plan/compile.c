/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/plan/compile.h"

void plan_add_sysctl(struct plan *plan, const char *ns, const char *path, const char *value)
{
	plan_text_id path_id = plan_add_text(plan, path), value_id = plan_add_text(plan, value);
	struct step *step = plan_add_step(plan, STEP_SYSCTL, ns, (struct src_pos){ 0 });

	step->sysctl.path = path_id;
	step->sysctl.value = value_id;
}

void plan_add_route(struct plan *plan, const char *ns, uint32_t table, enum route_type type,
		    struct prefix prefix, struct src_pos pos)
{
	struct step *step = plan_add_step(plan, STEP_ROUTE, ns, pos);

	step->route.table = table;
	step->route.type = type;
	step->route.prefix = prefix;
}

void plan_add_file(struct plan *plan, const char *path, const char *content, struct src_pos pos)
{
	plan_text_id path_id = plan_add_text(plan, path), content_id = plan_add_text(plan, content);
	struct step *step = plan_add_step(plan, STEP_FILE, "", pos);

	step->file.path = path_id;
	step->file.content = content_id;
}

struct plan *plan_compile(const struct topology *topology, const struct bgp_graph *graph)
{
	struct plan *plan = plan_new();

	compile_fabric(plan, topology);
	compile_nodes(plan, topology);
	compile_bgp(plan, graph);
	compile_services(plan, topology);
	plan_sort(plan);
	return plan;
}
