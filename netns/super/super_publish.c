/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subscriptions: each topic that somebody watches is kept as it was last sent, and what became of
 * it goes to all who watch, at most ten times a second (docs/protocol.md). A topic that is large
 * and knows what changed is kept nowhere, and sent in parts.
 */
#include "lab/snapshot/changes.h"
#include "netns/super/super.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define INTERVAL_NS 100000000ull
#define GATHER_NS   2000000ull /* what happens together goes together */

struct watcher {
	struct watcher *prev, *next;
	struct control_client *client;
};

struct block {
	struct block *prev, *next;
	char *name;
	const struct topic *topic;
	struct topic_state state;
	uint64_t sequence; /* of what was sent last */
	uint64_t sent_ns;  /* when */
	bool is_dirty;
	struct watcher *watchers; /* when none is left, the block goes at the next publishing */
};

struct publisher {
	struct super *super;
	struct block *blocks;
	struct loop_timer *timer;
};

static void block_free(struct publisher *p, struct block *block)
{
	DL_DELETE(p->blocks, block);
	json_decref(block->state.json);
	free(block->name);
	free(block);
}

/* What is sent in parts is one watcher's own: each has seen another part of it. */
static bool is_shared(const struct block *block)
{
	return !block->topic->begin;
}

/* {"topic": NAME, "sequence": N, KEY: value} as text, to be freed; the reference is taken. */
static char *message_of(const struct block *block, const char *key, json_t *value)
{
	json_t *json = json_pack("{s:s, s:I, s:o}", "topic", block->name, "sequence",
				 (json_int_t)block->sequence, key, value);
	char *text;

	if (block->state.is_partial)
		(void)json_object_set_new(json, "partial", json_true());
	text = json_dumps(json, CONTROL_JSON_FLAGS);
	json_decref(json);
	if (!text)
		abort();
	return text;
}

#define PART_UNSENT_MAX (256u * 1024) /* the next part waits until less is on its way */
#define PART_WAIT_NS    2000000ull

/* What is sent in parts goes on soon, as fast as it is read, and lets others have their turn. */
static void go_on_with_parts(struct publisher *p, struct block *block)
{
	block->is_dirty = block->state.is_partial;
	if (block->is_dirty && !loop_timer_is_set(p->timer))
		loop_timer_set(p->timer, PART_WAIT_NS);
}

static bool must_wait(const struct block *block)
{
	return block->state.is_partial && block->watchers &&
	       control_unsent(block->watchers->client) > PART_UNSENT_MAX;
}

static void tell(struct block *block, const char *key, json_t *value)
{
	struct watcher *watcher, *next;
	char *text = message_of(block, key, value);

	DL_FOREACH_SAFE(block->watchers, watcher, next) /* one that is slow leaves */
	{
		control_send_text(watcher->client, text, strlen(text));
	}
	free(text);
}

static void publish_block(struct publisher *p, struct block *block)
{
	bool was_partial = block->state.is_partial;
	json_t *changes = NULL;

	if (!must_wait(block))
		changes = super_topic_update(p->super, block->topic, &block->state);
	if (!changes && was_partial && !block->state.is_partial)
		changes = json_object(); /* that it is whole by now */
	go_on_with_parts(p, block);
	if (!changes)
		return;
	block->sequence++;
	tell(block, "changes", changes);
}

/* Each block ten times a second at most, but parts as fast as they are read. */
static void publish(void *arg, uint64_t now_ns)
{
	struct publisher *p = arg;
	struct block *block, *next;
	uint64_t wait_ns = 0;

	DL_FOREACH_SAFE(p->blocks, block, next)
	{
		uint64_t since_ns = now_ns - block->sent_ns;

		if (!block->watchers) {
			block_free(p, block);
		} else if (block->is_dirty && !block->state.is_partial && since_ns < INTERVAL_NS) {
			if (!wait_ns || INTERVAL_NS - since_ns < wait_ns)
				wait_ns = INTERVAL_NS - since_ns;
		} else if (block->is_dirty) {
			block->sent_ns = now_ns;
			publish_block(p, block);
		}
	}
	if (wait_ns && !loop_timer_is_set(p->timer))
		loop_timer_set(p->timer, wait_ns);
}

struct publisher *publisher_new(struct super *s)
{
	struct publisher *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->super = s;
	p->timer = loop_timer_new(s->loop, publish, p, "publishing");
	return p;
}

void publisher_touch(struct publisher *p, unsigned causes)
{
	struct block *block;
	bool is_any = false;

	DL_FOREACH(p->blocks, block) {
		if (block->topic->causes & causes)
			block->is_dirty = is_any = true;
	}
	if (is_any && !loop_timer_is_set(p->timer))
		loop_timer_set(p->timer, GATHER_NS);
}

bool publisher_is_watched(const struct publisher *p, unsigned causes)
{
	const struct block *block;

	DL_FOREACH(p->blocks, block)
		if (block->topic->causes & causes && block->watchers)
			return true;
	return false;
}

static struct block *block_new(struct publisher *p, const char *name, struct err *err)
{
	struct block *block = calloc(1, sizeof(*block));

	if (!block)
		abort();
	block->name = strdup(name);
	if (!block->name)
		abort();
	block->state.name = block->name;
	block->topic = super_topic_find(p->super, name, err);
	if (block->topic)
		block->state.json = super_topic_begin(p->super, block->topic, &block->state, err);
	if (!block->state.json) {
		free(block->name);
		free(block);
		return NULL;
	}
	DL_APPEND(p->blocks, block);
	go_on_with_parts(p, block);
	return block;
}

static struct watcher *find_watcher(const struct block *block, const struct control_client *client)
{
	struct watcher *watcher;

	DL_FOREACH(block->watchers, watcher)
		if (watcher->client == client)
			return watcher;
	return NULL;
}

static struct block *find_block(const struct publisher *p, const char *name,
				const struct control_client *client)
{
	struct block *block;

	DL_FOREACH(p->blocks, block)
		if (!strcmp(block->name, name) && (is_shared(block) || find_watcher(block, client)))
			return block;
	return NULL;
}

/* Nobody watches it any more; the block goes at the next publishing. */
static void end_block(struct block *block, const struct err *why)
{
	struct watcher *watcher, *next;

	block->sequence++;
	tell(block, "gone", json_string(why->text));
	DL_FOREACH_SAFE(block->watchers, watcher, next)
	{
		DL_DELETE(block->watchers, watcher);
		free(watcher);
	}
}

static void restart_block(struct publisher *p, struct block *block)
{
	struct topic_state state = { .name = block->name };
	struct err err = { 0 };

	state.json = super_topic_begin(p->super, block->topic, &state, &err);
	if (!state.json) {
		end_block(block, &err);
		return;
	}
	json_decref(block->state.json);
	block->state = state;
	block->sequence++;
	block->is_dirty = false;
	tell(block, "data", json_incref(state.json));
	go_on_with_parts(p, block);
}

void publisher_restart(struct publisher *p)
{
	struct block *block, *next;

	DL_FOREACH_SAFE(p->blocks, block, next)
	{
		if (block->watchers && block->topic->needs_lab)
			restart_block(p, block);
	}
	publisher_touch(p, CAUSE_STATE);
}

int publisher_subscribe(struct publisher *p, struct control_client *client, const char *name,
			struct err *err)
{
	struct watcher *watcher;
	struct block *block;
	char *text;

	block = find_block(p, name, client);
	if (block && find_watcher(block, client))
		return err_set(err, -EEXIST, "topic '%.60s' is subscribed to already", name);
	if (block && block->is_dirty &&
	    !block->state.is_partial) /* so that the newcomer's whole is what the others have */
		publish_block(p, block);
	else if (!block)
		block = block_new(p, name, err);
	if (!block)
		return err->code;
	watcher = calloc(1, sizeof(*watcher));
	if (!watcher)
		abort();
	watcher->client = client;
	DL_APPEND(block->watchers, watcher);
	text = message_of(block, "data", json_incref(block->state.json));
	control_send_text(client, text, strlen(text));
	free(text);
	return 0;
}

static void leave_block(struct block *block, struct watcher *watcher)
{
	DL_DELETE(block->watchers, watcher);
	free(watcher);
}

int publisher_unsubscribe(struct publisher *p, struct control_client *client, const char *name,
			  struct err *err)
{
	struct watcher *watcher = NULL;
	struct block *block;

	block = find_block(p, name, client);
	if (block)
		watcher = find_watcher(block, client);
	if (!watcher)
		return err_set(err, -ENOENT, "topic '%.60s' is not subscribed to", name);
	leave_block(block, watcher);
	return 0;
}

void publisher_forget(struct publisher *p, const struct control_client *client)
{
	struct block *block, *next;

	DL_FOREACH_SAFE(p->blocks, block, next)
	{
		struct watcher *watcher = find_watcher(block, client);

		if (watcher)
			leave_block(block, watcher);
	}
}
