/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What users ask of guests: start, stop and reboot at once, snapshots when they are there. */
#include "lab/base/macros.h"
#include "netns/super/super.h"

#include "lab/plan/compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* Who waits for a snapshot, or for a guest to go on from one. */
struct guest_asker {
	struct guest_asker *next;
	struct super *super;
	struct control_client *client; /* NULL: it left */
	json_t *id;
};

static struct guest_asker *asker_new(struct super *s, struct control_client *client,
				     const json_t *id)
{
	struct guest_asker *asker = calloc(1, sizeof(*asker));

	if (!asker)
		abort();
	*asker = (struct guest_asker){ .super = s, .client = client, .id = json_deep_copy(id) };
	LL_PREPEND(s->guest_askers, asker);
	return asker;
}

static void asker_free(struct guest_asker *asker)
{
	LL_DELETE(asker->super->guest_askers, asker);
	json_decref(asker->id);
	free(asker);
}

void super_guest_forget(struct super *s, const struct control_client *client)
{
	struct guest_asker *asker;

	LL_FOREACH(s->guest_askers, asker)
		if (asker->client == client)
			asker->client = NULL;
}

static void on_done(void *arg, const struct guest_snapshot *snapshot, const struct err *err)
{
	struct guest_asker *asker = arg;

	if (asker->client && snapshot)
		super_reply(asker->client, asker->id,
			    json_pack("{s:s, s:f, s:I}", "name", snapshot->name, "taken_at",
				      snapshot->taken_at, "size_bytes",
				      (json_int_t)snapshot->size_bytes));
	else if (asker->client)
		super_refuse(asker->client, asker->id, err);
	asker_free(asker);
}

typedef int guest_later_fn(struct guests_client *client, const char *guest, const char *snapshot,
			   guest_done_fn *done, void *arg, struct err *err);

static int later(struct super *s, struct control_client *client, const json_t *id,
		 const json_t *request, guest_later_fn *fn, struct err *err)
{
	struct guest_asker *asker = asker_new(s, client, id);

	if (fn(s->guests, json_string_value(json_object_get(request, "guest")),
	       json_string_value(json_object_get(request, "snapshot")), on_done, asker, err))
		asker_free(asker);
	return err->code;
}

int super_guest(struct super *s, struct control_client *client, const json_t *id,
		const json_t *request, struct err *err)
{
	static const char *const actions[] = {
		[GUEST_STOP] = "stop", [GUEST_START] = "start", [GUEST_REBOOT] = "reboot"
	};
	const char *guest = json_string_value(json_object_get(request, "guest"));
	const char *action = json_string_value(json_object_get(request, "action"));

	if (!guest || !action)
		return err_set(err, -EPROTO, "'guest' needs 'guest' and 'action'");
	if (!strcmp(action, "save"))
		return later(s, client, id, request, guests_client_save, err);
	if (!strcmp(action, "restore"))
		return later(s, client, id, request, guests_client_restore, err);
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (strcmp(actions[i], action) != 0)
			continue;
		if (!guests_client_act(s->guests, guest, (enum guest_action)i, err))
			super_reply(client, id, NULL);
		return err->code;
	}
	if (strcmp(action, "forget") != 0)
		return err_set(err, -EPROTO,
			       "'action' is start, stop, reboot, save, restore or forget");
	if (!guests_client_forget(s->guests, guest,
				  json_string_value(json_object_get(request, "snapshot")), err))
		super_reply(client, id, NULL);
	return err->code;
}

/* ---- what they ask for on their links ---- */

static void need_dhcp_socket(void *arg, size_t family)
{
	struct super *s = arg;

	engine_client_socket(s->engine, FABRIC_NS, ENGINE_SOCKET_FRAMES, dhcp_server_socket,
			     s->dhcp, family);
}

static void close_dhcp_socket(void *arg, int fd)
{
	engine_client_close(((struct super *)arg)->engine, fd);
}

static void on_dhcp_change(void *arg)
{
	struct super *s = arg;

	publisher_touch(s->publisher, CAUSE_STATE);
}

struct dhcp_server *super_new_dhcp_server(struct super *s)
{
	static const struct dhcp_server_ops ops = { need_dhcp_socket, close_dhcp_socket,
						    on_dhcp_change };

	return dhcp_server_new(s->loop, s->journal, &ops, s);
}
