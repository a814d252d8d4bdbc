/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/yaml/doc.h"

#include "lab/base/arena.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uthash.h>
#include <yaml.h>

#define DEPTH_MAX 32

struct doc {
	struct arena *arena;
	struct doc_node *root;
};

struct anchor {
	const char *name;
	struct doc_node *node; /* NULL while it is being read: an alias to it would be a loop */
	UT_hash_handle hh;
};

struct reader {
	struct doc *doc;
	yaml_parser_t parser;
	const char *text, *file;
	size_t len, skipped; /* bytes behind and of the byte order mark */
	size_t *byte_of;     /* of each character, when some have several bytes; else NULL */
	size_t char_count, weight;
	struct anchor *anchors;
	struct diags *diags;
};

static struct src_pos pos_of(const struct reader *r, yaml_mark_t mark)
{
	return (struct src_pos){ r->file, (unsigned)mark.line + 1, (unsigned)mark.column + 1 };
}

/* libyaml counts characters; edits need bytes. */
static size_t byte_of(const struct reader *r, yaml_mark_t mark)
{
	size_t at = mark.index < r->char_count ? mark.index : r->char_count;

	return r->skipped + (r->byte_of ? r->byte_of[at] : at);
}

static bool is_character_start(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

static void index_characters(struct reader *r)
{
	for (size_t i = 0; i < r->len; i++)
		r->char_count += is_character_start(r->text[i]);
	if (r->char_count == r->len)
		return;
	r->byte_of = arena_alloc(r->doc->arena, (r->char_count + 1) * sizeof(*r->byte_of));
	for (size_t i = 0, n = 0; i < r->len; i++)
		if (is_character_start(r->text[i]))
			r->byte_of[n++] = i;
	r->byte_of[r->char_count] = r->len;
}

/* What else the file may be written in; NULL when that cannot be guessed. */
static const char *other_encoding(const struct reader *r)
{
	const unsigned char *text = (const unsigned char *)r->text;

	if (r->len < 2)
		return NULL;
	if (r->len >= 4 && ((!text[0] && !text[1]) || (!text[2] && !text[3])))
		return "UTF-32";
	if ((text[0] == 0xff && text[1] == 0xfe) || (text[0] == 0xfe && text[1] == 0xff) ||
	    !text[0] || !text[1])
		return "UTF-16";
	return NULL;
}

/* Where libyaml found bytes that are none of UTF-8, or characters that YAML does not allow. */
static void encoding_error(struct reader *r)
{
	const char *other = other_encoding(r);
	bool is_control = strstr(r->parser.problem, "control") != NULL;
	unsigned line = 1, col = 1;
	struct diag *diag;

	for (size_t i = 0; i < r->parser.problem_offset && i < r->len; i++) {
		char c = r->text[i];
		bool is_crlf = c == '\r' && i + 1 < r->len && r->text[i + 1] == '\n';
		bool is_end = c == '\n' || (c == '\r' && !is_crlf);

		line += is_end;
		/* a line with a control character is UTF-8, any other is counted in bytes */
		col = is_end ? 1 : col + (!is_control || is_character_start(c));
	}
	if (is_control && !other)
		diag = diag_add(r->diags, DIAG_ENCODING, (struct src_pos){ r->file, line, col },
				"the file has a control character: byte 0x%02x",
				(unsigned char)r->text[r->parser.problem_offset]);
	else
		diag = diag_add(r->diags, DIAG_ENCODING, (struct src_pos){ r->file, line, col },
				"the file is not UTF-8: %s",
				is_control ? "it has NUL bytes" : r->parser.problem);
	if (other)
		diag_hint(r->diags, diag, "it looks like %s: save it as UTF-8", other);
}

static void syntax_error(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	struct src_pos pos = pos_of(r, p->problem_mark);
	struct diag *diag;

	if (p->error == YAML_READER_ERROR) {
		encoding_error(r);
		return;
	}
	diag = diag_add(r->diags, DIAG_SYNTAX, pos, "%s%s%s", p->context ? p->context : "",
			p->context ? ": " : "", p->problem ? p->problem : "cannot be read");
	if (byte_of(r, p->problem_mark) < r->skipped + r->len &&
	    r->text[byte_of(r, p->problem_mark) - r->skipped] == '\t')
		diag_hint(r->diags, diag, "indent with spaces: YAML does not allow tabs there");
	else if (p->context && p->context_mark.line + 1 != pos.line)
		diag_hint(r->diags, diag, "it began on line %zu", p->context_mark.line + 1);
	if (p->context && p->context_mark.index != p->problem_mark.index)
		diag->also = pos_of(r, p->context_mark);
}

/* False at a syntax error, which is recorded. */
static bool next_event(struct reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event))
		return true;
	syntax_error(r);
	return false;
}

static struct doc_node *node_new(struct reader *r, enum doc_kind kind, const yaml_event_t *event)
{
	struct doc_node *node = arena_alloc(r->doc->arena, sizeof(*node));

	node->kind = kind;
	node->pos = pos_of(r, event->start_mark);
	node->start = byte_of(r, event->start_mark);
	node->end = byte_of(r, event->end_mark);
	node->weight = 1;
	return node;
}

static struct anchor *anchor_set(struct reader *r, const yaml_char_t *name)
{
	struct anchor *anchor = NULL;

	if (!name)
		return NULL;
	HASH_FIND_STR(r->anchors, (const char *)name, anchor);
	if (!anchor) {
		anchor = arena_alloc(r->doc->arena, sizeof(*anchor));
		anchor->name = arena_strdup(r->doc->arena, (const char *)name);
		HASH_ADD_KEYPTR(hh, r->anchors, anchor->name, strlen(anchor->name), anchor);
	}
	anchor->node = NULL;
	return anchor;
}

static void reject_tag(struct reader *r, const yaml_char_t *tag, yaml_mark_t mark)
{
	if (tag)
		diag_add(r->diags, DIAG_NOT_ALLOWED, pos_of(r, mark), "tag '%s' is not allowed",
			 (const char *)tag);
}

static struct doc_node *read_node(struct reader *r, const yaml_event_t *event, unsigned depth);

static struct doc_node *read_scalar(struct reader *r, const yaml_event_t *event)
{
	struct doc_node *node = node_new(r, DOC_SCALAR, event);
	const char *value = (const char *)event->data.scalar.value;
	struct anchor *anchor = anchor_set(r, event->data.scalar.anchor);

	reject_tag(r, event->data.scalar.tag, event->start_mark);
	if (memchr(value, '\0', event->data.scalar.length)) {
		diag_add(r->diags, DIAG_ENCODING, node->pos, "a value contains a NUL byte");
		return NULL;
	}
	node->value = arena_strndup(r->doc->arena, value, event->data.scalar.length);
	node->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (anchor)
		anchor->node = node;
	return node;
}

static struct doc_node *read_alias(struct reader *r, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	struct anchor *anchor = NULL;

	HASH_FIND_STR(r->anchors, name, anchor);
	if (anchor && anchor->node) {
		struct doc_node *node = arena_alloc(r->doc->arena, sizeof(*node));

		*node = *anchor->node; /* its place is the anchor's, its bytes are the alias's */
		node->start = byte_of(r, event->start_mark);
		node->end = byte_of(r, event->end_mark);
		return node;
	}
	diag_add(r->diags, DIAG_UNKNOWN_ALIAS, pos_of(r, event->start_mark),
		 anchor ? "alias '*%s' stands inside its own anchor"
			: "alias '*%s' has no anchor before it",
		 name);
	return NULL;
}

/* Count a child in. False when the tree, aliases counted each time they are used, is too large. */
static bool add_weight(struct reader *r, struct doc_node *parent, const struct doc_node *child)
{
	parent->weight += child->weight;
	if (parent->weight <= DOC_VALUES_MAX)
		return true;
	diag_add(r->diags, DIAG_TOO_LARGE, parent->pos,
		 "more than %d values, with every alias written out", DOC_VALUES_MAX);
	return false;
}

struct key_entry {
	const char *folded; /* in lower case */
	size_t index;       /* of its first pair */
	UT_hash_handle hh;
};

/* Record `key` as the map's next one, and findings about it. False when it was there before. */
static bool add_key(struct reader *r, const struct doc_node *map, const struct doc_node *key,
		    struct key_entry **keys)
{
	char *folded = arena_strdup(r->doc->arena, key->value);
	struct key_entry *entry = NULL;

	if (key->is_plain && !strcmp(key->value, "<<"))
		diag_add(r->diags, DIAG_NOT_ALLOWED, key->pos, "merge key '<<' is not allowed");
	for (char *c = folded; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	HASH_FIND_STR(*keys, folded, entry);
	if (entry) {
		struct diag *diag = diag_add(r->diags, DIAG_DUPLICATE_KEY, key->pos,
					     "key '%s' stands here twice", key->value);

		diag->also = map->pairs[entry->index].key->pos;
		return false;
	}
	entry = arena_alloc(r->doc->arena, sizeof(*entry));
	entry->folded = folded;
	entry->index = map->count;
	HASH_ADD_KEYPTR(hh, *keys, entry->folded, strlen(folded), entry);
	return true;
}

/* A map as it is being read. */
struct map_reader {
	struct doc_node *map;
	struct doc_node *key; /* whose value comes next; NULL when a key comes next */
	bool is_repeated;     /* that key stood there before: its value is passed over */
	struct key_entry *keys;
};

/* One more node of a map, a key or, when there is a key already, its value. */
static bool add_to_map(struct reader *r, struct map_reader *m, struct doc_node *node)
{
	if (m->key) {
		if (!m->is_repeated)
			*ARENA_PUSH(r->doc->arena, m->map->pairs, m->map->count) =
				(struct doc_pair){ .key = m->key, .value = node };
		m->key = NULL;
		return true;
	}
	if (node->kind != DOC_SCALAR) {
		diag_add(r->diags, DIAG_WRONG_SHAPE, node->pos, "a key must be a scalar");
		return false;
	}
	m->is_repeated = !add_key(r, m->map, node, &m->keys);
	m->key = node;
	return true;
}

static struct doc_node *read_map(struct reader *r, const yaml_event_t *start, unsigned depth)
{
	struct doc_node *map = node_new(r, DOC_MAP, start), *node;
	struct map_reader m = { .map = map };
	struct anchor *anchor = anchor_set(r, start->data.mapping_start.anchor);
	bool is_flow = start->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
	bool is_end = false, is_ok = true;
	yaml_event_t event;

	reject_tag(r, start->data.mapping_start.tag, start->start_mark);
	while (is_ok && !is_end && next_event(r, &event)) {
		is_end = event.type == YAML_MAPPING_END_EVENT;
		if (is_end) {
			if (is_flow)
				map->end = byte_of(r, event.end_mark);
		} else {
			node = read_node(r, &event, depth + 1);
			is_ok = node && add_weight(r, map, node) && add_to_map(r, &m, node);
			if (is_ok && !is_flow)
				map->end = node->end;
		}
		yaml_event_delete(&event);
	}
	HASH_CLEAR(hh, m.keys);
	if (!is_end)
		return NULL;
	if (anchor)
		anchor->node = map;
	return map;
}

static struct doc_node *read_list(struct reader *r, const yaml_event_t *start, unsigned depth)
{
	struct doc_node *list = node_new(r, DOC_LIST, start), *node;
	struct anchor *anchor = anchor_set(r, start->data.sequence_start.anchor);
	bool is_flow = start->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	bool is_end = false, is_ok = true;
	yaml_event_t event;

	reject_tag(r, start->data.sequence_start.tag, start->start_mark);
	while (is_ok && !is_end && next_event(r, &event)) {
		is_end = event.type == YAML_SEQUENCE_END_EVENT;
		if (is_end) {
			if (is_flow)
				list->end = byte_of(r, event.end_mark);
		} else {
			node = read_node(r, &event, depth + 1);
			is_ok = node && add_weight(r, list, node);
			if (is_ok)
				*ARENA_PUSH(r->doc->arena, list->items, list->count) = node;
			if (is_ok && !is_flow)
				list->end = node->end;
		}
		yaml_event_delete(&event);
	}
	if (!is_end)
		return NULL;
	if (anchor)
		anchor->node = list;
	return list;
}

/* NULL when reading cannot go on; a finding says why. */
static struct doc_node *read_node(struct reader *r, const yaml_event_t *event, unsigned depth)
{
	if (depth > DEPTH_MAX) {
		diag_add(r->diags, DIAG_TOO_DEEP, pos_of(r, event->start_mark),
			 "values nest more than %d levels deep", DEPTH_MAX);
		return NULL;
	}
	if (++r->weight > DOC_VALUES_MAX) {
		diag_add(r->diags, DIAG_TOO_LARGE, pos_of(r, event->start_mark),
			 "more than %d values", DOC_VALUES_MAX);
		return NULL;
	}
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(r, event);
	case YAML_ALIAS_EVENT:
		return read_alias(r, event);
	case YAML_MAPPING_START_EVENT:
		return read_map(r, event, depth);
	case YAML_SEQUENCE_START_EVENT:
		return read_list(r, event, depth);
	default: /* libyaml's own enum: the parser promises one of the above here */
		return NULL;
	}
}

/* False when there is no tree; a finding says why. */
static bool read_stream(struct reader *r, struct doc_node **ret_root)
{
	bool is_end = false, is_ok = true;
	yaml_event_t event;

	while (is_ok && !is_end && next_event(r, &event)) {
		switch (event.type) {
		case YAML_STREAM_END_EVENT:
			is_end = true;
			break;
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			break;
		case YAML_DOCUMENT_START_EVENT:
			if (!*ret_root)
				break;
			diag_add(r->diags, DIAG_SECOND_DOCUMENT, pos_of(r, event.start_mark),
				 "a second document starts here");
			is_ok = false;
			break;
		default: /* libyaml's own enum: what is left is the root */
			*ret_root = read_node(r, &event, 0);
			is_ok = *ret_root != NULL;
			break;
		}
		yaml_event_delete(&event);
	}
	return is_end;
}

static bool read_root(struct reader *r)
{
	struct doc_node *root = NULL;

	if (!read_stream(r, &root))
		return false;
	if (root && root->kind == DOC_MAP) {
		r->doc->root = root;
		return true;
	}
	if (root)
		diag_add(r->diags, DIAG_EMPTY, root->pos,
			 "a lab file is a mapping of keys to values");
	else
		diag_add(r->diags, DIAG_EMPTY, (struct src_pos){ r->file, 1, 1 },
			 "the file is empty");
	return false;
}

struct doc *doc_parse(const char *text, size_t len, const char *file, struct diags *diags)
{
	struct reader r = { .text = text, .file = file, .len = len, .diags = diags };
	bool is_ok;

	if (len > DOC_BYTES_MAX) {
		diag_add(diags, DIAG_TOO_LARGE, (struct src_pos){ file, 1, 1 },
			 "the file has %zu bytes, the limit is %zu", len, DOC_BYTES_MAX);
		return NULL;
	}
	if (!yaml_parser_initialize(&r.parser))
		abort();
	r.doc = calloc(1, sizeof(*r.doc));
	if (!r.doc)
		abort();
	r.doc->arena = arena_new();
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		r.skipped = 3;
	r.text += r.skipped;
	r.len -= r.skipped;
	index_characters(&r);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)r.text, r.len);
	is_ok = read_root(&r);
	HASH_CLEAR(hh, r.anchors);
	yaml_parser_delete(&r.parser);
	if (is_ok)
		return r.doc;
	doc_free(r.doc);
	return NULL;
}

void doc_free(struct doc *doc)
{
	if (!doc)
		return;
	arena_free(doc->arena);
	free(doc);
}

const struct doc_node *doc_root(const struct doc *doc)
{
	return doc->root;
}

const struct doc_node *doc_child(const struct doc_node *node, size_t at)
{
	return node->kind == DOC_MAP ? node->pairs[at].value : node->items[at];
}

bool doc_is_same(const struct doc_node *a, const struct doc_node *b)
{
	if (a->kind != b->kind || a->count != b->count)
		return false;
	if (a->kind == DOC_SCALAR)
		return !strcmp(a->value, b->value) && a->is_plain == b->is_plain;
	for (size_t i = 0; i < a->count; i++) {
		if (a->kind == DOC_LIST) {
			if (!doc_is_same(a->items[i], b->items[i]))
				return false;
			continue;
		}
		if (strcmp(a->pairs[i].key->value, b->pairs[i].key->value) != 0 ||
		    !doc_is_same(a->pairs[i].value, b->pairs[i].value))
			return false;
	}
	return true;
}

bool doc_is_empty(const struct doc_node *node)
{
	return node->kind == DOC_SCALAR && node->is_plain &&
	       (!*node->value || !strcmp(node->value, "~") || !strcmp(node->value, "null"));
}

const struct doc_node *doc_find(const struct doc_node *map, const char *key)
{
	for (size_t i = 0; i < map->count; i++)
		if (!strcasecmp(map->pairs[i].key->value, key))
			return map->pairs[i].value;
	return NULL;
}
