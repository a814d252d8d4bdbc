/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/stopwatch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct lost_probe {
	UT_hash_handle hh;
	char *from, *to, *protocol;
	int64_t lost;
	bool is_lost;                         /* the latest packet was */
	uint64_t first_lost_ns, last_lost_ns; /* of those in a row */
	uint64_t gap_ns, rerouted_ns;
	char key[];
};

static char *copy(const char *text)
{
	char *out = strdup(text);

	if (!out)
		abort();
	return out;
}

void stopwatch_begin(struct stopwatch *w, const char *of, uint64_t now_ns, double unix_time)
{
	*w = (struct stopwatch){ .of = of, .began_ns = now_ns, .unix_time = unix_time };
}

void stopwatch_fini(struct stopwatch *w)
{
	struct lost_probe *probe, *next;

	HASH_ITER(hh, w->probes, probe, next) {
		HASH_DEL(w->probes, probe);
		free(probe->from);
		free(probe->to);
		free(probe->protocol);
		free(probe);
	}
	free(w->detected);
	free(w->withdrawn);
	*w = (struct stopwatch){ 0 };
}

#define KEY_SIZE 320

static void key_of(const struct probe_name *name, char key[KEY_SIZE])
{
	(void)snprintf(key, KEY_SIZE, "%s %s %s", name->from, name->to, name->protocol);
}

static struct lost_probe *find(const struct stopwatch *w, const struct probe_name *name)
{
	struct lost_probe *probe = NULL;
	char key[KEY_SIZE];

	if (!w->probes)
		return NULL;
	key_of(name, key);
	HASH_FIND_STR(w->probes, key, probe);
	return probe;
}

static struct lost_probe *add(struct stopwatch *w, const struct probe_name *name)
{
	struct lost_probe *probe = find(w, name);
	char key[KEY_SIZE];

	if (probe)
		return probe;
	key_of(name, key);
	probe = calloc(1, sizeof(*probe) + strlen(key) + 1);
	if (!probe)
		abort();
	strcpy(probe->key, key); /* the size was taken from it */
	probe->from = copy(name->from);
	probe->to = copy(name->to);
	probe->protocol = copy(name->protocol);
	HASH_ADD_STR(w->probes, key, probe);
	return probe;
}

void stopwatch_follow(struct stopwatch *w, struct stopwatch *earlier)
{
	const struct lost_probe *probe;

	earlier->ended_ns = w->began_ns;
	for (probe = earlier->probes; probe; probe = probe->hh.next) {
		struct lost_probe *same;

		if (!probe->is_lost)
			continue;
		same = add(w, &(struct probe_name){ probe->from, probe->to, probe->protocol });
		same->is_lost = true;
		same->first_lost_ns = same->last_lost_ns = w->began_ns;
	}
}

/* "removed 10.0.0.0/8: 3 NICs": other tables change, too. */
static bool is_of_nics(const char *text)
{
	const char *count = strrchr(text, ':');

	return count && strtol(count + 1, NULL, 10) > 0;
}

enum stopwatch_news stopwatch_event(struct stopwatch *w, const char *kind, const char *text,
				    uint64_t now_ns)
{
	bool is_session =
		!strcmp(kind, "bgp") || !strcmp(kind, "daemon") || !strcmp(kind, "tunnel");

	if (is_session && !w->detected_ns) {
		w->detected_ns = now_ns;
		w->detected = copy(text);
		return STOPWATCH_DETECTED;
	}
	if (!strcmp(kind, "routes") && !w->withdrawn_ns && is_of_nics(text)) {
		w->withdrawn_ns = now_ns;
		w->withdrawn = copy(text);
		return STOPWATCH_WITHDRAWN;
	}
	return STOPWATCH_NOTHING;
}

enum stopwatch_news stopwatch_packet(struct stopwatch *w, const struct probe_name *name,
				     uint64_t sent_ns, uint64_t answered_ns)
{
	struct lost_probe *probe = answered_ns ? find(w, name) : add(w, name);

	if (!answered_ns) {
		if (!probe->is_lost)
			probe->first_lost_ns = sent_ns;
		probe->is_lost = true;
		probe->last_lost_ns = sent_ns;
		probe->lost++;
		w->lost++;
		return STOPWATCH_NOTHING;
	}
	if (!probe || !probe->is_lost)
		return STOPWATCH_NOTHING;
	probe->is_lost = false;
	if (sent_ns - probe->first_lost_ns > probe->gap_ns)
		probe->gap_ns = sent_ns - probe->first_lost_ns;
	if (!probe->rerouted_ns)
		probe->rerouted_ns = answered_ns;
	if (w->rerouted_ns)
		return STOPWATCH_NOTHING;
	w->rerouted_ns = answered_ns;
	return STOPWATCH_REROUTED;
}

/* From the beginning; NAN, which is left out, of what has not happened. */
static double ms_until(const struct stopwatch *w, uint64_t time_ns)
{
	return time_ns > w->began_ns ? (double)(time_ns - w->began_ns) / 1e6 : (double)NAN;
}

/* The longest one; one that still is goes as far as is known. */
static double gap_ms(const struct stopwatch *w, const struct lost_probe *probe)
{
	uint64_t until_ns = w->ended_ns ? w->ended_ns : probe->last_lost_ns;
	uint64_t gap_ns = probe->gap_ns;

	if (probe->is_lost && until_ns > probe->first_lost_ns + gap_ns)
		gap_ns = until_ns - probe->first_lost_ns;
	return (double)gap_ns / 1e6;
}

void stopwatch_fill(const struct stopwatch *w, struct snapshot_stopwatch *out, struct arena *arena)
{
	const struct lost_probe *probe;

	*out = (struct snapshot_stopwatch){
		.of = w->of,
		.time = w->unix_time,
		.detected_ms = ms_until(w, w->detected_ns),
		.detected = w->detected ? arena_strdup(arena, w->detected) : NULL,
		.withdrawn_ms = ms_until(w, w->withdrawn_ns),
		.withdrawn = w->withdrawn ? arena_strdup(arena, w->withdrawn) : NULL,
		.rerouted_ms = ms_until(w, w->rerouted_ns),
		.lost = w->lost,
	};
	for (probe = w->probes; probe; probe = probe->hh.next) {
		double gap = gap_ms(w, probe);

		if (gap > out->gap_ms)
			out->gap_ms = gap;
		if (probe->lost || gap > 0)
			*ARENA_PUSH(arena, out->probes.items, out->probes.count) =
				(struct snapshot_lost){
					.from = arena_strdup(arena, probe->from),
					.to = arena_strdup(arena, probe->to),
					.protocol = arena_strdup(arena, probe->protocol),
					.lost = probe->lost,
					.gap_ms = gap,
					.rerouted_ms = ms_until(w, probe->rerouted_ns),
				};
	}
}
