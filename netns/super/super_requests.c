/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients can ask for: one function a request, listed in one table (docs/protocol.md). */
#include "netns/super/super.h"

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

	if (!text || !file)
		return err_set(err, -EPROTO, "'up' needs 'file' and 'text'");
	return super_up(s, client, id, text, file, err);
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
		if (requests[i].fn(arg, client, id, json, &err))
			super_refuse(client, id, &err);
		return;
	}
	err_set(&err, -EPROTO, "unknown request '%.40s'", name ? name : "");
	super_refuse(client, id, &err);
}
