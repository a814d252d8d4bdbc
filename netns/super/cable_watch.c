/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/cable_watch.h"

#include "lab/base/arena.h"
#include "lab/base/cleanup.h"
#include "lab/plan/compile.h"
#include "netns/kernel/packet.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORTION_NS 2000000ull /* of one callback */

struct watched_cable {
	struct cable_watch *watch;
	const struct interface *end; /* that is listened to, or below it: */
	uint32_t ifindex;
	const char *name;
	int fd; /* -1: there is none yet */
	struct loop_fd *readable;
	uint64_t esp_ns; /* when there was ESP last; 0: never, as all times here */
	uint64_t mac_sec_ns;
	uint64_t unseen_ns; /* when a packet was last lost on its way to us */
	char unseen[120];   /* ... in words */
};

struct watched_flow {
	struct wire_flow flow;
	const struct watched_cable *clear_on;
	uint64_t clear_ns; /* when a packet of it was in clear last */
};

struct cable_watch {
	struct loop *loop;
	struct arena *arena;
	LIST_OF(struct watched_cable *) cables;
	struct watched_flow *flows;
	size_t flow_count;
	size_t open_count; /* of the cables */
	struct cable_watch_ops ops;
	void *arg;
	char error[240]; /* why something is not seen, and will not be; "" */
};

static PRINTF(3, 4) void give_up(struct cable_watch *w, const struct watched_cable *cable,
				 const char *fmt, ...)
{
	va_list args;
	char why[160];

	va_start(args, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	(void)snprintf(w->error, sizeof(w->error), "%.60s: %s", cable->name, why);
}

/* ---- packets ---- */

static void see(struct watched_cable *cable, const struct wire_packet *packet, uint64_t now_ns)
{
	struct cable_watch *w = cable->watch;

	if (packet->is_esp) {
		cable->esp_ns = now_ns;
		return;
	}
	for (size_t i = 0; i < w->flow_count; i++)
		if (wire_flow_has(&w->flows[i].flow, packet)) {
			w->flows[i].clear_on = cable;
			w->flows[i].clear_ns = now_ns;
		}
}

static void stop(struct watched_cable *cable)
{
	loop_fd_free(cable->readable);
	cable->readable = NULL;
	if (cable->fd >= 0)
		cable->watch->ops.close_socket(cable->watch->arg, fd_take(&cable->fd));
}

static void on_packets(void *arg, unsigned events, uint64_t now_ns)
{
	struct watched_cable *cable = arg;
	struct wire_packet packet;
	uint8_t bytes[PACKET_BYTES];
	bool is_mac_sec = false;
	ssize_t got;

	(void)events;
	do {
		got = packet_read(cable->fd, bytes, &is_mac_sec);
		if (got > 0 && is_mac_sec)
			cable->mac_sec_ns = now_ns;
		else if (got > 0 && wire_packet_parse(bytes, (size_t)got, &packet))
			see(cable, &packet, now_ns);
	} while (got >= 0 && loop_clock_ns() - now_ns < PORTION_NS);
	if (packet_dropped(cable->fd))
		cable->unseen_ns = now_ns;
	if (got < 0 && got != -EAGAIN) {
		give_up(cable->watch, cable, "%s", strerror((int)-got));
		stop(cable);
	}
}

/* ---- its sockets ---- */

static int filter(const struct cable_watch *w, const struct watched_cable *cable, struct err *err)
{
	struct arena *arena = arena_new();
	struct wire_addresses all = { 0 };
	int rc;

	for (size_t i = 0; i < w->flow_count; i++)
		for (size_t n = 0; n < w->flows[i].flow.destinations.count; n++)
			*ARENA_PUSH(arena, all.items, all.count) =
				w->flows[i].flow.destinations.items[n];
	rc = packet_filter(cable->fd, all.items, all.count, err);
	arena_free(arena);
	return rc;
}

void cable_watch_socket(struct cable_watch *w, size_t index, int fd, const struct err *err)
{
	struct watched_cable *cable = w->cables.items[index];
	struct err failure = { 0 };

	if (err) {
		give_up(w, cable, "%s", err->text);
		return;
	}
	cable->fd = fd;
	if (filter(w, cable, &failure) || packet_hear(fd, cable->ifindex, &failure)) {
		give_up(w, cable, "%s", failure.text);
		stop(cable);
		return;
	}
	cable->readable = loop_fd_new(w->loop, fd, LOOP_READ, on_packets, cable, "cables: packets");
	w->open_count++;
}

void cable_watch_learn(struct cable_watch *w, size_t flow, const struct expectation *e,
		       const struct fabric *fabric)
{
	struct err err = { 0 };

	if (!wire_flow_learn(&w->flows[flow].flow, e, fabric))
		return;
	for (size_t i = 0; i < w->cables.count; i++)
		if (w->cables.items[i]->fd >= 0 && filter(w, w->cables.items[i], &err))
			give_up(w, w->cables.items[i], "%s", err.text);
}

/* ---- what was seen ---- */

struct wire_sight cable_watch_look(const struct cable_watch *w, size_t flow, uint64_t since_ns)
{
	const struct watched_flow *f = &w->flows[flow];
	struct wire_sight sight = { 0 };

	if (f->clear_on && f->clear_ns >= since_ns)
		sight.clear_on = f->clear_on->name;
	for (size_t i = 0; i < w->cables.count; i++) {
		const struct watched_cable *cable = w->cables.items[i];

		if (cable->esp_ns && cable->esp_ns >= since_ns && !sight.esp_on)
			sight.esp_on = cable->name;
		if (cable->mac_sec_ns && cable->mac_sec_ns >= since_ns && !sight.mac_sec_on)
			sight.mac_sec_on = cable->name;
		if (cable->unseen_ns && cable->unseen_ns >= since_ns)
			sight.why_not = cable->unseen;
	}
	if (*w->error)
		sight.why_not = w->error;
	else if (w->open_count < w->cables.count)
		sight.why_not = "not all cables are listened to yet";
	return sight;
}

/* ---- all of it ---- */

/*
 * Packets are heard by the interface that they go by, without their tags; but with MACsec in effect
 * by the cable itself: above it they are in clear on every machine.
 */
static uint32_t where_to_hear(const struct topology *topology, const struct cable *cable)
{
	const struct interface *end = cable->ends[0];

	return end->frames.mac_sec && !topology->lacks.mac_sec ? cable_ifindex(end) : end->ifindex;
}

static void add_cable(struct cable_watch *w, const struct topology *topology,
		      const struct cable *cable)
{
	struct watched_cable *watched = arena_alloc(w->arena, sizeof(*watched));

	watched->watch = w;
	watched->end = cable->ends[0];
	watched->ifindex = where_to_hear(topology, cable);
	watched->name = cable_name(topology, cable, w->arena);
	watched->fd = -1;
	(void)snprintf(watched->unseen, sizeof(watched->unseen),
		       "%.60s: more packets than can be looked at", watched->name);
	*ARENA_PUSH(w->arena, w->cables.items, w->cables.count) = watched;
}

struct cable_watch *cable_watch_new(struct loop *loop, const struct topology *topology,
				    size_t flow_count, const struct cable_watch_ops *ops, void *arg)
{
	struct arena *arena = arena_new();
	struct cable_watch *w = arena_alloc(arena, sizeof(*w));

	w->loop = loop;
	w->arena = arena;
	w->ops = *ops;
	w->arg = arg;
	w->flow_count = flow_count;
	w->flows = arena_alloc(arena, (flow_count + 1) * sizeof(*w->flows));
	for (size_t i = 0; i < flow_count; i++)
		w->flows[i].flow.arena = arena;
	for (size_t i = 0; i < topology->cables.count; i++)
		add_cable(w, topology, topology->cables.items[i]);
	for (size_t i = 0; i < topology->tunnel_ends.count; i++) {
		const struct tunnel_end *end = topology->tunnel_ends.items[i];

		if (end->cable && end->cable->ends[0]->tunnel == end)
			add_cable(w, topology, end->cable);
	}
	return w;
}

void cable_watch_start(struct cable_watch *w)
{
	for (size_t i = 0; i < w->cables.count; i++)
		w->ops.need_socket(w->arg, interface_ns(w->cables.items[i]->end), i);
}

void cable_watch_free(struct cable_watch *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->cables.count; i++)
		stop(w->cables.items[i]);
	arena_free(w->arena);
}
