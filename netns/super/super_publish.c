/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subscriptions: each topic that somebody watches is kept as it was last sent, and what became of
 * it goes to all who watch, at most ten times a second (docs/protocol.md).
 */
#include "lab/snapshot/changes.h"
#include "netns/super/super.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#define INTERVAL_NS 100000000ull
#define GATHER_NS   2000000ull /* what happens together goes together */

struct watcher {
	struct watcher *prev, *next;
	struct control_client *client;
};

struct block {
	UT_hash_handle hh;
	char *name;
	const struct topic *topic;
	struct topic_state state;
	uint64_t sequence; /* of what was sent last */
	bool is_dirty;
	struct watcher *watchers; /* when none is left, the block goes at the next publishing */
};

struct publisher {
	struct super *super;
	struct block *blocks;
	struct loop_timer *timer;
	uint64_t published_ns;
};

static void block_free(struct publisher *p, struct block *block)
{
	HASH_DEL(p->blocks, block);
	json_decref(block->state.json);
	free(block->name);
	free(block);
}

/* {"topic": NAME, "sequence": N, KEY: value} as text, to be freed; the reference is taken. */
static char *message_of(const struct block *block, const char *key, json_t *value)
{
	json_t *json = json_pack("{s:s, s:I, s:o}", "topic", block->name, "sequence",
				 (json_int_t)block->sequence, key, value);
	char *text = json_dumps(json, CONTROL_JSON_FLAGS);

	json_decref(json);
	if (!text)
		abort();
	return text;
}

static void publish_block(struct publisher *p, struct block *block)
{
	json_t *changes = super_topic_update(p->super, block->topic, &block->state);
	struct watcher *watcher, *next;
	char *text;

	block->is_dirty = false;
	if (!changes)
		return;
	block->sequence++;
	text = message_of(block, "changes", changes);
	DL_FOREACH_SAFE(block->watchers, watcher, next) /* one that is slow leaves */
	{
		control_send_text(watcher->client, text, strlen(text));
	}
	free(text);
}

static void publish(void *arg, uint64_t now_ns)
{
	struct publisher *p = arg;
	struct block *block, *next;

	p->published_ns = now_ns;
	HASH_ITER(hh, p->blocks, block, next) {
		if (!block->watchers)
			block_free(p, block);
		else if (block->is_dirty)
			publish_block(p, block);
	}
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
	uint64_t since_ns = loop_clock_ns() - p->published_ns;
	struct block *block, *next;
	bool is_any = false;

	HASH_ITER(hh, p->blocks, block, next) {
		if (block->topic->causes & causes)
			block->is_dirty = is_any = true;
	}
	if (is_any && !loop_timer_is_set(p->timer))
		loop_timer_set(p->timer,
			       since_ns < INTERVAL_NS ? INTERVAL_NS - since_ns : GATHER_NS);
}

static struct block *block_new(struct publisher *p, const char *name, struct err *err)
{
	struct block *block = calloc(1, sizeof(*block));

	if (!block)
		abort();
	block->topic = super_topic_find(p->super, name, err);
	if (block->topic)
		block->state.json =
			super_topic_fill(p->super, block->topic, name, &block->state, err);
	if (!block->state.json) {
		free(block);
		return NULL;
	}
	block->name = strdup(name);
	if (!block->name)
		abort();
	block->state.name = block->name;
	HASH_ADD_KEYPTR(hh, p->blocks, block->name, strlen(block->name), block);
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

int publisher_subscribe(struct publisher *p, struct control_client *client, const char *name,
			struct err *err)
{
	struct watcher *watcher;
	struct block *block;
	char *text;

	HASH_FIND_STR(p->blocks, name, block);
	if (block && find_watcher(block, client))
		return err_set(err, -EEXIST, "topic '%.60s' is subscribed to already", name);
	if (block && block->is_dirty) /* so that the newcomer's whole is what the others have */
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

	HASH_FIND_STR(p->blocks, name, block);
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

	HASH_ITER(hh, p->blocks, block, next) {
		struct watcher *watcher = find_watcher(block, client);

		if (watcher)
			leave_block(block, watcher);
	}
}
