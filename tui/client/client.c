/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/client/client.h"

#include "lab/base/cleanup.h"
#include "lab/snapshot/changes.h"
#include "netns/loop/loop.h"
#include "netns/super/runtime.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
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
	int passed[LOOP_PASS_MAX]; /* came with a line, and were not taken; -1: none */
	char *bytes;               /* what was received, from `begin` to `end` of it */
	size_t size, begin, end;
	json_int_t last_id;
	char by[128];                /* who asks, for the history; "": not known yet */
	pid_t pid;                   /* of the lab's first process; 0 when the socket must say it */
	const struct bundle *bundle; /* NULL: there is a lab */
	json_t *answers;             /* that were not received yet */
};

struct client *client_adopt(int fd, pid_t pid)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		abort();
	client->fd = fd;
	for (int i = 0; i < LOOP_PASS_MAX; i++)
		client->passed[i] = -1;
	client->pid = pid;
	return client;
}

#define ANSWER_SECONDS 10
#define RECEIVE_BYTES  4096
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

struct client *client_of_bundle(const struct bundle *bundle)
{
	struct client *client = client_adopt(-1, 0);

	client->bundle = bundle;
	client->answers = json_array();
	return client;
}

void client_be_patient(struct client *client)
{
	set_timeout(client->fd, 0);
}

void client_wait_at_most(struct client *client, long seconds)
{
	set_timeout(client->fd, seconds);
}

static void drop_passed(struct client *client)
{
	for (int i = 0; i < LOOP_PASS_MAX; i++)
		fd_close(&client->passed[i]);
}

void client_free(struct client *client)
{
	if (!client)
		return;
	json_decref(client->answers);
	fd_close(&client->fd);
	drop_passed(client);
	free(client->bytes);
	free(client);
}

/* "maria on pts/3", as the history has it; the screen says it for the commands that it runs. */
static const char *who_asks(struct client *client)
{
	const char *by = getenv(CLIENT_BY), *user = getenv("USER"), *terminal = NULL;
	struct passwd *entry = getpwuid(getuid());

	if (by)
		return by;
	if (*client->by)
		return client->by;
	if (entry)
		user = entry->pw_name;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && !terminal; fd++)
		terminal = ttyname(fd);
	if (terminal && !strncmp(terminal, "/dev/", 5))
		terminal += 5;
	(void)snprintf(client->by, sizeof(client->by), "%.60s%s%.60s", user ? user : "?",
		       terminal ? " on " : "", terminal ? terminal : "");
	return client->by;
}

void client_set_by(const char *what)
{
	struct client nobody = { 0 };
	char by[160];

	(void)snprintf(by, sizeof(by), "%.120s, %.30s", who_asks(&nobody), what);
	(void)setenv(CLIENT_BY, by, 1);
}

int client_send(struct client *client, json_t *request, struct err *err)
{
	CLEANUP(free_cleanup) char *text = NULL;
	size_t len, done = 0;

	if (!request)
		return err_set(err, -EINVAL, "the request is not UTF-8");
	(void)json_object_set_new(request, "id", json_integer(++client->last_id));
	if (!json_object_get(request, "topic"))
		(void)json_object_set_new(request, "by", json_string(who_asks(client)));
	if (client->bundle) {
		json_t *answers = bundle_answer(client->bundle, request);

		(void)json_array_extend(client->answers, answers);
		json_decref(answers);
		json_decref(request);
		return 0;
	}
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

static json_t *next_answer(struct client *client, struct err *err)
{
	json_t *answer = json_incref(json_array_get(client->answers, 0));

	(void)json_array_remove(client->answers, 0);
	if (!answer)
		err_set(err, -EPIPE, "%s is a bundle: nothing more happens in it",
			bundle_head(client->bundle)->file);
	return answer;
}

/* Room behind what is there for as much again. */
static void make_room(struct client *client)
{
	if (client->begin) {
		memmove(client->bytes, client->bytes + client->begin, client->end - client->begin);
		client->end -= client->begin;
		client->begin = 0;
	}
	if (client->size - client->end >= RECEIVE_BYTES)
		return;
	client->size = client->end * 2 + RECEIVE_BYTES;
	client->bytes = realloc(client->bytes, client->size);
	if (!client->bytes)
		abort();
}

static void keep_passed(struct client *client, struct msghdr *message)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);

	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
		return;
	drop_passed(client);
	memcpy(client->passed, CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));
}

/* More bytes; 0 at the end, or a negative errno. */
static ssize_t receive(struct client *client)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(LOOP_PASS_MAX * sizeof(int))];
	} control;
	struct iovec part;
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control.bytes) };
	ssize_t len;

	make_room(client);
	part = (struct iovec){ client->bytes + client->end, client->size - client->end };
	do {
		len = recvmsg(client->fd, &message, MSG_CMSG_CLOEXEC);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	keep_passed(client, &message);
	client->end += (size_t)len;
	return len;
}

int client_take_descriptor(struct client *client)
{
	for (int i = 0; i < LOOP_PASS_MAX; i++)
		if (client->passed[i] >= 0)
			return fd_take(&client->passed[i]);
	return -1;
}

bool client_has_more(const struct client *client)
{
	return client->begin < client->end;
}

int client_descriptor(const struct client *client)
{
	return client->fd;
}

json_t *client_receive(struct client *client, struct err *err)
{
	size_t seen = 0;
	const char *line, *newline;
	json_error_t error;
	json_t *json;
	ssize_t len;

	if (client->bundle)
		return next_answer(client, err);
	while (client->begin + seen == client->end ||
	       !(newline = memchr(client->bytes + client->begin + seen, '\n',
				  client->end - client->begin - seen))) {
		seen = client->end - client->begin; /* what was searched is not searched again */
		len = receive(client);
		if (len > 0)
			continue;
		if (len == -EAGAIN)
			err_set(err, -ETIMEDOUT, "the lab does not answer");
		else
			err_set(err, -EPIPE, "the lab ended");
		return NULL;
	}
	line = client->bytes + client->begin;
	client->begin += (size_t)(newline - line) + 1;
	json = json_loadb(line, (size_t)(newline - line), 0, &error);
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

/* One message of a subscription, put to what there is already. False when it is of no topic. */
static bool add_part(json_t **whole, const json_t *message, const char *topic, struct err *err)
{
	const char *name = json_string_value(json_object_get(message, "topic"));

	if (!name) { /* the answer to a request: a refusal is all that it tells */
		if (!json_is_true(json_object_get(message, "ok")))
			(void)client_data(message, err);
		return false;
	}
	if (strcmp(name, topic) != 0)
		return false;
	if (json_object_get(message, "data")) {
		json_decref(*whole);
		*whole = json_incref(json_object_get(message, "data"));
		return true;
	}
	return changes_apply(*whole, json_object_get(message, "changes"), err);
}

/* More is to come, so that the lab does not stop for something large. */
static bool is_partial(const json_t *whole, const json_t *message)
{
	(void)whole;
	return json_is_true(json_object_get(message, "partial"));
}

/* Somebody else is asked for it. */
static bool is_not_whole(const json_t *whole, const json_t *message)
{
	(void)message;
	return !json_is_true(json_object_get(whole, "is_whole"));
}

/* End a subscription: what comes next answers what is asked next. */
static void leave(struct client *client, const char *topic)
{
	struct err err = { 0 };
	bool is_over = client_send(
		client, json_pack("{s:s, s:s}", "request", "unsubscribe", "topic", topic), &err);
	json_t *message;

	while (!is_over && (message = client_receive(client, &err))) {
		is_over = json_integer_value(json_object_get(message, "id")) == client->last_id;
		json_decref(message);
	}
}

/* By a subscription, until it has all of it. */
static json_t *gather(struct client *client, const char *topic,
		      bool (*expects_more)(const json_t *whole, const json_t *message),
		      struct err *err)
{
	json_t *whole = NULL, *message;
	struct err first = { 0 };
	bool is_more = true;

	if (client_send(client, json_pack("{s:s, s:s}", "request", "subscribe", "topic", topic),
			err))
		return NULL;
	while (is_more && !first.code && (message = client_receive(client, &first))) {
		is_more = !add_part(&whole, message, topic, &first) || expects_more(whole, message);
		json_decref(message);
	}
	if (first.code != -EPIPE && first.code != -ETIMEDOUT)
		leave(client, topic);
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

	if (client->bundle)
		return bundle_topic(client->bundle, topic, err);
	return is_in_parts ? gather(client, topic, is_partial, err) : ask(client, topic, err);
}

json_t *client_topic_whole(struct client *client, const char *topic, struct err *err)
{
	return gather(client, topic, is_not_whole, err);
}

int client_topic(struct client *client, const char *topic, const struct record *record,
		 void *object, struct arena *arena, struct err *err)
{
	json_t *json = client_topic_json(client, topic, err);

	if (!json)
		return err->code;
	if (!record_decode(record, json, object, arena, err) && client->bundle)
		err_in(err, "%s: topic '%s'", bundle_head(client->bundle)->file, topic);
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
