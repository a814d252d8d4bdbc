/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/test.h"

#include "netns/loop/loop.h"
#include "tests/support/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct state {
	struct loop *loop;
	struct loop_stream *stream;
	char seen[4096];
	unsigned lines;
	char end[64];
	bool free_at_line;
};

static void on_line(void *arg, char *line, size_t len)
{
	struct state *st = arg;

	assert_int_equal(strlen(line), len);
	st->lines++;
	(void)snprintf(st->seen + strlen(st->seen), sizeof(st->seen) - strlen(st->seen), "[%.20s]",
		       line);
	if (!st->free_at_line)
		return;
	loop_stream_free(st->stream);
	st->stream = NULL;
	loop_stop(st->loop);
}

static void on_end(void *arg, const char *reason)
{
	struct state *st = arg;

	(void)snprintf(st->end, sizeof(st->end), "%s", reason);
	loop_stream_free(st->stream);
	st->stream = NULL;
	loop_stop(st->loop);
}

static int start(struct state *st, size_t max_line)
{
	static const struct loop_stream_ops ops = { .on_line = on_line, .on_end = on_end };
	int pair[2];

	memset(st, 0, sizeof(*st));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	st->loop = loop_new();
	st->stream = loop_stream_new(st->loop, pair[0], max_line, &ops, st, "test");
	return pair[1];
}

static void say(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void a_stream_gives_whole_lines_and_its_end(void **state)
{
	struct state st;
	int fd = start(&st, 100);

	(void)state;
	say(fd, "one\n\ntwo\nunfinished");
	(void)close(fd);
	loop_run(st.loop);
	assert_string_equal(st.seen, "[one][][two]");
	assert_string_equal(st.end, "closed by the other side");
	loop_free(st.loop);
}

static void a_line_that_is_too_long_ends_the_stream(void **state)
{
	struct state st;
	int fd = start(&st, 10);

	(void)state;
	say(fd, "short\n0123456789 and more");
	loop_run(st.loop);
	assert_string_equal(st.seen, "[short]");
	assert_string_equal(st.end, "a line is too long");
	(void)close(fd);
	loop_free(st.loop);
}

static void a_stream_may_be_freed_by_its_own_line(void **state)
{
	struct state st;
	int fd = start(&st, 100);

	(void)state;
	st.free_at_line = true;
	say(fd, "one\ntwo\nthree\n");
	loop_run(st.loop);
	assert_int_equal(st.lines, 1);
	(void)close(fd);
	loop_free(st.loop);
}

/* The end of the other side may be known before what it wrote last is read. */
static void a_drained_stream_has_given_all_lines(void **state)
{
	static const struct loop_stream_ops ops = { .on_line = on_line, .on_end = on_end };
	struct state st = { .loop = loop_new() };
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	st.stream = loop_stream_new(st.loop, pair[0], 100, &ops, &st, "test");
	assert_int_equal(write(pair[1], "one\ntwo\n", 8), 8);
	(void)close(pair[1]);
	loop_stream_drain(st.stream);
	assert_string_equal(st.seen, "[one][two]");
	loop_stream_drain(st.stream);
	assert_string_equal(st.seen, "[one][two]");
	loop_stream_free(st.stream);
	loop_free(st.loop);
}

static void a_descriptor_goes_with_its_line_and_no_other(void **state)
{
	static char much[1000000], text[sizeof(much)];
	struct state st;
	int fd = start(&st, 100), pipes[2], got;

	(void)state;
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	assert_int_equal(loop_stream_pass(st.stream, "here\n", 5, &pipes[1], 1), 0);
	(void)close(pipes[1]);
	assert_int_equal(receive_descriptor(fd, text, sizeof(text), &got), 5);
	assert_memory_equal(text, "here\n", 5);
	assert_int_equal(write(got, "x", 1), 1); /* it is the other end of the pipe */
	assert_int_equal(read(pipes[0], text, 1), 1);
	(void)close(got);
	/* more than goes at once: the rest waits, and nothing is passed before it is sent */
	memset(much, 'x', sizeof(much));
	assert_int_equal(loop_stream_pass(st.stream, much, sizeof(much), &pipes[0], 1), 0);
	assert_true(loop_stream_unsent(st.stream) > 0);
	assert_int_equal(loop_stream_pass(st.stream, "again\n", 6, &pipes[0], 1), -EAGAIN);
	assert_true(receive_descriptor(fd, text, sizeof(text), &got) > 0);
	assert_true(got >= 0);
	(void)close(got);
	(void)close(fd);
	assert_int_equal(loop_stream_pass(st.stream, "again\n", 6, &pipes[0], 1), -EAGAIN);
	(void)close(pipes[0]);
	loop_stream_free(st.stream);
	loop_free(st.loop);
	/* nobody is there */
	fd = start(&st, 100);
	(void)close(fd);
	assert_int_equal(loop_stream_pass(st.stream, "here\n", 5, (int[]){ 0 }, 1), -EPIPE);
	loop_stream_free(st.stream);
	loop_free(st.loop);
}

static void slow(void *arg, const char *what, uint64_t took_ns)
{
	assert_true(took_ns > LOOP_SLOW_MS * 1000000u);
	(void)snprintf(arg, 32, "%s", what);
}

/* Computes for so long, however often the machine runs something else meanwhile. */
static void be_slow(void *arg, uint64_t now_ns)
{
	struct timespec used, start;

	(void)now_ns;
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
	do
		(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	while ((used.tv_sec - start.tv_sec) * 1000000000L + used.tv_nsec - start.tv_nsec <
	       (LOOP_SLOW_MS + 1) * 1000000L);
	loop_stop(arg);
}

static void a_slow_callback_is_named(void **state)
{
	struct loop *loop = loop_new();
	struct loop_timer *timer = loop_timer_new(loop, be_slow, loop, "the slow one");
	char what[32] = "";

	(void)state;
	loop_on_slow(loop, slow, what);
	loop_timer_set(timer, 0);
	loop_run(loop);
	assert_string_equal(what, "the slow one");
	loop_timer_free(timer);
	loop_free(loop);
}

static void note_time(void *arg, uint64_t now_ns)
{
	*(uint64_t *)arg = now_ns;
}

static void stop_loop(void *arg, uint64_t now_ns)
{
	(void)now_ns;
	loop_stop(arg);
}

static void a_timer_is_never_early(void **state)
{
	struct loop *loop = loop_new();
	uint64_t fired = 0, start_ns;
	struct loop_timer *timer = loop_timer_new(loop, note_time, &fired, "timer");
	struct loop_timer *stop = loop_timer_new(loop, stop_loop, loop, "stop");

	(void)state;
	start_ns = loop_clock_ns();
	loop_timer_set(timer, 18000000u);
	loop_timer_set(stop, 60000000u);
	assert_true(loop_timer_is_set(timer));
	loop_run(loop);
	assert_true(fired >= start_ns + 18000000u);
	assert_false(loop_timer_is_set(timer));
	loop_timer_free(timer);
	loop_timer_free(stop);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_gives_whole_lines_and_its_end),
		cmocka_unit_test(a_line_that_is_too_long_ends_the_stream),
		cmocka_unit_test(a_stream_may_be_freed_by_its_own_line),
		cmocka_unit_test(a_drained_stream_has_given_all_lines),
		cmocka_unit_test(a_descriptor_goes_with_its_line_and_no_other),
		cmocka_unit_test(a_slow_callback_is_named),
		cmocka_unit_test(a_timer_is_never_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
