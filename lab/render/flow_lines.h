/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Flows as lines for people: one each where there is room, else one and what decided below it. */
#include "lab/snapshot/snapshot.h"

#include <stdio.h>

#define FLOW_LINE_WIDE 132 /* columns from which on a flow has one line */

/* "10.0.0.4:443"; "[fd00::4]:443"; "10.0.0.4:*" of any port; the address alone without ports. */
struct flow_end_text {
	char text[64];
};
struct flow_end_text flow_source_print(const struct snapshot_flow *flow);
struct flow_end_text flow_destination_print(const struct snapshot_flow *flow);

/* What decided: "subnet NSG1/DenyAllInBound(65500)", "platform anti-spoof". */
void flow_decider_print(const struct snapshot_flow *flow, char *text, size_t size);

void flow_lines_head(unsigned columns, FILE *out);
/* `stamp` is its time of day, of eight characters. */
void flow_lines_print(const struct snapshot_flow *flow, const char *stamp, unsigned columns,
		      FILE *out);
/* Tabs between the same columns; the time is Unix time. */
void flow_lines_print_tsv(const struct snapshot_flow *flow, FILE *out);
/* Why there may be others: lost or evicted ones. Nothing when there are none. */
void flow_lines_note(const struct snapshot_flows *flows, FILE *out);
