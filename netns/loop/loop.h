/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The one place where a process waits: descriptors, timers, signals and streams of lines, on
 * libevent. Callbacks get the time at which they were called, never block, and are named as slow
 * when one computes or waits for longer than LOOP_SLOW_MS; time in which the machine ran something
 * else is not theirs.
 */
#include "lab/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOOP_SLOW_MS 5

struct loop;
struct loop_fd;
struct loop_timer;
struct loop_signal;
struct loop_stream;
struct event_base;

/* Monotonic nanoseconds. */
uint64_t loop_clock_ns(void);

struct loop *loop_new(void) NODISCARD;
void loop_free(struct loop *loop); /* after everything on it was freed; NULL is fine */
void loop_run(struct loop *loop);  /* until loop_stop */
void loop_stop(struct loop *loop);
struct event_base *loop_base(struct loop *loop); /* for libraries that speak libevent */

/* Called for every callback that was slow: what it was for, and how long it took. */
typedef void loop_slow_fn(void *arg, const char *what, uint64_t took_ns);
void loop_on_slow(struct loop *loop, loop_slow_fn *fn, void *arg);

/* For libraries' own callbacks: measures from construction to the end of the scope. */
struct loop_measure {
	struct loop *loop;
	const char *what;
	uint64_t start_ns, start_cpu_ns;
	long start_waits;
};
struct loop_measure loop_measure(struct loop *loop, const char *what);
void loop_measure_end(struct loop_measure *measure); /* for CLEANUP() */

enum {
	LOOP_READ = 1,
	LOOP_WRITE = 2
};

/* `what` is borrowed and names the callback in complaints. The descriptor is borrowed too. */
typedef void loop_fd_fn(void *arg, unsigned events, uint64_t now_ns);
struct loop_fd *loop_fd_new(struct loop *loop, int fd, unsigned events, loop_fd_fn *fn, void *arg,
			    const char *what) NODISCARD;
void loop_fd_free(struct loop_fd *watch); /* NULL is fine; before the descriptor is closed */

/* A timer that is not running; set starts it anew, once. */
typedef void loop_timer_fn(void *arg, uint64_t now_ns);
struct loop_timer *loop_timer_new(struct loop *loop, loop_timer_fn *fn, void *arg, const char *what)
	NODISCARD;
void loop_timer_set(struct loop_timer *timer, uint64_t delay_ns);
void loop_timer_cancel(struct loop_timer *timer);
bool loop_timer_is_set(const struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer); /* NULL is fine */

typedef void loop_signal_fn(void *arg, int signal, uint64_t now_ns);
struct loop_signal *loop_signal_new(struct loop *loop, int signal, loop_signal_fn *fn, void *arg,
				    const char *what) NODISCARD;
void loop_signal_free(struct loop_signal *signal); /* NULL is fine */

/*
 * Lines in both directions over a stream socket or a pipe, which the stream owns. Each line comes
 * without its end; a line longer than `max_line` bytes ends the stream as an error. on_end comes
 * once, with the reason; the stream may be freed in any of its callbacks. With on_bytes in the
 * place of on_line all comes as it came, in pieces of any length.
 */
struct loop_stream_ops {
	void (*on_line)(void *arg, char *line, size_t len);
	void (*on_end)(void *arg, const char *reason);
	void (*on_bytes)(void *arg, const char *bytes, size_t len);
};
struct loop_stream *loop_stream_new(struct loop *loop, int fd, size_t max_line,
				    const struct loop_stream_ops *ops, void *arg, const char *what)
	NODISCARD;
void loop_stream_write(struct loop_stream *stream, const void *bytes, size_t len);
/*
 * Bytes with descriptors, at most LOOP_PASS_MAX, which stay the caller's. Only when nothing waits
 * to be sent: else -EAGAIN, and nothing is sent.
 */
#define LOOP_PASS_MAX 3
int loop_stream_pass(struct loop_stream *stream, const void *bytes, size_t len, const int *fds,
		     size_t count);
/* Take in at once all that is there: for when the other side is known to have ended. */
void loop_stream_drain(struct loop_stream *stream);
size_t loop_stream_unsent(const struct loop_stream *stream); /* bytes that wait to be sent */
void loop_stream_free(struct loop_stream *stream); /* NULL is fine; what is unsent is lost */
