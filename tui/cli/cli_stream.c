/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cli/cli_stream.h"

#include <errno.h>

/* What a message brings, in the shape of the topic: all that is in it, be it new or changed. */
static json_t *brought_by(const json_t *message, const char *list)
{
	const json_t *data = json_object_get(message, "data"), *splice;
	const json_t *changes = json_object_get(message, "changes");
	json_t *brought = json_object(), *items = json_array();
	size_t i;

	if (json_is_object(data))
		(void)json_object_update(brought, (json_t *)data);
	if (json_object_get(changes, "set"))
		(void)json_object_update(brought, json_object_get(changes, "set"));
	json_array_foreach(json_object_get(json_object_get(changes, "lists"), list), i, splice)
		(void)json_array_extend(items, json_array_get(splice, 2));
	if (json_array_size(items) || !data)
		(void)json_object_set(brought, list, items);
	json_decref(items);
	return brought;
}

int cli_stream(struct client *client, const char *topic, const char *list,
	       const struct record *record,
	       void (*take)(void *arg, const void *object, struct err *err), void *arg,
	       struct err *err)
{
	json_t *message;

	client_be_patient(client);
	(void)client_send(client, json_pack("{s:s, s:s}", "request", "subscribe", "topic", topic),
			  err);
	while (!err->code && (message = client_receive(client, err))) {
		const char *gone = json_string_value(json_object_get(message, "gone"));
		struct arena *arena = arena_new();
		void *object = arena_alloc(arena, record->size);
		json_t *brought = brought_by(message, list);

		if (gone)
			err_set(err, -ENOENT, "%s", gone);
		else if (!json_object_get(message, "topic"))
			(void)client_data(message, err); /* it may be a refusal */
		else if (record_decode(record, brought, object, arena, err))
			take(arg, object, err);
		json_decref(brought);
		arena_free(arena);
		json_decref(message);
	}
	return err->code;
}
