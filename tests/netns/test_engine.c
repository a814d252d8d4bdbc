/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine over stand-ins for the kernel: one that records, one that fails at a step. */
#include "tests/support/test.h"

#include "lab/plan/compile.h"
#include "netns/engine/engine.h"
#include "tests/support/fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct stand_in {
	uint32_t *ran; /* steps in the order they were run */
	uint32_t count;
	uint32_t fail_at;    /* step that is refused when it is run; UINT32_MAX: none */
	bool fails_at_flush; /* then: the kernel says so only when the batch is sent */
	uint32_t pending;    /* the refused step, until the flush */
	unsigned made, stages;
	enum step_stage last_stage;
};

static int run(void *ctx, const struct plan *plan, uint32_t index, struct engine_made *ret_made,
	       uint32_t *ret_failed, struct err *err)
{
	struct stand_in *s = ctx;

	s->ran[s->count++] = index;
	if (index == s->fail_at && !s->fails_at_flush) {
		*ret_failed = index;
		return err_set(err, -EPERM, "refused");
	}
	if (index == s->fail_at)
		s->pending = index;
	if (plan->steps[index].kind == STEP_DAEMON)
		ret_made->pid = 1000 + (int)index;
	return 0;
}

static int flush(void *ctx, const struct plan *plan, uint32_t *ret_failed, struct err *err)
{
	struct stand_in *s = ctx;

	(void)plan;
	if (s->pending == UINT32_MAX)
		return 0;
	*ret_failed = s->pending;
	s->pending = UINT32_MAX;
	return err_set(err, -EEXIST, "refused later");
}

static const struct engine_ops ops = { run, flush };

static void on_made(void *arg, const struct engine_made *made)
{
	struct stand_in *s = arg;

	assert_int_equal(made->pid, 1000 + (int)made->step);
	s->made++;
}

static void on_stage(void *arg, enum step_stage stage, uint32_t step_count, uint64_t took_ns)
{
	struct stand_in *s = arg;

	assert_true(step_count > 0);
	assert_true(took_ns < 10000000000ull);
	assert_true(!s->stages || stage > s->last_stage);
	s->last_stage = stage;
	s->stages++;
}

static const struct engine_listener listener = { on_made, on_stage };

struct state {
	struct fixture f;
	struct plan *changes;
	struct stand_in s;
};

static int set_up(void **state)
{
	static struct state st;
	struct plan *nothing = plan_new(), *plan, *tables;

	memset(&st, 0, sizeof(st));
	fixture_read(&st.f, "templates/vpner/lab.yaml");
	plan = plan_compile(st.f.topology, st.f.graph);
	tables = plan_compile_tables(st.f.fabric);
	plan_append(plan, tables);
	plan_sort(plan);
	st.changes = plan_diff(nothing, plan);
	st.s.ran = calloc(st.changes->step_count, sizeof(*st.s.ran));
	st.s.fail_at = st.s.pending = UINT32_MAX;
	plan_free(nothing);
	plan_free(plan);
	plan_free(tables);
	*state = &st;
	return 0;
}

static int tear_down(void **state)
{
	struct state *st = *state;

	free(st->s.ran);
	plan_free(st->changes);
	fixture_free(&st->f);
	return 0;
}

static void all_steps_run_once_in_order_of_stages(void **state)
{
	struct state *st = *state;
	struct err err = { 0 };

	assert_int_equal(engine_apply(&ops, &st->s, st->changes, false, &listener, &st->s, &err),
			 0);
	assert_int_equal(st->s.count, st->changes->step_count);
	for (uint32_t i = 0; i < st->s.count; i++)
		assert_int_equal(st->s.ran[i], i);
	assert_int_equal(st->s.stages, STAGE_COUNT);
	assert_int_equal(st->s.made, st->f.graph->speakers.count);
}

/* Whichever step fails: nothing after it runs (its batch aside), and the message names it. */
static void a_failure_at_any_step_stops_there_and_names_it(void **state)
{
	struct state *st = *state;

	for (uint32_t i = 0; i < st->changes->step_count; i++) {
		for (int late = 0; late < 2; late++) {
			const struct step *step = &st->changes->steps[i];
			struct err err = { 0 };
			char text[160];

			st->s.count = st->s.made = st->s.stages = 0;
			st->s.fail_at = i;
			st->s.fails_at_flush = late;
			assert_int_equal(engine_apply(&ops, &st->s, st->changes, false, &listener,
						      &st->s, &err),
					 late ? -EEXIST : -EPERM);
			step_print(st->changes, step, text, sizeof(text));
			assert_memory_equal(err.text, text, strlen(text));
			assert_non_null(strstr(err.text, late ? "refused later" : "refused"));
			assert_int_equal(err.pos.line, step->line);
			if (!late)
				assert_int_equal(st->s.count, i + 1);
			else
				assert_int_equal(
					step_stage(step->kind),
					step_stage(st->changes->steps[st->s.count - 1].kind));
		}
	}
}

static void an_undo_goes_on_after_a_failure(void **state)
{
	struct state *st = *state;
	struct err err = { 0 };

	st->s.count = st->s.made = st->s.stages = 0;
	st->s.fail_at = 3;
	st->s.fails_at_flush = false;
	assert_int_equal(engine_apply(&ops, &st->s, st->changes, true, &listener, &st->s, &err), 0);
	assert_int_equal(st->s.count, st->changes->step_count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_steps_run_once_in_order_of_stages, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_failure_at_any_step_stops_there_and_names_it,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_undo_goes_on_after_a_failure, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
