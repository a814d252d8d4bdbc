/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Topic "probes": what they predict and saw; very many results are told some at a time. */
#include "lab/snapshot/changes.h"
#include "netns/super/super.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *super_probes_prediction(const struct probe *probe)
{
	return *probe->prediction.words ? probe->prediction.words : "reply";
}

static void fill_recent(const struct probe *probe, struct reals *out, struct arena *arena)
{
	unsigned first = probe->history_next + PROBE_HISTORY - probe->history_count;

	out->count = probe->history_count;
	out->items = arena_alloc(arena, out->count * sizeof(*out->items));
	for (unsigned i = 0; i < probe->history_count; i++) /* in whole microseconds */
		out->items[i] = round(probe->history[(first + i) % PROBE_HISTORY] * 1000) / 1000;
}

/* What the probe met; of one that is red also which faults may be why. */
static const char *why_text(const struct super *s, const struct probe *probe, uint64_t now_ns,
			    struct arena *arena)
{
	char faults[200];

	if (probe_colour(probe, now_ns) != PROBE_RED)
		return probe->last.why;
	faults_print(s->faults, faults, sizeof(faults));
	if (!*faults)
		return probe->last.why;
	return arena_printf(arena, "%s%s%s", probe->last.why, *probe->last.why ? "; " : "", faults);
}

static void fill_probe(const struct super *s, const struct probe *probe, struct snapshot_probe *out,
		       struct arena *arena)
{
	uint64_t now_ns = loop_clock_ns();

	out->from = probe->spec->from->vm->object.name;
	out->to = probe->spec->to->vm->object.name;
	out->protocol = arena_strdup(arena, probe_protocol_print(probe->spec).text);
	out->address =
		arena_strdup(arena, ip_print(nic_ip_from(probe->spec->to, probe->spec->from)).text);
	out->colour = probe_colour_name(probe_colour(probe, now_ns));
	out->prediction = super_probes_prediction(probe);
	out->is_reply_predicted = prediction_is_answer(
		&probe->prediction, (enum probe_protocol)probe->spec->protocol.value);
	out->observation = !probe->observed_ns    ? "not observed"
			   : probe->last.is_reply ? "reply"
						  : "no reply";
	out->why = why_text(s, probe, now_ns, arena);
	out->is_reply = probe->observed_ns && probe->last.is_reply;
	out->rtt_ms = probe->last.rtt_ms;
	out->ttl = probe->last.ttl;
	out->observed_at = probe->observed_ns ? super_unix_time_of(s, probe->observed_ns) : 0;
	out->coloured_at = super_unix_time_of(s, probe->coloured_ns);
	out->interval_ms = (int64_t)probe->spec->interval_ms.value;
	fill_recent(probe, &out->recent, arena);
	out->sent = (int64_t)probe->sent;
	out->answered = (int64_t)probe->answered;
}

static bool is_probe_of(const struct probe *probe, const char *vm)
{
	return !*vm || !strcasecmp(probe->spec->from->vm->object.name, vm);
}

static bool knows_vm(const struct super *s, const char *vm, struct err *err)
{
	if (!*vm || lab_find_vm(s->wanted->lab, vm))
		return true;
	err_set(err, -ENOENT, "lab '%s' has no virtual machine '%.60s'", s->name, vm);
	return false;
}

/* "probes" is all of them, "probes/VM" those that a virtual machine sends */
json_t *super_probes_fill(struct super *s, const char *vm, struct arena *arena, struct err *err)
{
	struct snapshot_probes out = { 0 };

	if (!knows_vm(s, vm, err))
		return NULL;
	for (size_t i = 0; i < prober_count(s->prober); i++)
		if (is_probe_of(prober_get(s->prober, i), vm))
			fill_probe(s, prober_get(s->prober, i),
				   ARENA_PUSH(arena, out.probes.items, out.probes.count), arena);
	return record_encode(&snapshot_probes_record, &out);
}

uint64_t super_probes_version(const struct super *s)
{
	return prober_version(s->prober);
}

static json_t *encode_probe(const struct super *s, const struct probe *probe, struct arena *arena)
{
	struct snapshot_probe out = { 0 };

	fill_probe(s, probe, &out, arena);
	return record_encode(&snapshot_probe_record, &out);
}

#define PROBES_AT_ONCE  64 /* new to a watcher; more would keep the loop for too long */
#define RESULTS_AT_ONCE 128

static int compare_versions(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

/* Of the probes a watcher has, the version up to which it is told now; very many may have a result
 * at once. */
static uint64_t find_cut(const struct super *s, const struct topic_state *state, const char *vm,
			 struct arena *arena)
{
	size_t count = 0, row = 0;
	uint64_t *versions = arena_alloc(arena, (state->count + 1) * sizeof(*versions));

	for (size_t i = 0; i < prober_count(s->prober) && row < state->count; i++) {
		const struct probe *probe = prober_get(s->prober, i);

		if (!is_probe_of(probe, vm))
			continue;
		if (probe->version > state->seen)
			versions[count++] = probe->version;
		row++;
	}
	if (count <= RESULTS_AT_ONCE)
		return prober_version(s->prober);
	qsort(versions, count, sizeof(*versions), compare_versions);
	return versions[RESULTS_AT_ONCE - 1];
}

/*
 * A probe that has a result is a splice of its own, so a thousand others cost nothing. Those a
 * watcher has not seen yet are put behind the ones it has. Of both some at a time.
 */
void super_probes_update(struct super *s, struct topic_state *state, struct arena *arena,
			 json_t **changes)
{
	const char *vm = super_topic_argument(state->name);
	json_t *more = json_array();
	size_t row = 0, had = state->count;
	uint64_t cut = find_cut(s, state, vm, arena);

	for (size_t i = 0; i < prober_count(s->prober); i++) {
		const struct probe *probe = prober_get(s->prober, i);

		if (!is_probe_of(probe, vm))
			continue;
		if (row < had && probe->version > state->seen && probe->version <= cut)
			changes_splice(changes, "probes", row, 1,
				       json_pack("[o]", encode_probe(s, probe, arena)));
		else if (row >= had && row < had + PROBES_AT_ONCE)
			(void)json_array_append_new(more, encode_probe(s, probe, arena));
		row++;
	}
	state->count = row < had + PROBES_AT_ONCE ? row : had + PROBES_AT_ONCE;
	state->is_partial = state->count < row || cut < prober_version(s->prober);
	state->seen = cut;
	if (json_array_size(more))
		changes_splice(changes, "probes", had, 0, more);
	else
		json_decref(more);
}

json_t *super_probes_begin(struct super *s, const char *vm, struct err *err)
{
	return knows_vm(s, vm, err) ? json_pack("{s:[]}", "probes") : NULL;
}
