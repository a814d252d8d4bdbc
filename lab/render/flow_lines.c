/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/flow_lines.h"

#include <string.h>

#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

static struct flow_end_text end_print(const struct snapshot_flow *flow, const char *address,
				      int64_t port, bool is_any)
{
	bool has_port =
		flow->protocol_number == PROTOCOL_TCP || flow->protocol_number == PROTOCOL_UDP;
	bool is_v6 = strchr(address, ':') != NULL;
	struct flow_end_text text;

	if (!has_port)
		(void)snprintf(text.text, sizeof(text.text), "%s", address);
	else if (is_any)
		(void)snprintf(text.text, sizeof(text.text), is_v6 ? "[%s]:*" : "%s:*", address);
	else
		(void)snprintf(text.text, sizeof(text.text), is_v6 ? "[%s]:%lld" : "%s:%lld",
			       address, (long long)port);
	return text;
}

struct flow_end_text flow_source_print(const struct snapshot_flow *flow)
{
	return end_print(flow, flow->source, flow->source_port, flow->has_any_source_port);
}

struct flow_end_text flow_destination_print(const struct snapshot_flow *flow)
{
	return end_print(flow, flow->destination, flow->destination_port, false);
}

void flow_decider_print(const struct snapshot_flow *flow, char *text, size_t size)
{
	const struct snapshot_layer *layer;

	*text = '\0';
	if (!flow->layers.count)
		return;
	layer = &flow->layers.items[flow->layers.count - 1];
	if (!layer->priority)
		(void)snprintf(text, size, "%s %s", layer->layer, layer->rule);
	else if (!*layer->rule)
		(void)snprintf(text, size, "%s rule that is gone(%lld)", layer->layer,
			       (long long)layer->priority);
	else
		(void)snprintf(text, size, "%s %s/%s(%lld)", layer->layer, layer->resource,
			       layer->rule, (long long)layer->priority);
}

static const char *short_direction(const struct snapshot_flow *flow)
{
	return strcmp(flow->direction, "Inbound") == 0 ? "In" : "Out";
}

/* 12345678 bytes: "11.8M" */
static void print_number(int64_t number, char text[24])
{
	static const char units[] = " kMGTPE";
	double value = (double)number;
	unsigned unit = 0;

	if (number < 100000) {
		(void)snprintf(text, 24, "%lld", (long long)number);
		return;
	}
	for (; value >= 999.5 && units[unit + 1]; unit++)
		value /= 1000;
	(void)snprintf(text, 24, value < 99.95 ? "%.1f%c" : "%.0f%c", value, units[unit]);
}

#define ENDS "%-8s %-5s %-3s %-4s %-21s %-21s %5s %5s"

void flow_lines_head(unsigned columns, FILE *out)
{
	bool is_wide = columns >= FLOW_LINE_WIDE;

	(void)fprintf(out, ENDS "%s\n", "Time", "", "Dir", "", "Source", "Destination", "Pkts",
		      "Bytes", is_wide ? "  NIC: layer NSG/rule(priority)" : "");
}

void flow_lines_print(const struct snapshot_flow *flow, const char *stamp, unsigned columns,
		      FILE *out)
{
	char packets[24], bytes[24], decider[200];

	print_number(flow->packets, packets);
	print_number(flow->bytes, bytes);
	flow_decider_print(flow, decider, sizeof(decider));
	(void)fprintf(out, ENDS "%s%s: %s\n", stamp, flow->access, short_direction(flow),
		      flow->protocol, flow_source_print(flow).text,
		      flow_destination_print(flow).text, packets, bytes,
		      columns >= FLOW_LINE_WIDE ? "  " : "\n         ", flow->nic, decider);
}

void flow_lines_print_tsv(const struct snapshot_flow *flow, FILE *out)
{
	char decider[200];

	flow_decider_print(flow, decider, sizeof(decider));
	(void)fprintf(out, "%.3f\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%lld\t%lld\n", flow->time, flow->nic,
		      flow->direction, flow->access, flow->protocol, flow_source_print(flow).text,
		      flow_destination_print(flow).text, decider, (long long)flow->packets,
		      (long long)flow->bytes);
}

void flow_lines_note(const struct snapshot_flows *flows, FILE *out)
{
	if (flows->evicted)
		(void)fprintf(out, "%lld older flows are not kept: only the latest %lld are\n",
			      (long long)flows->evicted, (long long)flows->limit);
	if (flows->lost)
		(void)fprintf(out,
			      "%lld messages of the log were lost: more came than could be read\n",
			      (long long)flows->lost);
}
