/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Messages of vici, the protocol by which strongSwan's charon is configured and asked: sections,
 * lists and values, each with a name. Only their bytes; netns/daemon/vici.h carries them.
 */
#include "lab/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One that is being written. Zeroed at first; what it holds is freed by fini. */
struct vici_writer {
	uint8_t *bytes;
	size_t len, capacity;
};

void vici_writer_fini(struct vici_writer *writer);
void vici_writer_cleanup(struct vici_writer *writer); /* for CLEANUP() */

/* Names are cut to the 255 bytes that they may have, values to 65535. */
void vici_begin_section(struct vici_writer *writer, const char *name);
void vici_end_section(struct vici_writer *writer);
void vici_put(struct vici_writer *writer, const char *name, const char *fmt, ...) PRINTF(3, 4);
/* A list of one value: most have no more. */
void vici_put_list(struct vici_writer *writer, const char *name, const char *value);

enum vici_element {
	VICI_MESSAGE_END,
	VICI_SECTION_START,
	VICI_SECTION_END,
	VICI_KEY_VALUE,
	VICI_LIST_START,
	VICI_LIST_ITEM,
	VICI_LIST_END,
};

#define VICI_DEPTH_MAX  16
#define VICI_VALUE_SIZE 256

struct vici_reader {
	const uint8_t *bytes; /* borrowed */
	size_t len, at;
	unsigned depth; /* sections that are open */
	bool is_in_list;
};

struct vici_item {
	enum vici_element element;
	char name[256];              /* of a section, list or value */
	char value[VICI_VALUE_SIZE]; /* cut, when it is longer; no byte of it is zero */
};

struct vici_reader vici_reader_of(const void *bytes, size_t len); /* the bytes are borrowed */
/*
 * The next item of a message; VICI_MESSAGE_END behind the last one. False when the bytes are no
 * message: cut off, unbalanced, or too deep.
 */
bool vici_read(struct vici_reader *reader, struct vici_item *item);

/* The value of that name outside of all sections; "" when there is none. False: no message. */
bool vici_find(const void *bytes, size_t len, const char *name, char value[VICI_VALUE_SIZE]);

/* ---- what charon says of a tunnel ---- */

#define VICI_CHILDREN_MAX 8 /* of one IKE_SA; while they are renewed there is more than one */

struct vici_child {
	uint64_t unique_id;
	char state[24];     /* INSTALLED, ... */
	char proposal[100]; /* AES_CBC-256/HMAC_SHA2_256_128 */
	char spi_in[12], spi_out[12];
	uint64_t bytes_in, packets_in, bytes_out, packets_out;
};

/* An IKE_SA, of a list-sa event. */
struct vici_sa {
	char name[256];
	char state[24]; /* ESTABLISHED, ... */
	bool is_initiator;
	uint64_t established_s; /* ago */
	char proposal[120];     /* AES_CBC-256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_1024 */
	struct vici_child children[VICI_CHILDREN_MAX];
	size_t child_count;
};

/* False when the message is none about an SA. */
bool vici_sa_read(const void *bytes, size_t len, struct vici_sa *sa);
