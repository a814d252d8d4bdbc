/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/control.h"

#include "lab/base/cleanup.h"
#include "netns/super/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utlist.h>

#define CLIENTS_MAX  64
#define LINE_MAX     (8u * 1024 * 1024) /* a lab file as a JSON string */
#define UNSENT_MAX   (4u * 1024 * 1024)
#define OVERFLOW_UID 65534 /* how the host's root is seen from a user namespace */

struct control_client {
	struct control_client *prev, *next;
	struct control *control;
	struct loop_stream *stream;
	bool is_leaving; /* to be freed when no callback can be using it */
};

struct control {
	struct loop *loop;
	struct control_ops ops;
	void *arg;
	int fd;
	struct loop_fd *watch;
	struct loop_timer *reaper;
	struct control_client *clients;
	unsigned client_count;
};

static void leave(struct control_client *client)
{
	if (client->is_leaving)
		return;
	client->is_leaving = true;
	client->control->ops.on_leave(client->control->arg, client);
	loop_timer_set(client->control->reaper, 0);
}

static void reap(void *arg, uint64_t now_ns)
{
	struct control *control = arg;
	struct control_client *client, *next;

	(void)now_ns;
	DL_FOREACH_SAFE(control->clients, client, next)
	{
		if (!client->is_leaving)
			continue;
		DL_DELETE(control->clients, client);
		control->client_count--;
		loop_stream_free(client->stream);
		free(client);
	}
}

void control_send_text(struct control_client *client, const char *text, size_t len)
{
	if (client->is_leaving)
		return;
	/* one answer may be of any size, but nothing is heaped on it */
	if (loop_stream_unsent(client->stream) > UNSENT_MAX) {
		leave(client);
		return;
	}
	loop_stream_write(client->stream, text, len);
	loop_stream_write(client->stream, "\n", 1);
}

size_t control_unsent(const struct control_client *client)
{
	return loop_stream_unsent(client->stream);
}

/* The reference is taken; the text is the caller's to free. */
static char *print_json(json_t *json)
{
	char *text = json_dumps(json, CONTROL_JSON_FLAGS);

	json_decref(json);
	if (!text)
		abort(); /* our own JSON is well-formed */
	return text;
}

int control_send_descriptors(struct control_client *client, json_t *json, const int *fds,
			     size_t count, struct err *err)
{
	CLEANUP(free_cleanup) char *text = print_json(json);
	size_t len = strlen(text);
	int rc;

	text[len] = '\n'; /* in the place of its NUL */
	rc = client->is_leaving ? -EPIPE
				: loop_stream_pass(client->stream, text, len + 1, fds, count);
	if (rc == -EAGAIN)
		return err_set(err, rc, "what was sent before is not read yet");
	return rc ? err_set(err, rc, "pass a socket: %s", strerror(-rc)) : 0;
}

void control_send(struct control_client *client, json_t *json)
{
	char *text = print_json(json);

	control_send_text(client, text, strlen(text));
	free(text);
}

static void client_line(void *arg, char *line, size_t len)
{
	struct control_client *client = arg;
	json_error_t error;
	json_t *json;

	if (client->is_leaving) /* what it asked behind that would outlive it */
		return;
	json = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(json)) {
		client->control->ops.on_request(client->control->arg, client, json);
		json_decref(json);
		return;
	}
	json_decref(json);
	control_send(client, json_pack("{s:b, s:{s:s}}", "ok", 0, "error", "text",
				       "a request is one JSON object on a line"));
	leave(client);
}

static void client_end(void *arg, const char *reason)
{
	(void)reason;
	leave(arg);
}

struct control_client *control_adopt(struct control *control, int fd)
{
	static const struct loop_stream_ops ops = { .on_line = client_line, .on_end = client_end };
	struct control_client *client = calloc(1, sizeof(*client));

	if (!client)
		abort();
	client->control = control;
	client->stream = loop_stream_new(control->loop, fd, LINE_MAX, &ops, client, "client");
	DL_APPEND(control->clients, client);
	control->client_count++;
	return client;
}

/* The same user, or root. Others cannot even reach the socket: its directory is private. */
static bool is_allowed(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return false;
	return peer.uid == geteuid() || peer.uid == 0 || peer.uid == OVERFLOW_UID;
}

static void accept_client(void *arg, unsigned events, uint64_t now_ns)
{
	struct control *control = arg;
	CLEANUP(fd_cleanup)
	int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	(void)now_ns;
	if (fd >= 0 && is_allowed(fd) && control->client_count < CLIENTS_MAX)
		(void)control_adopt(control, fd_take(&fd));
}

struct control *control_new(struct loop *loop, int directory, const struct control_ops *ops,
			    void *arg, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	CLEANUP(fd_cleanup) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct control *control;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", directory,
		       RUNTIME_SOCKET);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, CLIENTS_MAX)) {
		err_set(err, -errno, "socket in the runtime directory: %s", strerror(errno));
		return NULL;
	}
	control = calloc(1, sizeof(*control));
	if (!control)
		abort();
	*control = (struct control){ .loop = loop, .ops = *ops, .arg = arg, .fd = fd_take(&fd) };
	control->reaper = loop_timer_new(loop, reap, control, "clients that left");
	control->watch =
		loop_fd_new(loop, control->fd, LOOP_READ, accept_client, control, "new client");
	return control;
}

void control_free(struct control *control)
{
	struct control_client *client;

	if (!control)
		return;
	DL_FOREACH(control->clients, client)
		leave(client);
	reap(control, 0);
	loop_timer_free(control->reaper);
	loop_fd_free(control->watch);
	fd_close(&control->fd);
	free(control);
}
