/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/client/feed.h"

#include "lab/base/cleanup.h"
#include "lab/model/lab.h"
#include "lab/snapshot/changes.h"
#include "lab/snapshot/fill.h"
#include "lab/snapshot/snapshot_path.h"
#include "netns/super/runtime.h"
#include "tui/client/feed_test.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <uthash.h>

#define TOPIC_NAME_SIZE 400
#define MESSAGE_MAX     (256u << 20)

/*
 * One item of a topic's list, decoded. An item that did not change is the same JSON value in the
 * next message, so it is found by that and not decoded again: a topic of a thousand rows of which
 * one changes costs one.
 */
struct item {
	UT_hash_handle hh;
	json_t *json; /* a reference, and the key */
	struct arena *arena;
	void *object;
	double changed_at; /* Unix time; 0: there from the beginning */
	unsigned seen;     /* the number of the decoding that used it last */
};

/* A topic of each that is followed, and where in the snapshot it stands. */
struct topic_kind {
	const char *name; /* before what it is of, where it is of something */
	const struct record *record;
	size_t offset;
	bool is_always; /* it is followed from the beginning */
};

#define AT(member) offsetof(struct snapshot, member)

static const struct topic_kind kinds[FEED_TOPIC_COUNT] = {
	[FEED_LAB] = { "lab", &snapshot_lab_record, AT(lab), true },
	[FEED_NODES] = { "nodes", &snapshot_nodes_record, AT(nodes), true },
	[FEED_VMS] = { "vms", &snapshot_vms_record, AT(vms), true },
	[FEED_PROBES] = { "probes", &snapshot_probes_record, AT(probes), true },
	[FEED_EVENTS] = { "events", &snapshot_events_record, AT(events), true },
	[FEED_TARGETS] = { "targets", &snapshot_targets_record, AT(targets), true },
	[FEED_FAULTS] = { "faults", &snapshot_faults_record, AT(faults), true },
	[FEED_FILE] = { "file", &snapshot_file_record, AT(file), true },
	[FEED_ROUTES] = { "routes/", &snapshot_routes_record, AT(routes), false },
	[FEED_WHY] = { "why/", &snapshot_why_record, AT(why), false },
	[FEED_NSG] = { "nsg/", &snapshot_nsg_record, AT(nsg), false },
	[FEED_FLOWS] = { "flows/", &snapshot_flows_record, AT(flows), false },
	[FEED_VERDICT] = { "verdict/", &snapshot_flow_verdict_record, AT(verdict), false },
	[FEED_PATH] = { "path/", &snapshot_path_record, AT(path), false },
	[FEED_BGP] = { "bgp/", &snapshot_bgp_record, AT(bgp), false },
	[FEED_ADVERTISED] = { "advertised/", &snapshot_advertised_record, AT(advertised), false },
	[FEED_TUNNELS] = { "tunnels", &snapshot_tunnels_record, AT(tunnels), false },
	[FEED_HISTORY] = { "history", &snapshot_history_record, AT(history), false },
	[FEED_LOGS] = { "logs", &snapshot_log_sources_record, AT(log_sources), false },
	[FEED_LOG] = { "logs/", &snapshot_log_record, AT(log), false },
	[FEED_SESSIONS] = { "sessions", &snapshot_sessions_record, AT(sessions), false },
	[FEED_TRAFFIC] = { "traffic", &snapshot_traffic_record, AT(traffic), false },
};

struct topic {
	struct feed *feed;
	const struct topic_kind *kind;
	char name[TOPIC_NAME_SIZE];      /* that the lab was asked for; "" when for none */
	char wanted[TOPIC_NAME_SIZE];    /* another one when that has to wait for the answer */
	const struct record_field *list; /* the one list in it; NULL: it has none */
	bool is_subscribed;
	bool is_awaited;   /* the lab has not answered yet */
	bool is_partial;   /* more of it is to come */
	char refusal[300]; /* "": it was not refused */
	json_t *json;
	struct item *items;
	unsigned decoding;
	struct arena *arena; /* of the object, but for its items' texts */
	void *object;
	double *changed_at; /* by row; in the arena */
};

struct feed {
	struct loop_stream *stream;
	struct feed_ops ops;
	void *arg;
	struct topic topics[FEED_TOPIC_COUNT];
	struct snapshot snapshot;
	struct mesh_asking mesh;
	double heard_at;
	bool is_asked; /* whether it lives; nothing was heard since */
	bool is_ended;
	struct lab *model; /* of the topic "file", from which it borrows; NULL: not made yet */
	bool is_model_made;
	struct graph *graph; /* of the model, likewise */
	struct feed_test *test;
};

static double unix_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void end(struct feed *feed, const char *why)
{
	if (feed->is_ended)
		return;
	feed->is_ended = true;
	feed->ops.on_end(feed->arg, why);
}

static void send_json(struct feed *feed, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	if (!text)
		abort();
	loop_stream_write(feed->stream, text, strlen(text));
	loop_stream_write(feed->stream, "\n", 1);
	free(text);
}

static void send_request(struct feed *feed, const char *request, const char *topic)
{
	send_json(feed,
		  json_pack("{s:s, s:s, s:s}", "request", request, "topic", topic, "id", topic));
}

/* What is made from a topic goes before it. */
static void drop_model(const struct topic *topic)
{
	struct feed *feed = topic->feed;

	if (topic != &feed->topics[FEED_FILE])
		return;
	lab_free(feed->model);
	feed->model = NULL;
	graph_free(feed->graph);
	feed->graph = NULL;
	feed->is_model_made = false;
}

/* ---- decoding ---- */

static void item_free(struct topic *topic, struct item *item)
{
	HASH_DEL(topic->items, item);
	json_decref(item->json);
	arena_free(item->arena);
	free(item);
}

static void forget_items(struct topic *topic)
{
	struct item *item, *next;

	HASH_ITER(hh, topic->items, item, next) {
		if (item->seen != topic->decoding)
			item_free(topic, item);
	}
}

/* An equal row was there before: a splice took and gave it back, and it did not change. */
static double changed_at_of_equal(const struct topic *topic, const json_t *json, double now)
{
	const struct item *item;

	for (item = topic->items; item; item = item->hh.next)
		if (json_equal(item->json, json))
			return item->changed_at;
	return now;
}

static struct item *get_item(struct topic *topic, json_t *json, double now, struct err *err)
{
	struct item *item;

	HASH_FIND_PTR(topic->items, &json, item);
	if (item)
		return item;
	item = calloc(1, sizeof(*item));
	if (!item)
		abort();
	if (topic == &topic->feed->topics[FEED_ROUTES] && now > 0)
		item->changed_at = changed_at_of_equal(topic, json, now);
	item->json = json_incref(json);
	item->arena = arena_new();
	item->object = arena_alloc(item->arena, topic->list->record->size);
	HASH_ADD_PTR(topic->items, json, item);
	(void)record_decode(topic->list->record, json, item->object, item->arena, err);
	return item;
}

static bool decode_list(struct topic *topic, const json_t *list, double now, struct err *err)
{
	size_t size = topic->list->record->size, count = json_array_size(list);
	struct {
		char *items;
		size_t count;
	} out = { arena_alloc(topic->arena, count * size), count };

	topic->changed_at = arena_alloc(topic->arena, count * sizeof(*topic->changed_at));
	for (size_t i = 0; i < count; i++) {
		struct item *item = get_item(topic, json_array_get(list, i), now, err);

		memcpy(out.items + i * size, item->object, size);
		topic->changed_at[i] = item->changed_at;
		item->seen = topic->decoding;
	}
	memcpy((char *)topic->object + topic->list->offset, &out, sizeof(out));
	forget_items(topic);
	return !err->code;
}

/* From JSON to the struct; `now` is 0 for a topic that came whole. */
static bool decode(struct topic *topic, double now, struct err *err)
{
	json_t *plain = json_copy(topic->json);
	bool is_ok;

	if (topic->list)
		(void)json_object_del(plain, topic->list->key);
	drop_model(topic);
	arena_free(topic->arena);
	topic->arena = arena_new();
	topic->object = arena_alloc(topic->arena, topic->kind->record->size);
	topic->decoding++;
	is_ok = record_decode(topic->kind->record, plain, topic->object, topic->arena, err);
	json_decref(plain);
	if (is_ok && topic->list)
		is_ok = decode_list(topic, json_object_get(topic->json, topic->list->key), now,
				    err);
	return is_ok;
}

static void topic_clear(struct topic *topic)
{
	json_decref(topic->json);
	topic->json = NULL;
	topic->decoding++;
	forget_items(topic);
	drop_model(topic);
	arena_free(topic->arena);
	topic->arena = NULL;
	topic->object = NULL;
	topic->changed_at = NULL;
}

/* Of the first of the topics that was refused; NULL: none was. */
static const char *refusal_of(const struct topic *topics, size_t first, size_t last)
{
	for (size_t i = first; i <= last; i++)
		if (*topics[i].refusal)
			return topics[i].refusal;
	return NULL;
}

static void refresh_snapshot(struct feed *feed)
{
	struct topic *topics = feed->topics;
	struct snapshot *snapshot = &feed->snapshot;

	for (size_t i = 0; i < FEED_TOPIC_COUNT; i++)
		memcpy((char *)snapshot + kinds[i].offset, &topics[i].object,
		       sizeof(topics[i].object));
	snapshot->routes_changed_at = topics[FEED_ROUTES].changed_at;
	snapshot->path_refusal = refusal_of(topics, FEED_PATH, FEED_PATH);
	snapshot->nic_refusal = refusal_of(topics, FEED_ROUTES, FEED_NSG);
	snapshot->verdict_refusal = refusal_of(topics, FEED_VERDICT, FEED_VERDICT);
	snapshot->test = feed_test_seen(feed->test, &snapshot->test_refusal);
}

/* ---- messages ---- */

static void subscribe(struct topic *topic)
{
	if (topic->is_subscribed || !*topic->name)
		return;
	topic->is_subscribed = topic->is_awaited = true;
	send_request(topic->feed, "subscribe", topic->name);
}

/* Most topics are there only when the lab has its file. */
static void subscribe_all(struct feed *feed)
{
	const struct snapshot_lab *lab = feed->snapshot.lab;

	for (size_t i = 0; lab && lab->file && i < FEED_TOPIC_COUNT; i++)
		subscribe(&feed->topics[i]);
}

/* From one topic to another of the same kind. */
static void change_topic(struct topic *topic)
{
	if (topic->is_subscribed && !*topic->refusal)
		send_request(topic->feed, "unsubscribe", topic->name);
	topic_clear(topic);
	topic->is_subscribed = false;
	topic->refusal[0] = '\0';
	(void)snprintf(topic->name, sizeof(topic->name), "%s", topic->wanted);
	refresh_snapshot(topic->feed);
	subscribe_all(topic->feed);
}

/* The lab has answered, but by now another one is wanted: then that is asked for. */
static bool is_passed_over(struct topic *topic)
{
	topic->is_awaited = false;
	if (!strcmp(topic->wanted, topic->name))
		return false;
	change_topic(topic);
	return true;
}

static void topic_message(struct topic *topic, const json_t *message)
{
	json_t *data = json_object_get(message, "data");
	struct err err = { 0 };

	if (is_passed_over(topic))
		return;
	topic->is_partial = json_is_true(json_object_get(message, "partial"));
	if (json_object_get(message, "gone")) { /* until another one is watched */
		topic_clear(topic);
		topic->is_subscribed = false;
		topic->name[0] = topic->wanted[0] = '\0';
		refresh_snapshot(topic->feed);
		topic->feed->ops.on_change(topic->feed->arg);
		return;
	}
	if (data) {
		topic_clear(topic);
		topic->json = json_incref(data);
	} else if (!topic->json ||
		   !changes_apply(topic->json, json_object_get(message, "changes"), &err)) {
		end(topic->feed, err.code ? err.text : "changes of a topic that never came");
		return;
	}
	if (!decode(topic, data ? 0 : topic->feed->heard_at, &err)) {
		end(topic->feed, err.text);
		return;
	}
	refresh_snapshot(topic->feed);
	subscribe_all(topic->feed);
	topic->feed->ops.on_change(topic->feed->arg);
}

/* A topic that is refused is asked for once: until another one is watched. */
static void answer(struct feed *feed, const json_t *message)
{
	const char *id = json_string_value(json_object_get(message, "id"));
	const json_t *error = json_object_get(message, "error");
	const char *text = json_string_value(json_object_get(error, "text"));

	if (mesh_asking_hear(&feed->mesh, id, message, feed->heard_at)) {
		if (!json_object_get(json_object_get(message, "progress"), "row"))
			feed->ops.on_change(feed->arg);
		return;
	}
	if (feed_test_take(feed->test, message)) {
		refresh_snapshot(feed);
		feed->ops.on_change(feed->arg);
		return;
	}
	for (size_t i = 0; id && text && i < FEED_TOPIC_COUNT; i++) {
		struct topic *topic = &feed->topics[i];

		if (strcmp(id, topic->name) != 0)
			continue;
		(void)snprintf(topic->refusal, sizeof(topic->refusal), "%s", text);
		if (is_passed_over(topic))
			return;
		refresh_snapshot(feed);
		feed->ops.on_change(feed->arg);
		return;
	}
}

static void on_line(void *arg, char *line, size_t len)
{
	struct feed *feed = arg;
	json_t *message = json_loadb(line, len, 0, NULL);
	const char *name = json_string_value(json_object_get(message, "topic"));

	feed->heard_at = unix_now();
	feed->is_asked = false;
	if (!message)
		end(feed, "the lab's words are not JSON");
	for (size_t i = 0; name && i < FEED_TOPIC_COUNT && !feed->is_ended; i++)
		if (!strcmp(feed->topics[i].name, name))
			topic_message(&feed->topics[i], message);
	if (message && !name && !feed->is_ended)
		answer(feed, message);
	json_decref(message);
}

static void on_end(void *arg, const char *reason)
{
	(void)reason;
	end(arg, "the lab ended");
}

static void ask_test(void *arg)
{
	struct feed *feed = arg;

	if (!feed->is_ended)
		send_json(feed, json_pack("{s:s, s:s, s:b}", "request", "test", "id", FEED_TEST_ID,
					  "gives_way", 1));
}

/* ---- opening and closing ---- */

static void topic_init(struct feed *feed, enum feed_topic which)
{
	const struct topic_kind *kind = &kinds[which];
	struct topic *topic = &feed->topics[which];

	topic->feed = feed;
	topic->kind = kind;
	if (kind->is_always) {
		(void)snprintf(topic->name, sizeof(topic->name), "%s", kind->name);
		(void)snprintf(topic->wanted, sizeof(topic->wanted), "%s", kind->name);
	}
	for (size_t i = 0; which != FEED_LAB && i < kind->record->field_count; i++)
		if (kind->record->fields[i].kind == RECORD_LIST)
			topic->list = &kind->record->fields[i];
}

struct feed *feed_open(struct loop *loop, const char *lab, const struct feed_ops *ops, void *arg,
		       struct err *err)
{
	static const struct loop_stream_ops stream_ops = { .on_line = on_line, .on_end = on_end };
	struct feed *feed;
	int fd;

	if (runtime_connect(lab, &fd, err))
		return NULL;
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	feed = calloc(1, sizeof(*feed));
	if (!feed)
		abort();
	feed->ops = *ops;
	feed->arg = arg;
	feed->heard_at = unix_now();
	feed->stream = loop_stream_new(loop, fd, MESSAGE_MAX, &stream_ops, feed, "lab");
	for (size_t i = 0; i < FEED_TOPIC_COUNT; i++)
		topic_init(feed, (enum feed_topic)i);
	subscribe(&feed->topics[FEED_LAB]);
	feed->test = feed_test_new(loop, ask_test, feed);
	return feed;
}

void feed_free(struct feed *feed)
{
	if (!feed)
		return;
	for (size_t i = 0; i < FEED_TOPIC_COUNT; i++)
		topic_clear(&feed->topics[i]);
	feed_test_free(feed->test);
	mesh_asking_fini(&feed->mesh);
	loop_stream_free(feed->stream);
	free(feed);
}

/*
 * From one topic to another of the same kind. Whoever holds a key down passes over many: the lab is
 * asked for the next one when it has answered, so it never has more to say than is read.
 */
static void watch(struct topic *topic, const char *name)
{
	if (!strcmp(name, topic->wanted))
		return;
	(void)snprintf(topic->wanted, sizeof(topic->wanted), "%s", name);
	if (!topic->is_awaited) {
		change_topic(topic);
		return;
	}
	topic_clear(topic);
	refresh_snapshot(topic->feed);
}

void feed_watch(struct feed *feed, enum feed_topic which, const char *of)
{
	char name[TOPIC_NAME_SIZE];

	(void)snprintf(name, sizeof(name), "%s%s", of ? kinds[which].name : "", of ? of : "");
	watch(&feed->topics[which], name);
}

void feed_watch_probes(struct feed *feed, const char *vm)
{
	char name[TOPIC_NAME_SIZE];

	(void)snprintf(name, sizeof(name), "probes%s%s", vm ? "/" : "", vm ? vm : "");
	watch(&feed->topics[FEED_PROBES], name);
}

void feed_ask_mesh(struct feed *feed, const char *protocol)
{
	json_t *request = mesh_asking_begin(&feed->mesh, protocol);

	if (request)
		send_json(feed, request);
}

const struct feed_mesh *feed_mesh(const struct feed *feed)
{
	return &feed->mesh.told;
}

void feed_watch_test(struct feed *feed, bool is_wanted)
{
	feed_test_want(feed->test, is_wanted && feed->snapshot.file);
	feed->snapshot.test = feed_test_seen(feed->test, &feed->snapshot.test_refusal);
}

const struct lab *feed_model(struct feed *feed)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };

	if (!feed->is_model_made && feed->snapshot.file)
		feed->model = snapshot_file_lab(feed->snapshot.file, &diags);
	feed->is_model_made = feed->snapshot.file != NULL;
	return feed->model;
}

unsigned feed_probes_version(const struct feed *feed)
{
	return feed->topics[FEED_PROBES].decoding;
}

const struct snapshot *feed_snapshot(const struct feed *feed)
{
	return &feed->snapshot;
}

/* What the file says may be more than this hublab can read: then there is no map. */
const struct graph *feed_graph(struct feed *feed)
{
	const struct lab *lab = feed_model(feed);

	if (!feed->graph && lab)
		feed->graph = graph_of_lab(lab, GRAPH_FOLD);
	return feed->graph;
}

bool feed_is_whole(const struct feed *feed)
{
	for (size_t i = 0; i < FEED_TOPIC_COUNT; i++) {
		const struct topic *topic = &feed->topics[i];

		if (*topic->wanted && !*topic->refusal && (!topic->json || topic->is_partial))
			return false;
	}
	return true;
}

void feed_ask(struct feed *feed)
{
	static const char question[] = "{\"request\":\"hello\"}\n";

	if (feed->is_asked || feed->is_ended)
		return;
	feed->is_asked = true;
	loop_stream_write(feed->stream, question, sizeof(question) - 1);
}

double feed_heard_at(const struct feed *feed)
{
	return feed->heard_at;
}
