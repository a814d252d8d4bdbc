/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captures: who asks gets a packet socket, and reads packets himself. Nothing of them passes the
 * supervisor, so that much traffic, a slow disk or a full pipe harms only the one who captures.
 */
#include "lab/snapshot/fill_capture.h"
#include "netns/super/super.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* A socket that the engine is opening. */
struct socket_wish {
	struct socket_wish *prev, *next;
	struct super *super;
	struct control_client *client; /* NULL: it left */
	json_t *id;                    /* of its request */
};

void super_capture_forget(struct super *s, const struct control_client *client)
{
	struct socket_wish *wish;

	DL_FOREACH(s->socket_wishes, wish)
		if (wish->client == client)
			wish->client = NULL;
}

static json_t *answer_to(const struct socket_wish *wish)
{
	return json_pack("{s:O, s:b, s:n}", "id", wish->id, "ok", 1, "data");
}

/* As the last one who has it nobody here closes it: that takes the kernel milliseconds. */
static void got_socket(void *arg, size_t tag, int fd, const struct err *err)
{
	struct socket_wish *wish = arg;
	struct super *s = wish->super;
	struct err failure = { 0 };

	(void)tag;
	if (wish->client && err)
		super_refuse(wish->client, wish->id, err);
	else if (wish->client &&
		 control_send_descriptors(wish->client, answer_to(wish), &fd, 1, &failure))
		super_refuse(wish->client, wish->id, &failure);
	engine_client_close(s->engine, fd);
	DL_DELETE(s->socket_wishes, wish);
	json_decref(wish->id);
	free(wish);
}

int super_packet_socket(struct super *s, struct control_client *client, const json_t *id,
			const json_t *request, struct err *err)
{
	const char *ns = json_string_value(json_object_get(request, "namespace"));
	struct socket_wish *wish;

	if (!ns)
		return err_set(err, -EPROTO, "'packet_socket' needs 'namespace'");
	if (!s->wanted)
		return err_set(err, -EAGAIN, "the lab has no file yet");
	wish = calloc(1, sizeof(*wish));
	if (!wish)
		abort();
	*wish = (struct socket_wish){ .super = s, .client = client };
	wish->id = id ? json_deep_copy(id) : json_null();
	DL_APPEND(s->socket_wishes, wish);
	engine_client_socket(s->engine, ns, ENGINE_SOCKET_FRAMES, got_socket, wish, 0);
	return 0;
}

#define FLOW_WORDS 3

/* "capture/MACHINE[:INTERFACE]" or "capture/SRC DST PROTOCOL[:PORT]" */
json_t *super_topic_capture(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	struct snapshot_capture out = { 0 };
	struct path_question question;
	const char *words[FLOW_WORDS];

	if (!strchr(name, ' ')) {
		if (snapshot_fill_capture_node(s->wanted->topology, name, &out, arena, err))
			return NULL;
		return record_encode(&snapshot_capture_record, &out);
	}
	if (!super_split_topic(name, words, FLOW_WORDS, arena)) {
		err_set(err, -EINVAL, "a flow is SRC DST PROTOCOL[:PORT]");
		return NULL;
	}
	if (path_question_read(s->wanted->lab, words[0], words[1], words[2], &question, err))
		return NULL;
	snapshot_fill_capture_flow(controller_fabric(s->controller), s->source.file, &question,
				   &out, arena);
	return record_encode(&snapshot_capture_record, &out);
}
