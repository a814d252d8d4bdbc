/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/logs.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct line {
	double time;
	char *text;
};

struct log {
	UT_hash_handle hh;
	int64_t last;
	struct line lines[LOG_LINES]; /* by number, the oldest overwritten */
	char name[];
};

struct logs {
	uint64_t version;
	struct log *by_name;
};

struct logs *logs_new(void)
{
	struct logs *logs = calloc(1, sizeof(*logs));

	if (!logs)
		abort();
	return logs;
}

static struct log *find(const struct logs *logs, const char *name)
{
	struct log *log;

	HASH_FIND_STR(logs->by_name, name, log);
	return log;
}

static void log_free(struct logs *logs, struct log *log)
{
	HASH_DEL(logs->by_name, log);
	for (size_t i = 0; i < LOG_LINES; i++)
		free(log->lines[i].text);
	free(log);
}

void logs_free(struct logs *logs)
{
	struct log *log, *next;

	if (!logs)
		return;
	HASH_ITER(hh, logs->by_name, log, next) {
		log_free(logs, log);
	}
	free(logs);
}

void logs_drop(struct logs *logs, const char *name)
{
	struct log *log = find(logs, name);

	if (log)
		log_free(logs, log);
}

static struct log *find_or_add(struct logs *logs, const char *name)
{
	struct log *log = find(logs, name);

	if (log)
		return log;
	log = calloc(1, sizeof(*log) + strlen(name) + 1);
	if (!log)
		abort();
	strcpy(log->name, name); /* the size was taken from it */
	HASH_ADD_STR(logs->by_name, name, log);
	return log;
}

/* So that it can be sent, and shown: it is foreign. */
static char *copy_line(const char *line)
{
	char *text = strndup(line, LOG_LINE_BYTES);

	if (!text)
		abort();
	for (char *at = text; *at; at++)
		if (*at == '\t')
			*at = ' ';
		else if ((unsigned char)*at < ' ' || (unsigned char)*at >= 127)
			*at = '?';
	return text;
}

void logs_add(struct logs *logs, const char *name, const char *line, double now)
{
	struct log *log = find_or_add(logs, name);
	struct line *slot = &log->lines[++log->last % LOG_LINES];

	logs->version++;
	free(slot->text);
	*slot = (struct line){ now, copy_line(line) };
}

uint64_t logs_version(const struct logs *logs)
{
	return logs->version;
}

void logs_fill(const struct logs *logs, const char *name, int64_t since, struct snapshot_log *out,
	       struct arena *arena)
{
	const struct log *log = find(logs, name);
	int64_t first = log ? log->last - LOG_LINES + 1 : 0;

	out->name = name;
	if (!log)
		return;
	for (int64_t n = first > since ? first : since + 1; n <= log->last; n++)
		*ARENA_PUSH(arena, out->lines.items, out->lines.count) =
			(struct snapshot_log_line){ n, log->lines[n % LOG_LINES].time,
						    log->lines[n % LOG_LINES].text };
}
