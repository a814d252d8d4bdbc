/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What a supervisor and the agent in a guest tell each other: frames on one virtio-serial port.
 * A frame is a header (type, lane, length and channel, little-endian) and its payload. Channels are
 * numbered by the supervisor. A lane is one direction of bytes within a channel: at most
 * FRAME_WINDOW of them are sent before the other side acknowledged some.
 *
 * Either side may begin anew in the middle of the other's frame. So what begins sends as many bytes
 * of padding as the longest frame has, and then its greeting: that ends what was cut off.
 */
#include "lab/base/ip.h"
#include "netns/loop/loop.h"

#define FRAME_VERSION     2
#define FRAME_PORT        "org.hublab.agent.0" /* the port's name, at both ends */
#define FRAME_HEADER_SIZE 8u
#define FRAME_PAYLOAD_MAX 4096u
#define FRAME_WINDOW      32768u

enum frame_type {
	FRAME_PAD,   /* one byte, no frame */
	FRAME_HELLO, /* struct frame_hello */
	/* supervisor to guest: they begin a channel */
	FRAME_STREAM, /* the path of a UNIX socket */
	FRAME_RUN,    /* the words of a command, each with its NUL */
	FRAME_PINGER, /* struct frame_pinger */
	FRAME_FETCH,  /* struct frame_fetch */
	/* supervisor to guest: the channel is forgotten, whatever it does */
	FRAME_CLOSE,
	/* guest to supervisor: the channel's end, struct frame_closed; it is forgotten */
	FRAME_CLOSED,
	/* both ways */
	FRAME_DATA,
	FRAME_END, /* of the lane */
	FRAME_ACK, /* of bytes of a lane that the other one sent: uint32_t */
	/* within a pinger */
	FRAME_ECHO,   /* to the guest: struct frame_echo */
	FRAME_ECHOED, /* from it: struct frame_echoed */
	FRAME_UNSENT, /* from it: struct frame_unsent */
	/* within a fetch, before it is closed: struct frame_fetched */
	FRAME_FETCHED,
	/* to a program: struct frame_signal */
	FRAME_SIGNAL,
	FRAME_TYPES
};

enum frame_lane {
	FRAME_LANE_IN,  /* to the guest: a socket, a standard input */
	FRAME_LANE_OUT, /* from it: a socket, a standard output */
	FRAME_LANE_ERR, /* from it: a standard error output */
	FRAME_LANES
};

struct frame {
	enum frame_type type;
	enum frame_lane lane;
	uint32_t channel;
	uint32_t len;
	const uint8_t *payload; /* borrowed; aligned to nothing */
};

/* ---- payloads: both ends are made from this file, for the same kind of processor ---- */

#define FRAME_MAGIC "hublabVM" /* without its NUL */

struct frame_hello {
	char magic[8];
	uint32_t version, zero;
	/* The guest says again what the supervisor said last; 0 when nobody spoke to it yet. */
	uint64_t nonce;
};

/* `code`: of a command its exit code, 128 and the signal that ended it; else 0 or a negative errno.
 */
struct frame_closed {
	int32_t code;
};

/* For the program and all that it started; 1 to FRAME_SIGNAL_MAX. */
#define FRAME_SIGNAL_MAX 31
struct frame_signal {
	uint32_t number;
};

struct frame_pinger {
	uint32_t owner; /* netns/probe/icmp.h */
};

struct frame_echo {
	uint32_t probe;
	uint16_t flow, sequence;
	uint16_t bytes, dont_fragment; /* as struct icmp_echo has them */
	struct ip to;
};

struct frame_echoed {
	uint32_t probe, ttl;
	uint16_t sequence, zero[3];
	uint64_t sent_ns, received_ns; /* CLOCK_REALTIME of the guest, by its kernel */
};

struct frame_unsent {
	uint32_t probe;
	int32_t error; /* errno */
	uint16_t sequence;
};

struct frame_fetch {
	uint32_t is_udp; /* a datagram, and who answers */
	uint32_t port;   /* of TCP: 0 is GET / */
	uint32_t timeout_ms;
	struct ip to;
};

/* struct http_result, of netns/probe/http.h */
struct frame_fetched {
	uint32_t is_connected;
	int32_t error;
	int64_t status;
	double total_ms;
	char body[80], why[96];
};

/* ---- sending ---- */

/* At most FRAME_PAYLOAD_MAX bytes. */
void frame_send(struct loop_stream *port, enum frame_type type, enum frame_lane lane,
		uint32_t channel, const void *payload, size_t len);
/* What a side says first, after padding. */
void frame_greet(struct loop_stream *port, uint64_t nonce);

/* ---- receiving ---- */

/* Zeroed it is at the beginning. It holds at most one frame. */
struct frame_decoder {
	uint8_t bytes[FRAME_HEADER_SIZE + FRAME_PAYLOAD_MAX];
	size_t count;
};

/* False when the frame is not as it should be: no more is decoded. */
typedef bool frame_fn(void *arg, const struct frame *frame);
/*
 * Bytes in pieces of any length. False when they are no frames, or `fn` said so; then the decoder
 * is at the beginning again.
 */
bool frame_decode(struct frame_decoder *decoder, const void *bytes, size_t len, frame_fn *fn,
		  void *arg);

/* The payload as the struct that it should be; false when its size is another. */
bool frame_take(const struct frame *frame, void *ret_payload, size_t size);
/* Is it a greeting of this version? `*ret_version` also of another; 0 when it is none. */
bool frame_take_hello(const struct frame *frame, uint64_t *ret_nonce, uint32_t *ret_version);
