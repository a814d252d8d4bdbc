/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the links carry, for who looks: begun by the first one that does. */
#include "netns/super/super.h"

static void on_traffic(void *arg)
{
	struct super *s = arg;

	publisher_touch(s->publisher, CAUSE_TRAFFIC);
}

static bool is_watched(void *arg)
{
	const struct super *s = arg;

	return publisher_is_watched(s->publisher, CAUSE_TRAFFIC);
}

/* While the engine makes or changes it, links come and go. */
static const struct topology *topology_of(void *arg)
{
	const struct super *s = arg;

	return s->state >= SUPER_CONVERGING && !s->before.wanted ? s->wanted->topology : NULL;
}

json_t *super_topic_traffic(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	static const struct traffic_ops ops = { on_traffic, is_watched, topology_of };
	struct snapshot_traffic out;

	(void)name;
	(void)err;
	if (!s->traffic)
		s->traffic = traffic_new(s->loop, s->engine, &ops, s);
	traffic_wake(s->traffic);
	traffic_fill(s->traffic, &out, arena);
	return record_encode(&snapshot_traffic_record, &out);
}

uint64_t super_traffic_version(const struct super *s)
{
	return s->traffic ? traffic_version(s->traffic) : 0;
}
