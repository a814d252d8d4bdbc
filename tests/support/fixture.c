/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/test.h"

#include "lab/azure/route_reasons.h"
#include "lab/plan/compile.h"
#include "lab/snapshot/fill.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <stdlib.h>
#include <string.h>

void fixture_parse(struct fixture *f, const char *text)
{
	struct diags diags = { 0 };
	struct prospect prospect;

	memset(f, 0, sizeof(*f));
	f->text = strdup(text);
	f->lab = lab_parse(f->text, strlen(f->text), "test.yaml", &diags);
	if (!f->lab)
		diags_print(&diags, f->text, strlen(f->text), stderr);
	diags_fini(&diags);
	assert_non_null(f->lab);
	f->topology = topology_new(f->lab, NULL);
	f->graph = bgp_graph_new(f->topology);
	f->paths = as_paths_new();
	prospect_init(&prospect, f->topology, f->graph, f->paths);
	f->ribs = prospect.ribs;
	f->fabric = prospect.fabric;
	f->tunnels = prospect.tunnels;
}

void fixture_read(struct fixture *f, const char *path)
{
	char *text = read_file(path, NULL);

	fixture_parse(f, text);
	free(text);
}

void fixture_free(struct fixture *f)
{
	fabric_free(f->fabric);
	bgp_ribs_free(f->ribs, f->graph);
	free(f->tunnels);
	as_paths_free(f->paths);
	bgp_graph_free(f->graph);
	topology_free(f->topology);
	lab_free(f->lab);
	free(f->text);
}

const struct nic *fixture_nic(const struct fixture *f, const char *name)
{
	const struct nic *nic = lab_find_nic(f->lab, name, NULL);

	assert_non_null(nic);
	return nic;
}

void fixture_why(const struct fixture *f, const char *vm, struct snapshot_why *out,
		 struct arena *arena)
{
	const struct nic *nic = fixture_nic(f, vm);
	const struct vnet *vnet = nic->subnet->vnet;
	struct route_reasons *reasons =
		route_reasons_new(f->lab, nic->subnet, fabric_taught(f->fabric, vnet->hub),
				  fabric_taught(f->fabric, route_reasons_offered(vnet)));
	struct snapshot_why borrowed = { 0 };
	struct err err = { 0 };
	json_t *json;

	snapshot_fill_why(f->lab, "test.yaml", nic, reasons, &borrowed, arena);
	json = record_encode(&snapshot_why_record, &borrowed);
	route_reasons_free(reasons);
	assert_true(record_decode(&snapshot_why_record, json, out, arena, &err));
	json_decref(json);
}

char *fixture_table(const struct plan *plan, const char *table)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];

		if (step->kind == STEP_NFT && !strcmp(plan_text(plan, step->ns), FABRIC_NS) &&
		    !strcmp(plan_text(plan, step->nft.table), table))
			(void)fputs(plan_text(plan, step->nft.text), out);
	}
	assert_int_equal(fclose(out), 0);
	return text;
}
