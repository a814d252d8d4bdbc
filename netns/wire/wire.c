/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/wire/wire.h"

#include "lab/base/cleanup.h"
#include "netns/kernel/tap.h"
#include "netns/loop/ipc.h"
#include "netns/loop/loop.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#define FRAME_MAX      (TAP_HEADER_BYTES + 65536 + 18)
#define READS_PER_WAKE 64
/* In flight in one direction; beyond it frames are dropped, as a full buffer does. */
#define QUEUE_MAX_BYTES ((size_t)32 * 1024 * 1024)
#define RATE_QUEUE_NS   50000000u /* what a rate limit lets wait, in time */

struct frame {
	struct frame *next;
	uint64_t due_ns;
	size_t size;
	char bytes[];
};

/* One way through a cable. Due times never decrease, so frames keep their order. */
struct direction {
	struct cable *cable;
	struct end *to;
	struct frame *first, *last;
	size_t queued_bytes;
	uint64_t free_ns; /* when the rate limit lets the next frame begin */
	struct loop_timer *timer;
};

struct end {
	struct cable *cable;
	uint32_t ifindex;
	int tap, monitor;
	bool is_up;
	struct loop_fd *tap_watch, *monitor_watch;
	struct direction out; /* what is read here goes this way */
};

struct cable {
	struct wire *wire;
	struct cable *next;
	uint32_t id;
	uint64_t delay_ns, rate_bps;
	uint32_t loss_ppm;
	bool is_cut;
	struct end ends[2];
};

struct wire {
	struct loop *loop;
	int fd;
	struct cable *cables;
	uint64_t random;
	char *buffer;
};

static uint32_t random_ppm(struct wire *wire)
{
	/* xorshift64: the same frames are lost in every run */
	wire->random ^= wire->random << 13;
	wire->random ^= wire->random >> 7;
	wire->random ^= wire->random << 17;
	return (uint32_t)(wire->random % 1000000u);
}

static void deliver(const struct end *to, const void *bytes, size_t size)
{
	/* a device that is down or full drops it, as a network card does */
	ssize_t written = write(to->tap, bytes, size);

	(void)written;
}

static void drop_queue(struct direction *d)
{
	while (d->first) {
		struct frame *next = d->first->next;

		free(d->first);
		d->first = next;
	}
	d->last = NULL;
	d->queued_bytes = 0;
	d->free_ns = 0;
	loop_timer_cancel(d->timer);
}

static void frames_due(void *arg, uint64_t now_ns)
{
	struct direction *d = arg;

	while (d->first && d->first->due_ns <= now_ns) {
		struct frame *frame = d->first;

		d->first = frame->next;
		if (!d->first)
			d->last = NULL;
		d->queued_bytes -= frame->size;
		deliver(d->to, frame->bytes, frame->size);
		free(frame);
		if (d->first && d->first->due_ns > now_ns)
			now_ns = loop_clock_ns(); /* writing took time: more may be due */
	}
	if (d->first)
		loop_timer_set(d->timer, d->first->due_ns - now_ns);
}

/*
 * BGP and BFD mark their packets as network control (CS6), and routers keep a queue for these: a
 * cable that is full does not take the sessions down with it.
 */
static bool is_network_control(const char *bytes, size_t size)
{
	const unsigned char *ethernet = (const unsigned char *)bytes + TAP_HEADER_BYTES;

	return size >= TAP_HEADER_BYTES + 14 + 20 && ethernet[12] == 0x08 && ethernet[13] == 0x00 &&
	       ethernet[15] >> 5 >= 6;
}

/* When a frame that comes now arrives at the other end; 0 when it is dropped. */
static uint64_t due_time(struct direction *d, const char *bytes, size_t size, uint64_t now_ns)
{
	const struct cable *cable = d->cable;
	uint64_t start = now_ns;

	if (cable->loss_ppm && random_ppm(cable->wire) < cable->loss_ppm)
		return 0;
	if (d->queued_bytes + size > QUEUE_MAX_BYTES)
		return 0;
	if (cable->rate_bps) {
		if (d->free_ns > now_ns)
			start = d->free_ns;
		if (start - now_ns > RATE_QUEUE_NS && !is_network_control(bytes, size))
			return 0;
		d->free_ns = start + (size - TAP_HEADER_BYTES) * 8 * 1000000000u / cable->rate_bps;
		start = d->free_ns;
	}
	start += cable->delay_ns;
	if (d->last && start < d->last->due_ns)
		return d->last->due_ns;
	return start;
}

static void carry(struct direction *d, const char *bytes, size_t size, uint64_t now_ns)
{
	uint64_t due = due_time(d, bytes, size, now_ns);
	struct frame *frame;

	if (!due || d->cable->is_cut)
		return;
	if (due <= now_ns && !d->first) {
		deliver(d->to, bytes, size);
		return;
	}
	frame = malloc(sizeof(*frame) + size);
	if (!frame)
		abort();
	*frame = (struct frame){ .due_ns = due, .size = size };
	memcpy(frame->bytes, bytes, size);
	if (d->last)
		d->last->next = frame;
	else
		d->first = frame;
	d->last = frame;
	d->queued_bytes += size;
	if (d->first == frame)
		loop_timer_set(d->timer, due - now_ns);
}

static void tap_readable(void *arg, unsigned events, uint64_t now_ns)
{
	struct end *end = arg;

	(void)events;
	for (int i = 0; i < READS_PER_WAKE; i++) {
		ssize_t size = read(end->tap, end->cable->wire->buffer, FRAME_MAX);

		if (size <= TAP_HEADER_BYTES)
			return;
		carry(&end->out, end->cable->wire->buffer, (size_t)size, now_ns);
	}
}

static struct end *other_end(struct end *end)
{
	return &end->cable->ends[end == &end->cable->ends[0]];
}

/*
 * The kernel tells of one carrier that goes, and of others only a second later. A change of
 * something that nobody looks at has it tell all there is of the interface, now.
 */
static void set_carrier(const struct end *end, bool has_carrier)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg link;
		struct nlattr alias;
	} request = { .head = { .nlmsg_len = sizeof(request),
				.nlmsg_type = RTM_SETLINK,
				.nlmsg_flags = NLM_F_REQUEST },
		      .link = { .ifi_index = (int)end->ifindex },
		      .alias = { .nla_len = sizeof(request.alias), .nla_type = IFLA_IFALIAS } };

	(void)tap_set_carrier(end->tap, has_carrier, NULL);
	if (!has_carrier)
		(void)!write(end->monitor, &request, sizeof(request));
}

/* What one end does, the other one sees as its carrier; what was on the way is lost. */
static void set_up(struct end *end, bool is_up)
{
	struct end *other = other_end(end);

	if (end->is_up == is_up)
		return;
	end->is_up = is_up;
	set_carrier(other, is_up && !end->cable->is_cut);
	if (is_up)
		return;
	drop_queue(&end->out);
	drop_queue(&other->out);
}

static void ask_state(const struct end *end)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg link;
	} request = { .head = { .nlmsg_len = sizeof(request),
				.nlmsg_type = RTM_GETLINK,
				.nlmsg_flags = NLM_F_REQUEST },
		      .link = { .ifi_index = (int)end->ifindex } };

	/* the answer comes as a change does */
	(void)!write(end->monitor, &request, sizeof(request));
}

static void monitor_readable(void *arg, unsigned events, uint64_t now_ns)
{
	struct end *end = arg;
	char bytes[16 * 1024];
	ssize_t got;

	(void)events;
	(void)now_ns;
	while ((got = recv(end->monitor, bytes, sizeof(bytes), 0)) > 0) {
		struct nlmsghdr *h = (struct nlmsghdr *)bytes;

		for (int left = (int)got; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
			const struct ifinfomsg *link = nlmsg_data(h);

			if (h->nlmsg_type == RTM_NEWLINK && link->ifi_index == (int)end->ifindex)
				set_up(end, link->ifi_flags & IFF_UP);
		}
	}
	if (got < 0 && errno == ENOBUFS) /* changes were lost: ask for what is true now */
		ask_state(end);
}

static struct cable *find_cable(struct wire *wire, uint32_t id)
{
	struct cable *cable;

	LL_FOREACH(wire->cables, cable)
		if (cable->id == id)
			return cable;
	return NULL;
}

/* Both ends see it as the other one's doing; what was on the way is lost. */
static void set_cut(struct cable *cable, bool is_cut)
{
	if (cable->is_cut == is_cut)
		return;
	cable->is_cut = is_cut;
	for (int side = 0; side < 2; side++) {
		struct end *end = &cable->ends[side];

		set_carrier(end, !is_cut && other_end(end)->is_up);
		drop_queue(&end->out);
	}
}

static void set_limits(struct cable *cable, const struct wire_message *message)
{
	set_cut(cable, message->is_cut);
	cable->delay_ns = message->delay_us * 1000ull;
	cable->loss_ppm = message->loss_ppm;
	cable->rate_bps = message->rate_bps;
	for (int side = 0; side < 2; side++)
		(void)tap_set_segmentation(cable->ends[side].tap,
					   !cable->loss_ppm && !cable->rate_bps, NULL);
}

static void open_end(struct cable *cable, int side, uint32_t ifindex, int tap, int monitor)
{
	struct end *end = &cable->ends[side];

	*end = (struct end){ .cable = cable, .ifindex = ifindex, .tap = tap, .monitor = monitor };
	end->out.cable = cable;
	end->out.to = &cable->ends[!side];
	end->out.timer = loop_timer_new(cable->wire->loop, frames_due, &end->out, "frames due");
	end->tap_watch = loop_fd_new(cable->wire->loop, tap, LOOP_READ, tap_readable, end, "tap");
	end->monitor_watch = loop_fd_new(cable->wire->loop, monitor, LOOP_READ, monitor_readable,
					 end, "link monitor");
}

static void add_cable(struct wire *wire, const struct wire_message *message, int fds[IPC_MAX_FDS])
{
	struct cable *cable = calloc(1, sizeof(*cable));

	if (!cable)
		abort();
	cable->wire = wire;
	cable->id = message->id;
	for (int side = 0; side < 2; side++)
		open_end(cable, side, message->ifindex[side], fd_take(&fds[side * 2]),
			 fd_take(&fds[side * 2 + 1]));
	set_limits(cable, message);
	ask_state(&cable->ends[0]);
	ask_state(&cable->ends[1]);
	LL_PREPEND(wire->cables, cable);
}

static void remove_cable(struct wire *wire, struct cable *cable)
{
	for (int side = 0; side < 2; side++) {
		struct end *end = &cable->ends[side];

		drop_queue(&end->out);
		loop_timer_free(end->out.timer);
		loop_fd_free(end->tap_watch);
		loop_fd_free(end->monitor_watch);
		fd_close(&end->tap);
		fd_close(&end->monitor);
	}
	LL_DELETE(wire->cables, cable);
	free(cable);
}

static void message_came(void *arg, unsigned events, uint64_t now_ns)
{
	struct wire *wire = arg;
	struct wire_message message;
	int fds[IPC_MAX_FDS];
	struct cable *cable;

	(void)events;
	(void)now_ns;
	if (ipc_receive(wire->fd, &message, sizeof(message), fds, NULL) !=
	    (ssize_t)sizeof(message)) {
		loop_stop(wire->loop); /* no supervisor, no lab */
		return;
	}
	cable = find_cable(wire, message.id);
	if (message.type == WIRE_ADD && !cable && fds[IPC_MAX_FDS - 1] >= 0)
		add_cable(wire, &message, fds);
	else if (message.type == WIRE_SET && cable)
		set_limits(cable, &message);
	else if (message.type == WIRE_REMOVE && cable)
		remove_cable(wire, cable);
	for (int i = 0; i < IPC_MAX_FDS; i++)
		fd_close(&fds[i]);
}

int wire_main(int fd)
{
	struct wire wire = { .fd = fd, .random = 88172645463325252ull };
	struct loop_fd *watch;

	wire.buffer = malloc(FRAME_MAX);
	if (!wire.buffer)
		abort();
	(void)prctl(PR_SET_TIMERSLACK, 1000); /* nanoseconds: a millisecond of delay is one */
	wire.loop = loop_new();
	watch = loop_fd_new(wire.loop, fd, LOOP_READ, message_came, &wire, "supervisor");
	loop_run(wire.loop);
	while (wire.cables)
		remove_cable(&wire, wire.cables);
	loop_fd_free(watch);
	loop_free(wire.loop);
	free(wire.buffer);
	return 0;
}
