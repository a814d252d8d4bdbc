/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/loop/loop.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

struct loop {
	struct event_base *base;
	loop_slow_fn *slow_fn;
	void *slow_arg;
};

struct loop_fd {
	struct loop *loop;
	struct event *event;
	loop_fd_fn *fn;
	void *arg;
	const char *what;
};

struct loop_timer {
	struct loop *loop;
	struct event *event;
	loop_timer_fn *fn;
	void *arg;
	const char *what;
};

struct loop_signal {
	struct loop *loop;
	struct event *event;
	loop_signal_fn *fn;
	void *arg;
	const char *what;
};

struct loop_stream {
	struct loop *loop;
	struct bufferevent *bev;
	struct loop_stream_ops ops;
	void *arg;
	const char *what;
	size_t max_line;
	bool is_ended;
	bool is_busy, is_dead; /* freed from within its own callback: the memory waits */
};

static void *must(void *pointer)
{
	if (!pointer)
		abort(); /* memory, or a libevent that cannot start: nothing works without it */
	return pointer;
}

uint64_t loop_clock_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct loop *loop_new(void)
{
	struct loop *loop = must(calloc(1, sizeof(*loop)));
	struct event_config *config = must(event_config_new());

	(void)event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	(void)event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	loop->base = must(event_base_new_with_config(config));
	event_config_free(config);
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	event_base_free(loop->base);
	free(loop);
}

void loop_run(struct loop *loop)
{
	(void)event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void loop_stop(struct loop *loop)
{
	(void)event_base_loopbreak(loop->base);
}

struct event_base *loop_base(struct loop *loop)
{
	return loop->base;
}

void loop_on_slow(struct loop *loop, loop_slow_fn *fn, void *arg)
{
	loop->slow_fn = fn;
	loop->slow_arg = arg;
}

/* Computing time of this thread, and how often it gave the processor up by waiting. */
static uint64_t cpu_ns(long *ret_waits)
{
	struct rusage usage;
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	(void)getrusage(RUSAGE_THREAD, &usage);
	*ret_waits = usage.ru_nvcsw;
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct loop_measure loop_measure(struct loop *loop, const char *what)
{
	struct loop_measure measure = { .loop = loop, .what = what, .start_ns = loop_clock_ns() };

	measure.start_cpu_ns = cpu_ns(&measure.start_waits);
	return measure;
}

void loop_measure_end(struct loop_measure *measure)
{
	const uint64_t limit_ns = LOOP_SLOW_MS * 1000000u;
	uint64_t took_ns = loop_clock_ns() - measure->start_ns, computed_ns;
	long waits;

	if (took_ns <= limit_ns || !measure->loop->slow_fn)
		return;
	computed_ns = cpu_ns(&waits) - measure->start_cpu_ns;
	if (computed_ns > limit_ns || waits > measure->start_waits)
		measure->loop->slow_fn(measure->loop->slow_arg, measure->what, took_ns);
}

static void fd_ready(evutil_socket_t fd, short events, void *arg)
{
	struct loop_fd *watch = arg;
	CLEANUP(loop_measure_end)
	UNUSED struct loop_measure measure = loop_measure(watch->loop, watch->what);

	(void)fd;
	watch->fn(watch->arg,
		  (events & EV_READ ? LOOP_READ : 0u) | (events & EV_WRITE ? LOOP_WRITE : 0u),
		  measure.start_ns);
}

struct loop_fd *loop_fd_new(struct loop *loop, int fd, unsigned events, loop_fd_fn *fn, void *arg,
			    const char *what)
{
	struct loop_fd *watch = must(calloc(1, sizeof(*watch)));
	short flags = EV_PERSIST;

	if (events & LOOP_READ)
		flags |= EV_READ;
	if (events & LOOP_WRITE)
		flags |= EV_WRITE;
	*watch = (struct loop_fd){ .loop = loop, .fn = fn, .arg = arg, .what = what };
	watch->event = must(event_new(loop->base, fd, flags, fd_ready, watch));
	(void)event_add(watch->event, NULL);
	return watch;
}

void loop_fd_free(struct loop_fd *watch)
{
	if (!watch)
		return;
	event_free(watch->event);
	free(watch);
}

static void timer_due(evutil_socket_t fd, short events, void *arg)
{
	struct loop_timer *timer = arg;
	CLEANUP(loop_measure_end)
	UNUSED struct loop_measure measure = loop_measure(timer->loop, timer->what);

	(void)fd;
	(void)events;
	timer->fn(timer->arg, measure.start_ns);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_timer_fn *fn, void *arg, const char *what)
{
	struct loop_timer *timer = must(calloc(1, sizeof(*timer)));

	*timer = (struct loop_timer){ .loop = loop, .fn = fn, .arg = arg, .what = what };
	timer->event = must(event_new(loop->base, -1, 0, timer_due, timer));
	return timer;
}

void loop_timer_set(struct loop_timer *timer, uint64_t delay_ns)
{
	struct timeval delay = { .tv_sec = (time_t)(delay_ns / 1000000000u),
				 .tv_usec = (suseconds_t)(delay_ns / 1000u % 1000000u) };

	(void)event_add(timer->event, &delay);
}

void loop_timer_cancel(struct loop_timer *timer)
{
	(void)event_del(timer->event);
}

bool loop_timer_is_set(const struct loop_timer *timer)
{
	return event_pending(timer->event, EV_TIMEOUT, NULL);
}

void loop_timer_free(struct loop_timer *timer)
{
	if (!timer)
		return;
	event_free(timer->event);
	free(timer);
}

static void signal_came(evutil_socket_t signal, short events, void *arg)
{
	struct loop_signal *watch = arg;
	CLEANUP(loop_measure_end)
	UNUSED struct loop_measure measure = loop_measure(watch->loop, watch->what);

	(void)events;
	watch->fn(watch->arg, signal, measure.start_ns);
}

struct loop_signal *loop_signal_new(struct loop *loop, int signal, loop_signal_fn *fn, void *arg,
				    const char *what)
{
	struct loop_signal *watch = must(calloc(1, sizeof(*watch)));

	*watch = (struct loop_signal){ .loop = loop, .fn = fn, .arg = arg, .what = what };
	watch->event = must(evsignal_new(loop->base, signal, signal_came, watch));
	(void)event_add(watch->event, NULL);
	return watch;
}

void loop_signal_free(struct loop_signal *signal)
{
	if (!signal)
		return;
	event_free(signal->event);
	free(signal);
}

/* True when the stream was freed meanwhile. */
static bool leave(struct loop_stream *stream)
{
	stream->is_busy = false;
	if (!stream->is_dead)
		return false;
	free(stream);
	return true;
}

static void stream_end(struct loop_stream *stream, const char *reason)
{
	stream->is_ended = true;
	(void)bufferevent_disable(stream->bev, EV_READ);
	if (stream->ops.on_end)
		stream->ops.on_end(stream->arg, reason);
}

static void pass_bytes(struct loop_stream *stream, struct evbuffer *input)
{
	size_t len = evbuffer_get_length(input);
	char *bytes = malloc(len + 1);

	if (!bytes)
		abort();
	(void)evbuffer_remove(input, bytes, len);
	stream->ops.on_bytes(stream->arg, bytes, len);
	free(bytes);
}

static void stream_readable(struct bufferevent *bev, void *arg)
{
	struct loop_stream *stream = arg;
	struct evbuffer *input = bufferevent_get_input(bev);
	CLEANUP(loop_measure_end)
	UNUSED struct loop_measure measure = loop_measure(stream->loop, stream->what);
	size_t len;
	char *line;

	stream->is_busy = true;
	if (stream->ops.on_bytes) {
		pass_bytes(stream, input);
		(void)leave(stream);
		return;
	}
	while (!stream->is_dead && !stream->is_ended &&
	       (line = evbuffer_readln(input, &len, EVBUFFER_EOL_LF))) {
		if (len > stream->max_line)
			stream_end(stream, "a line is too long");
		else
			stream->ops.on_line(stream->arg, line, len);
		free(line);
	}
	if (!stream->is_dead && !stream->is_ended && evbuffer_get_length(input) > stream->max_line)
		stream_end(stream, "a line is too long");
	(void)leave(stream);
}

static void stream_event(struct bufferevent *bev, short events, void *arg)
{
	struct loop_stream *stream = arg;

	(void)bev;
	if (!(events & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) || stream->is_ended)
		return;
	stream->is_busy = true;
	stream_end(stream, events & BEV_EVENT_EOF
				   ? "closed by the other side"
				   : evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
	(void)leave(stream);
}

struct loop_stream *loop_stream_new(struct loop *loop, int fd, size_t max_line,
				    const struct loop_stream_ops *ops, void *arg, const char *what)
{
	struct loop_stream *stream = must(calloc(1, sizeof(*stream)));

	*stream = (struct loop_stream){
		.loop = loop, .ops = *ops, .arg = arg, .what = what, .max_line = max_line
	};
	(void)evutil_make_socket_nonblocking(fd);
	stream->bev = must(bufferevent_socket_new(loop->base, fd, BEV_OPT_CLOSE_ON_FREE));
	bufferevent_setcb(stream->bev, stream_readable, NULL, stream_event, stream);
	(void)bufferevent_enable(stream->bev, EV_READ | EV_WRITE);
	return stream;
}

void loop_stream_write(struct loop_stream *stream, const void *bytes, size_t len)
{
	(void)bufferevent_write(stream->bev, bytes, len);
}

int loop_stream_pass(struct loop_stream *stream, const void *bytes, size_t len, const int *fds,
		     size_t count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(LOOP_PASS_MAX * sizeof(int))];
	} control = { 0 };
	struct iovec part = { (void *)bytes, len };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	ssize_t sent;

	assert(count && count <= LOOP_PASS_MAX);
	if (loop_stream_unsent(stream))
		return -EAGAIN;
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), fds, count * sizeof(*fds));
	sent = sendmsg(bufferevent_getfd(stream->bev), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0)
		return -errno;
	if ((size_t)sent < len) /* the descriptors went with the first byte */
		loop_stream_write(stream, (const char *)bytes + sent, len - (size_t)sent);
	return 0;
}

void loop_stream_drain(struct loop_stream *stream)
{
	struct evbuffer *input = bufferevent_get_input(stream->bev);

	(void)evbuffer_unfreeze(input, 0); /* but for this, only the bufferevent adds to it */
	while (evbuffer_read(input, bufferevent_getfd(stream->bev), -1) > 0)
		;
	(void)evbuffer_freeze(input, 0);
	stream_readable(stream->bev, stream);
}

size_t loop_stream_unsent(const struct loop_stream *stream)
{
	return evbuffer_get_length(bufferevent_get_output(stream->bev));
}

void loop_stream_free(struct loop_stream *stream)
{
	if (!stream)
		return;
	bufferevent_free(stream->bev);
	stream->is_dead = true;
	if (!stream->is_busy)
		free(stream);
}
