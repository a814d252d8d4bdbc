/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/complete.h"

#include "lab/plan/fault.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Candidates for one word, as they come: what they share, and their list as text. */
struct matches {
	const char *word;
	size_t word_len;
	char shared[96];
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
	if (!strncmp(line, "fault ", strlen("fault ")))
		consider_faults(&m, scene, line);
	else if (space)
		consider_machines(&m, scene);
	else
		consider_commands(&m, scene);
	if (m.count && strlen(m.shared) >= m.word_len)
		(void)snprintf(line + at, size - at, "%s%s", m.shared, m.count == 1 ? " " : "");
	if (m.count == 1)
		*choices = '\0';
	else if (!m.count)
		(void)snprintf(choices, choices_size, "nothing begins with that");
}
