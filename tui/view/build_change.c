/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The form of an object of a lab, and the changes that it comes to. */
#include "tui/view/build.h"

#include "lab/base/cleanup.h"
#include "lab/base/text_file.h"
#include "lab/model/tree.h"
#include "lab/render/draft.h"
#include "lab/snapshot/fill.h"
#include "tui/view/build_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char build_absent[] = "-";

void build_close(struct build *build)
{
	lab_free(build->parsed);
	if (build->arena)
		lab_tree_fini(&build->tree);
	arena_free(build->arena);
	arena_free(build->scratch);
	*build = (struct build){ 0 };
}

void build_open(struct build *build, struct arena *arena, const struct snapshot_file *file,
		bool is_running)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };

	build_close(build);
	build->page = BUILD_KINDS;
	build->arena = arena;
	build->file = *file;
	build->is_running = is_running;
	build->tree = snapshot_file_tree(&build->file);
	build->parsed = snapshot_file_lab(&build->file, &diags);
}

/* ---- the form ---- */

/* Are rows of the kind written in one line, as routes and rules are? Then `main` is not a field. */
static bool is_in_a_line(const struct build *build)
{
	const struct schema *schema = build_schema(build->kind);
	const struct field *main = schema->main ? schema_find(schema, schema->main) : NULL;

	if (!main || main->kind != FIELD_TEXT)
		return false;
	return !build->object.path || build->object.node->kind == DOC_SCALAR;
}

static bool is_shown(const struct build *build, const struct schema *schema,
		     const struct field *field)
{
	if (build_is_within(build->kind, field->key))
		return false;
	if (!is_in_a_line(build))
		return build->object.path || !schema->main ||
		       strcmp(field->key, schema->main) != 0 || field->kind != FIELD_TEXT;
	return strcmp(field->key, schema->main) != 0 && !strstr(field->key, "security_groups");
}

static const char *const flags[] = { build_absent, "true", "false" };

/* Names of choices, behind the mark of what is absent unless there must be one. */
static void choose_from(struct form_field *to, const struct field *field, bool is_needed,
			struct arena *arena)
{
	struct names names = { 0 };

	if (field->kind == FIELD_FLAG) {
		form_choose_from(to, flags, ARRAY_SIZE(flags));
		return;
	}
	if (!is_needed)
		*ARENA_PUSH(arena, names.items, names.count) = build_absent;
	for (const struct choice_name *choice = field->choices; choice->name; choice++)
		*ARENA_PUSH(arena, names.items, names.count) = choice->name;
	form_choose_from(to, names.items, names.count);
}

static const char *help_of(const struct field *field, struct arena *arena)
{
	if (!field->fallback)
		return field->words;
	return arena_printf(arena, "%s; default %s", field->words, field->fallback);
}

/* Too long to be typed: it stays as it is. */
static void fill_key(const struct build *build, struct form_field *to, const struct field *field,
		     const struct doc_node *node)
{
	const char *shown = build_shown(field, node, build->arena);

	if (to->kind == FORM_OPEN) {
		build_show_nested(build, to, field, node);
	} else if (strlen(shown) >= LINE_SIZE) {
		to->kind = FORM_FIXED;
		line_set(&to->line, "(long: E edits the file)");
	} else if (*shown || to->kind != FORM_CHOICE) {
		line_set(&to->line, shown);
	}
}

void build_add_key(struct build *build, struct form *form, int id, const struct field *field,
		   bool is_needed, const struct doc_node *node)
{
	struct names names = build_names_for(field->key, build->tree.root, build->arena);
	bool is_choice = field->kind == FIELD_FLAG || field->choices;
	struct form_field *to = form_add(form,
					 field->object ? FORM_OPEN
					 : is_choice   ? FORM_CHOICE
					 : names.count ? FORM_NAME
						       : FORM_TEXT,
					 id, field->key, help_of(field, build->arena));

	if (!to)
		return;
	if (is_choice)
		choose_from(to, field, is_needed, build->arena);
	else if (names.count)
		form_choose_from(to, names.items, names.count);
	fill_key(build, to, field, node);
}

/* "virtual network" for subnets. */
static const char *parent_word(const struct build_kind *kind)
{
	for (size_t i = 0; i < build_kind_count; i++)
		if (!strcmp(build_kinds[i].collection, kind->collection) &&
		    !build_kinds[i].within && !build_kinds[i].is_spoke)
			return build_kinds[i].name;
	return kind->collection;
}

static void add_name(struct build *build)
{
	struct names names =
		build_names_of(build->kind->collection, build->tree.root, build->arena);
	bool is_new = !build->object.path;
	struct form_field *field;

	if (build->kind->within) {
		field = form_add(&build->form, is_new ? FORM_NAME : FORM_FIXED, BUILD_PARENT,
				 parent_word(build->kind),
				 arena_printf(build->arena,
					      "One of %s; a name that is none of them makes one.",
					      build->kind->collection));
		form_choose_from(field, names.items, names.count);
		line_set(&field->line, !is_new       ? build->object.parent
				       : names.count ? names.items[0]
						     : "");
	}
	field = form_add(&build->form, is_new ? FORM_TEXT : FORM_FIXED, BUILD_NAME, "name",
			 "Its name.");
	if (!is_new)
		line_set(&field->line, build->object.name);
}

const struct doc_node *build_node_of(const struct schema *schema, const struct doc_node *node,
				     const struct field *field)
{
	if (!node)
		return NULL;
	if (schema->main && schema_is_short_form(schema, node))
		return !strcasecmp(schema->main, field->key) ? node : NULL;
	return node->kind == DOC_MAP ? doc_find(node, field->key) : NULL;
}

void build_object_open(struct build *build, const struct build_object *object)
{
	const struct schema *schema = build_schema(build->kind);
	struct form *form = &build->form;

	build->page = BUILD_OBJECT;
	build->is_removed = false;
	build->object = object ? *object : (struct build_object){ 0 };
	build->value = build->object.node;
	build->depth = 0;
	form_init(form, object ? arena_printf(build->arena, "Change %s %s", build->kind->name,
					      object->name)
			       : arena_printf(build->arena, "Add %s", build->kind->name));
	add_name(build);
	if (build->kind->is_spoke && !object)
		build_spoke_fields(build);
	for (size_t i = 0; i < schema->field_count && (object || !build->kind->is_spoke); i++) {
		const struct field *field = &schema->fields[i];

		if (is_shown(build, schema, field))
			build_add_key(build, form, (int)i, field,
				      field->is_required || is_in_a_line(build),
				      is_in_a_line(build)
					      ? NULL
					      : build_node_of(schema, build->value, field));
	}
	if (object && is_in_a_line(build))
		build_line_fill(build, object->node->value);
	if (!object && build->kind->within && !strcmp(build->kind->within, "peerings"))
		form_choose_from(
			form_add(form, FORM_CHOICE, BUILD_BOTH, "other half",
				 "The peering back is added, too: each side has its half."),
			(const char *const *)build_yes_no, 2);
	(void)form_add(form, FORM_BUTTON, BUILD_REVIEW_BUTTON, "Show what it would do",
		       "The difference of the lab file and of what runs; nothing is changed yet.");
	while (form->fields[form->at].kind == FORM_FIXED)
		form->at++;
	build_object_update(build);
}

/* ---- the changes ---- */

void build_add_change(struct build *build, const char *path, const char *value)
{
	*ARENA_PUSH(build->scratch, build->changes.items, build->changes.count) =
		(struct change_text){ path, value };
}

const char *build_typed(const struct form_field *field)
{
	const char *text = field->line.text;

	while (*text == ' ')
		text++;
	return strcmp(text, build_absent) != 0 ? text : "";
}

/* The whole of a new object: in a line, by its main key alone, or as a mapping. */
static const char *whole_value(const struct build *build)
{
	const struct schema *schema = build_schema(build->kind);
	struct arena *arena = build->scratch;
	const char *map = "", *only = NULL;
	size_t count = 0;

	for (size_t i = 0; i < build->form.count; i++) {
		const struct form_field *from = &build->form.fields[i];
		const struct doc_node *node;
		const struct field *field;
		const char *value;

		if (from->id >= (int)schema->field_count || !*build_typed(from))
			continue;
		field = &schema->fields[from->id];
		node = build_node_of(schema, build->value, field);
		value = node ? tree_print(node, arena)
			     : build_yaml(field, build_typed(from), arena);
		map = arena_printf(arena, "%s%s%s: %s", map, count++ ? ", " : "", field->key,
				   value);
		only = schema->main && !strcmp(field->key, schema->main) ? value : NULL;
	}
	return count == 1 && only ? only : arena_printf(arena, count ? "{ %s }" : "{%s}", map);
}

static void change_keys(struct build *build)
{
	const struct schema *schema = build_schema(build->kind);
	struct arena *arena = build->scratch;
	bool is_short = schema_is_short_form(schema, build->object.node);

	for (size_t i = 0; i < build->form.count; i++) {
		const struct form_field *from = &build->form.fields[i];
		const struct doc_node *node;
		const struct field *field;
		bool is_main;

		if (from->id >= (int)schema->field_count || from->kind == FORM_FIXED)
			continue;
		field = &schema->fields[from->id];
		node = build_node_of(schema, build->object.node, field);
		if (from->kind == FORM_OPEN)
			build_value_diff(
				build, arena_printf(arena, "%s/%s", build->object.path, field->key),
				node, build_node_of(schema, build->value, field));
		if (!from->is_typed || !strcmp(build_typed(from), build_shown(field, node, arena)))
			continue;
		is_main = is_short && !strcasecmp(schema->main, field->key);
		build_add_change(
			build,
			is_main ? build->object.path
				: arena_printf(arena, "%s/%s", build->object.path, field->key),
			*build_typed(from) ? build_yaml(field, build_typed(from), arena) : NULL);
	}
}

static const char *path_of(const struct build *build, const char *parent, const char *name)
{
	if (!build->kind->within)
		return arena_printf(build->scratch, "%s/%s", build->kind->collection, name);
	return arena_printf(build->scratch, "%s/%s/%s/%s", build->kind->collection, parent,
			    build->kind->within, name);
}

/* The half of the other side, unless that has one. */
static void add_other_half(struct build *build, const char *parent)
{
	struct form_field *remote = form_find(&build->form, 0);
	struct vnet *other =
		build->parsed && remote ? lab_find_vnet(build->parsed, build_typed(remote)) : NULL;

	if (!other || strcmp(form_value(&build->form, BUILD_BOTH), "yes") != 0)
		return;
	for (size_t i = 0; i < other->peerings.count; i++)
		if (!strcasecmp(other->peerings.items[i].remote.name, parent))
			return;
	build_add_change(
		build,
		path_of(build, other->object.name, arena_printf(build->scratch, "to-%s", parent)),
		arena_strdup(build->scratch, parent));
}

/* What a gateway or a Route Server stands in, when its virtual network has none yet. */
static void add_own_subnet(struct build *build)
{
	static const struct {
		const char *collection, *subnet;
	} rows[] = {
		{ "virtual_network_gateways", "GatewaySubnet" },
		{ "route_servers", "RouteServerSubnet" },
	};
	const struct vnet *vnet =
		build->parsed ? lab_find_vnet(build->parsed, form_value(&build->form, 0)) : NULL;
	struct prefix space = build_free_subnet(vnet);

	for (size_t i = 0; vnet && i < ARRAY_SIZE(rows); i++)
		if (!strcmp(build->kind->collection, rows[i].collection) &&
		    !vnet_find_subnet(vnet, rows[i].subnet) && space.addr.family != IP_NONE)
			build_add_change(build,
					 arena_printf(build->scratch,
						      "virtual_networks/%s/subnets/%s",
						      vnet->object.name, rows[i].subnet),
					 arena_strdup(build->scratch, prefix_print(space).text));
}

static void make_changes(struct build *build)
{
	const char *parent = form_value(&build->form, BUILD_PARENT);
	const char *name = form_value(&build->form, BUILD_NAME);

	if (build->object.path && is_in_a_line(build)) {
		const char *line = build_line(build);

		if (strcmp(line, build_yaml(&build_schema(build->kind)->fields[0],
					    build->object.node->value, build->scratch)) != 0)
			build_add_change(build, build->object.path, line);
	} else if (build->object.path) {
		change_keys(build);
	} else if (build->kind->is_spoke) {
		build_spoke_changes(build);
	} else {
		add_own_subnet(build);
		build_add_change(build, path_of(build, parent, name),
				 is_in_a_line(build) ? build_line(build) : whole_value(build));
		if (form_find(&build->form, BUILD_BOTH))
			add_other_half(build, parent);
	}
}

/* ---- what is wrong with it ---- */

void build_complain(struct form_field *field, const char *text)
{
	(void)snprintf(field->error, sizeof(field->error), "%.*s", FORM_ERROR - 1, text);
}

bool build_is_name(const struct schema *schema, const char *name)
{
	return schema->is_rule ? is_rule_name(name) : is_object_name(name);
}

const char *build_name_words(const struct schema *schema)
{
	return schema->is_rule ? rule_name_words : diag_table[DIAG_BAD_NAME].words;
}

static bool is_name_wrong(struct build *build)
{
	struct form_field *field = form_find(&build->form, BUILD_NAME);
	struct form_field *parent = form_find(&build->form, BUILD_PARENT);
	struct build_objects objects =
		build_objects_of(build->kind, build->tree.root, build->scratch);
	const char *name = field->line.text;

	if (build->object.path)
		return false;
	if (parent && !is_object_name(parent->line.text)) {
		build_complain(parent, "which one is it within? A name that is none yet makes one");
		return true;
	}
	if (!build_is_name(build_schema(build->kind), name)) {
		build_complain(field, build_name_words(build_schema(build->kind)));
		return true;
	}
	for (size_t i = 0; i < objects.count; i++)
		if (!strcasecmp(objects.items[i].name, name) &&
		    (!parent || !strcasecmp(objects.items[i].parent, parent->line.text))) {
			build_complain(field, "there is one of that name");
			return true;
		}
	return false;
}

/* The one whose path a finding is about, below that of what the form is about; NULL: none. */
static struct form_field *field_by_path(struct form *form, const char *path, const char *file)
{
	size_t len = strlen(path);

	if (strncmp(file, path, len) != 0 || file[len] != '/')
		return NULL;
	file += len + 1;
	len = strcspn(file, "/");
	for (size_t i = 0; i < form->count; i++)
		if (strlen(form->fields[i].label) == len &&
		    !strncasecmp(file, form->fields[i].label, len))
			return &form->fields[i];
	return NULL;
}

static bool is_of_object(const struct form_field *field)
{
	return field->kind != FORM_BUTTON && field->id != BUILD_NAME && field->id != BUILD_PARENT;
}

/* The field that a finding is about: whose path it names, whose value, or whose key. */
static struct form_field *field_of(struct build *build, struct form *form, const char *path,
				   const struct diag *diag)
{
	struct form_field *found = field_by_path(form, path, diag->pos.file ? diag->pos.file : "");

	if (found)
		return found;
	for (size_t i = 0; i < form->count; i++) {
		const char *value = build_typed(&form->fields[i]);

		if (is_of_object(&form->fields[i]) && strlen(value) > 1 &&
		    strstr(diag->text, value))
			found = &form->fields[i];
	}
	for (size_t i = 0; i < form->count && !found; i++)
		if (strstr(diag->text, arena_printf(build->scratch, "'%s'", form->fields[i].label)))
			found = &form->fields[i];
	return found ? found : &form->fields[form->count - 1];
}

/* The lab with the changes, in the scratch arena. */
static struct snapshot_file draft_of(const struct build *build)
{
	return snapshot_file_with(&build->file, build->changes.items, build->changes.count,
				  build->scratch);
}

static void check_changes(struct build *build)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct snapshot_file draft = draft_of(build);
	const struct diag *first;
	struct err err = { 0 };

	lab_free(snapshot_file_lab(&draft, &diags));
	if (!diags_fail(&diags, "", &err))
		return;
	first = diags_first_error(&diags);
	build_complain(
		field_of(build, &build->form, build->object.path ? build->object.path : "", first),
		err.text);
	if (build->depth)
		build_complain(field_of(build, &build->inner, build_nested_path(build), first),
			       err.text);
}

static void begin(struct build *build)
{
	arena_free(build->scratch);
	build->scratch = arena_new();
	build->changes = (struct build_changes){ 0 };
	build->lines = NULL;
	build->line_count = 0;
	build->top = 0;
}

void build_object_update(struct build *build)
{
	begin(build);
	form_clear_errors(&build->form);
	form_clear_errors(&build->inner);
	if (build->depth && !build_nested_update(build))
		return;
	if (!build->object.path)
		build_propose(build);
	if (is_name_wrong(build))
		return;
	make_changes(build);
	check_changes(build);
}

/* ---- removing ---- */

static bool stands_in(const struct vm *vm, const struct vnet *vnet)
{
	for (size_t i = 0; i < vm->network_interfaces.count; i++)
		if (vm->network_interfaces.items[i].subnet &&
		    vm->network_interfaces.items[i].subnet->vnet == vnet)
			return true;
	return false;
}

/* A virtual network goes with the machines in it and with the other halves of its peerings. */
static void remove_with_network(struct build *build, const struct vnet *vnet)
{
	const struct lab *lab = build->parsed;
	struct arena *arena = build->scratch;

	for (size_t i = 0; i < lab->vms.count; i++) {
		const struct vm *vm = &lab->vms.items[i];

		if (stands_in(vm, vnet))
			build_add_change(build,
					 arena_printf(arena, "%s/%s", vm->is_nva ? "nvas" : "vms",
						      vm->object.name),
					 NULL);
	}
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		const struct vnet *other = &lab->virtual_networks.items[i];

		for (size_t n = 0; n < other->peerings.count; n++)
			if (other->peerings.items[n].remote_vnet == vnet)
				build_add_change(build,
						 arena_printf(arena,
							      "virtual_networks/%s/peerings/%s",
							      other->object.name,
							      other->peerings.items[n].object.name),
						 NULL);
	}
}

void build_remove(struct build *build, const struct build_object *object)
{
	const struct vnet *vnet = NULL;

	begin(build);
	build->is_removed = true;
	if (!strcmp(build->kind->collection, "virtual_networks") && !build->kind->within &&
	    build->parsed)
		vnet = lab_find_vnet(build->parsed, object->name);
	if (vnet)
		remove_with_network(build, vnet);
	build_add_change(build, arena_strdup(build->scratch, object->path), NULL);
	build_review(build);
}

/* ---- the review ---- */

static void add_line(struct build *build, const char *text)
{
	*ARENA_PUSH(build->scratch, build->lines, build->line_count) =
		arena_strdup(build->scratch, text);
}

static void add_text(struct build *build, char *text)
{
	char *rest;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		add_line(build, line);
	free(text);
}

void build_review(struct build *build)
{
	struct snapshot_file draft = draft_of(build);
	struct text_file text, of_file;
	struct err err = { 0 };
	int rc;

	build->page = BUILD_REVIEW;
	rc = draft_print_plan(&build->file, &draft, text_open(&text), &err);
	(void)text_close(&text);
	build->is_refused = rc != 0;
	if (rc) {
		add_line(build, "! This cannot be:");
		add_line(build, arena_printf(build->scratch, "! %s", err.text));
		free(text.text);
		return;
	}
	rc = draft_print_file(&build->file, &draft, text_open(&of_file), &err);
	add_text(build, text_close(&of_file));
	if (rc) /* it can be applied all the same */
		add_line(build, arena_printf(build->scratch, "! %s", err.text));
	add_line(build, build->is_running ? "@@ what runs @@" : "@@ what is built @@");
	add_text(build, text.text);
}
