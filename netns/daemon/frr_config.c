/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/daemon/frr_config.h"

#include <stdio.h>
#include <string.h>

/* A line within a block. */
struct line {
	const char *text;
	const char *context; /* the line it stands below within the block; "" */
};

/* A line that is not indented, and those below it. */
struct block {
	const char *head;
	struct {
		struct line *items;
		size_t count;
	} lines;
};

struct config {
	struct {
		struct block *items;
		size_t count;
	} blocks;
};

struct writer {
	struct arena *arena;
	struct frr_script script;
};

/* ---- reading ---- */

/* Which of the daemons a block is for; those that are not named here are bgpd's. */
static bool is_for(const char *head, const char *program)
{
	static const struct {
		const char *head, *program;
	} others[] = {
		{ "log ", NULL }, /* everyone's */
		{ "ip nht ", "zebra" },
		{ "ip route ", "staticd" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strncmp(head, others[i].head, strlen(others[i].head)))
			return !others[i].program || !strcmp(others[i].program, program);
	return !strcmp(program, "bgpd");
}

/* Lines that end a block say nothing: it ends with the next one. */
static bool is_said(const char *line)
{
	return *line && *line != '!' && strcmp(line, "exit") != 0 &&
	       strcmp(line, "exit-address-family") != 0;
}

static struct config read_config(struct arena *arena, const char *text, const char *program)
{
	char *copy = arena_strdup(arena, text), *rest;
	struct config config = { 0 };
	struct block *block = NULL;
	const char *context = "";

	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		size_t depth = strspn(line, " ");

		line += depth;
		if (!is_said(line))
			continue;
		if (!depth) {
			block = NULL;
			context = "";
			if (!is_for(line, program))
				continue;
			block = ARENA_PUSH(arena, config.blocks.items, config.blocks.count);
			block->head = line;
		} else if (block) {
			struct line *added =
				ARENA_PUSH(arena, block->lines.items, block->lines.count);

			added->text = line;
			added->context = depth > 1 ? context : "";
			if (depth == 1)
				context = line;
		}
	}
	return config;
}

static const struct block *find_block(const struct config *config, const char *head)
{
	for (size_t i = 0; i < config->blocks.count; i++)
		if (!strcmp(config->blocks.items[i].head, head))
			return &config->blocks.items[i];
	return NULL;
}

static bool has_line(const struct block *block, const struct line *line)
{
	for (size_t i = 0; block && i < block->lines.count; i++)
		if (!strcmp(block->lines.items[i].text, line->text) &&
		    !strcmp(block->lines.items[i].context, line->context))
			return true;
	return false;
}

static bool are_equal(const struct block *a, const struct block *b)
{
	if (a->lines.count != b->lines.count)
		return false;
	for (size_t i = 0; i < a->lines.count; i++)
		if (!has_line(b, &a->lines.items[i]))
			return false;
	return true;
}

/* ---- writing ---- */

static void say(struct writer *w, const char *line)
{
	*ARENA_PUSH(w->arena, w->script.items, w->script.count) = line;
}

static void take_back(struct writer *w, const char *line)
{
	say(w, strncmp(line, "no ", 3) ? arena_printf(w->arena, "no %s", line) : line + 3);
}

/* The neighbour whose `word` a line of a session is ("" for any); NULL when it is another line. */
static const char *neighbor_of(struct writer *w, const char *line, const char *word)
{
	char address[64], said[32];

	if (sscanf(line, "neighbor %63s %31s", address, said) != 2 ||
	    (*word && strcmp(said, word) != 0))
		return NULL;
	return arena_strdup(w->arena, address);
}

/* Lines of one context stand together; what leaves it brings us back to the block. */
static void enter(struct writer *w, const char **context, const char *wanted)
{
	if (!strcmp(*context, wanted))
		return;
	if (**context)
		say(w, "exit-address-family");
	if (*wanted)
		say(w, wanted);
	*context = wanted;
}

static bool is_context(const struct block *block, const struct line *line)
{
	for (size_t i = 0; i < block->lines.count; i++)
		if (!strcmp(block->lines.items[i].context, line->text))
			return true;
	return false;
}

/* What of one state of a block is not in another. */
static void take_back_lines(struct writer *w, const struct block *block, const struct block *now)
{
	const char *context = "";
	bool is_open = false;

	for (size_t i = block->lines.count; i-- > 0;) {
		const struct line *line = &block->lines.items[i];

		if (has_line(now, line) || is_context(block, line))
			continue;
		if (!is_open)
			say(w, block->head);
		is_open = true;
		enter(w, &context, line->context);
		take_back(w, line->text);
	}
	enter(w, &context, "");
	if (is_open)
		say(w, "exit");
}

static void say_lines(struct writer *w, const struct block *block, const struct block *before,
		      frr_is_held_fn *is_held, const void *arg)
{
	struct frr_script shut = { 0 };
	const char *context = "";

	say(w, block->head);
	for (size_t i = 0; i < block->lines.count; i++) {
		const struct line *line = &block->lines.items[i];
		const char *neighbor = neighbor_of(w, line->text, "bfd");

		if (has_line(before, line) || is_context(block, line) ||
		    (neighbor && is_held(arg, neighbor)))
			continue;
		enter(w, &context, line->context);
		say(w, line->text);
		neighbor = neighbor_of(w, line->text, "remote-as");
		if (!neighbor)
			continue;
		say(w, arena_printf(w->arena, "neighbor %s shutdown", neighbor));
		*ARENA_PUSH(w->arena, shut.items, shut.count) = neighbor;
	}
	enter(w, &context, "");
	for (size_t i = 0; i < shut.count; i++)
		say(w, arena_printf(w->arena, "no neighbor %s shutdown", shut.items[i]));
	if (block->lines.count)
		say(w, "exit");
}

/* Entries of route maps have lines that nothing takes back one by one. */
static bool is_whole(const struct block *block)
{
	return !strncmp(block->head, "route-map ", strlen("route-map "));
}

struct frr_script frr_config_diff(struct arena *arena, const char *from, const char *to,
				  const char *program, frr_is_held_fn *is_held, const void *arg)
{
	const struct config before = read_config(arena, from, program),
			    after = read_config(arena, to, program);
	struct writer w = { .arena = arena };

	for (size_t i = before.blocks.count; i-- > 0;) {
		const struct block *block = &before.blocks.items[i];
		const struct block *now = find_block(&after, block->head);

		if (!now || (is_whole(block) && !are_equal(block, now)))
			take_back(&w, block->head);
		else if (!is_whole(block))
			take_back_lines(&w, block, now);
	}
	for (size_t i = 0; i < after.blocks.count; i++) {
		const struct block *block = &after.blocks.items[i];
		const struct block *earlier = find_block(&before, block->head);

		if (!earlier || !are_equal(block, earlier))
			say_lines(&w, block, is_whole(block) ? NULL : earlier, is_held, arg);
	}
	return w.script;
}

struct frr_script frr_config_held(struct arena *arena, const char *to, const char *neighbor)
{
	const struct config config = read_config(arena, to, "bgpd");
	struct writer w = { .arena = arena };

	for (size_t i = 0; i < config.blocks.count; i++) {
		const struct block *block = &config.blocks.items[i];

		for (size_t n = 0; n < block->lines.count; n++) {
			const char *line = block->lines.items[n].text;
			const char *whose = neighbor_of(&w, line, "bfd");

			if (!whose || strcmp(whose, neighbor) != 0)
				continue;
			if (!w.script.count)
				say(&w, block->head);
			say(&w, line);
		}
	}
	if (w.script.count)
		say(&w, "exit");
	return w.script;
}
