/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define KEPT 20 /* of those that are over */
/* What is lost so long after a fault was cleared is not the clearing's. */
#define AFTERMATH_NS 60000000000ull

enum {
	WATCH_SET,
	WATCH_CLEAR,
	WATCH_COUNT
};

struct entry {
	struct entry *prev, *next;
	struct faults *faults;
	unsigned number;
	struct fault fault;
	char *target; /* the fault's */
	char *ended;  /* why, or NULL */
	bool is_on;
	uint64_t for_ns;
	struct stopwatch watches[WATCH_COUNT];
	struct loop_timer *timer;
};

struct faults {
	struct loop *loop;
	struct journal *journal;
	double unix_offset;
	struct faults_ops ops;
	void *arg;
	struct entry *entries; /* oldest first */
	unsigned last_number;
	struct entry *latest; /* the one that was set or cleared last: events are about it */
	struct fault *standing;
};

struct faults *faults_new(struct loop *loop, struct journal *journal, double unix_offset,
			  const struct faults_ops *ops, void *arg)
{
	struct faults *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	*f = (struct faults){ .loop = loop,
			      .journal = journal,
			      .unix_offset = unix_offset,
			      .ops = *ops,
			      .arg = arg };
	return f;
}

static void remove_entry(struct faults *f, struct entry *entry)
{
	DL_DELETE(f->entries, entry);
	if (f->latest == entry)
		f->latest = NULL;
	for (int i = 0; i < WATCH_COUNT; i++)
		stopwatch_fini(&entry->watches[i]);
	loop_timer_free(entry->timer);
	free(entry->target);
	free(entry->ended);
	free(entry);
}

void faults_free(struct faults *f)
{
	if (!f)
		return;
	while (f->entries)
		remove_entry(f, f->entries);
	free(f->standing);
	free(f);
}

static double unix_time(const struct faults *f, uint64_t time_ns)
{
	return f->unix_offset + (double)time_ns / 1e9;
}

static struct entry *find(const struct faults *f, unsigned number)
{
	struct entry *entry;

	DL_FOREACH(f->entries, entry)
		if (entry->number == number)
			return entry;
	return NULL;
}

static void due(void *arg, uint64_t now_ns)
{
	struct entry *entry = arg;

	(void)now_ns;
	entry->faults->ops.on_due(entry->faults->arg, entry->number);
}

static struct entry *new_entry(struct faults *f, const struct fault *fault)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		abort();
	entry->target = strdup(fault->target);
	if (!entry->target)
		abort();
	entry->faults = f;
	entry->fault = *fault;
	entry->fault.target = entry->target;
	entry->number = ++f->last_number;
	entry->is_on = true;
	DL_APPEND(f->entries, entry);
	return entry;
}

/* The oldest of those that are over go. */
static void forget_old(struct faults *f)
{
	struct entry *entry, *next, *oldest = NULL;
	unsigned count = 0;

	DL_FOREACH_SAFE(f->entries, entry, next)
	{
		count += !entry->is_on;
		if (!entry->is_on && !oldest)
			oldest = entry;
	}
	if (count > KEPT)
		remove_entry(f, oldest);
}

unsigned faults_add(struct faults *f, const struct fault *fault, uint64_t for_ns, struct err *err)
{
	uint64_t now_ns = loop_clock_ns();
	struct entry *entry;
	char text[260];

	DL_FOREACH(f->entries, entry) {
		if (!entry->is_on || entry->fault.kind != fault->kind ||
		    strcmp(entry->fault.target, fault->target) != 0)
			continue;
		fault_print(&entry->fault, text, sizeof(text));
		err_set(err, -EEXIST, "fault %u, %s, is on already", entry->number, text);
		return 0;
	}
	entry = new_entry(f, fault);
	if (for_ns) {
		entry->for_ns = for_ns;
		entry->timer = loop_timer_new(f->loop, due, entry, "fault");
		loop_timer_set(entry->timer, for_ns);
	}
	stopwatch_begin(&entry->watches[WATCH_SET], "set", now_ns, unix_time(f, now_ns));
	f->latest = entry;
	fault_print(fault, text, sizeof(text));
	journal_add(f->journal, "fault", "fault %u is set: %s", entry->number, text);
	return entry->number;
}

void faults_drop(struct faults *f, unsigned number)
{
	struct entry *entry = find(f, number);

	if (entry)
		remove_entry(f, entry);
}

void faults_end(struct faults *f, unsigned number, const char *why)
{
	struct entry *entry = find(f, number);
	uint64_t now_ns = loop_clock_ns();
	char text[260];

	if (!entry || !entry->is_on)
		return;
	entry->is_on = false;
	if (why)
		entry->ended = strdup(why);
	if (why && !entry->ended)
		abort();
	loop_timer_free(entry->timer);
	entry->timer = NULL;
	stopwatch_begin(&entry->watches[WATCH_CLEAR], "clear", now_ns, unix_time(f, now_ns));
	stopwatch_follow(&entry->watches[WATCH_CLEAR], &entry->watches[WATCH_SET]);
	f->latest = entry;
	fault_print(&entry->fault, text, sizeof(text));
	journal_add(f->journal, "fault", "fault %u is %s: %s%s%s", number, why ? "over" : "cleared",
		    text, why ? ": " : "", why ? why : "");
	forget_old(f);
}

const struct fault *faults_standing(struct faults *f, size_t *ret_count)
{
	const struct entry *entry;
	size_t count = 0;

	DL_FOREACH(f->entries, entry)
		count++;
	free(f->standing);
	f->standing = calloc(count + 1, sizeof(*f->standing));
	if (!f->standing)
		abort();
	count = 0;
	DL_FOREACH(f->entries, entry)
		if (entry->is_on)
			f->standing[count++] = entry->fault;
	*ret_count = count;
	return f->standing;
}

unsigned faults_number(const struct faults *f, size_t place)
{
	const struct entry *entry;

	DL_FOREACH(f->entries, entry)
		if (entry->is_on && !place--)
			return entry->number;
	return 0;
}

const struct fault *faults_find(const struct faults *f, unsigned number)
{
	const struct entry *entry = find(f, number);

	return entry && entry->is_on ? &entry->fault : NULL;
}

bool faults_is_timed(const struct faults *f, unsigned number)
{
	const struct entry *entry = find(f, number);

	return entry && entry->for_ns;
}

void faults_print(const struct faults *f, char *text, size_t size)
{
	const struct entry *entry;
	unsigned count = 0;
	size_t len = 0;

	*text = '\0';
	DL_FOREACH(f->entries, entry)
		count += entry->is_on;
	if (!count)
		return;
	len = (size_t)snprintf(text, size, count == 1 ? "fault" : "faults");
	DL_FOREACH(f->entries, entry)
		if (entry->is_on && len < size)
			len += (size_t)snprintf(text + len, size - len, " %u", entry->number);
	if (len < size)
		(void)snprintf(text + len, size - len, count == 1 ? " is on" : " are on");
}

/* ---- the stopwatch ---- */

static struct stopwatch *latest_watch(struct entry *entry)
{
	return &entry->watches[entry->is_on ? WATCH_SET : WATCH_CLEAR];
}

static double ms_since(const struct stopwatch *watch, uint64_t time_ns)
{
	return (double)(time_ns - watch->began_ns) / 1e6;
}

void faults_event(struct faults *f, const struct snapshot_event *event)
{
	uint64_t now_ns = loop_clock_ns();
	struct stopwatch *watch;
	enum stopwatch_news news;

	if (!f->latest)
		return;
	watch = latest_watch(f->latest);
	if (!f->latest->is_on && now_ns - watch->began_ns > AFTERMATH_NS)
		return;
	news = stopwatch_event(watch, event->kind, event->text, now_ns);
	if (news == STOPWATCH_DETECTED)
		journal_add(f->journal, "fault", "fault %u, %s: noticed after %.1f ms",
			    f->latest->number, watch->of, ms_since(watch, now_ns));
	else if (news == STOPWATCH_WITHDRAWN)
		journal_add(f->journal, "fault", "fault %u, %s: routes changed after %.1f ms",
			    f->latest->number, watch->of, ms_since(watch, now_ns));
}

static bool is_alone(const struct entry *entry)
{
	const struct entry *other;

	DL_FOREACH(entry->faults->entries, other)
		if (other != entry && other->is_on)
			return false;
	return true;
}

/* Which of its two stopwatches a packet is for; NULL when for none. */
static struct stopwatch *watch_of(struct entry *entry, uint64_t sent_ns, uint64_t lost_by_ns)
{
	struct stopwatch *set = &entry->watches[WATCH_SET], *clear = &entry->watches[WATCH_CLEAR];

	if (!entry->is_on && sent_ns >= clear->began_ns)
		return entry == entry->faults->latest && sent_ns - clear->began_ns < AFTERMATH_NS
			       ? clear
			       : NULL;
	if (sent_ns >= set->began_ns)
		return set;
	/* on its way when the fault was set, unless it is another fault's */
	return lost_by_ns > set->began_ns && entry->is_on && is_alone(entry) ? set : NULL;
}

void faults_packet(struct faults *f, const struct probe_name *name, uint64_t sent_ns,
		   uint64_t answered_ns, uint64_t rtt_ns)
{
	struct entry *entry;

	DL_FOREACH(f->entries, entry) {
		struct stopwatch *watch =
			watch_of(entry, sent_ns, answered_ns ? 0 : sent_ns + rtt_ns);

		if (watch &&
		    stopwatch_packet(watch, name, sent_ns, answered_ns) == STOPWATCH_REROUTED)
			journal_add(f->journal, "fault",
				    "fault %u, %s: %s %s -> %s answered again after %.1f ms",
				    entry->number, watch->of, name->protocol, name->from, name->to,
				    ms_since(watch, answered_ns));
	}
}

/* ---- what is shown ---- */

static void fill_entry(const struct entry *entry, struct snapshot_fault *out, struct arena *arena)
{
	*out = (struct snapshot_fault){
		.number = entry->number,
		.kind = fault_kind_names[entry->fault.kind],
		.target = arena_strdup(arena, entry->target),
		.is_on = entry->is_on,
		.delay_ms = entry->fault.delay_ms,
		.set_at = entry->watches[WATCH_SET].unix_time,
		.cleared_at = entry->watches[WATCH_CLEAR].unix_time,
		.ended = entry->ended ? arena_strdup(arena, entry->ended) : NULL,
	};
	if (entry->is_on && entry->for_ns)
		out->ends_at = out->set_at + (double)entry->for_ns / 1e9;
	for (int i = 0; i < WATCH_COUNT; i++)
		if (entry->watches[i].of)
			stopwatch_fill(
				&entry->watches[i],
				ARENA_PUSH(arena, out->stopwatches.items, out->stopwatches.count),
				arena);
}

void faults_fill(const struct faults *f, struct snapshot_faults *out, struct arena *arena)
{
	const struct entry *entry;

	DL_FOREACH(f->entries, entry)
		fill_entry(entry, ARENA_PUSH(arena, out->faults.items, out->faults.count), arena);
}

bool faults_fill_one(const struct faults *f, unsigned number, struct snapshot_fault *out,
		     struct arena *arena)
{
	const struct entry *entry = find(f, number);

	if (entry)
		fill_entry(entry, out, arena);
	return entry;
}
