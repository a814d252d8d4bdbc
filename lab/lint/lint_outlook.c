/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What follows from what routers will know: tunnels that do not last, expectations that fail. */
#include "lab/lint/lint_parts.h"

#include "lab/azure/bgp_solve.h"
#include "lab/azure/tunnels.h"

#include <stdlib.h>

static void check_tunnel(struct lint *l, const struct tunnel_state *state)
{
	const struct tunnel_end *end = state->end;
	const struct connection *connection = end->connection ? end->connection
					      : end->peer     ? end->peer->connection
							      : NULL;
	char words[200];
	struct diag *diag;

	/* what does not fit at all is said of the two sides */
	if (state->outlook == TUNNEL_UP || !connection || !end->peer ||
	    !tunnel_agrees(end, words, sizeof(words)) || lint_is_said(l, connection, l->lab))
		return;
	diag = diag_add(l->diags, DIAG_TUNNEL_PATH, connection->object.pos,
			"connection '%s': its tunnels %s: %s", connection->object.name,
			state->outlook == TUNNEL_RECURSIVE ? "come up, and end by what they bring"
							   : "do not come up",
			state->words);
	if (state->outlook == TUNNEL_RECURSIVE)
		diag_hint(l->diags, diag,
			  "give each end a route to the other that the tunnels do "
			  "not bring, such as a static /32");
}

static void check_expectation(struct lint *l, const struct fabric *fabric,
			      const struct expectation *expectation)
{
	struct prediction prediction;
	bool is_answer;

	if (expectation->kind != EXPECT_FLOW)
		return;
	fabric_predict(fabric, &expectation->probe, &prediction);
	is_answer = prediction_is_answer(&prediction,
					 (enum probe_protocol)expectation->probe.protocol.value);
	if (prediction.is_by_flow || is_answer == (expectation->result.value == FLOW_WORKS))
		return;
	diag_add(l->diags, DIAG_EXPECTED_FLOW, expectation->object.pos,
		 "'%s' to '%s' is expected to %s: %s", expectation->from_ref.name,
		 expectation->to_ref.name, is_answer ? "fail" : "work",
		 is_answer ? "it is answered" : prediction.words);
}

void lint_outlook(struct lint *l, const struct topology *topology, const struct bgp_graph *graph)
{
	const struct lab *lab = l->lab;
	struct as_paths *paths = as_paths_new();
	struct prospect prospect;

	prospect_init(&prospect, topology, graph, paths);
	for (size_t i = 0; i < topology->tunnel_ends.count; i++)
		check_tunnel(l, &prospect.tunnels[i]);
	for (size_t i = 0; i < lab->expectations.count; i++)
		check_expectation(l, prospect.fabric, lab->expectations.items[i]);
	fabric_free(prospect.fabric);
	bgp_ribs_free(prospect.ribs, graph);
	free(prospect.tunnels);
	as_paths_free(paths);
}
