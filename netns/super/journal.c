/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct journal {
	int log;
	journal_fn *fn;
	void *arg;
	int64_t last_number;
	struct snapshot_event events[JOURNAL_EVENTS]; /* by number, the oldest overwritten */
};

struct journal *journal_new(int log, journal_fn *fn, void *arg)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	if (!journal)
		abort();
	journal->log = log;
	journal->fn = fn;
	journal->arg = arg;
	return journal;
}

static void clear(struct snapshot_event *event)
{
	free((char *)event->kind);
	free((char *)event->text);
}

void journal_free(struct journal *journal)
{
	if (!journal)
		return;
	for (size_t i = 0; i < JOURNAL_EVENTS; i++)
		clear(&journal->events[i]);
	free(journal);
}

static void write_log(const struct journal *journal, const struct snapshot_event *event)
{
	time_t seconds = (time_t)event->time;
	struct tm tm;
	char stamp[40];

	if (journal->log < 0)
		return;
	(void)localtime_r(&seconds, &tm);
	(void)strftime(stamp, sizeof(stamp), "%F %T", &tm);
	(void)dprintf(journal->log, "%s.%03d %-7s %s\n", stamp,
		      (int)((event->time - (double)seconds) * 1000), event->kind, event->text);
}

void journal_add(struct journal *journal, const char *kind, const char *fmt, ...)
{
	struct snapshot_event *event = &journal->events[++journal->last_number % JOURNAL_EVENTS];
	struct timespec now;
	va_list args;
	char *text;

	clear(event);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		abort();
	va_end(args);
	*event = (struct snapshot_event){ .number = journal->last_number,
					  .time = (double)now.tv_sec + (double)now.tv_nsec / 1e9,
					  .kind = strdup(kind),
					  .text = text };
	if (!event->kind)
		abort();
	write_log(journal, event);
	journal->fn(journal->arg, event);
}

int64_t journal_last(const struct journal *journal)
{
	return journal->last_number;
}

void journal_fill(const struct journal *journal, int64_t since, struct snapshot_events *events,
		  struct arena *arena)
{
	int64_t first = journal->last_number - JOURNAL_EVENTS + 1;

	for (int64_t n = first > since ? first : since + 1; n <= journal->last_number; n++)
		*ARENA_PUSH(arena, events->events.items, events->events.count) =
			journal->events[n % JOURNAL_EVENTS];
}
