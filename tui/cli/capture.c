/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cli/capture.h"

#include "lab/base/cleanup.h"
#include "lab/render/packet_line.h"
#include "netns/loop/loop.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define PORTION_BYTES (1024 * 1024) /* that are written at once, ... */
#define PORTION_LINES 1000
#define LOOK_NS       5000000   /* how often one looks whether what waits has to, ... */
#define LOOK_DOWN_NS  200000000 /* ... and whether an interface that is down has gone */
#define LATE_NS       (PACKET_RING_LATE_MS * 1000000ull)
#define AHEAD_NS      1000000000ull /* so far in the future is no packet: the clock was set back */

static uint64_t unix_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

/* ---- one packet ---- */

static enum pcapng_reception reception_of(const struct packet_frame *frame)
{
	switch (frame->type) {
	case PACKET_HOST:
		return PCAPNG_UNICAST;
	case PACKET_BROADCAST:
		return PCAPNG_BROADCAST;
	case PACKET_MULTICAST:
		return PCAPNG_MULTICAST;
	case PACKET_OTHERHOST:
		return PCAPNG_PROMISCUOUS;
	default:
		return PCAPNG_RECEPTION_UNKNOWN;
	}
}

static void put_packet(struct capture *c, size_t source, const struct packet_frame *frame)
{
	const struct pcapng_packet packet = {
		.interface = (uint32_t)source,
		.time_ns = frame->time_ns,
		.bytes = frame->bytes,
		.captured = frame->captured,
		.length = frame->length,
		.direction = frame->type == PACKET_OUTGOING ? PCAPNG_OUTBOUND : PCAPNG_INBOUND,
		.reception = reception_of(frame),
	};

	pcapng_put_packet(&c->file, &packet);
}

static void print_packet(const struct capture *c, size_t source, const struct packet_frame *frame,
			 FILE *out)
{
	const struct captured_packet packet = { .place = c->sources[source].place->name,
						.time_ns = frame->time_ns,
						.is_out = frame->type == PACKET_OUTGOING,
						.protocol = frame->protocol,
						.bytes = frame->bytes,
						.captured = frame->captured,
						.header = frame->header,
						.length = frame->length };
	time_t seconds = (time_t)(frame->time_ns / 1000000000);
	char stamp[16];
	struct tm tm;
	json_t *json;

	switch (c->output) {
	case OUTPUT_TABLE:
		(void)localtime_r(&seconds, &tm);
		(void)strftime(stamp, sizeof(stamp), "%T", &tm);
		packet_line_print(&packet, stamp, out);
		break;
	case OUTPUT_TSV:
		packet_line_print_tsv(&packet, out);
		break;
	case OUTPUT_JSON:
		json = packet_line_json(&packet);
		(void)json_dumpf(json, out, JSON_COMPACT | JSON_REAL_PRECISION(16));
		(void)putc('\n', out);
		json_decref(json);
		break;
	case OUTPUT_COUNT:
		break;
	}
}

/* ---- in their order ---- */

/* Those that passed before it may still come into sight. */
static bool is_too_young(const struct packet_frame *frame, uint64_t now_ns)
{
	return frame->time_ns + LATE_NS > now_ns && frame->time_ns < now_ns + AHEAD_NS;
}

/*
 * What is to be written next; `count` when nothing is yet. Nothing passed before the first of those
 * that are in sight when that is old enough, or when something of each source is in sight. What
 * would be dropped soon for want of room does not wait.
 */
static size_t find_next(struct capture *c, uint64_t now_ns, struct packet_frame *ret_frame)
{
	bool is_urgent = false, is_all = true;
	size_t first = c->count;
	struct packet_frame frame;

	for (size_t i = 0; i < c->count; i++) {
		struct packet_ring *ring = &c->sources[i].ring;

		if (!packet_ring_peek(ring, &frame)) {
			is_all &= c->sources[i].is_gone;
			continue;
		}
		is_urgent |= packet_ring_is_half_full(ring);
		if (first < c->count && frame.time_ns >= ret_frame->time_ns)
			continue;
		first = i;
		*ret_frame = frame;
	}
	if (first < c->count && !is_all && !is_urgent && is_too_young(ret_frame, now_ns))
		return c->count;
	return first;
}

static bool is_enough(const struct capture *c)
{
	return c->limit && c->captured >= c->limit;
}

static int flush(struct capture *c)
{
	int rc = capture_out_write(&c->out, c->file.bytes, c->file.len, true);

	c->file.len = 0;
	return rc;
}

/* Some of those from before `until_ns`. */
static int write_blocks(struct capture *c, uint64_t now_ns, uint64_t until_ns)
{
	struct packet_frame frame = { 0 };
	size_t source;

	while (c->file.len < PORTION_BYTES && !is_enough(c) &&
	       (source = find_next(c, now_ns, &frame)) < c->count && frame.time_ns <= until_ns) {
		put_packet(c, source, &frame);
		packet_ring_drop(&c->sources[source].ring);
		c->captured++;
	}
	return c->file.len ? flush(c) : 0;
}

static int write_lines(struct capture *c, uint64_t now_ns, uint64_t until_ns)
{
	CLEANUP(free_cleanup) char *text = NULL;
	struct packet_frame frame = { 0 };
	FILE *out = NULL;
	size_t source, len = 0;

	for (unsigned i = 0; i < PORTION_LINES && !is_enough(c); i++) {
		source = find_next(c, now_ns, &frame);
		if (source == c->count || frame.time_ns > until_ns)
			break;
		if (!out)
			out = open_memstream(&text, &len);
		if (!out)
			abort();
		print_packet(c, source, &frame, out);
		packet_ring_drop(&c->sources[source].ring);
		c->captured++;
	}
	if (!out)
		return 0;
	(void)fclose(out);
	return capture_out_write(&c->out, (const uint8_t *)text, len, false);
}

/* ---- the file's head and end ---- */

static void put_head(struct capture *c)
{
	pcapng_put_section(&c->file, "hublab " HUBLAB_VERSION, c->comment);
	for (size_t i = 0; i < c->count; i++) {
		const struct snapshot_place *place = c->sources[i].place;
		const struct pcapng_interface interface = {
			.link = (uint16_t)c->sources[i].ring.link,
			.snaplen = c->snaplen,
			.name = place->name,
			.description = place->description,
			.comment = place->comment,
			.filter = place->filter,
		};

		pcapng_put_interface(&c->file, &interface);
	}
}

static void put_end(struct capture *c, uint64_t now_ns)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct packet_ring *ring = &c->sources[i].ring;
		const struct pcapng_statistics statistics = { .interface = (uint32_t)i,
							      .start_ns = c->start_ns,
							      .end_ns = now_ns,
							      .received = ring->received,
							      .dropped = ring->dropped };

		pcapng_put_statistics(&c->file, &statistics);
	}
}

uint64_t capture_dropped(const struct capture *c)
{
	uint64_t dropped = 0;

	for (size_t i = 0; i < c->count; i++)
		dropped += c->sources[i].ring.dropped;
	return dropped;
}

/* ---- waiting ---- */

#define POLLED_LAB 0
#define POLLED_OUT 1
#define POLLED     2 /* the sources are behind these */

struct waiting {
	struct pollfd *polled;
	uint64_t deadline_ns; /* of the loop's clock; UINT64_MAX: none */
};

/* A source that has a packet in sight wakes nobody. Returns how long to wait at most. */
static int64_t look_at_sources(struct capture *c, struct pollfd *polled)
{
	struct packet_frame frame;
	int64_t wait_ns = -1;

	for (size_t i = 0; i < c->count; i++) {
		struct capture_source *source = &c->sources[i];
		bool is_filled = packet_ring_peek(&source->ring, &frame);

		polled[i] = (struct pollfd){ source->is_gone || is_filled ? -1 : source->ring.fd,
					     POLLIN, 0 };
		source->is_down &= !is_filled;
		if (is_filled)
			wait_ns = LOOK_NS;
		else if (source->is_down && !source->is_gone && wait_ns < 0)
			wait_ns = LOOK_DOWN_NS;
	}
	return find_next(c, unix_ns(), &frame) < c->count ? 0 : wait_ns;
}

static int64_t until_deadline(const struct waiting *w, int64_t wait_ns)
{
	uint64_t now_ns = loop_clock_ns();
	int64_t left_ns;

	if (w->deadline_ns == UINT64_MAX)
		return wait_ns;
	left_ns = w->deadline_ns > now_ns ? (int64_t)(w->deadline_ns - now_ns) : 0;
	return wait_ns < 0 || left_ns < wait_ns ? left_ns : wait_ns;
}

/*
 * Those whose interface went; an error when none is left. One goes down first, which wakes us up,
 * and then away, which does not.
 */
static int note_gone(struct capture *c, const struct pollfd *polled, struct err *err)
{
	size_t left = 0;

	for (size_t i = 0; i < c->count; i++) {
		struct capture_source *source = &c->sources[i];

		source->is_down |= (polled[i].revents & (POLLERR | POLLHUP)) != 0;
		source->was_down |= source->is_down;
		if (source->is_down && !source->is_gone && packet_ring_is_gone(&source->ring)) {
			source->is_gone = true;
			(void)cli_fail(EXIT_OK, "%s is no more", source->place->name);
		}
		left += !source->is_gone;
	}
	return left ? 0 : err_set(err, -ENODEV, "nothing is left to capture at");
}

/* Nothing was asked: whatever the lab says else is passed over. */
static bool has_lab_ended(const struct capture *c)
{
	char bytes[256];

	return recv(c->lab, bytes, sizeof(bytes), MSG_DONTWAIT) == 0;
}

/* An error, or what ends it without being one: -EPIPE when the reader left. */
static int wait_for_packets(struct capture *c, const struct waiting *w, struct err *err)
{
	struct pollfd *polled = w->polled;
	int64_t wait_ns = until_deadline(w, look_at_sources(c, polled + POLLED));

	polled[POLLED_LAB] = (struct pollfd){ c->lab, POLLIN, 0 };
	polled[POLLED_OUT] = (struct pollfd){ c->out.is_file ? -1 : c->out.fd, 0, 0 };
	(void)capture_poll(polled, POLLED + c->count, wait_ns);
	if (polled[POLLED_OUT].revents)
		return -EPIPE;
	if (polled[POLLED_LAB].revents && has_lab_ended(c))
		return err_set(err, -ENOTCONN, "the lab ended");
	return note_gone(c, polled + POLLED, err);
}

/* ---- all of it ---- */

static int write_due(struct capture *c, uint64_t until_ns)
{
	uint64_t now_ns = unix_ns();

	return c->is_text ? write_lines(c, now_ns, until_ns) : write_blocks(c, now_ns, until_ns);
}

/* Until people, the number or the time end it (0), or something else (an error). */
static int capture_all(struct capture *c, struct waiting *w, struct err *err)
{
	int rc = 0;

	while (!rc && !capture_is_ended() && !is_enough(c) && loop_clock_ns() < w->deadline_ns) {
		rc = write_due(c, UINT64_MAX);
		if (!rc && !is_enough(c))
			rc = wait_for_packets(c, w, err);
	}
	return rc;
}

/* What passed before the end comes into sight for some time after it. */
static int capture_rest(struct capture *c, struct waiting *w)
{
	struct packet_frame frame = { 0 };
	uint64_t until_ns = unix_ns();
	bool is_more, is_last;
	int rc;

	w->deadline_ns = loop_clock_ns() + LATE_NS + 1000000;
	do {
		is_last = loop_clock_ns() >= w->deadline_ns; /* now all of it is in sight */
		rc = write_due(c, until_ns);
		is_more = find_next(c, unix_ns(), &frame) < c->count && frame.time_ns <= until_ns;
		if (!is_more && !is_last)
			(void)capture_poll(NULL, 0, until_deadline(w, LOOK_NS));
	} while (!rc && !is_enough(c) && (is_more || !is_last));
	return rc;
}

static int say_write_error(int rc, struct err *err)
{
	if (!rc || err->code || rc == -EPIPE)
		return err->code;
	if (rc == -EINTR)
		return err_set(err, rc, "nobody reads what is written: its end is cut off");
	return err_set(err, rc, "write packets: %s", strerror(-rc));
}

int capture_run(struct capture *c, struct err *err)
{
	struct waiting w = { .deadline_ns = UINT64_MAX };
	int rc = 0, failure;

	w.polled = calloc(POLLED + c->count, sizeof(*w.polled));
	if (!w.polled)
		abort();
	c->start_ns = unix_ns();
	if (c->for_ns)
		w.deadline_ns = loop_clock_ns() + c->for_ns;
	if (!c->is_text) {
		put_head(c);
		rc = flush(c);
	}
	if (!rc)
		rc = capture_all(c, &w, err);
	if (!rc || err->code)
		rc = capture_rest(c, &w);
	for (size_t i = 0; i < c->count; i++)
		packet_ring_count(&c->sources[i].ring);
	if (!c->is_text && rc != -EPIPE && rc != -EINTR) { /* also where it was full before */
		put_end(c, unix_ns());
		failure = flush(c);
		rc = rc ? rc : failure;
	}
	free(w.polled);
	pcapng_fini(&c->file);
	return say_write_error(rc, err);
}
