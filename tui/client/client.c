/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/client/client.h"

#include "lab/base/cleanup.h"
#include "lab/snapshot/changes.h"
#include "netns/super/runtime.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct client {
	int fd;
	FILE *in;
	char *line;
	size_t line_size;
	json_int_t last_id;
	pid_t pid; /* of the lab's first process; 0 when the socket must say it */
};

struct client *client_adopt(int fd, pid_t pid)
{
	struct client *client = calloc(1, sizeof(*client));
	int copy = dup(fd);

	if (!client || copy < 0)
		abort();
	client->fd = fd;
	client->pid = pid;
	client->in = fdopen(copy, "re");
	if (!client->in)
		abort();
	return client;
}

#define ANSWER_SECONDS 10
#define END_MS         5000

static void set_timeout(int fd, time_t seconds)
{
	struct timeval timeout = { .tv_sec = seconds };

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
}

struct client *client_open(const char *lab, struct err *err)
{
	int fd;

	if (runtime_connect(lab, &fd, err))
		return NULL;
	set_timeout(fd, ANSWER_SECONDS);
	return client_adopt(fd, 0);
}

void client_be_patient(struct client *client)
{
	set_timeout(client->fd, 0);
}

void client_wait_at_most(struct client *client, long seconds)
{
	set_timeout(client->fd, seconds);
}

void client_free(struct client *client)
{
	if (!client)
		return;
	(void)fclose(client->in);
	fd_close(&client->fd);
	free(client->line);
	free(client);
}

int client_send(struct client *client, json_t *request, struct err *err)
{
	CLEANUP(free_cleanup) char *text = NULL;
	size_t len, done = 0;

	if (!request)
		return err_set(err, -EINVAL, "the request is not UTF-8");
	(void)json_object_set_new(request, "id", json_integer(++client->last_id));
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (!text)
		return err_set(err, -EINVAL, "the request is not UTF-8");
	len = strlen(text);
	text[len++] = '\n'; /* in the place of its NUL */
	while (done < len) {
		ssize_t n = send(client->fd, text + done, len - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, -errno, "the lab does not listen: %s", strerror(errno));
		done += (size_t)n;
	}
	return 0;
}

json_t *client_receive(struct client *client, struct err *err)
{
	ssize_t len = getline(&client->line, &client->line_size, client->in);
	json_error_t error;
	json_t *json;

	if (len < 0) {
		if (errno == EAGAIN)
			err_set(err, -ETIMEDOUT, "the lab does not answer");
		else
			err_set(err, -EPIPE, "the lab ended");
		return NULL;
	}
	json = json_loadb(client->line, (size_t)len, 0, &error);
	if (!json)
		err_set(err, -EPROTO, "the lab's answer is not JSON: %s", error.text);
	return json;
}

const json_t *client_data(const json_t *answer, struct err *err)
{
	const json_t *error = json_object_get(answer, "error");
	const char *text = json_string_value(json_object_get(error, "text"));
	json_int_t code = json_integer_value(json_object_get(error, "code"));
	struct src_pos pos = {
		.line = (unsigned)json_integer_value(json_object_get(error, "line")),
		.col = (unsigned)json_integer_value(json_object_get(error, "column")),
	};

	if (json_is_true(json_object_get(answer, "ok")))
		return json_object_get(answer, "data");
	err_at(err, pos, code ? (int)code : -EPROTO, "%s", text ? text : "refused");
	return NULL;
}

/* Whole in one answer. */
static json_t *ask(struct client *client, const char *topic, struct err *err)
{
	json_t *answer, *data = NULL;

	if (client_send(client, json_pack("{s:s, s:s}", "request", "topic", "topic", topic), err))
		return NULL;
	answer = client_receive(client, err);
	if (!answer)
		return NULL;
	data = json_incref((json_t *)client_data(answer, err));
	json_decref(answer);
	return data;
}

/* One message of a subscription, put to what there is already. False when it is the last part. */
static bool add_part(json_t **whole, const json_t *message, const char *topic, struct err *err)
{
	const char *name = json_string_value(json_object_get(message, "topic"));

	if (!name) /* the answer to a request */
		return json_is_true(json_object_get(message, "ok")) || !client_data(message, err);
	if (strcmp(name, topic) != 0)
		return true;
	if (json_object_get(message, "data"))
		*whole = json_incref(json_object_get(message, "data"));
	else if (!changes_apply(*whole, json_object_get(message, "changes"), err))
		return false;
	return json_is_true(json_object_get(message, "partial"));
}

/* In parts, so that the lab does not stop for something large. */
static json_t *gather(struct client *client, const char *topic, struct err *err)
{
	json_t *whole = NULL, *message;
	struct err first = { 0 };
	bool is_more = true;

	if (client_send(client, json_pack("{s:s, s:s}", "request", "subscribe", "topic", topic),
			err))
		return NULL;
	while (is_more && !first.code && (message = client_receive(client, &first))) {
		is_more = add_part(&whole, message, topic, &first);
		json_decref(message);
	}
	if (!first.code)
		return whole;
	json_decref(whole);
	if (err)
		*err = first;
	return NULL;
}

json_t *client_topic_json(struct client *client, const char *topic, struct err *err)
{
	bool is_in_parts = !strcmp(topic, "probes") || !strncmp(topic, "flows", strlen("flows"));

	return is_in_parts ? gather(client, topic, err) : ask(client, topic, err);
}

int client_topic(struct client *client, const char *topic, const struct record *record,
		 void *object, struct arena *arena, struct err *err)
{
	json_t *json = client_topic_json(client, topic, err);

	if (!json)
		return err->code;
	(void)record_decode(record, json, object, arena, err);
	json_decref(json);
	return err->code;
}

int client_peer_pid(const struct client *client, pid_t *ret_pid, struct err *err)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (client->pid) {
		*ret_pid = client->pid;
		return 0;
	}
	if (getsockopt(client->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return err_set(err, -errno, "peer of the connection: %s", strerror(errno));
	*ret_pid = peer.pid;
	return 0;
}

int client_wait_gone(struct client *client, struct err *err)
{
	CLEANUP(fd_cleanup) int pidfd = -1;
	struct pollfd gone = { .events = POLLIN };
	pid_t pid = 0;

	if (client_peer_pid(client, &pid, err))
		return err->code;
	pidfd = pidfd_open(pid, 0);
	if (pidfd < 0)
		return errno == ESRCH ? 0 : err_set(err, -errno, "pidfd: %s", strerror(errno));
	gone.fd = pidfd;
	if (poll(&gone, 1, END_MS) == 1)
		return 0;
	if (pidfd_send_signal(pidfd, SIGKILL, NULL, 0) || poll(&gone, 1, END_MS) != 1)
		return err_set(err, -ETIMEDOUT, "the lab's first process (%d) does not end",
			       (int)pid);
	return 0;
}
