/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/daemon/vici.h"

#include "lab/base/cleanup.h"
#include "netns/loop/ipc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

enum packet {
	PACKET_REQUEST,
	PACKET_RESPONSE,
	PACKET_UNKNOWN_COMMAND,
	PACKET_REGISTER,
	PACKET_UNREGISTER,
	PACKET_CONFIRM,
	PACKET_UNKNOWN_EVENT,
	PACKET_EVENT,
};

#define HEAD_BYTES 4 /* the length of the rest */

struct request {
	struct request *next;
	vici_answer_fn *fn;
	uint8_t *bytes;
	size_t len;
};

struct vici {
	struct loop *loop;
	struct vici_ops ops;
	void *arg;
	struct bufferevent *bev;
	struct request *requests; /* the first is under way */
	uint64_t sent_ns;         /* when that one was sent */
	bool is_busy, is_dead;    /* in a callback; freed there */
	bool is_ended;
};

static void request_free(struct request *request)
{
	free(request->bytes);
	free(request);
}

static void send_first(struct vici *vici)
{
	const struct request *request = vici->requests;
	uint32_t len;

	if (!request || vici->is_ended)
		return;
	len = htonl((uint32_t)request->len);
	vici->sent_ns = loop_clock_ns();
	(void)bufferevent_write(vici->bev, &len, sizeof(len));
	(void)bufferevent_write(vici->bev, request->bytes, request->len);
}

/* A packet with a name, and a message behind it. */
static void queue(struct vici *vici, enum packet type, const char *name,
		  const struct vici_writer *message, vici_answer_fn *fn)
{
	struct request *request = calloc(1, sizeof(*request));
	size_t name_len = strnlen(name, 255), len = message ? message->len : 0;

	if (!request)
		abort();
	request->fn = fn;
	request->len = 2 + name_len + len;
	request->bytes = malloc(request->len);
	if (!request->bytes)
		abort();
	request->bytes[0] = (uint8_t)type;
	request->bytes[1] = (uint8_t)name_len;
	memcpy(request->bytes + 2, name, name_len);
	if (len)
		memcpy(request->bytes + 2 + name_len, message->bytes, len);
	LL_APPEND(vici->requests, request);
	if (vici->requests == request)
		send_first(vici);
}

void vici_request(struct vici *vici, const char *command, struct vici_writer *message,
		  vici_answer_fn *fn)
{
	queue(vici, PACKET_REQUEST, command, message, fn);
	if (message)
		vici_writer_fini(message);
}

void vici_listen(struct vici *vici, const char *event)
{
	queue(vici, PACKET_REGISTER, event, NULL, NULL);
}

uint64_t vici_waits_ns(const struct vici *vici, uint64_t now_ns)
{
	return vici->requests && now_ns > vici->sent_ns ? now_ns - vici->sent_ns : 0;
}

static void end(struct vici *vici, const char *reason)
{
	if (vici->is_ended)
		return;
	vici->is_ended = true;
	(void)bufferevent_disable(vici->bev, EV_READ | EV_WRITE);
	vici->ops.on_end(vici->arg, reason);
}

static void answered(struct vici *vici, const void *message, size_t len)
{
	struct request *request = vici->requests;
	vici_answer_fn *fn;

	if (!request) {
		end(vici, "an answer to nothing");
		return;
	}
	fn = request->fn;
	LL_DELETE(vici->requests, request);
	request_free(request);
	send_first(vici);
	if (fn)
		fn(vici->arg, message, len);
}

static void take_event(struct vici *vici, const uint8_t *bytes, size_t len)
{
	size_t name_len = len ? bytes[0] : 0;
	char name[256];

	if (len < 1 + name_len) {
		end(vici, "an event without its name");
		return;
	}
	memcpy(name, bytes + 1, name_len);
	name[name_len] = '\0';
	vici->ops.on_event(vici->arg, name, bytes + 1 + name_len, len - 1 - name_len);
}

static void take_packet(struct vici *vici, const uint8_t *bytes, size_t len)
{
	static const uint8_t nothing[1];

	switch (len ? bytes[0] : PACKET_REQUEST) {
	case PACKET_RESPONSE:
		answered(vici, len > 1 ? bytes + 1 : nothing, len - 1);
		break;
	case PACKET_CONFIRM:
		answered(vici, nothing, 0);
		break;
	case PACKET_UNKNOWN_COMMAND:
	case PACKET_UNKNOWN_EVENT:
		answered(vici, NULL, 0);
		break;
	case PACKET_EVENT:
		take_event(vici, bytes + 1, len - 1);
		break;
	default:
		end(vici, "a packet of no kind that is known");
		break;
	}
}

/* True when the vici was freed meanwhile. */
static bool leave(struct vici *vici)
{
	vici->is_busy = false;
	if (!vici->is_dead)
		return false;
	free(vici);
	return true;
}

/* Takes one packet out of what has come; false when there is none that is whole. */
static bool take_one(struct vici *vici, struct evbuffer *input)
{
	uint32_t len;
	uint8_t *bytes;

	if (evbuffer_copyout(input, &len, HEAD_BYTES) < HEAD_BYTES)
		return false;
	len = ntohl(len);
	if (len > VICI_PACKET_MAX) {
		end(vici, "a packet is too long");
		return false;
	}
	if (evbuffer_get_length(input) < HEAD_BYTES + len)
		return false;
	(void)evbuffer_drain(input, HEAD_BYTES);
	bytes = malloc(len + 1);
	if (!bytes)
		abort();
	(void)evbuffer_remove(input, bytes, len);
	take_packet(vici, bytes, len);
	free(bytes);
	return true;
}

static void readable(struct bufferevent *bev, void *arg)
{
	struct vici *vici = arg;
	CLEANUP(loop_measure_end)
	UNUSED struct loop_measure measure = loop_measure(vici->loop, "vici");

	vici->is_busy = true;
	while (!vici->is_dead && !vici->is_ended && take_one(vici, bufferevent_get_input(bev)))
		;
	(void)leave(vici);
}

static void on_event(struct bufferevent *bev, short events, void *arg)
{
	struct vici *vici = arg;

	(void)bev;
	if (!(events & (BEV_EVENT_EOF | BEV_EVENT_ERROR)))
		return;
	vici->is_busy = true;
	end(vici, events & BEV_EVENT_EOF ? "closed by charon" : strerror(errno));
	(void)leave(vici);
}

struct vici *vici_open(struct loop *loop, const char *path, const struct vici_ops *ops, void *arg,
		       struct err *err)
{
	CLEANUP(fd_cleanup) int fd = ipc_connect(path, err);
	struct vici *vici;

	if (fd < 0)
		return NULL;
	vici = calloc(1, sizeof(*vici));
	if (!vici)
		abort();
	*vici = (struct vici){ .loop = loop, .ops = *ops, .arg = arg };
	vici->bev = bufferevent_socket_new(loop_base(loop), fd_take(&fd), BEV_OPT_CLOSE_ON_FREE);
	if (!vici->bev)
		abort();
	bufferevent_setcb(vici->bev, readable, NULL, on_event, vici);
	(void)bufferevent_enable(vici->bev, EV_READ | EV_WRITE);
	return vici;
}

void vici_free(struct vici *vici)
{
	struct request *request, *next;

	if (!vici)
		return;
	LL_FOREACH_SAFE(vici->requests, request, next)
	{
		request_free(request);
	}
	vici->requests = NULL;
	bufferevent_free(vici->bev);
	vici->is_dead = vici->is_ended = true;
	if (!vici->is_busy)
		free(vici);
}
