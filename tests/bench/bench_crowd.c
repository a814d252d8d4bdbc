/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lab in which more happens than in any real one: what a running lab says and is asked is passed
 * on, but its events are replaced by a thousand a second.
 * usage: bench_crowd LAB NAME     until it is ended; NAME is the lab to look at (root only)
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define BASE      "/run/hublab/"
#define PERIOD_MS 100 /* as often as a lab tells what changed */
#define AT_ONCE   100 /* events */
#define KEPT      2000

struct side {
	int fd;
	char *bytes;
	size_t len, size;
};

static struct side client = { .fd = -1 }, lab = { .fd = -1 };
static bool is_watched; /* the client has subscribed to events */
static json_int_t sequence;
static uint64_t number;
static size_t kept; /* events that the client has */
static const char *name;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static struct sockaddr_un address_of(const char *lab_name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)snprintf(address.sun_path, sizeof(address.sun_path), BASE "%.60s/socket", lab_name);
	return address;
}

static char own_socket[128], own_directory[128];

static void on_signal(int signal)
{
	(void)signal;
	(void)unlink(own_socket);
	(void)rmdir(own_directory);
	_exit(0);
}

static int serve(void)
{
	struct sockaddr_un address = address_of(name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), held;

	(void)snprintf(own_socket, sizeof(own_socket), "%s", address.sun_path);
	(void)snprintf(own_directory, sizeof(own_directory), BASE "%.60s", name);
	(void)mkdir(own_directory, 0700);
	held = open(own_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (held < 0 || flock(held, LOCK_EX | LOCK_NB))
		fail(own_directory);
	(void)unlink(address.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 1))
		fail(address.sun_path);
	return fd;
}

static void send_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* it left; that is seen by who reads */
		bytes += n;
		len -= (size_t)n;
	}
}

static void send_json(json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	if (!text)
		fail("json");
	send_all(client.fd, text, strlen(text));
	send_all(client.fd, "\n", 1);
	free(text);
	json_decref(json);
}

static json_t *some_events(size_t count)
{
	json_t *events = json_array();
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	for (size_t i = 0; i < count; i++, number++)
		(void)json_array_append_new(
			events,
			json_pack("{s:I, s:f, s:s, s:o}", "number",
				  (json_int_t)1000000 + (json_int_t)number, "time",
				  (double)now.tv_sec + (double)now.tv_nsec / 1e9, "kind", "probe",
				  "text",
				  json_sprintf("Icmp vm%d -> vm%d: no reply (red), event %llu",
					       (int)(number % 1000), (int)(number / 7 % 1000),
					       (unsigned long long)number)));
	return events;
}

static void tell_events(void)
{
	size_t gone = kept + AT_ONCE > KEPT ? kept + AT_ONCE - KEPT : 0;

	kept += AT_ONCE - gone;
	send_json(json_pack("{s:s, s:I, s:{s:{s:[[i,I,[]],[I,i,o]]}}}", "topic", "events",
			    "sequence", ++sequence, "changes", "lists", "events", 0,
			    (json_int_t)gone, (json_int_t)(kept - AT_ONCE), 0,
			    some_events(AT_ONCE)));
}

/* What the lab says of its events is not passed on, but for how it begins. */
static bool is_of_events(const char *line, size_t len)
{
	json_t *json, *events;

	if (!memmem(line, len < 64 ? len : 64, "\"topic\":\"events\"", 16))
		return false;
	json = json_loadb(line, len, 0, NULL);
	events = json_object_get(json_object_get(json, "data"), "events");
	if (events) {
		is_watched = true;
		kept = json_array_size(events);
		sequence = json_integer_value(json_object_get(json, "sequence"));
	}
	json_decref(json);
	return !events;
}

/* Pass on what was read, line by line; false at its end. */
static bool pass(struct side *from, struct side *to, bool is_lab)
{
	char *line = from->bytes, *end;
	ssize_t n;

	if (from->size - from->len < 65536) {
		from->size = from->size * 2 + 65536;
		from->bytes = realloc(from->bytes, from->size);
		if (!from->bytes)
			fail("memory");
		line = from->bytes;
	}
	n = read(from->fd, from->bytes + from->len, from->size - from->len);
	if (n <= 0)
		return false;
	from->len += (size_t)n;
	while ((end = memchr(line, '\n', from->len - (size_t)(line - from->bytes)))) {
		size_t len = (size_t)(end - line) + 1;

		if (!is_lab || !is_of_events(line, len))
			send_all(to->fd, line, len);
		line = end + 1;
	}
	from->len -= (size_t)(line - from->bytes);
	memmove(from->bytes, line, from->len);
	return true;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void talk(const char *lab_name)
{
	struct sockaddr_un address = address_of(lab_name);
	uint64_t due_ms = now_ms() + PERIOD_MS;

	is_watched = false;
	client.len = lab.len = 0;
	lab.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (lab.fd < 0 || connect(lab.fd, (struct sockaddr *)&address, sizeof(address)))
		fail(address.sun_path);
	for (;;) {
		struct pollfd ready[] = { { .fd = client.fd, .events = POLLIN },
					  { .fd = lab.fd, .events = POLLIN } };
		uint64_t now = now_ms();

		(void)poll(ready, 2, now < due_ms ? (int)(due_ms - now) : 0);
		if ((ready[0].revents && !pass(&client, &lab, false)) ||
		    (ready[1].revents && !pass(&lab, &client, true)))
			break;
		if (now_ms() < due_ms)
			continue;
		due_ms += PERIOD_MS;
		if (is_watched)
			tell_events();
	}
	(void)close(lab.fd);
	(void)close(client.fd);
}

int main(int argc, char **argv)
{
	int listener;

	if (argc != 3)
		return 2;
	name = argv[2];
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGTERM, on_signal);
	listener = serve();
	(void)printf("listening\n");
	(void)fflush(stdout);
	for (;;) {
		client.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (client.fd < 0)
			fail("accept");
		talk(argv[1]);
	}
}
