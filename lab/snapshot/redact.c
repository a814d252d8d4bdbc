/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/redact.h"

#include "lab/base/arena.h"
#include "lab/base/cleanup.h"
#include "lab/base/secret.h"
#include "lab/base/text_file.h"
#include "lab/yaml/doc.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MARK "REDACTED"

/* The different keys, in the order in which they were found: the first is REDACTED-1. */
struct keys {
	struct arena *arena;
	const char **items;
	size_t count;
};

static size_t number_of(struct keys *keys, const char *value)
{
	for (size_t i = 0; i < keys->count; i++)
		if (!strcmp(keys->items[i], value))
			return i + 1;
	*ARENA_PUSH(keys->arena, keys->items, keys->count) = arena_strdup(keys->arena, value);
	return keys->count;
}

/* ---- words ---- */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* Does the key stand there, and nothing of a longer word with it? */
static bool stands_at(const char *text, size_t at, size_t len, const char *key)
{
	size_t size = strlen(key);

	return at + size <= len && !memcmp(text + at, key, size) &&
	       !(at && is_word(text[at - 1]) && is_word(*key)) &&
	       !(at + size < len && is_word(text[at + size]) && is_word(key[size - 1]));
}

/* Behind `shared_key:`, `shared_key =` or `.../shared_key `: the value, to *ret_end; else 0. */
static size_t value_behind(const char *text, size_t at, const char *key, size_t len,
			   size_t *ret_end)
{
	bool is_path = at && text[at - 1] == '/';
	size_t i = at + strlen(key), start;
	char quote = '\0';

	i += i < len && (text[i] == '"' || text[i] == '\'');
	is_path &= i < len && (text[i] == ' ' || text[i] == '\t');
	while (i < len && (text[i] == ' ' || text[i] == '\t'))
		i++;
	if (i < len && (text[i] == ':' || text[i] == '='))
		i++;
	else if (!is_path)
		return 0;
	while (i < len && (text[i] == ' ' || text[i] == '\t'))
		i++;
	if (i < len && (text[i] == '"' || text[i] == '\''))
		quote = text[i++];
	start = i;
	while (i < len && (quote ? text[i] != quote : !strchr(" \t\r\n,}])\"'#", text[i])))
		i++;
	*ret_end = i;
	return i > start ? start : 0;
}

/* A text that is no YAML: known keys, and what is said to be one. True when something was found. */
static bool put_words(const struct keys *keys, const char *text, size_t len, FILE *out)
{
	bool is_found = false;
	size_t i = 0;

	while (i < len) {
		const char *key = secret_at(text + i, len - i);
		size_t n = 0, start, end;

		while (n < keys->count && !stands_at(text, i, len, keys->items[n]))
			n++;
		if (n < keys->count) {
			(void)fprintf(out, MARK "-%zu", n + 1);
			i += strlen(keys->items[n]);
			is_found = true;
		} else if (key && (start = value_behind(text, i, key, len, &end)) &&
			   strncmp(text + start, MARK, strlen(MARK)) != 0) {
			(void)fprintf(out, "%.*s" MARK, (int)(start - i), text + i);
			i = end;
			is_found = true;
		} else {
			(void)fputc(text[i++], out);
		}
	}
	return is_found;
}

/* ---- YAML ---- */

/* A scalar where it stands; those that are keys to be hidden have a number. */
struct span {
	size_t start, end;
	size_t number;
};

struct spans {
	struct span *items;
	size_t count;
};

static void find_spans(const struct doc_node *node, bool is_secret, struct keys *keys,
		       struct spans *spans)
{
	if (node->kind == DOC_SCALAR) {
		*ARENA_PUSH(keys->arena, spans->items, spans->count) =
			(struct span){ node->start, node->end,
				       is_secret && !doc_is_empty(node) && *node->value
					       ? number_of(keys, node->value)
					       : 0 };
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		if (node->kind == DOC_MAP)
			find_spans(node->pairs[i].key, false, keys, spans);
		find_spans(doc_child(node, i),
			   node->kind == DOC_MAP && secret_is_key(node->pairs[i].key->value), keys,
			   spans);
	}
}

static int compare_spans(const void *a, const void *b)
{
	const struct span *one = a, *other = b;

	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	return (one->number < other->number) - (one->number > other->number);
}

/* What stands between values: of its comments the words are looked at. */
static void put_between(const struct keys *keys, const char *text, size_t len, FILE *out)
{
	while (len) {
		const char *hash = memchr(text, '#', len), *end;
		size_t before = hash ? (size_t)(hash - text) : len;

		(void)fwrite(text, 1, before, out);
		text += before;
		len -= before;
		end = len ? memchr(text, '\n', len) : NULL;
		before = end ? (size_t)(end - text) : len;
		(void)put_words(keys, text, before, out);
		text += before;
		len -= before;
	}
}

/* In the quotes it had, behind its anchor, and with the line's end that belongs to it. */
static void put_mark(const struct span *span, const char *text, FILE *out)
{
	const char *at = text + span->start, *end = text + span->end;
	const char *value = at;

	if (*at == '&')
		while (value < end && !isspace((unsigned char)*value))
			value++;
	while (value < end && isspace((unsigned char)*value))
		value++;
	(void)fprintf(out, "%.*s", (int)(value - at), at);
	if (value < end && (*value == '"' || *value == '\''))
		(void)fprintf(out, "%c" MARK "-%zu%c", *value, span->number, *value);
	else
		(void)fprintf(out, MARK "-%zu", span->number);
	if (end > value && end[-1] == '\n')
		(void)fputc('\n', out);
}

/* The same tree but for the keys, which are marks in the other one. */
static bool is_same_but_keys(const struct doc_node *a, const struct doc_node *b, bool is_secret)
{
	if (a->kind != b->kind || a->count != b->count)
		return false;
	if (a->kind == DOC_SCALAR)
		return is_secret && !doc_is_empty(a) && *a->value
			       ? !strncmp(b->value, MARK "-", strlen(MARK "-"))
			       : !strcmp(a->value, b->value);
	for (size_t i = 0; i < a->count; i++) {
		const char *key = a->kind == DOC_MAP ? a->pairs[i].key->value : NULL;

		if ((key && strcmp(key, b->pairs[i].key->value) != 0) ||
		    !is_same_but_keys(doc_child(a, i), doc_child(b, i), key && secret_is_key(key)))
			return false;
	}
	return true;
}

static bool is_good(const struct doc *before, const char *text, size_t len, const char *file)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct doc *after = doc_parse(text, len, file, &diags);
	bool is_same = after && is_same_but_keys(doc_root(before), doc_root(after), false);

	doc_free(after);
	return is_same;
}

static char *redact_yaml(struct keys *keys, const char *text, size_t len, const char *file,
			 struct err *err)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct doc *doc = doc_parse(text, len, file, &diags);
	struct spans spans = { 0 };
	struct text_file result;
	size_t at = 0;
	char *out = NULL;

	if (doc)
		find_spans(doc_root(doc), false, keys, &spans);
	if (spans.count)
		qsort(spans.items, spans.count, sizeof(*spans.items), compare_spans);
	(void)text_open(&result);
	for (size_t i = 0; i < spans.count; i++) {
		const struct span *span = &spans.items[i];

		if (span->start < at) /* an alias of what was written already */
			continue;
		put_between(keys, text + at, span->start - at, result.out);
		if (span->number)
			put_mark(span, text, result.out);
		else
			(void)fwrite(text + span->start, 1, span->end - span->start, result.out);
		at = span->end;
	}
	put_between(keys, text + at, len - at, result.out);
	out = text_close(&result);
	if (!doc || !is_good(doc, out, result.len, file)) {
		free(out);
		out = NULL;
		err_set(err, -EINVAL,
			"%s: its pre-shared keys cannot be taken out without changing the rest",
			file);
	}
	doc_free(doc);
	return out;
}

char *redact_lab_file(const char *text, size_t len, const char *file, struct err *err)
{
	struct keys keys = { .arena = arena_new() };
	char *out = redact_yaml(&keys, text, len, file, err);

	arena_free(keys.arena);
	return out;
}

/* ---- topics ---- */

/* What a change sets, or what stood there: YAML on one line. */
static int redact_value(struct keys *keys, json_t *change, const char *member, struct err *err)
{
	const char *value = json_string_value(json_object_get(change, member));
	const char *path = json_string_value(json_object_get(change, "path"));
	const char *key = path && secret_is_key(path) ? "shared_key" : "v";
	CLEANUP(free_cleanup) char *text = NULL;
	CLEANUP(free_cleanup) char *out = NULL;
	size_t behind = strlen(key) + strlen(": ");
	int len;

	if (!value)
		return 0;
	len = asprintf(&text, "%s: %s", key, value);
	if (len < 0)
		abort();
	out = redact_yaml(keys, text, (size_t)len, path ? path : "change", err);
	if (!out)
		return err->code;
	(void)json_object_set_new(change, member, json_string(out + behind));
	return 0;
}

static bool may_have(const struct keys *keys, const char *text)
{
	bool may = secret_is_named(text);

	for (size_t i = 0; i < keys->count && !may; i++)
		may = strstr(text, keys->items[i]);
	return may;
}

/* A name that is equal to a key stays: it is no secret, and other topics have it too. */
static void redact_text(const struct keys *keys, json_t *json)
{
	const char *text = json_string_value(json);
	CLEANUP(free_cleanup) char *out = NULL;
	struct text_file result;
	bool is_found;

	for (size_t i = 0; i < keys->count; i++)
		if (!strcmp(text, keys->items[i]))
			return;
	if (!may_have(keys, text)) /* as nearly all */
		return;
	(void)text_open(&result);
	is_found = put_words(keys, text, json_string_length(json), result.out);
	out = text_close(&result);
	if (is_found)
		(void)json_string_setn(json, out, result.len);
}

static void redact_texts(const struct keys *keys, json_t *json)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_string(json))
		redact_text(keys, json);
	json_object_foreach(json, key, item) {
		redact_texts(keys, item);
	}
	json_array_foreach(json, i, item) {
		redact_texts(keys, item);
	}
}

static int redact_file_topic(struct keys *keys, json_t *topic, struct err *err)
{
	const char *name = json_string_value(json_object_get(topic, "file"));
	json_t *text = json_object_get(topic, "text"), *change;
	CLEANUP(free_cleanup) char *out = NULL;
	size_t i;

	/* first: comments of the file may name them */
	json_array_foreach(json_object_get(topic, "changes"), i, change)
		if (redact_value(keys, change, "value", err) ||
		    redact_value(keys, change, "old", err))
			return err->code;
	if (json_is_string(text)) {
		out = redact_yaml(keys, json_string_value(text), json_string_length(text),
				  name ? name : "lab file", err);
		if (!out)
			return err->code;
		(void)json_object_set_new(topic, "text", json_string(out));
	}
	return 0;
}

int redact_topics(json_t *topics, size_t *ret_count, struct err *err)
{
	json_t *file = json_object_get(topics, "file"), *topic;
	struct keys keys = { .arena = arena_new() };
	const char *name;
	int rc = redact_file_topic(&keys, file, err);

	json_object_foreach(topics, name, topic) {
		if (!rc && topic != file)
			redact_texts(&keys, topic);
	}
	*ret_count = keys.count;
	arena_free(keys.arena);
	return rc;
}
