/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The verdict on a packet: as az network watcher test-ip-flow (NW-02) and
 * run-configuration-diagnostic (NW-09) print it, and for people, layer by layer.
 */
#include "lab/render/az_nsg.h"

/* Columns Access and RuleName. */
void az_flow_print(const struct snapshot_flow_verdict *verdict, bool is_tsv, FILE *out);
/* `access`, `ruleName`, and our `layers` and `notes`. A new reference. */
json_t *az_flow_json(const struct snapshot_flow_verdict *verdict) NODISCARD;
/* NW-09; what the platform drops has no NSG there. A new reference. */
json_t *az_diagnostic_json(const struct snapshot_flow_verdict *verdict) NODISCARD;

/* `is_why`: also each rule that was looked at before, and what of it did not match (NW-10). */
struct security_lines az_flow_layer_lines(const struct snapshot_flow_verdict *verdict, bool is_why,
					  unsigned cols, struct arena *arena);
/* Behind a line that says what was asked. */
struct security_lines az_flow_lines(const struct snapshot_flow_verdict *verdict, bool is_why,
				    unsigned cols, struct arena *arena);
