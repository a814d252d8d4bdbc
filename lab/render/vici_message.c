/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/vici_message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES  255
#define VALUE_MAX_BYTES 65535

/* ---- writing ---- */

void vici_writer_fini(struct vici_writer *writer)
{
	free(writer->bytes);
	*writer = (struct vici_writer){ 0 };
}

void vici_writer_cleanup(struct vici_writer *writer)
{
	vici_writer_fini(writer);
}

static void append(struct vici_writer *w, const void *bytes, size_t len)
{
	if (w->len + len > w->capacity) {
		w->capacity = (w->len + len) * 2;
		w->bytes = realloc(w->bytes, w->capacity);
		if (!w->bytes)
			abort();
	}
	memcpy(w->bytes + w->len, bytes, len);
	w->len += len;
}

static void append_element(struct vici_writer *w, enum vici_element element)
{
	uint8_t byte = (uint8_t)element;

	append(w, &byte, 1);
}

static void append_name(struct vici_writer *w, const char *name)
{
	size_t len = strnlen(name, NAME_MAX_BYTES);
	uint8_t byte = (uint8_t)len;

	append(w, &byte, 1);
	append(w, name, len);
}

static void append_value(struct vici_writer *w, const char *value)
{
	size_t len = strnlen(value, VALUE_MAX_BYTES);
	uint8_t bytes[2] = { (uint8_t)(len >> 8), (uint8_t)len };

	append(w, bytes, sizeof(bytes));
	append(w, value, len);
}

void vici_begin_section(struct vici_writer *w, const char *name)
{
	append_element(w, VICI_SECTION_START);
	append_name(w, name);
}

void vici_end_section(struct vici_writer *w)
{
	append_element(w, VICI_SECTION_END);
}

void vici_put(struct vici_writer *w, const char *name, const char *fmt, ...)
{
	char *value;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&value, fmt, args) < 0)
		abort();
	va_end(args);
	append_element(w, VICI_KEY_VALUE);
	append_name(w, name);
	append_value(w, value);
	free(value);
}

void vici_put_list(struct vici_writer *w, const char *name, const char *value)
{
	append_element(w, VICI_LIST_START);
	append_name(w, name);
	append_element(w, VICI_LIST_ITEM);
	append_value(w, value);
	append_element(w, VICI_LIST_END);
}

/* ---- reading ---- */

struct vici_reader vici_reader_of(const void *bytes, size_t len)
{
	return (struct vici_reader){ .bytes = bytes, .len = len };
}

/* Text with a length of so many bytes before it; bytes that are zero become blanks. */
static bool read_text(struct vici_reader *r, unsigned length_bytes, char *text, size_t size)
{
	size_t len = 0, kept;

	if (r->len - r->at < length_bytes)
		return false;
	for (unsigned i = 0; i < length_bytes; i++)
		len = len << 8 | r->bytes[r->at++];
	if (r->len - r->at < len)
		return false;
	kept = len < size ? len : size - 1;
	for (size_t i = 0; i < kept; i++)
		text[i] = r->bytes[r->at + i] ? (char)r->bytes[r->at + i] : ' ';
	text[kept] = '\0';
	r->at += len;
	return true;
}

static bool read_name(struct vici_reader *r, struct vici_item *item)
{
	return read_text(r, 1, item->name, sizeof(item->name));
}

static bool read_value(struct vici_reader *r, struct vici_item *item)
{
	return read_text(r, 2, item->value, sizeof(item->value));
}

static bool begin_list(struct vici_reader *r)
{
	if (r->is_in_list)
		return false;
	r->is_in_list = true;
	return true;
}

static bool end_list(struct vici_reader *r)
{
	bool was_in_list = r->is_in_list;

	r->is_in_list = false;
	return was_in_list;
}

bool vici_read(struct vici_reader *r, struct vici_item *item)
{
	*item->name = *item->value = '\0';
	item->element = VICI_MESSAGE_END;
	if (r->at == r->len)
		return !r->depth && !r->is_in_list;
	item->element = (enum vici_element)r->bytes[r->at++];
	switch (item->element) {
	case VICI_SECTION_START:
		return !r->is_in_list && ++r->depth <= VICI_DEPTH_MAX && read_name(r, item);
	case VICI_SECTION_END:
		return !r->is_in_list && r->depth-- > 0;
	case VICI_KEY_VALUE:
		return !r->is_in_list && read_name(r, item) && read_value(r, item);
	case VICI_LIST_START:
		return begin_list(r) && read_name(r, item);
	case VICI_LIST_ITEM:
		return r->is_in_list && read_value(r, item);
	case VICI_LIST_END:
		return end_list(r);
	case VICI_MESSAGE_END:
		break;
	}
	return false; /* no such element */
}

bool vici_find(const void *bytes, size_t len, const char *name, char value[VICI_VALUE_SIZE])
{
	struct vici_reader r = vici_reader_of(bytes, len);
	struct vici_item item;

	*value = '\0';
	while (vici_read(&r, &item)) {
		if (item.element == VICI_MESSAGE_END)
			return true;
		if (item.element == VICI_KEY_VALUE && !r.depth && !strcmp(item.name, name))
			memcpy(value, item.value, VICI_VALUE_SIZE);
	}
	*value = '\0';
	return false;
}

/* ---- what charon says of a tunnel ---- */

/* Algorithms come one by one, in the order of a proposal. */
static PRINTF(3, 4) void extend(char *text, size_t size, const char *fmt, ...)
{
	size_t len = strlen(text);
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text + len, size - len, fmt, args);
	va_end(args);
}

static void read_algorithm(const struct vici_item *item, char *proposal, size_t size)
{
	static const char *const names[] = { "encr-alg", "integ-alg", "prf-alg", "dh-group" };

	if (!strcmp(item->name, "encr-keysize"))
		extend(proposal, size, "-%s", item->value);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(item->name, names[i]))
			extend(proposal, size, "%s%s", *proposal ? "/" : "", item->value);
}

static void read_ike_value(struct vici_sa *sa, const struct vici_item *item)
{
	if (!strcmp(item->name, "state"))
		(void)snprintf(sa->state, sizeof(sa->state), "%.23s", item->value);
	else if (!strcmp(item->name, "initiator"))
		sa->is_initiator = !strcmp(item->value, "yes");
	else if (!strcmp(item->name, "established"))
		sa->established_s = strtoull(item->value, NULL, 10);
	else
		read_algorithm(item, sa->proposal, sizeof(sa->proposal));
}

static void read_child_value(struct vici_child *child, const struct vici_item *item)
{
	const struct {
		const char *name;
		uint64_t *number;
	} numbers[] = { { "uniqueid", &child->unique_id },
			{ "bytes-in", &child->bytes_in },
			{ "packets-in", &child->packets_in },
			{ "bytes-out", &child->bytes_out },
			{ "packets-out", &child->packets_out } };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (!strcmp(item->name, numbers[i].name))
			*numbers[i].number = strtoull(item->value, NULL, 10);
	if (!strcmp(item->name, "state"))
		(void)snprintf(child->state, sizeof(child->state), "%.23s", item->value);
	else if (!strcmp(item->name, "spi-in"))
		(void)snprintf(child->spi_in, sizeof(child->spi_in), "%.11s", item->value);
	else if (!strcmp(item->name, "spi-out"))
		(void)snprintf(child->spi_out, sizeof(child->spi_out), "%.11s", item->value);
	else
		read_algorithm(item, child->proposal, sizeof(child->proposal));
}

enum {
	IN_IKE = 1,
	IN_CHILDREN = 2,
	IN_CHILD = 3
}; /* sections that are open */

bool vici_sa_read(const void *bytes, size_t len, struct vici_sa *sa)
{
	struct vici_reader r = vici_reader_of(bytes, len);
	struct vici_child *child = NULL;
	struct vici_item item;

	*sa = (struct vici_sa){ 0 };
	while (vici_read(&r, &item)) {
		if (item.element == VICI_MESSAGE_END)
			return *sa->state != '\0';
		if (item.element == VICI_SECTION_START && r.depth == IN_IKE)
			memcpy(sa->name, item.name, sizeof(sa->name));
		if (item.element == VICI_SECTION_START && r.depth == IN_CHILD)
			child = sa->child_count < VICI_CHILDREN_MAX
					? &sa->children[sa->child_count++]
					: NULL;
		if (item.element == VICI_KEY_VALUE && r.depth == IN_IKE)
			read_ike_value(sa, &item);
		if (item.element == VICI_KEY_VALUE && r.depth == IN_CHILD && child)
			read_child_value(child, &item);
	}
	return false;
}
