/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/model/schema.h"

#include "lab/model/foreign_keys.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIELDS_MAX 64 /* of one object: as many as there are bits to remember them */

struct reader {
	struct arena *arena;
	struct diags *diags;
};

/* What is being read, for messages: "virtual network 'hub'". */
struct owner {
	const struct schema *schema;
	const struct object *object;
};

static const char *owner_print(const struct reader *r, struct owner owner)
{
	if (!owner.object || !owner.object->name)
		return owner.schema->noun;
	return arena_printf(r->arena, "%s '%s'", owner.schema->noun, owner.object->name);
}

static const char *kind_words(enum doc_kind kind)
{
	switch (kind) {
	case DOC_SCALAR:
		return "a single value";
	case DOC_LIST:
		return "a list";
	case DOC_MAP:
		return "a mapping";
	}
	return "";
}

/* One scalar, or a list of scalars. */
static bool is_list_kind(enum field_kind kind)
{
	return kind == FIELD_ADDRESSES || kind == FIELD_SPACES || kind == FIELD_NUMBERS ||
	       kind == FIELD_TEXTS;
}

static void wrong_shape(struct reader *r, struct owner owner, const struct field *field,
			const struct doc_node *node, enum doc_kind wanted)
{
	bool is_list_too = wanted == DOC_SCALAR && is_list_kind(field->kind);

	diag_add(r->diags, DIAG_WRONG_SHAPE, node->pos, "%s: '%s' takes %s%s, not %s",
		 owner_print(r, owner), field->key,
		 field->kind == FIELD_RANGE ? "[LOWEST, HIGHEST] or the highest"
					    : kind_words(wanted),
		 is_list_too ? " or a list of them" : "",
		 doc_is_empty(node) ? "nothing" : kind_words(node->kind));
}

static struct diag *bad_value(struct reader *r, struct owner owner, const struct field *field,
			      const struct doc_node *node, const char *wanted)
{
	return diag_add(r->diags, DIAG_BAD_VALUE, node->pos, "%s: '%s' takes %s, not '%.80s'",
			owner_print(r, owner), field->key, wanted, node->value);
}

bool is_object_name(const char *text)
{
	size_t len = strlen(text);

	if (!len || len > 64 || !isalnum((unsigned char)text[0]))
		return false;
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
	       len;
}

const char rule_name_words[] =
	"Names of rules are 1 to 80 letters, digits, '-', '_' and '.', start with a letter, digit "
	"or '_', and end with one (NSG-01).";

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool is_rule_name(const char *text)
{
	size_t len = strlen(text);

	if (!len || len > 80 || !is_word_char(text[0]) || !is_word_char(text[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_word_char(text[i]) && text[i] != '-' && text[i] != '.')
			return false;
	return true;
}

static bool check_name(struct reader *r, const struct doc_node *node, bool is_rule)
{
	struct diag *diag;

	if (is_rule ? is_rule_name(node->value) : is_object_name(node->value))
		return true;
	diag = diag_add(r->diags, DIAG_BAD_NAME, node->pos, "'%.80s' cannot be a name",
			node->value);
	diag_hint(r->diags, diag, "%s",
		  is_rule ? rule_name_words : diag_table[DIAG_BAD_NAME].words);
	return false;
}

/* A number of the language: no sign, no exponent. */
static bool parse_number(const char *text, const char *units, double *ret_number,
			 const char **ret_unit)
{
	char *end;

	*ret_number = strtod(text, &end);
	*ret_unit = end;
	return isdigit((unsigned char)text[0]) &&
	       strspn(text, "0123456789.") == (size_t)(end - text) &&
	       strspn(end, units) == strlen(end);
}

static void read_duration(struct reader *r, struct owner owner, const struct field *field,
			  const struct doc_node *node, void *value)
{
	static const struct {
		const char *name;
		double ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 } };
	const char *unit;
	double number;

	if (!parse_number(node->value, "ms", &number, &unit))
		unit = "";
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		double ms = number * units[i].ms;

		if (strcmp(unit, units[i].name) != 0)
			continue;
		if (ms < field->min || ms > field->max)
			diag_add(r->diags, DIAG_OUT_OF_RANGE, node->pos,
				 "%s: '%s' is %s, must be %.15gms to %.15gs", owner_print(r, owner),
				 field->key, node->value, field->min, field->max / 1000);
		else
			*(struct number *)value = (struct number){ .value = ms, .pos = node->pos };
		return;
	}
	bad_value(r, owner, field, node, "a time such as 500ms, 5s or 2m");
}

static void read_text(struct reader *r, struct owner owner, const struct field *field,
		      const struct doc_node *node, void *value)
{
	(void)r;
	(void)owner;
	(void)field;
	*(struct text *)value = (struct text){ .value = node->value, .pos = node->pos };
}

static void read_name(struct reader *r, struct owner owner, const struct field *field,
		      const struct doc_node *node, void *value)
{
	if (check_name(r, node, false))
		read_text(r, owner, field, node, value);
}

/* What stands for true and false elsewhere. */
static void hint_flag(struct reader *r, struct diag *diag, const char *text)
{
	static const struct {
		const char *text;
		bool value;
	} others[] = {
		{ "yes", true },   { "no", false },   { "on", true },      { "off", false },
		{ "1", true },     { "0", false },    { "enabled", true }, { "disabled", false },
		{ "allow", true }, { "deny", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcasecmp(others[i].text, text))
			diag_hint(r->diags, diag, "did you mean '%s'?",
				  others[i].value ? "true" : "false");
}

static void read_flag(struct reader *r, struct owner owner, const struct field *field,
		      const struct doc_node *node, void *value)
{
	bool is_true = !strcasecmp(node->value, "true");

	if (is_true || !strcasecmp(node->value, "false"))
		*(struct flag *)value = (struct flag){ .value = is_true, .pos = node->pos };
	else
		hint_flag(r, bad_value(r, owner, field, node, "true or false"), node->value);
}

static void read_number(struct reader *r, struct owner owner, const struct field *field,
			const struct doc_node *node, void *value)
{
	bool is_whole = field->kind == FIELD_NUMBER || field->kind == FIELD_NUMBERS;
	char *end;
	double number = strtod(node->value, &end);

	((struct number *)value)->pos = node->pos; /* also of one that is refused below */
	((struct number *)value)->is_refused = true;
	if (!isdigit((unsigned char)node->value[0]) || *end || !isfinite(number) ||
	    strpbrk(node->value, "xXpPeE") || (is_whole && strchr(node->value, '.'))) {
		bad_value(r, owner, field, node, is_whole ? "a whole number" : "a number");
		return;
	}
	if (!field->is_judged_later && (number < field->min || number > field->max)) {
		diag_add(r->diags, DIAG_OUT_OF_RANGE, node->pos,
			 "%s: '%s' is %s, must be %.15g to %.15g", owner_print(r, owner),
			 field->key, node->value, field->min, field->max);
		return;
	}
	*(struct number *)value = (struct number){ .value = number, .pos = node->pos };
}

static void read_choice(struct reader *r, struct owner owner, const struct field *field,
			const struct doc_node *node, void *value)
{
	const char *names[32], *near;
	char wanted[400] = "";
	size_t count = 0;
	struct diag *diag;

	for (const struct choice_name *c = field->choices; c->name; c++) {
		if (!strcasecmp(c->name, node->value)) {
			*(struct choice *)value =
				(struct choice){ .value = c->value, .pos = node->pos };
			return;
		}
		if (count < ARRAY_SIZE(names))
			names[count++] = c->name;
	}
	for (size_t i = 0; i < count; i++) {
		const char *glue = !i ? "" : i + 1 < count ? ", " : " or ";
		size_t len = strlen(wanted);

		(void)snprintf(wanted + len, sizeof(wanted) - len, "%s%s", glue, names[i]);
	}
	((struct choice *)value)->is_refused = true;
	diag = bad_value(r, owner, field, node, wanted);
	near = nearest_word(node->value, names, count);
	if (near)
		diag_hint(r->diags, diag, "did you mean '%s'?", near);
}

static void read_address(struct reader *r, struct owner owner, const struct field *field,
			 const struct doc_node *node, void *value)
{
	struct address address = { .pos = node->pos };
	struct prefix prefix;

	((struct address *)value)->pos = node->pos; /* also of one that is refused below */
	if (ip_parse(node->value, &address.ip)) {
		*(struct address *)value = address;
		return;
	}
	if (prefix_parse(node->value, &prefix))
		diag_hint(r->diags, bad_value(r, owner, field, node, "an IP address"),
			  "without the '/%u'", prefix.len);
	else
		bad_value(r, owner, field, node, "an IP address");
}

/* A length beyond the last, or a mask in the place of a length. */
static void hint_mask(struct reader *r, struct diag *diag, const char *text)
{
	size_t len = strcspn(text, "/ ");
	char address[64];
	struct ip ip, mask;
	uint32_t bits;

	if (len >= sizeof(address) || !text[len])
		return;
	(void)snprintf(address, sizeof(address), "%.*s", (int)len, text);
	if (!ip_parse(address, &ip))
		return;
	if (!ip_parse(text + len + 1, &mask)) {
		diag_hint(r->diags, diag, "behind the '/' stands a number from 0 to %u",
			  ip_bits(ip));
		return;
	}
	bits = ip_v4(mask);
	if (mask.family == IP_V4 && ip.family == IP_V4 && !(~bits & (~bits + 1)))
		diag_hint(r->diags, diag, "did you mean '%s/%d'?", address,
			  __builtin_popcount(bits));
}

static void read_space(struct reader *r, struct owner owner, const struct field *field,
		       const struct doc_node *node, void *value)
{
	struct space space = { .pos = node->pos };
	struct ip ip;

	((struct space *)value)->pos = node->pos; /* also of one that is refused below */
	if (!prefix_parse(node->value, &space.prefix)) {
		struct diag *diag =
			bad_value(r, owner, field, node, "a prefix such as 10.0.0.0/24");

		if (ip_parse(node->value, &ip))
			diag_hint(r->diags, diag, "for the one address: %s/%u", node->value,
				  ip_bits(ip));
		else
			hint_mask(r, diag, node->value);
		return;
	}
	if (!prefix_is_network(space.prefix)) {
		struct diag *diag = diag_add(r->diags, DIAG_HOST_BITS, node->pos,
					     "%s: '%s' has bits set behind its length",
					     owner_print(r, owner), node->value);

		diag_hint(r->diags, diag, "the network is %s",
			  prefix_print(prefix_of(space.prefix.addr, space.prefix.len)).text);
		return;
	}
	*(struct space *)value = space;
}

static void read_ref(struct reader *r, struct owner owner, const struct field *field,
		     const struct doc_node *node, void *value)
{
	(void)r;
	(void)owner;
	(void)field;
	*(struct ref *)value = (struct ref){ .name = node->value, .pos = node->pos };
}

typedef void value_reader(struct reader *r, struct owner owner, const struct field *field,
			  const struct doc_node *node, void *value);

/* How one scalar becomes a value; several of them for the list kinds. */
static const struct {
	value_reader *read;
	size_t element_size; /* 0 when there is one value */
} scalar_kinds[] = {
	[FIELD_TEXT] = { read_text, 0 },
	[FIELD_TEXTS] = { read_text, sizeof(struct text) },
	[FIELD_NAME] = { read_name, 0 },
	[FIELD_FLAG] = { read_flag, 0 },
	[FIELD_NUMBER] = { read_number, 0 },
	[FIELD_NUMBERS] = { read_number, sizeof(struct number) },
	[FIELD_DECIMAL] = { read_number, 0 },
	[FIELD_CHOICE] = { read_choice, 0 },
	[FIELD_ADDRESS] = { read_address, 0 },
	[FIELD_ADDRESSES] = { read_address, sizeof(struct address) },
	[FIELD_SPACES] = { read_space, sizeof(struct space) },
	[FIELD_REF] = { read_ref, 0 },
	[FIELD_DURATION] = { read_duration, 0 },
};

/* What every LIST_OF looks like. */
struct any_list {
	void *items;
	size_t count;
};

static void *list_push(struct reader *r, void *list_at, size_t element_size)
{
	struct any_list list;

	memcpy(&list, list_at, sizeof(list));
	list.items = arena_grow(r->arena, list.items, list.count, element_size);
	list.count++;
	memcpy(list_at, &list, sizeof(list));
	return (char *)list.items + (list.count - 1) * element_size;
}

static void read_scalars(struct reader *r, struct owner owner, const struct field *field,
			 const struct doc_node *node, void *value)
{
	size_t element_size = scalar_kinds[field->kind].element_size;
	const struct doc_node *const *items = &node;
	size_t count = 1;

	if (element_size && node->kind == DOC_LIST) {
		items = (const struct doc_node *const *)node->items;
		count = node->count;
	}
	if (!count && field->is_required)
		diag_add(r->diags, DIAG_MISSING_KEY, node->pos, "%s: '%s' is an empty list (%s)",
			 owner_print(r, owner), field->key, field->words);
	for (size_t i = 0; i < count; i++) {
		if (items[i]->kind != DOC_SCALAR || doc_is_empty(items[i]))
			wrong_shape(r, owner, field, items[i], DOC_SCALAR);
		else
			scalar_kinds[field->kind].read(
				r, owner, field, items[i],
				element_size ? list_push(r, value, element_size) : value);
	}
}

bool field_takes_values(const struct field *field)
{
	return field->kind == FIELD_TEXTS || field->kind == FIELD_NUMBERS ||
	       field->kind == FIELD_ADDRESSES || field->kind == FIELD_SPACES;
}

bool schema_is_short_form(const struct schema *schema, const struct doc_node *node)
{
	if (!schema->main || doc_is_empty(node) || node->kind == DOC_MAP)
		return false;
	return node->kind == DOC_SCALAR || field_takes_values(schema_find(schema, schema->main));
}

static void read_object(struct reader *r, const struct schema *schema, const struct doc_node *node,
			struct object *object);

/* False when it is empty, which is fine, or another kind of value, which is a finding. */
static bool is_collection(struct reader *r, struct owner owner, const struct field *field,
			  const struct doc_node *node, enum doc_kind kind)
{
	if (node->kind != kind && !doc_is_empty(node))
		wrong_shape(r, owner, field, node, kind);
	return node->kind == kind;
}

static void read_map(struct reader *r, struct owner owner, const struct field *field,
		     const struct doc_node *node, void *value)
{
	if (!is_collection(r, owner, field, node, DOC_MAP))
		return;
	for (size_t i = 0; i < node->count; i++) {
		struct object *item = list_push(r, value, field->object->size);

		item->name = node->pairs[i].key->value;
		item->pos = node->pairs[i].key->pos;
		(void)check_name(r, node->pairs[i].key, field->object->is_rule);
		read_object(r, field->object, node->pairs[i].value, item);
	}
}

/* An object is there also when the file has none of it: with what stands in for its keys. */
static void read_part(struct reader *r, const struct field *field, const struct doc_node *node,
		      struct object *object)
{
	object->pos = node->pos;
	read_object(r, field->object, node, object);
}

static void read_list(struct reader *r, struct owner owner, const struct field *field,
		      const struct doc_node *node, void *value)
{
	if (!is_collection(r, owner, field, node, DOC_LIST))
		return;
	for (size_t i = 0; i < node->count; i++) {
		struct object *item = list_push(r, value, field->object->size);

		item->pos = node->items[i]->pos;
		read_object(r, field->object, node->items[i], item);
	}
}

/* [LOWEST, HIGHEST], or the highest alone */
static void read_range(struct reader *r, struct owner owner, const struct field *field,
		       const struct doc_node *node, void *value)
{
	const struct doc_node *const *items = (const struct doc_node *const *)node->items;
	size_t before = diags_error_count(r->diags);
	struct number ends[2] = { 0 };
	size_t count = node->kind == DOC_LIST ? node->count : 1;

	if (node->kind == DOC_SCALAR)
		items = &node;
	if (node->kind == DOC_MAP || count > 2 || !count) {
		wrong_shape(r, owner, field, node, DOC_SCALAR);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (items[i]->kind == DOC_SCALAR && !doc_is_empty(items[i]))
			read_number(r, owner, field, items[i], &ends[2 - count + i]);
		else
			wrong_shape(r, owner, field, items[i], DOC_SCALAR);
	}
	if (diags_error_count(r->diags) == before && ends[0].value > ends[1].value)
		diag_add(r->diags, DIAG_OUT_OF_RANGE, node->pos,
			 "%s: '%s' takes the lowest value first, then the highest",
			 owner_print(r, owner), field->key);
	*(struct range *)value = (struct range){ ends[0].value, ends[1].value, node->pos };
}

static void read_changes(struct reader *r, struct owner owner, const struct field *field,
			 const struct doc_node *node, void *value)
{
	if (!is_collection(r, owner, field, node, DOC_MAP))
		return;
	for (size_t i = 0; i < node->count; i++) {
		const struct doc_pair *pair = &node->pairs[i];
		struct change *change = list_push(r, value, sizeof(*change));

		change->path = pair->key->value;
		change->pos = pair->key->pos;
		change->value = doc_is_empty(pair->value) ? NULL : pair->value;
	}
}

static void read_field(struct reader *r, struct owner owner, const struct field *field,
		       const struct doc_node *node, void *object)
{
	void *value = (char *)object + field->offset;

	if (field->kind == FIELD_OBJECT)
		read_part(r, field, node, value);
	else if (field->kind == FIELD_MAP)
		read_map(r, owner, field, node, value);
	else if (field->kind == FIELD_LIST)
		read_list(r, owner, field, node, value);
	else if (field->kind == FIELD_CHANGES)
		read_changes(r, owner, field, node, value);
	else if (field->kind == FIELD_RANGE)
		read_range(r, owner, field, node, value);
	else
		read_scalars(r, owner, field, node, value);
}

const struct field *schema_find(const struct schema *schema, const char *key)
{
	for (size_t i = 0; i < schema->field_count; i++)
		if (!strcasecmp(schema->fields[i].key, key))
			return &schema->fields[i];
	return NULL;
}

/* Ours in another style, as Bicep and az write them. */
static const struct field *find_restyled(const struct schema *schema, const char *key)
{
	for (size_t i = 0; i < schema->field_count; i++)
		if (is_same_word(schema->fields[i].key, key))
			return &schema->fields[i];
	return NULL;
}

/* One that others have: *ret_field is ours for it, if there is one. False when it is not known. */
static bool foreign_key(const struct schema *schema, const char *owner, const char *key,
			struct src_pos pos, struct diags *diags, const struct field **ret_field)
{
	const struct foreign_key *foreign = foreign_key_find(schema->noun, key);
	struct diag *diag;

	*ret_field = find_restyled(schema, key);
	if (!*ret_field && foreign && foreign->key)
		*ret_field = schema_find(schema, foreign->key);
	if (*ret_field) {
		diag = diag_add(diags, DIAG_FOREIGN_KEY, pos, "%s: the key is '%s', not '%.80s'",
				owner, (*ret_field)->key, key);
		if (foreign && foreign->key && foreign->words)
			diag_hint(diags, diag, "%s", foreign->words);
	} else if (foreign && !foreign->key) {
		diag_add(diags, DIAG_NOT_IN_LABS, pos, "%s: '%.80s': %s", owner, key,
			 foreign->words);
	}
	return *ret_field || (foreign && !foreign->key);
}

const struct field *schema_unknown_key(const struct schema *schema, const char *owner,
				       const char *key, struct src_pos pos, struct diags *diags)
{
	const struct field *meant;
	struct diag *diag;
	const char *keys[FIELDS_MAX], *near;
	char all[600] = "";
	size_t count = 0;

	if (foreign_key(schema, owner, key, pos, diags, &meant))
		return meant;
	diag = diag_add(diags, DIAG_UNKNOWN_KEY, pos, "%s: unknown key '%.80s'", owner, key);
	if (!diag_is_kept(diag))
		return NULL; /* so many that nobody sees what was meant */
	for (; count < schema->field_count; count++) {
		size_t len = strlen(all);

		keys[count] = schema->fields[count].key;
		(void)snprintf(all + len, sizeof(all) - len, "%s%s", count ? ", " : "",
			       keys[count]);
	}
	near = nearest_word(key, keys, count);
	if (near)
		diag_hint(diags, diag, "did you mean '%s'?", near);
	else
		diag_hint(diags, diag, "its keys: %s", all);
	return near ? schema_find(schema, near) : NULL;
}

static void set_fallbacks(struct reader *r, struct owner owner, void *object)
{
	for (size_t i = 0; i < owner.schema->field_count; i++) {
		const struct field *field = &owner.schema->fields[i];
		struct doc_node node = { .kind = DOC_SCALAR, .value = field->fallback };
		struct doc_node nothing = { .kind = DOC_SCALAR, .value = "", .is_plain = true };

		if (field->kind == FIELD_OBJECT)
			read_field(r, owner, field, &nothing, object);
		else if (field->fallback)
			read_field(r, owner, field, &node, object);
	}
}

/* `given` has a bit for each field that the file has. */
static void check_required(struct reader *r, struct owner owner, uint64_t given, struct src_pos pos)
{
	for (size_t i = 0; i < owner.schema->field_count; i++) {
		const struct field *field = &owner.schema->fields[i];

		if (field->is_required && !(given & UINT64_C(1) << i))
			diag_add(r->diags, DIAG_MISSING_KEY, pos, "%s: '%s' is missing (%s)",
				 owner_print(r, owner), field->key, field->words);
	}
}

/* Can the value be one of the field's kind, as far as its shape tells? */
static bool has_shape(const struct field *field, const struct doc_node *node)
{
	if (field->kind == FIELD_OBJECT || field->kind == FIELD_MAP || field->kind == FIELD_CHANGES)
		return node->kind == DOC_MAP;
	if (field->kind == FIELD_LIST)
		return node->kind == DOC_LIST;
	return node->kind == DOC_SCALAR || (node->kind == DOC_LIST && is_list_kind(field->kind));
}

/*
 * A key that is misspelt, or foreign, is read as the one that was meant: else everything that
 * refers to what stands below it would be a finding, too.
 */
static void read_pairs(struct reader *r, struct owner owner, const struct doc_node *map,
		       void *object, uint64_t *given)
{
	const struct field *fields = owner.schema->fields;

	assert(owner.schema->field_count <= FIELDS_MAX);
	for (size_t i = 0; i < map->count; i++) {
		const struct doc_node *key = map->pairs[i].key, *value = map->pairs[i].value;
		const struct field *field = schema_find(owner.schema, key->value);
		bool is_ours = field != NULL;
		uint64_t bit;

		if (!is_ours)
			field = schema_unknown_key(owner.schema, owner_print(r, owner), key->value,
						   key->pos, r->diags);
		if (!field)
			continue;
		bit = UINT64_C(1) << (field - fields);
		if (is_ours ||
		    (!(*given & bit) && !doc_find(map, field->key) && has_shape(field, value)))
			read_field(r, owner, field, value, object);
		*given |= bit;
	}
}

static void read_object(struct reader *r, const struct schema *schema, const struct doc_node *node,
			struct object *object)
{
	struct owner owner = { schema, object };
	uint64_t given = 0;

	set_fallbacks(r, owner, object);
	if (schema_is_short_form(schema, node)) {
		read_field(r, owner, schema_find(schema, schema->main), node, object);
		return;
	}
	if (node->kind != DOC_MAP && !doc_is_empty(node)) {
		diag_add(r->diags, DIAG_WRONG_SHAPE, node->pos, "%s takes a mapping, not %s",
			 owner_print(r, owner), kind_words(node->kind));
		return;
	}
	if (node->kind == DOC_MAP)
		read_pairs(r, owner, node, object, &given);
	check_required(r, owner, given, object->pos);
}

void schema_read(const struct schema *schema, const struct doc_node *node, void *object,
		 struct arena *arena, struct diags *diags)
{
	struct reader r = { .arena = arena, .diags = diags };

	((struct object *)object)->pos = node->pos;
	read_object(&r, schema, node, object);
}

const char *choice_name(const struct choice_name *choices, int value)
{
	for (; choices->name; choices++)
		if (choices->value == value)
			return choices->name;
	return "?";
}
