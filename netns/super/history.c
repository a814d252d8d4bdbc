/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/history.h"

#include "lab/plan/plan_shell.h"
#include "lab/render/az_change.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	struct arena *arena; /* NULL: there is none */
	struct snapshot_command command;
};

struct history {
	int64_t last_number;
	uint64_t version;
	struct entry entries[HISTORY_COMMANDS]; /* by number, the oldest overwritten */
};

struct history *history_new(void)
{
	struct history *history = calloc(1, sizeof(*history));

	if (!history)
		abort();
	return history;
}

static void clear(struct entry *entry)
{
	arena_free(entry->arena);
	*entry = (struct entry){ 0 };
}

void history_free(struct history *history)
{
	if (!history)
		return;
	for (size_t i = 0; i < HISTORY_COMMANDS; i++)
		clear(&history->entries[i]);
	free(history);
}

static struct entry *find(struct history *history, int64_t number)
{
	struct entry *entry = &history->entries[number % HISTORY_COMMANDS];

	return number && entry->arena && entry->command.number == number ? entry : NULL;
}

int64_t history_add(struct history *history, const char *by, const char *command, double now)
{
	struct entry *entry = &history->entries[++history->last_number % HISTORY_COMMANDS];

	clear(entry);
	entry->arena = arena_new();
	entry->command = (struct snapshot_command){ .number = history->last_number,
						    .time = now,
						    .by = arena_strdup(entry->arena, by),
						    .command = arena_strdup(entry->arena, command),
						    .state = "running" };
	history->version++;
	return history->last_number;
}

void history_drop(struct history *history, int64_t number)
{
	struct entry *entry = find(history, number);

	if (!entry)
		return;
	clear(entry);
	if (number == history->last_number)
		history->last_number--;
	history->version++;
}

/* So many at most: what it took to make them is not kept. */
static void add_all(struct texts *to, const struct texts *from, size_t max, struct arena *arena)
{
	for (size_t i = 0; i < from->count && i < max; i++)
		*ARENA_PUSH(arena, to->items, to->count) = arena_strdup(arena, from->items[i]);
}

void history_add_plan(struct history *history, int64_t number, const struct plan *changes)
{
	struct entry *entry = find(history, number);
	struct snapshot_command *command;
	struct arena *scratch;
	struct texts lines;
	uint32_t left;

	if (!entry)
		return;
	scratch = arena_new();
	command = &entry->command;
	lines = plan_shell(changes, HISTORY_LINES - command->machine.count, &left, scratch);
	add_all(&command->machine, &lines, HISTORY_LINES, entry->arena);
	arena_free(scratch);
	command->step_count += changes->step_count;
	command->steps_left += left;
	history->version++;
}

void history_add_az(struct history *history, int64_t number, const struct lab *before,
		    const struct lab *after)
{
	struct entry *entry = find(history, number);
	struct arena *scratch;
	struct texts lines;

	if (!entry)
		return;
	scratch = arena_new();
	lines = az_change(before, after, scratch);
	add_all(&entry->command.az, &lines, HISTORY_LINES, entry->arena);
	if (lines.count > HISTORY_LINES)
		*ARENA_PUSH(entry->arena, entry->command.az.items, entry->command.az.count) =
			arena_printf(entry->arena, "# and %zu more", lines.count - HISTORY_LINES);
	arena_free(scratch);
	history->version++;
}

void history_end(struct history *history, int64_t number, const char *error, double now)
{
	struct entry *entry = find(history, number);

	if (!entry)
		return;
	entry->command.state = error ? "failed" : "done";
	entry->command.error = error ? arena_strdup(entry->arena, error) : NULL;
	entry->command.took_ms = (now - entry->command.time) * 1000;
	history->version++;
}

uint64_t history_version(const struct history *history)
{
	return history->version;
}

void history_fill(const struct history *history, struct snapshot_history *out, struct arena *arena)
{
	int64_t first = history->last_number - HISTORY_COMMANDS + 1;

	for (int64_t n = first > 0 ? first : 1; n <= history->last_number; n++) {
		const struct entry *entry = &history->entries[n % HISTORY_COMMANDS];

		if (entry->arena && entry->command.number == n)
			*ARENA_PUSH(arena, out->commands.items, out->commands.count) =
				entry->command;
	}
}
