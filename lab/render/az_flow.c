/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/az_flow.h"

#include "lab/render/table.h"

#include <string.h>

/* ---- as az ---- */

void az_flow_print(const struct snapshot_flow_verdict *verdict, bool is_tsv, FILE *out)
{
	static const char *const headers[] = { "Access", "RuleName" };
	const char *cells[] = { verdict->access, verdict->rule };
	struct table *table = table_new(headers, ARRAY_SIZE(headers));

	table_add(table, cells);
	table_print_as(table, is_tsv, out);
	table_free(table);
}

static json_t *list_of(const struct texts *texts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < texts->count; i++)
		(void)json_array_append_new(list, json_string(texts->items[i]));
	return list;
}

/* NW-10 */
static json_t *looks_json(const struct snapshot_verdict_layer *layer)
{
	json_t *looks = json_array();

	for (size_t i = 0; i < layer->looks.count; i++) {
		const struct snapshot_look *look = &layer->looks.items[i];
		const char *before = !strcmp(look->kind, "user")      ? "UserRule_"
				     : !strcmp(look->kind, "default") ? "DefaultRule_"
								      : "";

		(void)json_array_append_new(
			looks, json_pack("{s:o, s:b, s:b, s:b, s:b, s:b}", "name",
					 json_sprintf("%s%s", before, look->name),
					 "protocolMatched", look->protocol, "sourceMatched",
					 look->source, "sourcePortMatched", look->source_port,
					 "destinationMatched", look->destination,
					 "destinationPortMatched", look->destination_port));
	}
	return looks;
}

/* NSG-45 */
static json_t *layer_json(const struct snapshot_verdict_layer *layer)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s?, s:o, s:s?, s:o}", "layer",
			 layer->layer, "resource", layer->resource, "appliedTo", layer->applied_to,
			 "ruleName", layer->rule, "ruleKind", layer->kind, "priority",
			 (json_int_t)layer->priority, "access", layer->access, "expandedFrom",
			 layer->expanded_from, "expansions", list_of(&layer->expansions), "place",
			 layer->place, "rulesEvaluationResult", looks_json(layer));
}

json_t *az_flow_json(const struct snapshot_flow_verdict *verdict)
{
	json_t *layers = json_array();

	for (size_t i = 0; i < verdict->layers.count; i++)
		(void)json_array_append_new(layers, layer_json(&verdict->layers.items[i]));
	return json_pack("{s:s, s:s?, s:o, s:o}", "access", verdict->access, "ruleName",
			 verdict->rule, "layers", layers, "notes", list_of(&verdict->notes));
}

static json_t *evaluated_json(const struct snapshot_flow_verdict *verdict,
			      const struct snapshot_verdict_layer *layer, struct arena *arena)
{
	const char *lab = verdict->lab, *at = layer->applied_to, *rule = layer->rule;
	bool is_admin = !strcmp(layer->kind, "admin");

	if (!strcmp(layer->layer, "subnet"))
		at = az_subnet_id(lab, at, arena);
	else
		at = az_id(lab, is_admin ? "virtualNetworks" : "networkInterfaces", at, arena);
	if (!is_admin)
		rule = arena_printf(arena, "%s%s",
				    !strcmp(layer->kind, "default") ? "DefaultRule_" : "UserRule_",
				    rule);
	return json_pack("{s:s, s:s, s:{s:s, s:s}, s:o}", "appliedTo", at, "networkSecurityGroupId",
			 az_id(lab, is_admin ? "networkManagers" : "networkSecurityGroups",
			       layer->resource, arena),
			 "matchedRule", "action", layer->access, "ruleName", rule,
			 "rulesEvaluationResult", looks_json(layer));
}

json_t *az_diagnostic_json(const struct snapshot_flow_verdict *verdict)
{
	json_t *evaluated = json_array(), *result;
	struct arena *arena = arena_new();

	for (size_t i = 0; i < verdict->layers.count; i++)
		if (strcmp(verdict->layers.items[i].kind, "platform") != 0)
			(void)json_array_append_new(
				evaluated,
				evaluated_json(verdict, &verdict->layers.items[i], arena));
	result =
		json_pack("{s:[{s:{s:s, s:s, s:s, s:s, s:s}, s:{s:s, s:o}}]}", "results", "profile",
			  "direction", verdict->direction, "protocol", verdict->protocol, "source",
			  verdict->source, "destination", verdict->destination, "destinationPort",
			  verdict->destination_port ? verdict->destination_port : "*",
			  "networkSecurityGroupResult", "securityRuleAccessResult", verdict->access,
			  "evaluatedNetworkSecurityGroups", evaluated);
	arena_free(arena);
	return result;
}

/* ---- for people ---- */

static const char *side(const char *address, const char *port, struct arena *arena)
{
	if (!port)
		return address;
	return strchr(address, ':') ? arena_printf(arena, "[%s]:%s", address, port)
				    : arena_printf(arena, "%s:%s", address, port);
}

static void add(struct security_lines *lines, enum security_line_kind kind, unsigned indent,
		const char *text, unsigned cols, struct arena *arena)
{
	security_lines_wrap(lines, kind, arena_printf(arena, "%*s", (int)indent, ""), text, cols,
			    arena);
}

/* What of a rule did not match: "source, destination port". */
static const char *misses(const struct snapshot_look *look, struct arena *arena)
{
	const struct {
		bool is_matched;
		const char *name;
	} parts[] = {
		{ look->protocol, "protocol" },
		{ look->source, "source" },
		{ look->source_port, "source port" },
		{ look->destination, "destination" },
		{ look->destination_port, "destination port" },
	};
	const char *text = "";

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!parts[i].is_matched)
			text = arena_printf(arena, "%s%s%s", text, *text ? ", " : "",
					    parts[i].name);
	return text;
}

static void add_looks(struct security_lines *lines, const struct snapshot_verdict_layer *layer,
		      unsigned cols, struct arena *arena)
{
	for (size_t i = 0; i + 1 < layer->looks.count; i++) {
		const struct snapshot_look *look = &layer->looks.items[i];

		security_lines_wrap(
			lines, SECURITY_MORE,
			arena_printf(arena, "%*s%5lld ", 8, "", (long long)look->priority),
			arena_printf(arena, "%s does not match: %s", look->name,
				     misses(look, arena)),
			cols, arena);
	}
}

static void add_layer(struct security_lines *lines, const struct snapshot_verdict_layer *layer,
		      bool is_why, unsigned cols, struct arena *arena)
{
	enum security_line_kind kind =
		strcmp(layer->access, "Deny") != 0 ? SECURITY_ALLOW : SECURITY_DENY;

	if (!layer->words) {
		add(lines, kind, 0,
		    arena_printf(arena, "%-6s  %s %s", layer->access, layer->layer, layer->rule),
		    cols, arena);
		return;
	}
	security_lines_wrap(lines, kind, arena_printf(arena, "%-6s  ", layer->access),
			    arena_printf(arena, "%s %s: %s (%lld)", layer->layer, layer->resource,
					 layer->rule, (long long)layer->priority),
			    cols, arena);
	add(lines, SECURITY_MORE, 8,
	    layer->place ? arena_printf(arena, "%s (%s)", layer->words, layer->place)
			 : layer->words,
	    cols, arena);
	for (size_t i = 0; i < layer->expansions.count; i++)
		add(lines, SECURITY_MORE, 8, layer->expansions.items[i], cols, arena);
	if (is_why)
		add_looks(lines, layer, cols, arena);
}

static void add_layers(struct security_lines *lines, const struct snapshot_flow_verdict *verdict,
		       bool is_why, unsigned cols, struct arena *arena)
{
	for (size_t i = 0; i < verdict->layers.count; i++)
		add_layer(lines, &verdict->layers.items[i], is_why, cols, arena);
	if (!verdict->layers.count)
		add(lines, SECURITY_ALLOW, 0, "Allow   nothing filters here", cols, arena);
	for (size_t i = 0; i < verdict->notes.count; i++)
		add(lines, SECURITY_MORE, 8, verdict->notes.items[i], cols, arena);
}

struct security_lines az_flow_layer_lines(const struct snapshot_flow_verdict *verdict, bool is_why,
					  unsigned cols, struct arena *arena)
{
	struct security_lines lines = { 0 };

	add_layers(&lines, verdict, is_why, cols, arena);
	return lines;
}

struct security_lines az_flow_lines(const struct snapshot_flow_verdict *verdict, bool is_why,
				    unsigned cols, struct arena *arena)
{
	struct security_lines lines = { 0 };

	add(&lines, SECURITY_TITLE, 0,
	    arena_printf(arena, "%s %s %s -> %s at %s", verdict->direction, verdict->protocol,
			 side(verdict->source, verdict->source_port, arena),
			 side(verdict->destination, verdict->destination_port, arena),
			 verdict->nic),
	    cols, arena);
	add_layers(&lines, verdict, is_why, cols, arena);
	return lines;
}
