/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states of a lab file: its steps, and changes made while it runs (design.md section 7). */
#include "lab/model/lab_check.h"
#include "lab/model/tree.h"

#include "lab/base/cleanup.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LAB_STEPS_MAX 100 /* each is a state that is checked on its own */

static struct lab_step *find_step(struct lab_step *steps, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (steps[i].name.value && !strcasecmp(steps[i].name.value, name))
			return &steps[i];
	return NULL;
}

void lab_join_steps(struct lab *lab)
{
	struct lab_step *steps = lab->steps.items;

	for (size_t i = 0; i < lab->steps.count && i < LAB_STEPS_MAX; i++) {
		steps[i].number = (unsigned)i + 1;
		if (steps[i].after.value)
			steps[i].base = find_step(steps, i, steps[i].after.value);
		else
			steps[i].base = i ? &steps[i - 1] : NULL;
	}
}

static void check_base(const struct lab *lab, size_t index, struct diags *diags)
{
	const struct lab_step *steps = lab->steps.items, *step = &steps[index];
	const char *names[LAB_STEPS_MAX];
	size_t count = 0;
	struct diag *diag;
	const char *near;

	if (step->base || !step->after.value)
		return;
	for (size_t i = 0; i < index && count < ARRAY_SIZE(names); i++)
		if (steps[i].name.value)
			names[count++] = steps[i].name.value;
	diag = diag_add(diags, DIAG_STEP, step->after.pos,
			"no step before this one is named '%.80s'", step->after.value);
	near = nearest_word(step->after.value, names, count);
	if (near)
		diag_hint(diags, diag, "did you mean '%s'?", near);
}

static void check_step(const struct lab *lab, size_t index, struct diags *diags)
{
	struct lab_step *steps = lab->steps.items, *step = &steps[index];
	const struct lab_step *other;

	if (!index && step->set.count)
		diag_hint(
			diags,
			diag_add(diags, DIAG_STEP, step->set.items[0].pos,
				 "the first step is what the top level says, and sets nothing"),
			"put it at the top level, or put a step with only a name before this one");
	check_base(lab, index, diags);
	other = step->name.value ? find_step(steps, index, step->name.value) : NULL;
	if (other)
		diag_add(diags, DIAG_STEP, step->name.pos, "another step is named '%.80s'",
			 step->name.value)
			->also = other->name.pos;
}

/* What the file's name for itself, and the frame of steps and expectations, cannot be. */
static bool is_fixed(const char *path)
{
	static const char *const fixed[] = { "lab", "steps", "expect" };
	size_t len = strcspn(path, "/");

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		if (strlen(fixed[i]) == len && !strncasecmp(path, fixed[i], len))
			return true;
	return false;
}

/* A circuit's (ENC-03); a provider's side may be set to what it likes. */
static bool is_s_tag(const char *path)
{
	static const char circuits[] = "express_route_circuits/";
	const char *last = strrchr(path, '/');

	return !strncasecmp(path, circuits, strlen(circuits)) && !strcasecmp(last, "/stag");
}

static const struct doc_node *apply(struct lab *lab, const struct doc_node *root,
				    const struct change *change, struct diags *diags)
{
	if (is_s_tag(change->path)) {
		diag_add(diags, DIAG_LINK_TAG, change->pos,
			 "'%.80s': Azure gives a circuit its outer tag, and never another one",
			 change->path);
		return NULL;
	}
	if (!is_fixed(change->path))
		return tree_change(&lab_schema, root, change, lab->arena, diags);
	diag_add(diags, DIAG_STEP, change->pos, "'%.80s' is the same in every state of a lab",
		 change->path);
	return NULL;
}

static const struct doc_node *apply_step(struct lab *lab, const struct doc_node *root,
					 const struct lab_step *step, struct diags *diags)
{
	if (step->base)
		root = apply_step(lab, root, step->base, diags);
	for (size_t i = 0; root && i < step->set.count; i++)
		root = apply(lab, root, &step->set.items[i], diags);
	return root;
}

/* The value of a change as a node; the file it is in has the name of the path. */
static bool read_value(struct lab *lab, const struct change_text *text, struct change *change,
		       struct diags *diags)
{
	size_t before = diags_error_count(diags);
	const char *line;
	struct doc *doc;

	if (!text->value)
		return true;
	if (strpbrk(text->value, "\r\n")) {
		diag_add(diags, DIAG_SYNTAX, change->pos, "a value is one line");
		return false;
	}
	line = arena_printf(lab->arena, "v: %s\n", text->value);
	doc = doc_parse(line, strlen(line), text->path, diags);
	if (!doc)
		return false;
	*ARENA_PUSH(lab->arena, lab->values.items, lab->values.count) = doc;
	if (doc_root(doc)->count != 1 || diags_error_count(diags) != before) {
		if (diags_error_count(diags) == before)
			diag_add(diags, DIAG_SYNTAX, change->pos, "'%.80s' is more than one value",
				 text->value);
		return false;
	}
	change->value = doc_root(doc)->pairs[0].value;
	if (doc_is_empty(change->value))
		change->value = NULL;
	return true;
}

static const struct doc_node *apply_changes(struct lab *lab, const struct doc_node *root,
					    const struct lab_state *state, struct diags *diags)
{
	for (size_t i = 0; root && i < state->change_count; i++) {
		const struct change_text *text = &state->changes[i];
		struct change change = { .path = text->path, .pos = { text->path, 1, 1 } };

		root = read_value(lab, text, &change, diags) ? apply(lab, root, &change, diags)
							     : NULL;
	}
	return root;
}

bool lab_check_steps(struct lab *lab, struct diags *diags)
{
	size_t before = diags_error_count(diags);

	lab_join_steps(lab);
	if (lab->steps.count > LAB_STEPS_MAX) {
		diag_add(diags, DIAG_STEP, lab->steps.items[LAB_STEPS_MAX].object.pos,
			 "the lab has %zu steps, the limit is %d", lab->steps.count, LAB_STEPS_MAX);
		return false;
	}
	for (size_t i = 0; i < lab->steps.count; i++)
		check_step(lab, i, diags);
	lab->step = lab->steps.count ? 1 : 0;
	return diags_error_count(diags) == before;
}

const struct doc_node *lab_state_root(struct lab *lab, const struct doc_node *file_root,
				      const struct lab_state *state, struct diags *diags)
{
	const struct doc_node *root = file_root;
	CLEANUP(diags_cleanup) struct diags elsewhere = { 0 };
	struct lab *file = arena_alloc(lab->arena, sizeof(*file));

	/* only the steps of it; what is wrong with the rest is found when a state is read */
	file->arena = lab->arena;
	schema_read(&lab_schema, file_root, file, lab->arena, &elsewhere);
	if (!lab_check_steps(file, diags))
		return NULL;
	if (state->step > file->steps.count) {
		diag_add(diags, DIAG_STEP, file_root->pos, "there is no step %u: the file has %zu",
			 state->step, file->steps.count);
		return NULL;
	}
	lab->step = state->step ? state->step : file->step;
	if (lab->step > 1)
		root = apply_step(file, root, &file->steps.items[lab->step - 1], diags);
	return root ? apply_changes(lab, root, state, diags) : NULL;
}
