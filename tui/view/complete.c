/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/complete.h"

#include "lab/model/lab.h"
#include "lab/model/tree.h"
#include "lab/plan/fault.h"
#include "tui/view/build_kind.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Candidates for one word, as they come: what they share, and their list as text. */
struct matches {
	const char *word;
	size_t word_len;
	char shared[LINE_SIZE];
	size_t count;
	char *text;
	size_t size, len;
};

static void consider(struct matches *m, const char *candidate)
{
	size_t same = 0;

	if (strncasecmp(candidate, m->word, m->word_len) != 0)
		return;
	if (!m->count++) {
		(void)snprintf(m->shared, sizeof(m->shared), "%s", candidate);
	} else {
		while (m->shared[same] && m->shared[same] == candidate[same])
			same++;
		m->shared[same] = '\0';
	}
	if (m->len < m->size)
		m->len += (size_t)snprintf(m->text + m->len, m->size - m->len, "%s%s",
					   m->len ? "  " : "", candidate);
}

static void consider_commands(struct matches *m, const struct scene *scene)
{
	for (size_t i = 0; i < scene->command_count; i++)
		consider(m, scene->commands[i].name);
	for (size_t i = 0; views[i]; i++) {
		bool is_command = false;

		for (size_t n = 0; n < scene->command_count; n++)
			is_command |= !strcmp(scene->commands[n].name, views[i]->name);
		if (!is_command)
			consider(m, views[i]->name);
	}
	consider(m, "quit");
}

static void consider_machines(struct matches *m, const struct scene *scene)
{
	const struct snapshot_nodes *nodes = scene->snapshot.nodes;

	for (size_t i = 0; nodes && i < nodes->nodes.count; i++)
		consider(m, nodes->nodes.items[i].name);
}

/* A flow: who asks, who is asked, and how. */
static void consider_flow(struct matches *m, const struct scene *scene, const char *line)
{
	static const char *const protocols[] = { "icmp",   "http",    "tcp:22",
						 "tcp:80", "tcp:443", "udp:53" };
	size_t words = 0;

	for (const char *c = line; c < m->word; c++)
		words += *c != ' ' && c[1] == ' ';
	for (size_t i = 0; words == 3 && i < ARRAY_SIZE(protocols); i++)
		consider(m, protocols[i]);
	if (words > 2)
		return;
	consider_machines(m, scene);
	consider(m, "internet");
}

/* What can be done about faults, or what can be broken in the way that was typed. */
static void consider_faults(struct matches *m, const struct scene *scene, const char *line)
{
	const struct snapshot_targets *targets = scene->snapshot.targets;
	const char *verb = line + strlen("fault ");
	int len = (int)strcspn(verb, " ");

	if (m->word == verb) {
		for (int kind = 0; kind < FAULT_KIND_COUNT; kind++)
			consider(m, fault_kind_names[kind]);
		consider(m, "clear");
		consider(m, "ls");
		return;
	}
	for (size_t i = 0; targets && i < targets->targets.count; i++) {
		const struct snapshot_target *target = &targets->targets.items[i];

		for (size_t n = 0; n < target->kinds.count; n++)
			if (!strncmp(target->kinds.items[n], verb, (size_t)len) &&
			    !target->kinds.items[n][len])
				consider(m, target->name);
	}
}

/* ---- paths of the lab file, and their values ---- */

static void consider_in(struct matches *m, const char *before, const char *name, bool leads_on)
{
	char candidate[sizeof(m->shared)];

	if (snprintf(candidate, sizeof(candidate), "%s%s%s", before, name, leads_on ? "/" : "") <
	    (int)sizeof(candidate))
		consider(m, candidate);
}

/* Keys of an object, or the names of those that stand under a key. */
static void consider_paths(struct matches *m, const struct lab *lab)
{
	const char *slash = memrchr(m->word, '/', m->word_len);
	const struct doc_node *node;
	struct tree_place place;
	char parent[LINE_SIZE], before[LINE_SIZE + 1];

	(void)snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - m->word) : 0, m->word);
	(void)snprintf(before, sizeof(before), "%s%s", parent, slash ? "/" : "");
	if (!tree_find_place(&lab_schema, parent, &place))
		return;
	for (size_t i = 0; place.object && i < place.object->field_count; i++)
		consider_in(m, before, place.object->fields[i].key,
			    place.object->fields[i].object != NULL);
	if (place.object || !place.field || !place.field->object)
		return;
	node = tree_find(&lab_schema, lab->root, parent);
	for (size_t i = 0; node && i < node->count; i++) {
		char number[24];

		(void)snprintf(number, sizeof(number), "%zu", i);
		if (node->kind != DOC_SCALAR)
			consider_in(m, before,
				    node->kind == DOC_MAP ? node->pairs[i].key->value : number,
				    true);
	}
}

/* What a key that refers to another object may name. */
static void consider_references(struct matches *m, const struct lab *lab, const char *key)
{
	struct arena *arena = arena_new();
	struct names names = build_names_for(key, lab->root, arena);

	for (size_t i = 0; i < names.count; i++)
		consider(m, names.items[i]);
	arena_free(arena);
}

static void consider_values(struct matches *m, const struct lab *lab, const char *path)
{
	struct tree_place place;

	if (!tree_find_place(&lab_schema, path, &place))
		return;
	consider(m, "null");
	if (place.object || !place.field)
		return;
	if (place.field->kind == FIELD_FLAG) {
		consider(m, "true");
		consider(m, "false");
	}
	for (const struct choice_name *choice = place.field->choices; choice && choice->name;
	     choice++)
		consider(m, choice->name);
	if (place.field->kind == FIELD_REF)
		consider_references(m, lab, place.field->key);
}

/* PATH VALUE...: the words before tell which of them is typed. */
static void consider_changes(struct matches *m, const struct scene *scene, const char *line)
{
	const char *before = NULL;
	char path[LINE_SIZE];
	size_t place = 0;

	for (const char *at = strchr(line, ' '); at && at + 1 < m->word; at = strchr(at + 1, ' ')) {
		before = at + 1;
		place++;
	}
	if (!scene->model)
		return;
	if (place % 2 == 0) {
		consider_paths(m, scene->model);
		return;
	}
	(void)snprintf(path, sizeof(path), "%.*s", (int)strcspn(before, " "), before);
	consider_values(m, scene->model, path);
}

static void consider_steps(struct matches *m, const struct scene *scene, const char *line)
{
	const struct snapshot_file *file = scene->snapshot.file;
	char number[24];

	(void)line;
	consider(m, "next");
	consider(m, "prev");
	for (size_t i = 0; file && i < file->steps.count; i++) {
		(void)snprintf(number, sizeof(number), "%lld",
			       (long long)file->steps.items[i].number);
		consider(m, number);
	}
}

/* Machines, and gateways and Route Servers by the name of their instances. */
static void consider_speakers(struct matches *m, const struct scene *scene, const char *line)
{
	const struct snapshot_nodes *nodes = scene->snapshot.nodes;
	const char *before = "";

	(void)line;
	consider_machines(m, scene);
	for (size_t i = 0; nodes && i < nodes->nodes.count; i++) {
		const char *gateway = nodes->nodes.items[i].part_of;

		if (gateway && strcmp(gateway, before) != 0)
			consider(m, gateway);
		before = gateway ? gateway : "";
	}
}

/* Guests, and what was saved of the one that is typed. */
static void consider_guests(struct matches *m, const struct scene *scene, const char *line)
{
	const struct snapshot_nodes *nodes = scene->snapshot.nodes;
	const char *before = memrchr(line, ' ', (size_t)(m->word - line) - 1);
	size_t len = before ? (size_t)(m->word - before) - 2 : 0;

	for (size_t i = 0; nodes && i < nodes->nodes.count; i++) {
		const struct snapshot_node *node = &nodes->nodes.items[i];

		if (node->kind && (!before || before[1] == '-'))
			consider(m, node->name);
		for (size_t n = 0; before && n < node->snapshots.count; n++)
			if (!strncasecmp(node->name, before + 1, len) && !node->name[len])
				consider(m, node->snapshots.items[n].name);
	}
}

static void consider_topics(struct matches *m, const struct scene *scene, const char *line)
{
	(void)line;
	for (size_t i = 0; i < scene->command_count; i++)
		consider(m, scene->commands[i].name);
}

/* What stands behind these commands is not, or not only, a machine. */
static const struct {
	const char *command;
	void (*consider)(struct matches *m, const struct scene *scene, const char *line);
} behind[] = {
	{ "fault", consider_faults },   { "set", consider_changes },
	{ "whatif", consider_changes }, { "step", consider_steps },
	{ "bgp", consider_speakers },   { "capture", consider_speakers },
	{ "help", consider_topics },    { "start", consider_guests },
	{ "stop", consider_guests },    { "reboot", consider_guests },
	{ "restore", consider_guests }, { "snapshot", consider_guests },
};

static void consider_arguments(struct matches *m, const struct scene *scene, const char *line)
{
	size_t len = strcspn(line, " ");

	for (size_t i = 0; i < ARRAY_SIZE(behind); i++)
		if (strlen(behind[i].command) == len && !strncmp(behind[i].command, line, len)) {
			behind[i].consider(m, scene, line);
			return;
		}
	consider_machines(m, scene);
}

void complete_line(const struct scene *scene, char *line, size_t size, char *choices,
		   size_t choices_size)
{
	const char *space = strrchr(line, ' ');
	struct matches m = { .word = space ? space + 1 : line,
			     .text = choices,
			     .size = choices_size };
	size_t at = (size_t)(m.word - line);

	*choices = '\0';
	m.word_len = strlen(m.word);
	if (!strncmp(line, "why ", strlen("why ")))
		consider_flow(&m, scene, line);
	else if (space)
		consider_arguments(&m, scene, line);
	else
		consider_commands(&m, scene);
	if (m.count && strlen(m.shared) >= m.word_len) {
		bool is_whole = m.count == 1 && m.shared[strlen(m.shared) - 1] != '/';

		(void)snprintf(line + at, size - at, "%s%s", m.shared, is_whole ? " " : "");
	}
	if (m.count == 1)
		*choices = '\0';
	else if (!m.count)
		(void)snprintf(choices, choices_size, "nothing begins with that");
}
