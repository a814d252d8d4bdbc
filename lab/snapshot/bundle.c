/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/bundle.h"

#include "lab/base/arena.h"
#include "lab/base/macros.h"
#include "lab/base/text_file.h"
#include "lab/model/schema.h"
#include "lab/snapshot/snapshot.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_SIZE 400 /* of a topic */

struct bundle {
	json_t *root;
	struct arena *arena;
	struct bundle_head head;
	const json_t *topics, *refused;
};

json_t *bundle_make(const struct bundle_head *head, json_t *host, json_t *topics, json_t *refused,
		    json_t *test)
{
	return json_pack("{s:i, s:i, s:s, s:s, s:f, s:f, s:I, s:b, s:o, s:o, s:o, s:o*}",
			 "hublab_bundle", BUNDLE_FORMAT, "schema_version", SNAPSHOT_SCHEMA_VERSION,
			 "lab", head->lab, "hublab", head->hublab, "taken_at", head->taken_at,
			 "took_ms", head->took_ms, "changed", (json_int_t)head->changed,
			 "has_secrets", head->has_secrets, "host", host, "topics", topics,
			 "refused", refused, "test", test);
}

/* Each member of an object on a line of its own. */
static void print_members(const json_t *object, FILE *out)
{
	const char *before = "", *key;
	json_t *member;

	(void)fputc('{', out);
	json_object_foreach((json_t *)object, key, member) {
		json_t *name = json_string(key);

		(void)fprintf(out, "%s\n", before);
		(void)json_dumpf(name, out, JSON_ENCODE_ANY);
		(void)fputc(':', out);
		if (!strcmp(key, "topics") || !strcmp(key, "refused"))
			print_members(member, out);
		else
			(void)json_dumpf(member, out,
					 JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(17));
		json_decref(name);
		before = ",";
	}
	(void)fputs("\n}", out);
}

char *bundle_print(const json_t *document, size_t *ret_len)
{
	struct text_file file;
	char *text;

	print_members(document, text_open(&file));
	(void)fputc('\n', file.out);
	text = text_close(&file);
	*ret_len = file.len;
	return text;
}

/* ---- reading ---- */

/* Every topic is an object, and so is every refusal. */
static bool are_objects(const json_t *map, const char *what, const char *file, struct err *err)
{
	const char *name;
	json_t *item;

	if (!json_is_object(map)) {
		err_set(err, -EINVAL, "%s: the bundle has no '%s'", file, what);
		return false;
	}
	json_object_foreach((json_t *)map, name, item) {
		if (json_is_object(item))
			continue;
		err_set(err, -EINVAL, "%s: '%s' of the bundle is no object below '%.80s'", file,
			what, name);
		return false;
	}
	return true;
}

/* Of this format, or of one that this reader cannot know. */
static bool is_format(const json_t *root, const char *file, struct err *err)
{
	const json_t *format = json_object_get(root, "hublab_bundle");
	const char *writer = json_string_value(json_object_get(root, "hublab"));
	json_int_t schema = json_integer_value(json_object_get(root, "schema_version"));

	if (!json_is_integer(format) || json_integer_value(format) < 1 || !writer) {
		err_set(err, -EINVAL, "%s is no bundle: 'hublab bundle' writes one", file);
		return false;
	}
	if (json_integer_value(format) <= BUNDLE_FORMAT && schema <= SNAPSHOT_SCHEMA_VERSION)
		return true;
	err_set(err, -EPROTONOSUPPORT,
		"%s was written by hublab %.40s, as format %lld with schema version %lld; this "
		"hublab "
		"reads %d with %d",
		file, writer, (long long)json_integer_value(format), (long long)schema,
		BUNDLE_FORMAT, SNAPSHOT_SCHEMA_VERSION);
	return false;
}

static bool read_head(struct bundle *b, const char *file, struct err *err)
{
	const char *lab = json_string_value(json_object_get(b->root, "lab"));
	const json_t *taken_at = json_object_get(b->root, "taken_at");

	if (!is_format(b->root, file, err))
		return false;
	if (!lab || !is_object_name(lab) || !json_is_number(taken_at)) {
		err_set(err, -EINVAL, "%s: the bundle does not say of which lab it is, or of when",
			file);
		return false;
	}
	b->head = (struct bundle_head){
		.file = arena_strdup(b->arena, file),
		.lab = lab,
		.hublab = json_string_value(json_object_get(b->root, "hublab")),
		.taken_at = json_number_value(taken_at),
		.took_ms = json_number_value(json_object_get(b->root, "took_ms")),
		.changed = json_integer_value(json_object_get(b->root, "changed")),
		.has_secrets = json_is_true(json_object_get(b->root, "has_secrets")),
	};
	b->topics = json_object_get(b->root, "topics");
	b->refused = json_object_get(b->root, "refused");
	return are_objects(b->topics, "topics", file, err) &&
	       (!b->refused || are_objects(b->refused, "refused", file, err));
}

struct bundle *bundle_read(const char *text, size_t len, const char *file, struct err *err)
{
	struct bundle *b;
	json_error_t error;
	json_t *root = NULL;

	if (len > BUNDLE_BYTES_MAX) {
		err_set(err, -EINVAL, "%s is too large for a bundle: %zu bytes", file, len);
		return NULL;
	}
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!root) {
		err_set(err, -EINVAL, "%s:%d:%d: no bundle, or a part of one: %s", file, error.line,
			error.column > 0 ? error.column : 1, error.text);
		return NULL;
	}
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	b->root = root;
	b->arena = arena_new();
	if (read_head(b, file, err))
		return b;
	bundle_free(b);
	return NULL;
}

void bundle_free(struct bundle *bundle)
{
	if (!bundle)
		return;
	json_decref(bundle->root);
	arena_free(bundle->arena);
	free(bundle);
}

const struct bundle_head *bundle_head(const struct bundle *bundle)
{
	return &bundle->head;
}

const json_t *bundle_host(const struct bundle *bundle)
{
	return json_object_get(bundle->root, "host");
}

/* ---- topics ---- */

/* Borrowed; letter case aside, as labs look for names. */
static json_t *find(const json_t *map, const char *name)
{
	json_t *found = json_object_get(map, name), *item;
	const char *key;

	if (found)
		return found;
	json_object_foreach((json_t *)map, key, item)
		if (!strcasecmp(key, name))
			return item;
	return NULL;
}

/* As it was recorded: true with what the lab said, which may be a refusal. */
static bool recorded(const struct bundle *b, const char *name, json_t **ret_json, struct err *err)
{
	const json_t *refusal = find(b->refused, name);
	const char *text = json_string_value(json_object_get(refusal, "text"));
	json_int_t code = json_integer_value(json_object_get(refusal, "code"));

	*ret_json = json_incref(find(b->topics, name));
	if (*ret_json)
		return true;
	if (refusal)
		err_set(err, code < 0 && code > INT_MIN ? (int)code : -EPROTO, "%s",
			text ? text : "refused");
	return refusal != NULL;
}

static bool has_text(const json_t *object, const char *key, const char *text)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value && !strcasecmp(value, text);
}

/* Of these rows one that has the name there; NULL: none. */
static const json_t *row_with(const json_t *rows, const char *key, const char *name)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
		if (has_text(row, key, name))
			return row;
	return NULL;
}

static const json_t *rows_of(const struct bundle *b, const char *topic)
{
	return json_object_get(json_object_get(b->topics, topic), topic);
}

/* "VM:NIC", a NIC, or a VM that has one: the NIC's row of topic "vms". NULL: none, or not clear. */
static const json_t *find_nic(const struct bundle *b, const char *name)
{
	const json_t *rows = rows_of(b, "vms"), *row, *found = NULL;
	const char *colon = strchr(name, ':');
	size_t i, count = 0;

	json_array_foreach(rows, i, row) {
		const char *vm = json_string_value(json_object_get(row, "vm"));

		if (colon && vm && strlen(vm) == (size_t)(colon - name) &&
		    !strncasecmp(vm, name, strlen(vm)) && has_text(row, "nic", colon + 1))
			return row;
		if (!vm || strcasecmp(vm, name) != 0)
			continue;
		found = row;
		count++;
	}
	return count == 1 ? found : count ? NULL : row_with(rows, "nic", name);
}

/* ---- parts of topics ---- */

/* Whose items of a topic are asked for. */
struct whose {
	const struct bundle *bundle;
	const char *name;
	const json_t *nic; /* of topic "vms"; NULL: the name is a machine's */
};

static bool is_probe_of(const struct whose *whose, const json_t *probe)
{
	return has_text(probe, "from", whose->name);
}

static bool is_flow_of(const struct whose *whose, const json_t *flow)
{
	const char *nic = json_string_value(json_object_get(whose->nic, "nic"));
	const char *vm = json_string_value(json_object_get(whose->nic, "vm"));

	return whose->nic ? nic && vm && has_text(flow, "nic", nic) && has_text(flow, "vm", vm)
			  : has_text(flow, "vm", whose->name);
}

/* A gateway stands for its instances. */
static bool is_tunnel_of(const struct whose *whose, const json_t *tunnel)
{
	const char *node = json_string_value(json_object_get(tunnel, "node"));
	const json_t *row = node ? row_with(rows_of(whose->bundle, "nodes"), "name", node) : NULL;

	return has_text(tunnel, "node", whose->name) || has_text(row, "part_of", whose->name);
}

static const struct part {
	const char *topic; /* also the member that is its list */
	bool (*is_of)(const struct whose *whose, const json_t *item);
	bool may_be_empty; /* of a machine of the lab */
	const char *words; /* what it is that the lab does not have, before the name */
} parts[] = {
	{ "probes", is_probe_of, true, "virtual machine" },
	{ "flows", is_flow_of, true, "virtual machine or NIC" },
	{ "tunnels", is_tunnel_of, false, "tunnel that ends at" },
};

/* The topic with those items that are asked for. */
static json_t *part_of(const struct bundle *b, const struct part *part, const char *name,
		       struct err *err)
{
	bool is_machine = row_with(rows_of(b, "vms"), "vm", name) ||
			  row_with(rows_of(b, "nodes"), "name", name);
	struct whose whose = { b, name, is_machine ? NULL : find_nic(b, name) };
	const json_t *items = rows_of(b, part->topic), *item;
	json_t *kept = json_array(), *out;
	size_t i;

	json_array_foreach(items, i, item)
		if (part->is_of(&whose, item))
			(void)json_array_append(kept, (json_t *)item);
	if (!json_array_size(kept) && !(part->may_be_empty && (is_machine || whose.nic))) {
		json_decref(kept);
		err_set(err, -ENOENT, "lab '%s' has no %s '%.60s'", b->head.lab, part->words, name);
		return NULL;
	}
	out = json_copy(json_object_get(b->topics, part->topic));
	(void)json_object_set_new(out, part->topic, kept);
	return out;
}

/* ---- what is not there ---- */

static const struct {
	const char *kind; /* of the topic: what stands before '/' */
	int code;
	const char *words;
} absences[] = {
	{ "verdict", -EINVAL,
	  "a verdict on a new packet needs the running lab; 'hublab nsg VM' has the rules, 'hublab "
	  "flows' what they decided" },
	{ "path", -ENOENT,
	  "it has the ways of flows that the lab probes, from machine to machine, as 'hublab "
	  "probes' "
	  "lists them" },
	{ "advertised", -ENOENT, "'hublab bgp GATEWAY' lists the peers it can be asked of" },
	{ "bgp", -ENOENT, "'hublab bgp' lists who speaks BGP" },
};

static void say_absent(const struct bundle *b, const char *name, struct err *err)
{
	const char *slash = strchr(name, '/');
	size_t len = slash ? (size_t)(slash - name) : strlen(name);

	for (size_t i = 0; slash && i < ARRAY_SIZE(absences); i++) {
		if (strlen(absences[i].kind) != len || strncmp(absences[i].kind, name, len) != 0)
			continue;
		err_set(err, absences[i].code, "bundle %s has no %.*s of '%.80s': %s", b->head.file,
			(int)len, name, slash + 1, absences[i].words);
		return;
	}
	err_set(err, -ENOENT, "bundle %s has no topic '%.80s'", b->head.file, name);
}

/*
 * Rows and reasons are of a subnet: of the NICs in one it is enough to have those of one. A new
 * reference, or NULL.
 */
static json_t *of_neighbour(const struct bundle *b, const char *kind, size_t len, const json_t *nic)
{
	const char *subnet = json_string_value(json_object_get(nic, "subnet"));
	const json_t *rows = rows_of(b, "vms"), *row, *topic = NULL;
	char name[NAME_SIZE];
	json_t *out;
	size_t i;

	if (!subnet || !strchr(subnet, '/') || !strncmp(kind, "nsg", len))
		return NULL;
	json_array_foreach(rows, i, row) {
		const char *other = json_string_value(json_object_get(row, "nic"));

		if (topic || !other || !has_text(row, "subnet", subnet))
			continue;
		(void)snprintf(name, sizeof(name), "%.*s/%s", (int)len, kind, other);
		topic = json_object_get(b->topics, name);
	}
	if (!topic)
		return NULL;
	out = json_copy((json_t *)topic);
	(void)json_object_set(out, "nic", json_object_get(nic, "nic"));
	(void)json_object_set(out, "vm", json_object_get(nic, "vm"));
	return out;
}

/* Topics that are about one NIC. */
static bool is_of_nics(const char *topic, size_t len)
{
	static const char *const kinds[] = { "routes", "why", "nsg" };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strlen(kinds[i]) == len && !strncmp(kinds[i], topic, len))
			return true;
	return false;
}

json_t *bundle_topic(const struct bundle *bundle, const char *topic, struct err *err)
{
	const char *slash = strchr(topic, '/'), *nic_name;
	size_t len = slash ? (size_t)(slash - topic) : 0;
	char name[NAME_SIZE];
	const json_t *nic;
	json_t *json;

	if (recorded(bundle, topic, &json, err))
		return json;
	for (size_t i = 0; slash && i < ARRAY_SIZE(parts); i++)
		if (strlen(parts[i].topic) == len && !strncmp(parts[i].topic, topic, len) &&
		    json_object_get(bundle->topics, parts[i].topic))
			return part_of(bundle, &parts[i], slash + 1, err);
	nic = slash ? find_nic(bundle, slash + 1) : NULL;
	if (is_of_nics(topic, len) && !nic && rows_of(bundle, "vms")) {
		err_set(err, -ENOENT, "lab '%s' has no virtual machine or NIC '%.100s'",
			bundle->head.lab, slash + 1);
		return NULL;
	}
	nic_name = json_string_value(json_object_get(nic, "nic"));
	if (nic_name) {
		(void)snprintf(name, sizeof(name), "%.*s/%s", (int)len, topic, nic_name);
		if (recorded(bundle, name, &json, err))
			return json;
		json = is_of_nics(topic, len) ? of_neighbour(bundle, topic, len, nic) : NULL;
		if (json)
			return json;
	}
	say_absent(bundle, topic, err);
	return NULL;
}

/* ---- requests ---- */

static json_t *refusal(const json_t *request, const struct err *err)
{
	return json_pack("{s:O?, s:b, s:{s:i, s:s}}", "id", json_object_get(request, "id"), "ok", 0,
			 "error", "code", err->code ? err->code : -EPROTO, "text", err->text);
}

static json_t *success(const json_t *request, json_t *data)
{
	return json_pack("{s:O?, s:b, s:o?}", "id", json_object_get(request, "id"), "ok", 1, "data",
			 data);
}

/* What it is asked for: a new reference, or NULL with `err`. */
static json_t *data_for(const struct bundle *b, const char *what, const char *topic,
			struct err *err)
{
	json_t *test = json_object_get(b->root, "test");

	if (topic && (!strcmp(what, "topic") || !strcmp(what, "subscribe")))
		return bundle_topic(b, topic, err);
	if (!strcmp(what, "unsubscribe"))
		return json_null();
	if (!strcmp(what, "test") && test)
		return json_incref(test);
	if (!strcmp(what, "test") && recorded(b, "test", &test, err))
		return test;
	if (!strcmp(what, "test"))
		err_set(err, -ENOENT,
			"bundle %s does not have what became of expectations: 'hublab bundle "
			"--test' looks at them",
			b->head.file);
	else
		err_set(err, -EROFS, "%s is a bundle: it has no answer to: %.40s", b->head.file,
			what);
	return NULL;
}

json_t *bundle_answer(const struct bundle *bundle, const json_t *request)
{
	const char *topic = json_string_value(json_object_get(request, "topic"));
	const char *what = json_string_value(json_object_get(request, "request"));
	struct err err = { 0 };
	json_t *data = data_for(bundle, what ? what : "", topic, &err);

	if (!data)
		return json_pack("[o]", refusal(request, &err));
	if (strcmp(what, "subscribe") != 0)
		return json_pack("[o]", success(request, data));
	return json_pack("[o, o]",
			 json_pack("{s:s, s:i, s:o}", "topic", topic, "sequence", 0, "data", data),
			 success(request, NULL));
}
