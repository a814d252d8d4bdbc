/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent of a guest, without a guest: frames, and the supervisor's side against a peer that says
 * whatever a test wants it to. (Inside a guest: tests/root/libvirt.sh.)
 */
#include "tests/support/test.h"

#include "lab/base/cleanup.h"
#include "netns/guest/agent.h"
#include "netns/guest/frame.h"
#include "netns/loop/ipc.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- frames ---- */

struct seen {
	unsigned count;
	struct frame last;
	uint8_t payload[FRAME_PAYLOAD_MAX];
	bool refuses;
};

static bool see(void *arg, const struct frame *frame)
{
	struct seen *seen = arg;

	seen->count++;
	seen->last = *frame;
	memcpy(seen->payload, frame->payload, frame->len);
	return !seen->refuses;
}

static size_t put(uint8_t *at, unsigned type, unsigned lane, uint32_t channel, const void *payload,
		  size_t len)
{
	const uint8_t header[FRAME_HEADER_SIZE] = { (uint8_t)type,
						    (uint8_t)lane,
						    (uint8_t)len,
						    (uint8_t)(len >> 8),
						    (uint8_t)channel,
						    (uint8_t)(channel >> 8),
						    (uint8_t)(channel >> 16),
						    (uint8_t)(channel >> 24) };

	memcpy(at, header, sizeof(header));
	if (len)
		memcpy(at + sizeof(header), payload, len);
	return sizeof(header) + len;
}

static void frames_in_pieces_are_whole(void **state)
{
	uint8_t bytes[64];
	size_t len = put(bytes, FRAME_DATA, FRAME_LANE_OUT, 0x01020304, "hello", 5);

	(void)state;
	len += put(bytes + len, FRAME_END, FRAME_LANE_ERR, 7, NULL, 0);
	for (size_t piece = 1; piece <= len; piece++) {
		struct frame_decoder decoder = { 0 };
		struct seen seen = { 0 };

		for (size_t at = 0; at < len; at += piece)
			assert_true(frame_decode(&decoder, bytes + at,
						 piece < len - at ? piece : len - at, see, &seen));
		assert_int_equal(seen.count, 2);
		assert_int_equal(seen.last.type, FRAME_END);
		assert_int_equal(seen.last.lane, FRAME_LANE_ERR);
		assert_int_equal(seen.last.channel, 7);
		assert_memory_equal(seen.payload, "hello", 5);
		assert_int_equal(decoder.count, 0);
	}
}

static void the_longest_frame_is_decoded(void **state)
{
	static uint8_t bytes[2 * (FRAME_HEADER_SIZE + FRAME_PAYLOAD_MAX)];
	static uint8_t payload[FRAME_PAYLOAD_MAX] = { 1 };
	size_t len = put(bytes, FRAME_DATA, 0, 1, payload, sizeof(payload));
	struct frame_decoder decoder = { 0 };
	struct seen seen = { 0 };

	(void)state;
	len += put(bytes + len, FRAME_DATA, 0, 2, payload, sizeof(payload));
	assert_true(frame_decode(&decoder, bytes, len, see, &seen));
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.last.channel, 2);
	assert_int_equal(seen.last.len, FRAME_PAYLOAD_MAX);
}

static void padding_ends_what_was_cut_off(void **state)
{
	static uint8_t bytes[3 * (FRAME_HEADER_SIZE + FRAME_PAYLOAD_MAX)];
	static uint8_t payload[FRAME_PAYLOAD_MAX];
	struct frame_decoder decoder = { 0 };
	struct seen seen = { 0 };
	size_t len = 100; /* of a frame that says that it is longer */

	(void)state;
	(void)put(bytes, FRAME_DATA, 0, 1, payload, sizeof(payload));
	memset(bytes + len, 0, FRAME_HEADER_SIZE + FRAME_PAYLOAD_MAX);
	len += FRAME_HEADER_SIZE + FRAME_PAYLOAD_MAX;
	len += put(bytes + len, FRAME_END, 0, 9, NULL, 0);
	assert_true(frame_decode(&decoder, bytes, len, see, &seen));
	assert_int_equal(seen.last.type, FRAME_END);
	assert_int_equal(seen.last.channel, 9);
}

static void what_is_no_frame_is_refused(void **state)
{
	const struct {
		uint8_t bytes[FRAME_HEADER_SIZE];
	} bad[] = {
		{ { FRAME_TYPES } },
		{ { 255 } },
		{ { FRAME_DATA, FRAME_LANES } },
		{ { FRAME_DATA, 0, 0x01, 0x10 } }, /* one more than there may be */
	};
	struct frame_decoder decoder = { 0 };
	struct seen seen = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_false(frame_decode(&decoder, &bad[i], sizeof(bad[i]), see, &seen));
		assert_int_equal(decoder.count, 0);
	}
	assert_int_equal(seen.count, 0);
	seen.refuses = true;
	assert_false(
		frame_decode(&decoder, (uint8_t[8]){ FRAME_END }, FRAME_HEADER_SIZE, see, &seen));
	assert_int_equal(seen.count, 1);
}

/* ---- the supervisor's side ---- */

struct world {
	struct loop *loop;
	struct loop_timer *tick;
	struct agent *agent;
	char directory[32], path[48];
	int listener, peer;
	struct frame_decoder decoder;
	struct frame heard[64]; /* by the guest, without greetings */
	char payloads[64][64];
	unsigned heard_count;
	uint64_t nonce; /* that it was greeted by */
	unsigned changes;
	int code;
	char output[200];
	char end[100];
	unsigned ends;
};

static void on_change(void *arg)
{
	((struct world *)arg)->changes++;
}

static bool guest_hears(void *arg, const struct frame *frame)
{
	struct world *w = arg;
	uint32_t version;

	if (frame_take_hello(frame, &w->nonce, &version))
		return true;
	assert_in_range(w->heard_count, 0, ARRAY_SIZE(w->heard) - 1);
	w->heard[w->heard_count] = *frame;
	memcpy(w->payloads[w->heard_count++], frame->payload, frame->len < 64 ? frame->len : 64);
	return true;
}

static void stop(void *arg, uint64_t now_ns)
{
	(void)now_ns;
	loop_stop(arg);
}

/* The loop until nothing more happens. */
static void turn(struct world *w)
{
	char bytes[65536];
	ssize_t got;

	for (int i = 0; i < 5; i++) {
		loop_timer_set(w->tick, 2000000);
		loop_run(w->loop);
		while (w->peer >= 0 &&
		       (got = recv(w->peer, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
			assert_true(frame_decode(&w->decoder, bytes, (size_t)got, guest_hears, w));
	}
}

static void say(struct world *w, unsigned type, unsigned lane, uint32_t channel,
		const void *payload, size_t len)
{
	uint8_t bytes[FRAME_HEADER_SIZE + FRAME_PAYLOAD_MAX];
	size_t size = put(bytes, type, lane, channel, payload, len);

	assert_int_equal(send(w->peer, bytes, size, 0), size);
}

static void say_hello(struct world *w, uint32_t version, uint64_t nonce)
{
	struct frame_hello hello = { .version = version, .nonce = nonce };

	memcpy(hello.magic, FRAME_MAGIC, sizeof(hello.magic));
	say(w, FRAME_HELLO, 0, 0, &hello, sizeof(hello));
}

static void accept_peer(struct world *w)
{
	w->peer = accept(w->listener, NULL, NULL);
	assert_true(w->peer >= 0);
	w->decoder.count = 0;
	turn(w);
	assert_true(w->nonce);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	assert_non_null(w);
	strcpy(w->directory, "/tmp/test_agent_XXXXXX");
	assert_non_null(mkdtemp(w->directory));
	(void)snprintf(w->path, sizeof(w->path), "%s/agent", w->directory);
	strcpy(address.sun_path, w->path);
	w->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(w->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(w->listener, 4), 0);
	w->peer = -1;
	w->loop = loop_new();
	w->tick = loop_timer_new(w->loop, stop, w->loop, "test");
	w->agent = agent_new(w->loop, w->path, on_change, w);
	accept_peer(w);
	say_hello(w, FRAME_VERSION, w->nonce);
	turn(w);
	assert_true(agent_is_there(w->agent));
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	agent_free(w->agent);
	loop_timer_free(w->tick);
	loop_free(w->loop);
	fd_close(&w->listener);
	fd_close(&w->peer);
	(void)unlink(w->path);
	(void)rmdir(w->directory);
	free(w);
	return 0;
}

static void on_run(void *arg, int code, const char *output, size_t len)
{
	struct world *w = arg;

	assert_int_equal(strlen(output), len);
	w->code = code;
	w->ends++;
	(void)snprintf(w->output, sizeof(w->output), "%s", output);
}

static void on_end(void *arg, const char *why)
{
	struct world *w = arg;

	w->ends++;
	(void)snprintf(w->end, sizeof(w->end), "%s", why);
}

static const char *const words[] = { "echo", "a b", NULL };

static int open_stream(struct world *w)
{
	struct err err = { 0 };
	int fd = -1;

	if (agent_stream(w->agent, "/run/socket", on_end, w, &fd, &err))
		fail_msg("%s", err.text);
	turn(w);
	return fd;
}

static void run(struct world *w)
{
	struct err err = { 0 };

	if (agent_run(w->agent, words, "in", 2, on_run, w, &err))
		fail_msg("%s", err.text);
	turn(w);
}

static void a_program_has_words_an_input_two_outputs_and_a_code(void **state)
{
	const struct frame_closed closed = { .code = 3 };
	struct world *w = *state;

	run(w);
	assert_int_equal(w->heard_count, 3);
	assert_int_equal(w->heard[0].type, FRAME_RUN);
	assert_int_equal(w->heard[0].len, 9);
	assert_memory_equal(w->payloads[0], "echo\0a b\0", 9);
	assert_int_equal(w->heard[1].type, FRAME_DATA);
	assert_memory_equal(w->payloads[1], "in", 2);
	assert_int_equal(w->heard[2].type, FRAME_END);
	say(w, FRAME_DATA, FRAME_LANE_OUT, w->heard[0].channel, "out ", 4);
	say(w, FRAME_DATA, FRAME_LANE_ERR, w->heard[0].channel, "err", 3);
	say(w, FRAME_END, FRAME_LANE_OUT, w->heard[0].channel, NULL, 0);
	say(w, FRAME_END, FRAME_LANE_ERR, w->heard[0].channel, NULL, 0);
	turn(w);
	assert_int_equal(w->ends, 0);
	say(w, FRAME_CLOSED, 0, w->heard[0].channel, &closed, sizeof(closed));
	turn(w);
	assert_int_equal(w->ends, 1);
	assert_int_equal(w->code, 3);
	assert_string_equal(w->output, "out err");
}

static void output_without_an_end_is_cut(void **state)
{
	static const char much[FRAME_PAYLOAD_MAX];
	const struct frame_closed closed = { .code = 0 };
	struct world *w = *state;
	struct err err = { 0 };

	assert_int_equal(agent_run(w->agent, words, NULL, 0, on_run, w, &err), 0);
	turn(w);
	for (unsigned i = 0; i < 2 * AGENT_OUTPUT_MAX / sizeof(much); i++) {
		say(w, FRAME_DATA, FRAME_LANE_OUT, w->heard[0].channel, much, sizeof(much));
		w->heard_count = 1; /* what it is told of it */
		turn(w);
	}
	assert_true(agent_is_there(w->agent));
	agent_forget(w->agent, w);
	say(w, FRAME_CLOSED, 0, w->heard[0].channel, &closed, sizeof(closed));
	turn(w);
	assert_int_equal(w->ends, 0);
	assert_true(agent_is_there(w->agent));
}

static void on_exec_end(void *arg, int code)
{
	struct world *w = arg;

	w->code = code;
	w->ends++;
}

/* The three ends, for somebody who sits in front of it. */
static void run_in_front(struct world *w, int fds[FRAME_LANES])
{
	struct err err = { 0 };

	if (agent_exec(w->agent, words, on_exec_end, w, fds, &err))
		fail_msg("%s", err.text);
	turn(w);
	assert_int_equal(w->heard[0].type, FRAME_RUN);
}

static void close_all(int fds[FRAME_LANES])
{
	for (int lane = 0; lane < FRAME_LANES; lane++)
		fd_close(&fds[lane]);
}

static void assert_reads(int fd, const char *text)
{
	char got[64];

	assert_int_equal(read(fd, got, sizeof(got)), strlen(text));
	assert_memory_equal(got, text, strlen(text));
}

static void a_program_with_somebody_in_front_has_pipes(void **state)
{
	const struct frame_closed closed = { .code = 3 };
	struct world *w = *state;
	uint32_t channel;
	int fds[FRAME_LANES];
	char byte;

	run_in_front(w, fds);
	channel = w->heard[0].channel;
	assert_int_equal(w->heard_count, 1);
	assert_int_equal(write(fds[FRAME_LANE_IN], "typed", 5), 5);
	turn(w);
	assert_int_equal(w->heard[1].type, FRAME_DATA);
	assert_memory_equal(w->payloads[1], "typed", 5);
	fd_close(&fds[FRAME_LANE_IN]);
	turn(w);
	assert_int_equal(w->heard[2].type, FRAME_END);
	assert_int_equal(w->heard[2].lane, FRAME_LANE_IN);
	say(w, FRAME_DATA, FRAME_LANE_OUT, channel, "out", 3);
	say(w, FRAME_DATA, FRAME_LANE_ERR, channel, "error", 5);
	turn(w);
	assert_reads(fds[FRAME_LANE_OUT], "out");
	assert_reads(fds[FRAME_LANE_ERR], "error");
	say(w, FRAME_DATA, FRAME_LANE_ERR, channel, "last", 4);
	say(w, FRAME_CLOSED, 0, channel, &closed, sizeof(closed));
	turn(w);
	assert_int_equal(w->ends, 1);
	assert_int_equal(w->code, 3);
	assert_reads(fds[FRAME_LANE_ERR], "last");
	assert_int_equal(read(fds[FRAME_LANE_ERR], &byte, 1), 0);
	assert_int_equal(read(fds[FRAME_LANE_OUT], &byte, 1), 0);
	close_all(fds);
}

/* Until both outputs are in the pipes its end is not told. */
static void what_is_not_read_is_not_acknowledged(void **state)
{
	static const char much[FRAME_PAYLOAD_MAX];
	const struct frame_closed closed = { .code = 0 };
	struct world *w = *state;
	size_t sent = 0, taken = 0, got = 0;
	char bytes[65536];
	uint32_t channel;
	int fds[FRAME_LANES];

	run_in_front(w, fds);
	channel = w->heard[0].channel;
	for (unsigned acked = 1; acked && sent < 1024 * 1024;) {
		while (sent < taken + FRAME_WINDOW) {
			say(w, FRAME_DATA, FRAME_LANE_OUT, channel, much, sizeof(much));
			sent += sizeof(much);
		}
		w->heard_count = 1;
		turn(w);
		acked = w->heard_count - 1;
		for (unsigned i = 1; i < w->heard_count; i++) {
			uint32_t count;

			assert_int_equal(w->heard[i].type, FRAME_ACK);
			memcpy(&count, w->payloads[i], sizeof(count));
			taken += count;
		}
	}
	assert_in_range(sent, FRAME_WINDOW, 65536 + 2 * FRAME_WINDOW);
	say(w, FRAME_CLOSED, 0, channel, &closed, sizeof(closed));
	turn(w);
	assert_int_equal(w->ends, 0);
	while (!w->ends) {
		ssize_t n = read(fds[FRAME_LANE_OUT], bytes, sizeof(bytes));

		assert_true(n > 0);
		got += (size_t)n;
		turn(w);
	}
	for (ssize_t n; (n = read(fds[FRAME_LANE_OUT], bytes, sizeof(bytes))) > 0;)
		got += (size_t)n;
	assert_int_equal(got, sent);
	close_all(fds);
}

/* As when the one in front died: what is on its way then is no nonsense. */
static void output_that_nobody_reads_is_taken_and_lost(void **state)
{
	const struct frame_closed closed = { .code = 0 };
	struct world *w = *state;
	uint32_t channel;
	int fds[FRAME_LANES];

	run_in_front(w, fds);
	channel = w->heard[0].channel;
	fd_close(&fds[FRAME_LANE_OUT]);
	for (unsigned i = 0; i < 3; i++) {
		w->heard_count = 1;
		say(w, FRAME_DATA, FRAME_LANE_OUT, channel, "lost", 4);
		turn(w);
		assert_true(agent_is_there(w->agent));
		assert_int_equal(w->heard[1].type, FRAME_ACK);
	}
	assert_int_equal(w->ends, 0);
	say(w, FRAME_CLOSED, 0, channel, &closed, sizeof(closed));
	turn(w);
	assert_int_equal(w->ends, 1);
	close_all(fds);
}

static void a_signal_goes_to_those_of_who_sends_it(void **state)
{
	struct frame_signal wanted;
	struct world *w = *state;
	int fds[FRAME_LANES], other;

	run_in_front(w, fds);
	agent_signal(w->agent, &other, 2);
	turn(w);
	assert_int_equal(w->heard_count, 1);
	agent_signal(w->agent, w, 2);
	turn(w);
	assert_int_equal(w->heard[1].type, FRAME_SIGNAL);
	assert_int_equal(w->heard[1].channel, w->heard[0].channel);
	memcpy(&wanted, w->payloads[1], sizeof(wanted));
	assert_int_equal(wanted.number, 2);
	agent_forget(w->agent, w);
	turn(w);
	assert_int_equal(w->heard[2].type, FRAME_CLOSE);
	assert_int_equal(w->ends, 0);
	agent_signal(NULL, w, 2);
	close_all(fds);
}

static void a_program_ends_with_its_agent(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	int fds[FRAME_LANES];
	char byte;

	run_in_front(w, fds);
	agent_boots(w->agent);
	assert_int_equal(w->ends, 1);
	assert_int_equal(w->code, -ENOTCONN);
	assert_int_equal(read(fds[FRAME_LANE_OUT], &byte, 1), 0);
	assert_int_equal(read(fds[FRAME_LANE_ERR], &byte, 1), 0);
	close_all(fds);
	assert_int_equal(agent_exec(w->agent, words, on_exec_end, w, fds, &err), -ENOTCONN);
	for (int lane = 0; lane < FRAME_LANES; lane++)
		assert_int_equal(fds[lane], -1);
}

static void a_stream_is_as_the_socket(void **state)
{
	const struct frame_closed closed = { .code = 0 };
	struct world *w = *state;
	int fd = open_stream(w);
	char got[16];

	assert_int_equal(w->heard[0].type, FRAME_STREAM);
	assert_memory_equal(w->payloads[0], "/run/socket", 11);
	assert_int_equal(write(fd, "show", 4), 4);
	turn(w);
	assert_memory_equal(w->payloads[w->heard_count - 1], "show", 4);
	say(w, FRAME_DATA, FRAME_LANE_OUT, w->heard[0].channel, "reply", 5);
	turn(w);
	assert_int_equal(read(fd, got, sizeof(got)), 5);
	assert_int_equal(read(fd, got, sizeof(got)), -1);
	assert_int_equal(errno, EAGAIN);
	say(w, FRAME_DATA, FRAME_LANE_OUT, w->heard[0].channel, "last", 4);
	say(w, FRAME_CLOSED, 0, w->heard[0].channel, &closed, sizeof(closed));
	turn(w);
	assert_int_equal(w->ends, 1);
	assert_string_equal(w->end, "");
	assert_int_equal(read(fd, got, sizeof(got)), 4);
	assert_int_equal(read(fd, got, sizeof(got)), 0);
	fd_close(&fd);
}

static void a_socket_that_is_not_there_is_told(void **state)
{
	const struct frame_closed closed = { .code = -ENOENT };
	struct world *w = *state;
	int fd = open_stream(w);
	char byte;

	say(w, FRAME_CLOSED, 0, w->heard[0].channel, &closed, sizeof(closed));
	turn(w);
	assert_string_equal(w->end, "No such file or directory");
	assert_int_equal(read(fd, &byte, 1), 0);
	fd_close(&fd);
}

static void a_stream_that_is_closed_is_closed_in_the_guest(void **state)
{
	struct world *w = *state;
	int fd = open_stream(w);

	fd_close(&fd);
	turn(w);
	assert_int_equal(w->heard[w->heard_count - 1].type, FRAME_CLOSE);
	assert_int_equal(w->heard[w->heard_count - 1].channel, w->heard[0].channel);
	assert_int_equal(w->ends, 0);
}

static void no_more_is_sent_than_was_acknowledged(void **state)
{
	static const char much[2 * FRAME_WINDOW];
	const uint32_t some = 1000;
	struct world *w = *state;
	int fd = open_stream(w);
	size_t sent = 0;
	unsigned first;

	assert_true(write(fd, much, sizeof(much)) > FRAME_WINDOW);
	turn(w);
	turn(w);
	for (unsigned i = 1; i < w->heard_count; i++)
		sent += w->heard[i].len;
	assert_int_equal(sent, FRAME_WINDOW);
	first = w->heard_count;
	say(w, FRAME_ACK, FRAME_LANE_IN, w->heard[0].channel, &some, sizeof(some));
	turn(w);
	assert_int_equal(w->heard_count, first + 1);
	assert_int_equal(w->heard[first].len, some);
	fd_close(&fd);
}

/* ---- guests that are not as they should be ---- */

static void assert_hung_up(struct world *w)
{
	char byte;

	turn(w);
	assert_false(agent_is_there(w->agent));
	assert_string_equal(agent_why_not(w->agent), "says what makes no sense");
	assert_true(recv(w->peer, &byte, 1, 0) <= 0);
}

static void nonsense_ends_the_connection_and_it_is_tried_again(void **state)
{
	struct world *w = *state;

	run(w);
	assert_int_equal(send(w->peer, "\xff\xff\xff", 3, 0), 3);
	assert_hung_up(w);
	assert_int_equal(w->ends, 1);
	assert_int_equal(w->code, -ENOTCONN);
	assert_string_equal(w->output, "its agent says what makes no sense");
	fd_close(&w->peer);
	w->nonce = 0;
	while (!w->nonce) { /* until it calls again */
		turn(w);
		if (w->peer < 0)
			w->peer = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC);
	}
	say_hello(w, FRAME_VERSION, w->nonce);
	turn(w);
	assert_true(agent_is_there(w->agent));
}

static void more_than_may_be_sent_is_nonsense(void **state)
{
	static const char much[FRAME_PAYLOAD_MAX];
	struct world *w = *state;
	int fd = open_stream(w); /* which nobody reads */
	int size = 4096;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	for (unsigned i = 0; i < 400 && agent_is_there(w->agent); i++) {
		(void)send(w->peer,
			   (uint8_t[8]){ FRAME_DATA, FRAME_LANE_OUT, 0, 0x10,
					 (uint8_t)w->heard[0].channel },
			   8, MSG_NOSIGNAL);
		(void)send(w->peer, much, sizeof(much), MSG_NOSIGNAL);
		w->heard_count = 1;
		turn(w);
	}
	assert_hung_up(w);
	fd_close(&fd);
}

static void what_nobody_may_say_is_nonsense(void **state)
{
	const uint32_t many = 1;
	struct world *w = *state;
	int fd = open_stream(w);

	say(w, FRAME_ACK, FRAME_LANE_IN, w->heard[0].channel, &many, sizeof(many));
	assert_hung_up(w);
	fd_close(&fd);
}

static void what_is_said_to_nobody_is_ignored(void **state)
{
	struct world *w = *state;

	say(w, FRAME_DATA, FRAME_LANE_OUT, 12345, "x", 1);
	say(w, FRAME_CLOSED, FRAME_LANE_OUT, 12345, NULL, 0);
	turn(w);
	assert_true(agent_is_there(w->agent));
}

static void an_agent_that_begins_anew_is_greeted_anew(void **state)
{
	struct world *w = *state;
	uint64_t before = w->nonce;
	int fd = open_stream(w);

	say_hello(w, FRAME_VERSION, 0);
	turn(w);
	assert_false(agent_is_there(w->agent));
	assert_string_equal(w->end, "its agent was started anew");
	assert_int_not_equal(w->nonce, before);
	say_hello(w, FRAME_VERSION, before); /* to who was there before */
	turn(w);
	assert_false(agent_is_there(w->agent));
	say_hello(w, FRAME_VERSION, w->nonce);
	turn(w);
	assert_true(agent_is_there(w->agent));
	fd_close(&fd);
}

static void while_its_guest_boots_it_is_not_there(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	unsigned before = w->changes;

	agent_boots(w->agent);
	assert_int_equal(w->changes, before + 1);
	assert_false(agent_is_there(w->agent));
	assert_int_equal(agent_run(w->agent, words, NULL, 0, on_run, w, &err), -ENOTCONN);
	assert_string_equal(err.text, "its agent boots");
	say_hello(w, FRAME_VERSION, w->nonce);
	turn(w);
	assert_false(agent_is_there(w->agent));
}

static void another_version_is_told(void **state)
{
	struct world *w = *state;

	say_hello(w, FRAME_VERSION + 1, 0);
	turn(w);
	assert_false(agent_is_there(w->agent));
	assert_non_null(strstr(agent_why_not(w->agent), "make images"));
}

#define WITH_AGENT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_in_pieces_are_whole),
		cmocka_unit_test(the_longest_frame_is_decoded),
		cmocka_unit_test(padding_ends_what_was_cut_off),
		cmocka_unit_test(what_is_no_frame_is_refused),
		WITH_AGENT(a_program_has_words_an_input_two_outputs_and_a_code),
		WITH_AGENT(output_without_an_end_is_cut),
		WITH_AGENT(a_program_with_somebody_in_front_has_pipes),
		WITH_AGENT(what_is_not_read_is_not_acknowledged),
		WITH_AGENT(output_that_nobody_reads_is_taken_and_lost),
		WITH_AGENT(a_signal_goes_to_those_of_who_sends_it),
		WITH_AGENT(a_program_ends_with_its_agent),
		WITH_AGENT(a_stream_is_as_the_socket),
		WITH_AGENT(a_socket_that_is_not_there_is_told),
		WITH_AGENT(a_stream_that_is_closed_is_closed_in_the_guest),
		WITH_AGENT(no_more_is_sent_than_was_acknowledged),
		WITH_AGENT(nonsense_ends_the_connection_and_it_is_tried_again),
		WITH_AGENT(more_than_may_be_sent_is_nonsense),
		WITH_AGENT(what_nobody_may_say_is_nonsense),
		WITH_AGENT(what_is_said_to_nobody_is_ignored),
		WITH_AGENT(an_agent_that_begins_anew_is_greeted_anew),
		WITH_AGENT(while_its_guest_boots_it_is_not_there),
		WITH_AGENT(another_version_is_told),
	};

	(void)signal(SIGPIPE, SIG_IGN); /* as a supervisor does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
