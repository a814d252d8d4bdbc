/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/yaml/edit.h"

#include "lab/base/cleanup.h"
#include "lab/yaml/doc.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STEPS_MAX     16
#define NESTED_INDENT 2

/* A node and where it hangs: at pairs[at] or items[at] of its parent. */
struct place {
	const struct doc_node *parent, *node;
	size_t at;
};

struct edit {
	const char *text, *file;
	size_t len;
	char *steps[STEPS_MAX]; /* of the path */
	size_t step_count;
	struct place places[STEPS_MAX]; /* those of the steps that are there */
	size_t found;
	const char *value;
	struct err *err;
};

/* What is put in the place of a range. */
struct splice {
	size_t from, to;
	char *text; /* owned */
};

static char *print(const char *fmt, ...) PRINTF(1, 2);

static char *print(const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		abort();
	va_end(args);
	return text;
}

/* ---- the path ---- */

/* "~1" is '/' and "~0" is '~', as in JSON pointers (RFC 6901). */
static void unescape(char *name)
{
	char *to = name;

	for (; *name; name++) {
		bool is_escape = *name == '~' && (name[1] == '0' || name[1] == '1');

		if (is_escape)
			name++;
		*to++ = !is_escape ? *name : *name == '1' ? '/' : '~';
	}
	*to = '\0';
}

static bool split_path(struct edit *e, char *path)
{
	char *rest = NULL;

	for (char *step = strtok_r(path, "/", &rest); step; step = strtok_r(NULL, "/", &rest)) {
		if (e->step_count == STEPS_MAX)
			break;
		unescape(step);
		e->steps[e->step_count++] = step;
	}
	if (e->step_count && !rest[0])
		return true;
	err_set(e->err, -EINVAL, "a path has from 1 to %d names, with / between", STEPS_MAX);
	return false;
}

static bool find_pair(const struct doc_node *map, const char *key, size_t *ret_at)
{
	for (size_t i = 0; i < map->count; i++) {
		if (strcasecmp(map->pairs[i].key->value, key) != 0)
			continue;
		*ret_at = i;
		return true;
	}
	return false;
}

static bool find_item(const struct doc_node *list, const char *step, size_t *ret_at)
{
	char *end;
	unsigned long at = strtoul(step, &end, 10);

	if (*end || !isdigit((unsigned char)*step) || at >= list->count)
		return false;
	*ret_at = at;
	return true;
}

/* As far along the path as there is something. */
static void walk(struct edit *e, const struct doc_node *root)
{
	const struct doc_node *node = root;

	for (; e->found < e->step_count; e->found++) {
		struct place *place = &e->places[e->found];
		size_t at = 0;

		if (node->kind == DOC_MAP && find_pair(node, e->steps[e->found], &at))
			*place = (struct place){ node, node->pairs[at].value, at };
		else if (node->kind == DOC_LIST && find_item(node, e->steps[e->found], &at))
			*place = (struct place){ node, node->items[at], at };
		else
			return;
		node = place->node;
	}
}

/* ---- bytes ---- */

static bool is_flow(const struct edit *e, const struct doc_node *node)
{
	return node->kind != DOC_SCALAR && node->start < e->len &&
	       (e->text[node->start] == '{' || e->text[node->start] == '[');
}

static size_t line_start(const struct edit *e, size_t at)
{
	while (at && e->text[at - 1] != '\n')
		at--;
	return at;
}

/* Behind the end of the line, its newline included. */
static size_t line_end(const struct edit *e, size_t at)
{
	while (at < e->len && e->text[at] != '\n')
		at++;
	return at < e->len ? at + 1 : at;
}

static const char *newline_of(const struct edit *e)
{
	const char *first = memchr(e->text, '\n', e->len);

	return first && first > e->text && first[-1] == '\r' ? "\r\n" : "\n";
}

static bool is_blank_before(const struct edit *e, size_t at)
{
	for (size_t i = line_start(e, at); i < at; i++)
		if (e->text[i] != ' ')
			return false;
	return true;
}

static bool refuse(struct edit *e, const struct doc_node *node, const char *why)
{
	struct src_pos pos = node->pos;

	pos.file = e->file;
	err_at(e->err, pos, -ENOTSUP, "%s: edit it by hand", why);
	return false;
}

/* ---- setting what is there ---- */

/* Where the value of a pair may begin: behind its key and colon. */
static bool behind_colon(struct edit *e, const struct doc_node *key, size_t *ret_at)
{
	size_t at = key->end;

	while (at < e->len && e->text[at] == ' ')
		at++;
	if (at >= e->len || e->text[at] != ':')
		return refuse(e, key, "the key is not followed by its colon");
	*ret_at = at + 1;
	return true;
}

/* An alias is another node's text; what stands here is its name. */
static bool stands_here(struct edit *e, const struct place *place, size_t from)
{
	const struct doc_node *node = place->node;

	if (node->start < from || node->end > place->parent->end)
		return refuse(e, place->parent, "the value is an alias");
	return true;
}

/* A collection that is written in lines ends with its last child, which may end with its line. */
static size_t text_end(const struct edit *e, const struct doc_node *node)
{
	size_t end = node->end;

	while (end > node->start && (e->text[end - 1] == '\n' || e->text[end - 1] == '\r'))
		end--;
	return end;
}

static bool replace_value(struct edit *e, const struct place *place, const char *value,
			  struct splice *out)
{
	size_t from = place->node->start;

	if (place->parent->kind == DOC_MAP &&
	    !behind_colon(e, place->parent->pairs[place->at].key, &from))
		return false;
	if (!stands_here(e, place, from))
		return false;
	out->from = from;
	out->to = text_end(e, place->node);
	if (out->to < from)
		out->to = from;
	out->text = print("%s%s", place->parent->kind == DOC_MAP ? " " : "", value);
	return true;
}

/* ---- making what is not ---- */

static const struct doc_node *begin_of(const struct doc_node *parent, size_t at)
{
	return parent->kind == DOC_MAP ? parent->pairs[at].key : parent->items[at];
}

/* What is missing below the last node that is there: "b: { c: value }". */
static char *nested(const struct edit *e, size_t first)
{
	char *text = print("%s: %s", e->steps[e->step_count - 1], e->value);

	for (size_t i = e->step_count - 1; i-- > first;) {
		char *outer = print("%s: { %s }", e->steps[i], text);

		free(text);
		text = outer;
	}
	return text;
}

/* The same on lines of their own, each deeper than the one before. */
static char *nested_lines(const struct edit *e, size_t first, int indent)
{
	char *text = print("%s", "");

	for (size_t i = first; i < e->step_count; i++) {
		bool is_last = i + 1 == e->step_count;
		char *more = print("%s%*s%s:%s%s", text, i == first ? 0 : indent, "", e->steps[i],
				   is_last ? " " : newline_of(e), is_last ? e->value : "");

		free(text);
		text = more;
		indent += NESTED_INDENT;
	}
	return text;
}

/* Behind the last pair or item in brackets. */
static bool insert_flow(struct edit *e, const struct doc_node *node, const char *text,
			struct splice *out)
{
	if (node->count) {
		size_t begin_end = begin_of(node, node->count - 1)->end;
		size_t end = doc_child(node, node->count - 1)->end;

		out->from = end > begin_end ? end : begin_end;
		if (out->from > node->end || end < node->start)
			return refuse(e, node, "the last value is an alias");
		out->text = print(", %s", text);
	} else {
		out->from = node->start + 1;
		out->text = print(node->kind == DOC_MAP ? " %s " : "%s", text);
	}
	out->to = out->from;
	return true;
}

/* Where lines of a collection begin: at its first key, or at the dash of its first item. */
static bool find_indent(struct edit *e, const struct doc_node *node, int *ret_indent)
{
	size_t at = begin_of(node, 0)->start, start = line_start(e, at);

	if (node->kind == DOC_LIST) {
		while (at > start && e->text[at - 1] != '-')
			at--;
		if (at == start)
			return refuse(e, node, "the first item does not stand behind its dash");
		at--;
	}
	*ret_indent = (int)(at - start);
	return true;
}

/* A line of its own behind the last one, indented as the first is. */
static bool insert_line(struct edit *e, const struct doc_node *node, const char *text,
			struct splice *out)
{
	const struct doc_node *begin = begin_of(node, node->count - 1);
	const struct doc_node *last = doc_child(node, node->count - 1);
	size_t end = text_end(e, node);
	CLEANUP(free_cleanup) char *lines = NULL;
	bool has_newline;
	int indent;

	/* the last value may be nothing at all, or stand elsewhere */
	if (last->end < begin->start || last->end > node->end || last->start < node->start)
		return refuse(e, node, "the last value is an alias");
	if (!find_indent(e, node, &indent))
		return false;
	if (end < begin->end)
		end = begin->end;
	out->from = out->to = line_end(e, end);
	has_newline = out->from && e->text[out->from - 1] == '\n';
	lines = node->kind == DOC_MAP ? nested_lines(e, e->found, indent) : NULL;
	out->text =
		print("%s%*s%s%s%s", has_newline ? "" : newline_of(e), indent, "",
		      lines ? "" : "- ", lines ? lines : text, has_newline ? newline_of(e) : "");
	return true;
}

/* A list takes a new item behind its last one. */
static bool is_next_item(const struct doc_node *list, const char *step)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%zu", list->count);
	return list->kind == DOC_LIST && !strcmp(step, number);
}

/* The new item: the value, or what is missing on the way to it. */
static char *new_item(const struct edit *e)
{
	char *pair, *item;

	if (e->found + 1 == e->step_count)
		return print("%s", e->value);
	pair = nested(e, e->found + 1);
	item = print("{ %s }", pair);
	free(pair);
	return item;
}

static bool insert(struct edit *e, const struct doc_node *root, struct splice *out)
{
	const struct place *place = e->found ? &e->places[e->found - 1] : NULL;
	const struct doc_node *map = place ? place->node : root;
	bool is_item = is_next_item(map, e->steps[e->found]);
	CLEANUP(free_cleanup) char *pair = is_item ? new_item(e) : nested(e, e->found);

	if (map->kind == DOC_SCALAR && map->is_plain && !*map->value && place) {
		CLEANUP(free_cleanup) char *value = print("{ %s }", pair);

		return replace_value(e, place, value, out);
	}
	if (map->kind != DOC_MAP && !is_item)
		return refuse(e, map,
			      map->kind == DOC_LIST ? "the list has no such item"
						    : "the value is written in its short form");
	if (place &&
	    !stands_here(e, place,
			 place->parent->kind == DOC_MAP ? place->parent->pairs[place->at].key->end
							: place->parent->start))
		return false;
	return is_flow(e, map) || !map->count ? insert_flow(e, map, pair, out)
					      : insert_line(e, map, pair, out);
}

/* ---- removing ---- */

static bool remove_flow(struct edit *e, const struct place *place, struct splice *out)
{
	const struct doc_node *parent = place->parent;
	size_t end = text_end(e, place->node);

	if (place->at + 1 < parent->count) { /* up to the next one */
		out->from = begin_of(parent, place->at)->start;
		out->to = begin_of(parent, place->at + 1)->start;
	} else if (place->at) { /* from the end of the one before */
		const struct doc_node *before = doc_child(parent, place->at - 1);

		out->from = before->end;
		out->to = end;
		if (before->end > begin_of(parent, place->at)->start || before->end < parent->start)
			return refuse(e, parent, "the value before is an alias");
	} else { /* nothing is left between the brackets */
		out->from = parent->start + 1;
		out->to = parent->end - 1;
	}
	out->text = print("%s", "");
	return true;
}

static bool remove_lines(struct edit *e, const struct place *place, struct splice *out)
{
	const struct doc_node *begin = begin_of(place->parent, place->at);
	size_t from = begin->start, end = text_end(e, place->node);

	if (place->parent->kind == DOC_LIST) /* its dash */
		while (from > line_start(e, begin->start) && e->text[from - 1] != '-')
			from--;
	if (place->parent->kind == DOC_LIST && from)
		from--;
	if (end < begin->end)
		end = begin->end;
	if (is_blank_before(e, from)) {
		out->from = line_start(e, from);
		out->to = line_end(e, end);
	} else if (place->at + 1 <
		   place->parent->count) { /* first behind a dash: the next moves up */
		out->from = from;
		out->to = begin_of(place->parent, place->at + 1)->start;
	} else {
		return refuse(e, begin, "it shares its line");
	}
	out->text = print("%s", "");
	return true;
}

static bool remove_value(struct edit *e, struct splice *out)
{
	const struct place *place = &e->places[e->found - 1];
	size_t from = begin_of(place->parent, place->at)->start;

	if (place->parent->kind == DOC_MAP && place->node->start == place->node->end)
		from = 0; /* nothing stands there, and so no alias */
	if (!stands_here(e, place, from))
		return false;
	if (is_flow(e, place->parent))
		return remove_flow(e, place, out);
	if (place->parent->count > 1)
		return remove_lines(e, place, out);
	/* the last of a collection in lines: the collection is empty then, not absent */
	if (e->found > 1)
		return replace_value(e, &e->places[e->found - 2],
				     place->parent->kind == DOC_MAP ? "{}" : "[]", out);
	return refuse(e, place->parent, "nothing would be left of the file");
}

/* ---- the result ---- */

/* `value` below the names from `step` on, as maps of one key each. */
static bool is_chain(const struct edit *e, const struct doc_node *node,
		     const struct doc_node *value, size_t step)
{
	for (; step < e->step_count; step++) {
		if (node->kind != DOC_MAP || node->count != 1 ||
		    strcmp(node->pairs[0].key->value, e->steps[step]) != 0)
			return false;
		node = node->pairs[0].value;
	}
	return doc_is_same(node, value);
}

static bool is_same_key(const struct doc_node *a, size_t i, const struct doc_node *b, size_t n)
{
	return a->kind != DOC_MAP || !strcmp(a->pairs[i].key->value, b->pairs[n].key->value);
}

/* Is `now` what `before` is, but for what the path from `step` on names? */
static bool is_wanted(const struct edit *e, const struct doc_node *before,
		      const struct doc_node *now, const struct doc_node *value, size_t step)
{
	bool is_last = step + 1 == e->step_count, is_there = step < e->found;
	size_t at = is_there ? e->places[step].at : before->count, skipped = 0;

	if (before->kind == DOC_SCALAR) /* an empty value, that became a map */
		return value && is_chain(e, now, value, step);
	if (before->kind != now->kind ||
	    now->count != before->count - (is_there && is_last && !value) + !is_there)
		return false;
	for (size_t i = 0; i < before->count; i++) {
		if (i == at && is_last && !value) {
			skipped = 1;
			continue;
		}
		if (!is_same_key(before, i, now, i - skipped))
			return false;
		if (i != at   ? !doc_is_same(doc_child(before, i), doc_child(now, i - skipped))
		    : is_last ? !doc_is_same(doc_child(now, i), value)
			      : !is_wanted(e, doc_child(before, i), doc_child(now, i), value,
					   step + 1))
			return false;
	}
	if (is_there)
		return true;
	return value &&
	       (before->kind == DOC_LIST ||
		!strcmp(now->pairs[before->count].key->value, e->steps[step])) &&
	       is_chain(e, doc_child(now, before->count), value, step + 1);
}

static struct doc *parse(const char *text, size_t len, const char *file)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct doc *doc = doc_parse(text, len, file, &diags);

	if (!doc || !diags_error_count(&diags))
		return doc;
	doc_free(doc);
	return NULL;
}

static bool check(struct edit *e, const struct doc *before, const char *text, size_t len)
{
	CLEANUP(free_cleanup) char *line = e->value ? print("v: %s\n", e->value) : NULL;
	struct doc *value = line ? parse(line, strlen(line), "the value") : NULL;
	struct doc *now = parse(text, len, e->file);
	const struct doc_node *wanted = value ? doc_root(value)->pairs[0].value : NULL;
	bool is_ok = now && (!line || (value && doc_root(value)->count == 1)) &&
		     is_wanted(e, doc_root(before), doc_root(now), wanted, 0);

	doc_free(value);
	doc_free(now);
	if (!is_ok)
		err_set(e->err, -ENOTSUP,
			"%s: the file would not say what is wanted afterwards: edit it by hand",
			e->file);
	return is_ok;
}

static char *apply(const struct edit *e, const struct splice *splice, size_t *ret_len)
{
	size_t added = strlen(splice->text);
	char *out = malloc(e->len + added + 1);

	if (!out)
		abort();
	memcpy(out, e->text, splice->from);
	memcpy(out + splice->from, splice->text, added);
	memcpy(out + splice->from + added, e->text + splice->to, e->len - splice->to);
	*ret_len = splice->from + added + e->len - splice->to;
	out[*ret_len] = '\0';
	return out;
}

static bool make_splice(struct edit *e, const struct doc_node *root, struct splice *splice)
{
	bool is_there = e->found == e->step_count;

	if (!e->value && !is_there) {
		err_set(e->err, -ENOENT, "%s has no '%s'", e->file, e->steps[e->found]);
		return false;
	}
	if (!e->value)
		return remove_value(e, splice);
	return is_there ? replace_value(e, &e->places[e->found - 1], e->value, splice)
			: insert(e, root, splice);
}

char *edit_set(const char *text, size_t len, const char *file, const char *path, const char *value,
	       size_t *ret_len, struct err *err)
{
	struct edit e = { .text = text, .file = file, .len = len, .value = value, .err = err };
	CLEANUP(free_cleanup) char *steps = print("%s", path);
	struct doc *before = NULL;
	struct splice splice = { 0 };
	char *out = NULL;

	if (value && strpbrk(value, "\r\n"))
		err_set(err, -EINVAL, "a value is one line");
	else if (split_path(&e, steps) && !(before = parse(text, len, file)))
		err_set(err, -EINVAL, "%s is not valid", file);
	if (before) {
		walk(&e, doc_root(before));
		if (make_splice(&e, doc_root(before), &splice))
			out = apply(&e, &splice, ret_len);
		if (out && !check(&e, before, out, *ret_len)) {
			free(out);
			out = NULL;
		}
	}
	free(splice.text);
	doc_free(before);
	return out;
}
