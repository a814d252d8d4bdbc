/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be broken, what is, and what the stopwatch says of it. */
#include "tui/view/actions_parts.h"

#include "lab/plan/fault.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool has_kind(const struct snapshot_target *target, enum fault_kind kind)
{
	for (size_t i = 0; i < target->kinds.count; i++)
		if (!strcmp(target->kinds.items[i], fault_kind_names[kind]))
			return true;
	return false;
}

static bool is_broken(const struct listing *l, const char *target, enum fault_kind kind)
{
	const struct snapshot_faults *faults = l->scene->snapshot.faults;

	for (size_t i = 0; faults && i < faults->faults.count; i++) {
		const struct snapshot_fault *fault = &faults->faults.items[i];

		if (fault->is_on && !strcmp(fault->kind, fault_kind_names[kind]) &&
		    !strcasecmp(fault->target, target))
			return true;
	}
	return false;
}

static void push_target(struct listing *l, const struct snapshot_target *target)
{
	static const struct {
		enum fault_kind kind;
		const char *words, *whatif;
	} kinds[] = {
		{ FAULT_CUT, "cut", "cut" },
		{ FAULT_DROP, "lose all packets of", "cut" },
		{ FAULT_KILL, "kill the daemon of", "kill" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (has_kind(target, kinds[i].kind) && !is_broken(l, target->name, kinds[i].kind))
			listing_push_change(
				l,
				TEXT(l, "%s %s (%s)", kinds[i].words, target->name, target->what),
				TEXT(l, "fault %s %s", fault_kind_names[kinds[i].kind],
				     target->name),
				TEXT(l, "whatif --%s %s", kinds[i].whatif, target->name));
	if (has_kind(target, FAULT_DELAY) && !is_broken(l, target->name, FAULT_DELAY))
		listing_push_line(l, TEXT(l, "delay %s, by milliseconds", target->name),
				  TEXT(l, "fault delay %s 50", target->name));
}

/* Is a part of a target's name the machine, or an instance of it: "isp/er-primary", "gw-0"? */
static bool is_about(const char *target, const char *name)
{
	size_t len = strlen(name);

	for (const char *part = target; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (strncasecmp(part, name, len) != 0)
			continue;
		if (!part[len] || part[len] == '/' ||
		    (part[len] == '-' && isdigit((unsigned char)part[len + 1]) &&
		     (!part[len + 2] || part[len + 2] == '/')))
			return true;
	}
	return false;
}

/* The circuits of a gateway's connections, its tunnels, and the circuit of an MSEE. */
static bool is_joined(const struct listing *l, const char *target, const char *name)
{
	size_t len = strcspn(target, "/");

	if (target[len] && strlen(name) == strlen(target) && !strncmp(name, target, len) &&
	    !strcmp(name + len + 1, target + len + 1))
		return true; /* CIRCUIT/primary and the machine CIRCUIT-primary */
	for (size_t i = 0; l->lab && i < l->lab->connections.count; i++) {
		const struct connection *connection = &l->lab->connections.items[i];
		const char *far = connection->circuit ? connection->circuit->object.name
						      : connection->object.name;

		if (connection->gateway && !strcasecmp(connection->gateway->object.name, name) &&
		    strlen(far) == len && !strncasecmp(far, target, len))
			return true;
	}
	return false;
}

/* Those of these two, or the others. */
static void push_targets_that(struct listing *l, const char *name, const char *other, bool are_own)
{
	const struct snapshot_targets *targets = l->scene->snapshot.targets;

	for (size_t i = 0; targets && i < targets->targets.count; i++) {
		const struct snapshot_target *target = &targets->targets.items[i];
		bool is_own = (name && (is_about(target->name, name) ||
					is_joined(l, target->name, name))) ||
			      (other && is_about(target->name, other));

		if (is_own == are_own)
			push_target(l, target);
	}
}

void listing_push_targets(struct listing *l, const char *name, const char *other)
{
	push_targets_that(l, name, other, true);
}

void listing_push_other_targets(struct listing *l, const char *name, const char *other)
{
	push_targets_that(l, name, other, false);
}

static const char *with_ms(struct listing *l, const char *before, const char *what, double ms)
{
	char time[16];

	if (ms <= 0)
		return before;
	view_rtt(ms, time);
	return TEXT(l, "%s%s%s %s", before, *before ? ", " : "", what, time);
}

/* "detected 2.3 ms, withdrawn 6.5 ms, rerouted 15.9 ms, 3 lost": what is known. */
static const char *stopwatch_words(struct listing *l, const struct snapshot_stopwatch *watch)
{
	const char *out = "";

	out = with_ms(l, out, "detected", watch->detected_ms);
	out = with_ms(l, out, "withdrawn", watch->withdrawn_ms);
	out = with_ms(l, out, "rerouted", watch->rerouted_ms);
	out = TEXT(l, "%s%s%lld lost", out, *out ? ", " : "", (long long)watch->lost);
	return with_ms(l, out, "gap", watch->gap_ms);
}

/* Since it was set, and since it was cleared. */
static void push_stopwatches(struct listing *l, const struct snapshot_fault *fault)
{
	for (size_t i = 0; i < fault->stopwatches.count; i++) {
		const struct snapshot_stopwatch *watch = &fault->stopwatches.items[i];

		listing_push_note(l, TEXT(l, "%s: %s", watch->of, stopwatch_words(l, watch)));
	}
}

static const char *fault_words(struct listing *l, const struct snapshot_fault *fault)
{
	return fault->delay_ms > 0 ? TEXT(l, "delay %s by %g ms", fault->target, fault->delay_ms)
				   : TEXT(l, "%s %s", fault->kind, fault->target);
}

#define FAULTS_OVER 5 /* so many that are over are listed with their times */

void listing_push_standing(struct listing *l, bool with_past)
{
	const struct snapshot_faults *faults = l->scene->snapshot.faults;
	size_t on = 0, over = 0;

	for (size_t i = 0; faults && i < faults->faults.count; i++) {
		const struct snapshot_fault *fault = &faults->faults.items[i];

		if (!fault->is_on)
			continue;
		on++;
		if (l->scene->is_read_only)
			listing_push_look(l, TEXT(l, "%s is on", fault_words(l, fault)),
					  "fault ls");
		else
			listing_push_change(l, TEXT(l, "clear: %s", fault_words(l, fault)),
					    TEXT(l, "fault clear %lld", (long long)fault->number),
					    NULL);
		push_stopwatches(l, fault);
	}
	if (on > 1)
		listing_push_change(l, "clear all faults", "fault clear all", NULL);
	for (size_t i = faults ? faults->faults.count : 0; with_past && i-- > 0;) {
		const struct snapshot_fault *fault = &faults->faults.items[i];

		if (fault->is_on || over++ == FAULTS_OVER)
			continue;
		listing_push_look(l, TEXT(l, "over: %s", fault_words(l, fault)), "fault ls");
		push_stopwatches(l, fault);
	}
}
