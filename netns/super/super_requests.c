/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients can ask for: one function a request, listed in one table (docs/protocol.md). */
#include "netns/super/super.h"

#include "lab/model/tree.h"

#include <errno.h>
#include <string.h>

#define PROTOCOL_VERSION 1

void super_reply(struct control_client *client, const json_t *id, json_t *data)
{
	json_t *json = json_object();

	(void)json_object_set(json, "id", (json_t *)id);
	(void)json_object_set_new(json, "ok", json_true());
	(void)json_object_set_new(json, "data", data ? data : json_null());
	control_send(client, json);
}

void super_refuse(struct control_client *client, const json_t *id, const struct err *err)
{
	json_t *error = json_object(), *json = json_object();

	(void)json_object_set_new(error, "code", json_integer(err->code));
	(void)json_object_set_new(error, "text", json_string(err->text));
	if (err->pos.line) {
		(void)json_object_set_new(error, "line", json_integer(err->pos.line));
		(void)json_object_set_new(error, "column", json_integer(err->pos.col));
	}
	(void)json_object_set(json, "id", (json_t *)id);
	(void)json_object_set_new(json, "ok", json_false());
	(void)json_object_set_new(json, "error", error);
	control_send(client, json);
}

/* Each answers by itself, now or later, or returns an error that is the answer. */
typedef int request_fn(struct super *s, struct control_client *client, const json_t *id,
		       const json_t *request, struct err *err);

static const char *text_of(const json_t *request, const char *key)
{
	return json_string_value(json_object_get(request, key));
}

static int request_up(struct super *s, struct control_client *client, const json_t *id,
		      const json_t *request, struct err *err)
{
	const char *text = text_of(request, "text"), *file = text_of(request, "file");
	const char *changes = text_of(request, "changes");
	struct source source = { 0 };

	if (!text || !file)
		return err_set(err, -EPROTO, "'up' needs 'file' and 'text'");
	if (s->wanted && strcmp(file, s->source.file) != 0 &&
	    !json_is_true(json_object_get(request, "replace")))
		return err_set(err, -EEXIST, "lab '%s' is running, from %s", s->name,
			       s->source.file);
	if (s->source.change_count && !changes)
		return err_set(err, -EEXIST, "lab '%s' has %zu changes that are in no file",
			       s->name, s->source.change_count);
	if (changes && !strcmp(changes, "keep"))
		source = source_copy(&s->source);
	source_set_file(&source, file, text);
	source.step = (unsigned)json_integer_value(json_object_get(request, "step"));
	return super_apply(s, client, id, &source, err);
}

/* The state that the others change; -EAGAIN while there is none. */
static int begin_change(struct super *s, struct source *source, struct err *err)
{
	if (!s->wanted)
		return err_set(err, -EAGAIN, "the lab has no file yet");
	*source = source_copy(&s->source);
	return 0;
}

/* What stands at the path now, as text; NULL when nothing does. */
static const char *value_in(const struct lab *lab, const char *path, struct arena *arena)
{
	const struct doc_node *node = lab ? tree_find(&lab_schema, lab->root, path) : NULL;

	return node ? tree_print(node, arena) : NULL;
}

#define CHANGES_AT_ONCE 100 /* each but the first makes the lab be read once more */

static int add_changes(const struct super *s, struct source *source, const json_t *changes,
		       struct err *err)
{
	struct arena *arena = arena_new();
	const json_t *change;
	size_t i;

	if (json_array_size(changes) > CHANGES_AT_ONCE)
		err_set(err, -EINVAL, "at most %d changes can be made at once", CHANGES_AT_ONCE);
	json_array_foreach(changes, i, change) {
		const char *path = text_of(change, "path"), *value = text_of(change, "value");
		struct lab *lab = NULL;

		if (!path)
			err_set(err, -EPROTO, "a change needs a 'path'");
		if (err->code)
			break;
		if (value && (!strcmp(value, "null") || !strcmp(value, "~")))
			value = NULL;
		if (i)
			lab = source_parse(source, NULL);
		source_add_change(source, path, value,
				  value_in(i ? lab : s->wanted->lab, path, arena));
		lab_free(lab);
	}
	arena_free(arena);
	return err->code;
}

static int request_set(struct super *s, struct control_client *client, const json_t *id,
		       const json_t *request, struct err *err)
{
	const json_t *changes = json_object_get(request, "changes");
	struct source source = { 0 };

	if (!json_array_size(changes))
		return err_set(err, -EPROTO, "'set' needs 'changes'");
	if (begin_change(s, &source, err))
		return err->code;
	if (!add_changes(s, &source, changes, err))
		return super_apply(s, client, id, &source, err);
	source_fini(&source);
	return err->code;
}

static int request_undo(struct super *s, struct control_client *client, const json_t *id,
			const json_t *request, struct err *err)
{
	json_int_t count = json_integer_value(json_object_get(request, "count"));
	struct source source = { 0 };

	if (begin_change(s, &source, err))
		return err->code;
	if (count < 1 || (size_t)count > source.change_count) {
		err_set(err, -EINVAL, "there are %zu changes to take back", source.change_count);
		source_fini(&source);
		return err->code;
	}
	source_drop_changes(&source, (size_t)count);
	return super_apply(s, client, id, &source, err);
}

static int request_step(struct super *s, struct control_client *client, const json_t *id,
			const json_t *request, struct err *err)
{
	json_int_t step = json_integer_value(json_object_get(request, "step"));
	struct source source = { 0 };

	if (begin_change(s, &source, err))
		return err->code;
	if (step < 1 || step > (json_int_t)s->wanted->lab->steps.count) {
		err_set(err, -EINVAL, "the lab has %zu steps", s->wanted->lab->steps.count);
		source_fini(&source);
		return err->code;
	}
	source.step = (unsigned)step;
	return super_apply(s, client, id, &source, err);
}

static int request_mend(struct super *s, struct control_client *client, const json_t *id,
			const json_t *request, struct err *err)
{
	(void)request;
	return super_mend(s, client, id, err);
}

static int request_test(struct super *s, struct control_client *client, const json_t *id,
			const json_t *request, struct err *err)
{
	return super_test(s, client, id, json_is_true(json_object_get(request, "gives_way")), err);
}

static int request_down(struct super *s, struct control_client *client, const json_t *id,
			const json_t *request, struct err *err)
{
	(void)client;
	(void)id;
	(void)request;
	(void)err;
	super_down(s); /* the end of the connection is the answer */
	return 0;
}

static int request_topic(struct super *s, struct control_client *client, const json_t *id,
			 const json_t *request, struct err *err)
{
	const char *topic = text_of(request, "topic");
	json_t *data;

	if (!topic)
		return err_set(err, -EPROTO, "'topic' needs 'topic'");
	data = super_topic(s, topic, err);
	if (!data)
		return err->code;
	super_reply(client, id, data);
	return 0;
}

/* The topic whole and then its changes come as messages of their own, behind the answer. */
static int request_subscribe(struct super *s, struct control_client *client, const json_t *id,
			     const json_t *request, struct err *err)
{
	const char *topic = text_of(request, "topic");

	if (!topic)
		return err_set(err, -EPROTO, "'subscribe' needs 'topic'");
	if (publisher_subscribe(s->publisher, client, topic, err))
		return err->code;
	super_reply(client, id, NULL);
	return 0;
}

static int request_unsubscribe(struct super *s, struct control_client *client, const json_t *id,
			       const json_t *request, struct err *err)
{
	const char *topic = text_of(request, "topic");

	if (!topic)
		return err_set(err, -EPROTO, "'unsubscribe' needs 'topic'");
	if (publisher_unsubscribe(s->publisher, client, topic, err))
		return err->code;
	super_reply(client, id, NULL);
	return 0;
}

static int request_hello(struct super *s, struct control_client *client, const json_t *id,
			 const json_t *request, struct err *err)
{
	(void)request;
	(void)err;
	super_reply(client, id,
		    json_pack("{s:i, s:s, s:s}", "protocol", PROTOCOL_VERSION, "hublab",
			      HUBLAB_VERSION, "lab", s->name));
	return 0;
}

static const struct {
	const char *name;
	request_fn *fn;
} requests[] = {
	{ "up", request_up },
	{ "set", request_set },
	{ "undo", request_undo },
	{ "step", request_step },
	{ "mend", request_mend },
	{ "test", request_test },
	{ "guest", super_guest },
	{ "guest_run", super_guest_run },
	{ "guest_signal", super_guest_signal },
	{ "packet_socket", super_packet_socket },
	{ "mesh", super_mesh },
	{ "fault", super_fault_set },
	{ "fault_clear", super_fault_clear },
	{ "down", request_down },
	{ "topic", request_topic },
	{ "subscribe", request_subscribe },
	{ "unsubscribe", request_unsubscribe },
	{ "hello", request_hello },
};

void super_request(void *arg, struct control_client *client, const json_t *json)
{
	const char *name = text_of(json, "request");
	const json_t *id = json_object_get(json, "id");
	struct err err = { 0 };

	for (size_t i = 0; name && i < ARRAY_SIZE(requests); i++) {
		if (strcmp(requests[i].name, name) != 0)
			continue;
		super_history_begin(arg, name, json);
		if (requests[i].fn(arg, client, id, json, &err))
			super_refuse(client, id, &err);
		super_history_asked(arg, err.code != 0);
		return;
	}
	err_set(&err, -EPROTO, "unknown request '%.40s'", name ? name : "");
	super_refuse(client, id, &err);
}
