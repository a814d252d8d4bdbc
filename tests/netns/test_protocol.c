/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket of a real lab: what a subscriber puts together from changes is what the topic
 * is, and clients that are many, malformed, huge or slow harm nobody.
 */
#include "tests/support/test.h"

#include "lab/base/macros.h"
#include "lab/snapshot/changes.h"
#include "netns/loop/loop.h"
#include "netns/super/runtime.h"
#include "tests/support/descriptor.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define CLIENTS    50
#define WAIT_S     20
#define FUZZ_LINES 3000

static char lab[32];

static void run(const char *command)
{
	const char *program = getenv("HUBLAB");
	char line[256];

	(void)snprintf(line, sizeof(line), "%s %s >/dev/null", program ? program : "build/hublab",
		       command);
	assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) the words are ours */
}

static int start_lab(void **state)
{
	char command[80];

	(void)state;
	(void)snprintf(lab, sizeof(lab), "t%d", (int)getpid());
	(void)snprintf(command, sizeof(command), "up vpner --name %s", lab);
	run(command);
	return 0;
}

static int end_lab(void **state)
{
	char command[80];

	(void)state;
	(void)snprintf(command, sizeof(command), "down %s", lab);
	run(command);
	return 0;
}

static FILE *join(void)
{
	struct timeval timeout = { .tv_sec = WAIT_S };
	struct err err = { 0 };
	FILE *file;
	int fd;

	assert_int_equal(runtime_connect(lab, &fd, &err), 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	file = fdopen(fd, "r+");
	assert_non_null(file);
	return file;
}

static void say(FILE *client, const char *line)
{
	assert_int_equal(send(fileno(client), line, strlen(line), MSG_NOSIGNAL), strlen(line));
}

/* The next line as JSON; NULL at the end. */
static json_t *hear(FILE *client)
{
	char *line = NULL;
	size_t size = 0;
	json_t *json = NULL;

	if (getline(&line, &size, client) > 0) {
		json = json_loads(line, 0, NULL);
		assert_non_null(json);
	}
	free(line);
	return json;
}

static json_t *ask(FILE *client, const char *line)
{
	say(client, line);
	return hear(client);
}

static void expect_ok(FILE *client, const char *line, bool is_ok)
{
	json_t *answer = ask(client, line);

	assert_int_equal(json_is_true(json_object_get(answer, "ok")), is_ok);
	if (!is_ok)
		assert_non_null(json_object_get(json_object_get(answer, "error"), "text"));
	json_decref(answer);
}

static void a_lab_says_who_it_is(void **state)
{
	FILE *client = join();
	json_t *answer = ask(client, "{\"id\":\"a\",\"request\":\"hello\"}\n");
	json_t *data = json_object_get(answer, "data");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(answer, "id")), "a");
	assert_int_equal(json_integer_value(json_object_get(data, "protocol")), 1);
	assert_string_equal(json_string_value(json_object_get(data, "lab")), lab);
	json_decref(answer);
	expect_ok(client, "{\"request\":\"topic\",\"topic\":\"nothing\"}\n", false);
	expect_ok(client, "{\"request\":\"topic\"}\n", false);
	expect_ok(client, "{\"request\":\"topic\",\"topic\":\"routes/no-such-vm\"}\n", false);
	expect_ok(client, "{\"request\":\"subscribe\",\"topic\":\"probes/x\"}\n", false);
	expect_ok(client, "{\"request\":\"topic\",\"topic\":\"probes/x\"}\n", false);
	expect_ok(client, "{\"request\":\"unsubscribe\",\"topic\":\"probes\"}\n", false);
	expect_ok(client, "{\"request\":\"fly\"}\n", false);
	expect_ok(client, "{\"request\":7}\n", false);
	expect_ok(client, "{\"request\":\"up\",\"file\":\"x\",\"text\":\"lab: x\"}\n", false);
	expect_ok(client, "{\"request\":\"set\"}\n", false);
	expect_ok(client, "{\"request\":\"set\",\"changes\":\"x\"}\n", false);
	expect_ok(client, "{\"request\":\"set\",\"changes\":[]}\n", false);
	expect_ok(client, "{\"request\":\"set\",\"changes\":[7]}\n", false);
	expect_ok(client, "{\"request\":\"set\",\"changes\":[{\"path\":\"no/where\"}]}\n", false);
	expect_ok(client, "{\"request\":\"undo\",\"count\":1}\n", false);
	expect_ok(client, "{\"request\":\"undo\"}\n", false);
	expect_ok(client, "{\"request\":\"packet_socket\"}\n", false);
	expect_ok(client, "{\"request\":\"packet_socket\",\"namespace\":7}\n", false);
	expect_ok(client, "{\"request\":\"packet_socket\",\"namespace\":\"x/y\"}\n", false);
	expect_ok(client, "{\"request\":\"guest_run\"}\n", false);
	expect_ok(client, "{\"request\":\"guest_run\",\"guest\":\"x\",\"words\":[]}\n", false);
	expect_ok(client, "{\"request\":\"guest_run\",\"guest\":\"x\",\"words\":[7]}\n", false);
	expect_ok(client, "{\"request\":\"guest_run\",\"guest\":\"x\",\"words\":\"ls\"}\n", false);
	expect_ok(client, "{\"request\":\"guest_run\",\"guest\":7,\"words\":[\"ls\"]}\n", false);
	expect_ok(client,
		  "{\"request\":\"guest_run\",\"guest\":\"az-hub-lxvm\",\"words\":[\"ls\"]}\n",
		  false);
	expect_ok(client, "{\"request\":\"guest_signal\"}\n", false);
	expect_ok(client, "{\"request\":\"guest_signal\",\"number\":32}\n", false);
	expect_ok(client, "{\"request\":\"guest_signal\",\"number\":2}\n", true); /* to none */
	expect_ok(client, "{\"request\":\"topic\",\"topic\":\"capture/nobody\"}\n", false);
	expect_ok(client, "{\"request\":\"topic\",\"topic\":\"capture/a b\"}\n", false);
	expect_ok(client, "{\"request\":\"topic\",\"topic\":\"rule/none\"}\n", false);
	expect_ok(client, "{\"request\":\"step\",\"step\":99}\n", false);
	expect_ok(client, "{\"request\":\"step\",\"step\":\"x\"}\n", false);
	(void)fclose(client);
}

/* Apply a message to what we have of its topic. */
static void follow(json_t **whole, json_int_t *sequence, const json_t *message)
{
	json_t *data = json_object_get(message, "data");
	json_int_t number = json_integer_value(json_object_get(message, "sequence"));
	struct err err = { 0 };

	if (data) {
		json_decref(*whole);
		*whole = json_incref(data);
	} else {
		assert_int_equal(number, *sequence + 1);
		assert_true(changes_apply(*whole, json_object_get(message, "changes"), &err));
	}
	*sequence = number;
}

/* Subscribe, and read until the newest event of the topic is the one the lab has now. */
/* Also one who asks for it as ever, and cannot take it: nobody else is harmed. */
static void a_packet_socket_is_passed_to_who_asks(void **state)
{
	static const char line[] =
		"{\"id\":1,\"request\":\"packet_socket\",\"namespace\":\"az-hub-lxvm\"}\n";
	static const char answer[] = "{\"id\":1,\"ok\":true,\"data\":null}\n";
	char text[sizeof(answer) + 100];
	FILE *client = join();
	int fd, domain = 0;
	socklen_t size = sizeof(domain);

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		say(client, line);
		assert_int_equal(receive_descriptor(fileno(client), text, sizeof(text), &fd),
				 strlen(answer));
		assert_memory_equal(text, answer, strlen(answer));
		assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size), 0);
		assert_int_equal(domain, AF_PACKET);
		assert_int_equal(close(fd), 0);
	}
	expect_ok(client, line, true);
	for (unsigned i = 0; i < 20; i++) /* and leaves before the answers come */
		say(client, line);
	(void)fclose(client);
	client = join();
	expect_ok(client, "{\"request\":\"hello\"}\n", true);
	expect_ok(client, line, true);
	(void)fclose(client);
}

static void what_is_put_together_is_what_there_is(void **state)
{
	static const char *const topics[] = { "probes", "probes/branch-vm1",
					      "events", "routes/az-spk1-lxvm",
					      "lab",    "vms",
					      "nodes",  "bgp/az-hub-ergw" };
	FILE *client = join(), *other = join();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(topics); i++) {
		json_int_t sequence = -1;
		json_t *whole = NULL, *now = NULL;
		bool is_equal = false;
		char line[128];

		(void)snprintf(line, sizeof(line), "{\"request\":\"subscribe\",\"topic\":\"%s\"}\n",
			       topics[i]);
		say(client, line);
		while (!is_equal || sequence < (i ? 0 : 5)) { /* probes change all the time */
			json_t *message = hear(client);

			assert_non_null(message);
			if (json_object_get(message, "topic"))
				follow(&whole, &sequence, message);
			json_decref(message);
			(void)snprintf(line, sizeof(line),
				       "{\"request\":\"topic\",\"topic\":\"%s\"}\n", topics[i]);
			json_decref(now);
			now = ask(other, line);
			is_equal = whole && json_equal(whole, json_object_get(now, "data"));
		}
		json_decref(whole);
		json_decref(now);
		(void)snprintf(line, sizeof(line),
			       "{\"request\":\"unsubscribe\",\"topic\":\"%s\",\"id\":1}\n",
			       topics[i]);
		say(client, line);
		for (bool is_answered = false; !is_answered;) {
			json_t *message = hear(client);

			assert_non_null(message);
			is_answered = json_object_get(message, "id") &&
				      json_is_true(json_object_get(message, "ok")) &&
				      json_integer_value(json_object_get(message, "id")) == 1;
			json_decref(message);
		}
	}
	(void)fclose(client);
	(void)fclose(other);
}

/* Changes come, but no more than ten a second. */
/* The next message about a topic that has the member; others are passed over. */
static json_t *hear_about(FILE *client, const char *topic, const char *member)
{
	json_t *message;

	while ((message = hear(client))) {
		const char *name = json_string_value(json_object_get(message, "topic"));

		if (name && !strcmp(name, topic) && json_object_get(message, member))
			return message;
		json_decref(message);
	}
	fail_msg("nothing of %s has '%s'", topic, member);
	return NULL;
}

static void hear_answer(FILE *client)
{
	json_t *message;
	bool is_answer = false;

	while (!is_answer && (message = hear(client))) {
		is_answer = json_object_get(message, "ok") != NULL;
		if (is_answer)
			assert_true(json_is_true(json_object_get(message, "ok")));
		json_decref(message);
	}
	assert_true(is_answer);
}

static void what_is_watched_comes_whole_when_the_lab_is_changed(void **state)
{
	static const char *const topics[] = { "vms", "probes", "routes/new-vm" };
	FILE *client = join(), *watcher = join();
	char line[128];

	(void)state;
	say(client, "{\"request\":\"set\",\"changes\":[{\"path\":\"vms/new-vm\","
		    "\"value\":\"az-hub-vnet/subnet1\"}]}\n");
	hear_answer(client);
	for (size_t i = 0; i < ARRAY_SIZE(topics); i++) {
		(void)snprintf(line, sizeof(line), "{\"request\":\"subscribe\",\"topic\":\"%s\"}\n",
			       topics[i]);
		say(watcher, line);
		json_decref(hear_about(watcher, topics[i], "data"));
	}
	say(client, "{\"request\":\"undo\",\"count\":1}\n");
	hear_answer(client);
	/* each block in its turn: those that go on come whole, the other one says why it does not
	 */
	for (size_t i = 0; i < ARRAY_SIZE(topics); i++)
		json_decref(hear_about(watcher, topics[i], i < 2 ? "data" : "gone"));
	expect_ok(client, "{\"request\":\"topic\",\"topic\":\"routes/new-vm\"}\n", false);
	(void)fclose(watcher);
	(void)fclose(client);
}

static void changes_are_gathered(void **state)
{
	FILE *client = join();
	uint64_t first_ns = 0, last_ns = 0;
	int count = 0;

	(void)state;
	say(client, "{\"request\":\"subscribe\",\"topic\":\"probes\"}\n");
	while (count < 22) {
		json_t *message = hear(client);

		assert_non_null(message);
		if (json_object_get(message, "changes")) {
			last_ns = loop_clock_ns();
			if (!count++)
				first_ns = last_ns;
		}
		json_decref(message);
	}
	assert_true(last_ns - first_ns > 1900000000u); /* 21 intervals of 100 ms, with some play */
	(void)fclose(client);
}

/* How long the lab takes to answer somebody else. */
static uint64_t answer_ns(FILE *client)
{
	uint64_t start_ns = loop_clock_ns();

	expect_ok(client, "{\"request\":\"topic\",\"topic\":\"lab\"}\n", true);
	return loop_clock_ns() - start_ns;
}

static void fifty_clients_are_served(void **state)
{
	FILE *clients[CLIENTS];

	(void)state;
	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = join();
		say(clients[i], "{\"request\":\"subscribe\",\"topic\":\"probes\"}\n"
				"{\"request\":\"subscribe\",\"topic\":\"events\"}\n"
				"{\"request\":\"subscribe\",\"topic\":\"lab\"}\n");
	}
	for (int i = 0; i < CLIENTS; i++) {
		json_t *whole = NULL;
		json_int_t sequence = -1, first = -1;

		while (first < 0 || sequence < first + 3) {
			json_t *message = hear(clients[i]);
			const char *topic;

			assert_non_null(message);
			topic = json_string_value(json_object_get(message, "topic"));
			if (topic && !strcmp(topic, "probes"))
				follow(&whole, &sequence, message);
			if (first < 0)
				first = sequence;
			json_decref(message);
		}
		json_decref(whole);
	}
	for (int i = 0; i < CLIENTS; i++)
		(void)fclose(clients[i]);
}

/* The end of the connection, or an answer that it was nonsense and then the end. */
static void expect_end(FILE *client)
{
	json_t *message;

	while ((message = hear(client))) {
		assert_false(json_is_true(json_object_get(message, "ok")));
		json_decref(message);
	}
	assert_true(feof(client) || errno == ECONNRESET);
	(void)fclose(client);
}

static void malformed_and_huge_lines_end_their_client_only(void **state)
{
	static const char *const lines[] = { "nonsense\n", "[]\n",
					     "\n",         "{\"a\":1,\"a\":2}\n",
					     "\"text\"\n", "{\"a\":\"\xff\"}\n" };
	FILE *good = join(), *bad;
	char *huge = malloc(1 << 20);
	ssize_t sent = 1;

	(void)state;
	assert_non_null(huge);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		bad = join();
		say(bad, lines[i]);
		expect_end(bad);
		(void)answer_ns(good);
	}
	bad = join();
	memset(huge, '{', 1 << 20);
	for (int i = 0; i < 64 && sent > 0; i++) /* the limit of a line is 8 MiB */
		sent = send(fileno(bad), huge, 1 << 20, MSG_NOSIGNAL);
	assert_true(sent < 0);
	(void)fclose(bad);
	(void)answer_ns(good);
	(void)fclose(good);
	free(huge);
}

/* One that asks and asks, and reads nothing, is dropped; others do not notice. */
static void a_client_that_does_not_read_is_dropped(void **state)
{
	static const char line[] = "{\"request\":\"topic\",\"topic\":\"probes\"}\n";
	FILE *good = join(), *slow = join();
	struct pollfd dropped = { .fd = fileno(slow), .events = POLLOUT };
	unsigned long asked = 0;
	int why = 0;

	(void)state;
	while (!why || why == EAGAIN) {
		if (why)
			assert_int_equal(poll(&dropped, 1, WAIT_S * 1000), 1);
		why = send(fileno(slow), line, sizeof(line) - 1, MSG_NOSIGNAL | MSG_DONTWAIT) > 0
			      ? 0
			      : errno;
		if (++asked % 64 == 0)
			(void)answer_ns(good);
	}
	assert_true(why == EPIPE || why == ECONNRESET);
	assert_true(answer_ns(good) < 1000000000u);
	(void)fclose(slow);
	(void)fclose(good);
}

/* The same while it subscribes: nothing of it stays behind. */
static void what_a_dropped_client_asked_last_is_nothing(void **state)
{
	static const char line[] = "{\"request\":\"topic\",\"topic\":\"probes\"}\n"
				   "{\"request\":\"subscribe\",\"topic\":\"lab\"}\n"
				   "{\"request\":\"subscribe\",\"topic\":\"probes\"}\n";
	struct timeval patience = { .tv_sec = WAIT_S };
	FILE *good, *slow;

	(void)state;
	for (int round = 0; round < 3; round++) {
		slow = join();
		(void)setsockopt(fileno(slow), SOL_SOCKET, SO_SNDTIMEO, &patience,
				 sizeof(patience));
		while (send(fileno(slow), line, sizeof(line) - 1, MSG_NOSIGNAL) > 0)
			;
		assert_true(errno == EPIPE || errno == ECONNRESET);
		(void)fclose(slow);
	}
	good = join();
	say(good, "{\"request\":\"subscribe\",\"topic\":\"probes\"}\n");
	for (int i = 0; i < 12; i++) { /* a second of publishing */
		json_t *message = hear(good);

		assert_non_null(message);
		json_decref(message);
	}
	(void)fclose(good);
}

/* Requests with bytes changed, cut and doubled, each on a connection until it is ended. */
static void random_requests_harm_nobody(void **state)
{
	static const char *const seeds[] = {
		"{\"id\":1,\"request\":\"topic\",\"topic\":\"routes/az-spk1-lxvm\"}",
		"{\"id\":2,\"request\":\"subscribe\",\"topic\":\"bgp/megaport-mcr\"}",
		"{\"id\":3,\"request\":\"unsubscribe\",\"topic\":\"probes\"}",
		"{\"id\":4,\"request\":\"hello\",\"x\":[1,2,{\"y\":null}]}",
		"{\"id\":5,\"request\":\"up\",\"file\":\"f\",\"text\":\"lab: x\"}",
		"{\"id\":6,\"request\":\"guest_run\",\"guest\":\"g\",\"words\":[\"a\",\"b\"]}",
	};
	FILE *good = join(), *client = join();

	(void)state;
	srand(11);
	for (int i = 0; i < FUZZ_LINES; i++) {
		char line[160], nothing[65536];
		size_t len;

		(void)snprintf(line, sizeof(line) - 1, "%s",
			       seeds[(size_t)rand() % ARRAY_SIZE(seeds)]);
		len = strlen(line);
		for (int n = rand() % 4; n > 0; n--)
			line[(size_t)rand() % len] = (char)(rand() % 256);
		if (rand() % 4 == 0)
			len = (size_t)rand() % len;
		line[len++] = '\n';
		while (recv(fileno(client), nothing, sizeof(nothing), MSG_DONTWAIT) > 0)
			;
		if (send(fileno(client), line, len, MSG_NOSIGNAL) == (ssize_t)len)
			continue;
		(void)fclose(client); /* its nonsense ended it */
		client = join();
	}
	(void)fclose(client);
	(void)answer_ns(good);
	(void)fclose(good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lab_says_who_it_is),
		cmocka_unit_test(a_packet_socket_is_passed_to_who_asks),
		cmocka_unit_test(what_is_put_together_is_what_there_is),
		cmocka_unit_test(what_is_watched_comes_whole_when_the_lab_is_changed),
		cmocka_unit_test(changes_are_gathered),
		cmocka_unit_test(fifty_clients_are_served),
		cmocka_unit_test(malformed_and_huge_lines_end_their_client_only),
		cmocka_unit_test(a_client_that_does_not_read_is_dropped),
		cmocka_unit_test(what_a_dropped_client_asked_last_is_nothing),
		cmocka_unit_test(random_requests_harm_nobody),
	};

	return cmocka_run_group_tests(tests, start_lab, end_lab);
}
