/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/traffic.h"

#include "lab/base/cleanup.h"
#include "lab/plan/compile.h"
#include "netns/kernel/link_stats.h"

#include <stdlib.h>
#include <string.h>

#define LOOK_NS    1000000000ull /* from one look to the next */
#define PORTION_NS 2000000ull    /* of one callback */
#define IDLE_NS    3000000000ull /* after somebody asked once, another question may follow */

/* What has passed, as a machine sees it. */
struct carried {
	uint64_t bytes_in, packets_in, bytes_out, packets_out;
};

/* An interface of a machine, by the link that counts for it. */
struct meter {
	const char *link;
	const struct interface *of;
	bool is_far;            /* the link is the other end: what it sends comes in here */
	struct carried before;  /* since it was made */
	uint64_t before_ns;     /* when; 0: it was not seen yet, or not the last time */
	struct carried carried; /* a second */
	uint32_t look;          /* the latest in which it was there */
};

/* A namespace with such links, by name. */
struct place {
	const char *ns;
	struct meter *meters;
	size_t meter_count;
	int fd;
	bool is_opening;
	struct link_stats_reader reader;
};

struct traffic {
	struct engine_client *engine;
	struct traffic_ops ops;
	void *arg;
	struct loop_timer *timer;
	struct arena *arena;  /* of the places; NULL: there are none */
	struct place *places; /* the fabric first */
	size_t place_count;
	size_t meter_count; /* in all of them */
	size_t generation;  /* of the places */
	size_t opening;     /* of their files */
	bool is_looking;    /* ... and goes on in a moment, ... */
	size_t at;          /* ... at this place */
	uint64_t look_ns;   /* when it began */
	uint32_t look;      /* its number */
	bool is_whole;      /* something was seen twice */
	uint64_t version;
	uint64_t wanted_ns; /* when somebody asked last */
};

/* ---- what there is to look at ---- */

static struct place *place_of(struct traffic *t, const char *ns)
{
	struct place *place;

	for (size_t i = 0; i < t->place_count; i++)
		if (!strcmp(t->places[i].ns, ns))
			return &t->places[i];
	place = ARENA_PUSH(t->arena, t->places, t->place_count);
	*place = (struct place){ .ns = ns, .fd = -1 };
	return place;
}

static void add_meter(struct traffic *t, const char *ns, const char *link,
		      const struct interface *of, bool is_far)
{
	struct place *place = place_of(t, ns);

	*ARENA_PUSH(t->arena, place->meters, place->meter_count) =
		(struct meter){ .link = link, .of = of, .is_far = is_far };
	t->meter_count++;
}

static void add_interfaces(struct traffic *t, const struct node *node)
{
	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *interface = node->interfaces.items[i];

		switch (interface->kind) {
		case INTERFACE_NIC:
		case INTERFACE_ENDPOINT:
		case INTERFACE_GATEWAY:
		case INTERFACE_MSEE:
			add_meter(t, FABRIC_NS, interface->port_name, interface, true);
			break;
		case INTERFACE_LAN:
			if (interface->bridge)
				add_meter(t, interface->bridge->node->name, interface->port_name,
					  interface, true);
			break;
		case INTERFACE_CABLE:
			if (cable_counted(interface->cable) == interface)
				add_meter(t, interface_ns(interface), interface->name, interface,
					  false);
			break;
		case INTERFACE_TUNNEL:
			if (tunnel_is_counted(interface->tunnel))
				add_meter(t, node->name, interface->name, interface, false);
			break;
		case INTERFACE_LOOPBACK:
			break;
		}
	}
}

static int compare_meters(const void *a, const void *b)
{
	const struct meter *x = a, *y = b;

	return strcmp(x->link, y->link);
}

static void find_places(struct traffic *t, const struct topology *topology)
{
	t->arena = arena_new();
	(void)place_of(t, FABRIC_NS);
	for (size_t i = 0; i < topology->nodes.count; i++)
		add_interfaces(t, topology->nodes.items[i]);
	for (size_t i = 0; i < t->place_count; i++)
		if (t->places[i].meter_count)
			qsort(t->places[i].meters, t->places[i].meter_count, sizeof(struct meter),
			      compare_meters);
}

void traffic_let_go(struct traffic *t)
{
	if (!t || !t->arena)
		return;
	for (size_t i = 0; i < t->place_count; i++)
		fd_close(&t->places[i].fd);
	arena_free(t->arena);
	t->arena = NULL;
	t->places = NULL;
	t->place_count = t->meter_count = 0;
	t->generation++;
	t->opening = 0;
	t->is_looking = false;
	t->is_whole = false;
	t->version++;
}

/* ---- files ---- */

#define PLACES_MAX 100000u /* so that a tag tells place and generation */

static void opened(void *arg, size_t tag, int fd, const struct err *err)
{
	struct traffic *t = arg;
	struct place *place;

	if (tag / PLACES_MAX != t->generation || !t->arena) {
		fd_close(&fd); /* the lab became another one meanwhile, or nobody looks any more */
		return;
	}
	place = &t->places[tag % PLACES_MAX];
	place->is_opening = false;
	t->opening--;
	if (err)
		return; /* it is tried again at the next look */
	place->fd = fd;
	place->reader = (struct link_stats_reader){ .fd = fd };
	if (!t->opening && !t->is_looking) /* they are all there: begin at once */
		loop_timer_set(t->timer, 0);
}

/* Is it there to be read? */
static bool open_place(struct traffic *t, size_t index)
{
	struct place *place = &t->places[index];

	if (place->fd >= 0)
		return true;
	if (!place->is_opening) {
		place->is_opening = true;
		t->opening++;
		engine_client_socket(t->engine, place->ns, ENGINE_SOCKET_LINK_STATS, opened, t,
				     t->generation * PLACES_MAX + index);
	}
	return false;
}

/* ---- looking ---- */

/* A link that was made anew begins at nothing. */
static uint64_t per_second(uint64_t now, uint64_t before, uint64_t passed_ns)
{
	return now > before && passed_ns
		       ? (uint64_t)((double)(now - before) * 1e9 / (double)passed_ns + 0.5)
		       : 0;
}

static void note(struct traffic *t, struct meter *m, const struct carried *now)
{
	uint64_t now_ns = loop_clock_ns(), passed_ns = m->before_ns ? now_ns - m->before_ns : 0;

	m->carried = (struct carried){
		.bytes_in = per_second(now->bytes_in, m->before.bytes_in, passed_ns),
		.packets_in = per_second(now->packets_in, m->before.packets_in, passed_ns),
		.bytes_out = per_second(now->bytes_out, m->before.bytes_out, passed_ns),
		.packets_out = per_second(now->packets_out, m->before.packets_out, passed_ns),
	};
	t->is_whole |= passed_ns != 0;
	m->before = *now;
	m->before_ns = now_ns;
	m->look = t->look;
}

static void on_link(void *arg, const struct link_stats *seen)
{
	struct traffic *t = arg;
	struct place *place = &t->places[t->at];
	const struct meter wanted = { .link = seen->name };
	struct carried now = { seen->bytes_in, seen->packets_in, seen->bytes_out,
			       seen->packets_out };
	struct meter *m;

	if (!place->meter_count)
		return;
	m = bsearch(&wanted, place->meters, place->meter_count, sizeof(*m), compare_meters);
	if (!m || m->look == t->look) /* two pieces may have it, when links come and go */
		return;
	if (m->is_far)
		now = (struct carried){ seen->bytes_out, seen->packets_out, seen->bytes_in,
					seen->packets_in };
	note(t, m, &now);
}

/* What was not seen is not there. */
static void end_look(struct traffic *t)
{
	for (size_t i = 0; i < t->place_count; i++)
		for (size_t n = 0; n < t->places[i].meter_count; n++) {
			struct meter *m = &t->places[i].meters[n];

			if (m->look == t->look)
				continue;
			m->before_ns = 0;
			m->carried = (struct carried){ 0 };
		}
	t->is_looking = false;
	t->is_whole |= !t->meter_count;
	t->version++;
	t->ops.on_change(t->arg);
}

static void begin_look(struct traffic *t, const struct topology *topology)
{
	if (!t->arena)
		find_places(t, topology);
	t->is_looking = true;
	t->at = 0;
	t->look++;
}

/* False: it took its time, and others have their turn before the rest. */
static bool go_on(struct traffic *t, uint64_t now_ns)
{
	while (t->at < t->place_count) {
		struct place *place = &t->places[t->at];

		if (!open_place(t, t->at) || !link_stats_read(&place->reader, on_link, t))
			t->at++;
		if (loop_clock_ns() - now_ns >= PORTION_NS)
			return false;
	}
	return true;
}

static void on_timer(void *arg, uint64_t now_ns)
{
	struct traffic *t = arg;
	const struct topology *topology = t->ops.topology(t->arg);

	if (!t->ops.is_watched(t->arg) && now_ns - t->wanted_ns > IDLE_NS) {
		traffic_let_go(t);
		return;
	}
	if (!t->is_looking) {
		t->look_ns = now_ns;
		if (topology)
			begin_look(t, topology);
	}
	if (t->is_looking && !go_on(t, now_ns)) {
		loop_timer_set(t->timer, 0);
		return;
	}
	if (t->is_looking)
		end_look(t);
	now_ns = loop_clock_ns() - t->look_ns;
	loop_timer_set(t->timer, now_ns < LOOK_NS ? LOOK_NS - now_ns : 0);
}

void traffic_wake(struct traffic *t)
{
	t->wanted_ns = loop_clock_ns();
	if (!loop_timer_is_set(t->timer))
		loop_timer_set(t->timer, 0);
}

/* ---- telling ---- */

static bool is_idle(const struct carried *carried)
{
	return !carried->packets_in && !carried->packets_out;
}

void traffic_fill(const struct traffic *t, struct snapshot_traffic *ret_traffic,
		  struct arena *arena)
{
	struct snapshot_traffic out = { .is_whole = t->is_whole };

	for (size_t i = 0; i < t->place_count; i++)
		for (size_t n = 0; n < t->places[i].meter_count; n++) {
			const struct meter *m = &t->places[i].meters[n];

			if (is_idle(&m->carried))
				continue;
			*ARENA_PUSH(arena, out.interfaces.items, out.interfaces.count) =
				(struct snapshot_carried){
					.node = m->of->node->name,
					.interface = m->of->name,
					.bytes_in = (int64_t)m->carried.bytes_in,
					.packets_in = (int64_t)m->carried.packets_in,
					.bytes_out = (int64_t)m->carried.bytes_out,
					.packets_out = (int64_t)m->carried.packets_out,
				};
		}
	*ret_traffic = out;
}

uint64_t traffic_version(const struct traffic *t)
{
	return t->version;
}

struct traffic *traffic_new(struct loop *loop, struct engine_client *engine,
			    const struct traffic_ops *ops, void *arg)
{
	struct traffic *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	t->engine = engine;
	t->ops = *ops;
	t->arg = arg;
	t->timer = loop_timer_new(loop, on_timer, t, "traffic");
	return t;
}
