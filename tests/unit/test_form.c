/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forms: what keys do to their fields, and the form of a new lab at every size. */
#include "tests/support/test.h"

#include "tests/support/screen.h"
#include "tui/view/screen_build.h"

#include <stdio.h>
#include <string.h>

enum {
	TEXT,
	NAME,
	CHOICE,
	FIXED,
	HIDDEN,
	BUTTON
};

static void make_form(struct form *form)
{
	static const char *const words[] = { "Tcp", "Udp", "Icmp" };

	form_init(form, "A form");
	(void)form_add(form, FORM_TEXT, TEXT, "text", "what is typed");
	form_choose_from(form_add(form, FORM_NAME, NAME, "name", "a name"), words, 3);
	form_choose_from(form_add(form, FORM_CHOICE, CHOICE, "choice", "a choice"), words, 3);
	(void)form_add(form, FORM_FIXED, FIXED, "fixed", NULL);
	form_add(form, FORM_TEXT, HIDDEN, "hidden", NULL)->is_hidden = true;
	(void)form_add(form, FORM_BUTTON, BUTTON, "do it", "does it");
}

static void type_into(struct form *form, const char *text)
{
	for (; *text; text++)
		assert_int_equal(form_key(form, (unsigned char)*text), FORM_CHANGED);
}

static void keys_go_to_fields_that_have_use_for_them(void **state)
{
	struct form form;

	(void)state;
	make_form(&form);
	type_into(&form, "a b");
	assert_string_equal(form_value(&form, TEXT), "a b");
	assert_true(form.fields[TEXT].is_typed);
	assert_int_equal(form_key(&form, KEY_CODE_LEFT), FORM_NOTHING);
	assert_int_equal(form_key(&form, KEY_CODE_ENTER), FORM_NOTHING);
	assert_int_equal(form.at, NAME);
	type_into(&form, " "); /* none of them yet: the first */
	assert_string_equal(form_value(&form, NAME), "Tcp");
	type_into(&form, "  ");
	assert_string_equal(form_value(&form, NAME), "Icmp");
	type_into(&form, " x");
	assert_string_equal(form_value(&form, NAME), "Tcpx");
	(void)form_key(&form, KEY_CODE_TAB);
	assert_string_equal(form_value(&form, CHOICE), "Tcp");
	assert_int_equal(form_key(&form, KEY_CODE_LEFT), FORM_CHANGED);
	assert_string_equal(form_value(&form, CHOICE), "Icmp");
	type_into(&form, "u");
	assert_string_equal(form_value(&form, CHOICE), "Udp");
	assert_int_equal(form_key(&form, 'x'), FORM_NOTHING);
	(void)form_key(&form, KEY_CODE_DOWN);
	assert_int_equal(form.at, BUTTON); /* past what is fixed or hidden */
	assert_int_equal(form_key(&form, 'x'), FORM_NOTHING);
	assert_int_equal(form_key(&form, KEY_CODE_ENTER), FORM_PRESSED);
	(void)form_key(&form, KEY_CODE_TAB);
	assert_int_equal(form.at, TEXT);
	(void)form_key(&form, KEY_CODE_UP);
	assert_int_equal(form.at, BUTTON);
	(void)form_key(&form, KEY_CODE_PAGE_UP);
	assert_int_equal(form.at, TEXT);
	(void)form_key(&form, KEY_CODE_PAGE_DOWN);
	assert_int_equal(form.at, BUTTON);
	assert_int_equal(form_key(&form, KEY_CODE_ESCAPE), FORM_LEFT);
}

static void what_is_typed_stands_before_what_is_proposed(void **state)
{
	struct form form;

	(void)state;
	make_form(&form);
	form_propose(&form.fields[TEXT], "10.0.0.0/24");
	assert_string_equal(form_value(&form, TEXT), "10.0.0.0/24");
	(void)form_key(&form, KEY_CODE_BACKSPACE);
	form_propose(&form.fields[TEXT], "10.0.0.0/24");
	assert_string_equal(form_value(&form, TEXT), "10.0.0.0/2");
	line_set(&form.fields[HIDDEN].line, "x");
	assert_string_equal(form_value(&form, HIDDEN), "");
}

static void a_field_takes_no_more_than_it_may(void **state)
{
	struct form form;

	(void)state;
	make_form(&form);
	form.fields[TEXT].size_max = 3;
	type_into(&form, "abc");
	assert_int_equal(form_key(&form, 'd'), FORM_NOTHING);
	assert_int_equal(form_key(&form, 0xe9), FORM_NOTHING);
	assert_string_equal(form_value(&form, TEXT), "abc");
	assert_int_equal(form_value_cursor(&form.fields[TEXT], 10), 3);
	assert_int_equal(form_value_cursor(&form.fields[TEXT], 2), 1); /* its end is seen */
	(void)form_key(&form, KEY_CODE_BACKSPACE);
	assert_int_equal(form_key(&form, 0xe9), FORM_NOTHING); /* two bytes */
	assert_int_equal(form_key(&form, 'd'), FORM_CHANGED);
	assert_string_equal(form_value(&form, TEXT), "abd");
}

static void a_form_has_no_more_fields_than_it_can(void **state)
{
	struct form form;

	(void)state;
	form_init(&form, "A form");
	for (int i = 0; i < FORM_FIELDS_MAX; i++)
		assert_non_null(form_add(&form, FORM_TEXT, i, "field", NULL));
	assert_null(form_add(&form, FORM_TEXT, 99, "field", NULL));
}

/* ---- the form of a new lab ---- */

static int tear_down(void **state)
{
	struct screen_test *f = *state;

	screen_build_close(&f->screen);
	return screen_tear_down(state);
}

static struct effect type(struct screen_test *f, const char *text)
{
	return screen_press(&f->screen, text);
}

static struct form_field *field(struct screen_test *f, int id)
{
	return form_find(&f->screen.scene.build.form, id);
}

static void go_to(struct screen_test *f, int id)
{
	struct form *form = &f->screen.scene.build.form;

	while (form->fields[form->at].id != id)
		(void)screen_key(&f->screen, KEY_CODE_TAB);
}

static void retype(struct screen_test *f, int id, const char *text)
{
	go_to(f, id);
	(void)screen_key(&f->screen, KEY_CTRL('u'));
	(void)type(f, text);
}

static void the_new_lab_form_at_every_size(void **state)
{
	struct screen_test *f = *state;

	(void)type(f, "oN");
	assert_int_equal(f->screen.mode, MODE_BUILD);
	assert_golden_screens(&f->screen, "new");
	retype(f, NEW_LAB_SPOKES, "3");
	go_to(f, NEW_LAB_NVA);
	(void)type(f, " ");
	go_to(f, NEW_LAB_ROUTE_SERVER);
	(void)type(f, " ");
	go_to(f, NEW_LAB_VPN);
	(void)type(f, "y");
	go_to(f, NEW_LAB_BRANCH);
	(void)type(f, " ");
	retype(f, NEW_LAB_ON_PREMISES, "10.0.2.0/24");
	assert_golden_screens(&f->screen, "new_overlap");
}

static void the_address_plan_is_proposed_and_can_be_changed(void **state)
{
	struct screen_test *f = *state;
	const struct new_lab *lab = &f->screen.scene.build.lab;

	(void)type(f, "oN");
	assert_string_equal(field(f, BUILD_NEW_FILE)->line.text, "hub-and-spoke.yaml");
	retype(f, NEW_LAB_HUB, "172.16.0.0/22");
	retype(f, NEW_LAB_SPOKES, "3");
	(void)screen_key(&f->screen, KEY_CODE_TAB);
	assert_string_equal(
		f->screen.scene.build.form.fields[f->screen.scene.build.form.at].line.text,
		"172.16.4.0/22, 172.16.8.0/22, 172.16.12.0/22");
	(void)type(f, ",10.7.0.0/16"); /* one more: counted */
	assert_string_equal(field(f, NEW_LAB_SPOKES)->line.text, "4");
	assert_int_equal(lab->spoke_count, 4);
	(void)type(f, "x");
	assert_true(form_first_error(&f->screen.scene.build.form) != NULL);
	assert_int_equal(type(f, "\n").kind, EFFECT_NONE);
	retype(f, NEW_LAB_SPOKES, "1"); /* the count proposes anew */
	assert_null(form_first_error(&f->screen.scene.build.form));
	assert_int_equal(lab->spoke_count, 1);
	assert_string_equal(prefix_print(lab->spokes[0]).text, "172.16.4.0/22");
}

static void a_new_lab_is_written_when_nothing_is_wrong(void **state)
{
	struct screen_test *f = *state;

	(void)type(f, ":new\n");
	retype(f, NEW_LAB_NAME, "two words");
	(void)screen_key(&f->screen, KEY_CODE_PAGE_DOWN);
	assert_int_equal(type(f, "\n").kind, EFFECT_NONE);
	assert_non_null(strstr(f->screen.message, "'two words' cannot be a name"));
	retype(f, NEW_LAB_NAME, "mine"); /* the keys are there */
	(void)screen_key(&f->screen, KEY_CODE_PAGE_DOWN);
	assert_int_equal(type(f, "\n").kind, EFFECT_NEW);
	assert_string_equal(f->screen.scene.build.path, "mine.yaml");
	assert_true(f->screen.scene.build.starts);
	assert_false(f->screen.scene.build.is_forced);
}

static void a_file_is_overwritten_after_a_question_only(void **state)
{
	struct screen_test *f = *state;
	struct build *build = &f->screen.scene.build;

	(void)type(f, "oN");
	(void)screen_key(&f->screen, KEY_CODE_PAGE_DOWN);
	(void)screen_key(&f->screen, KEY_CODE_TAB);
	assert_int_equal(type(f, "\n").kind, EFFECT_NEW);
	assert_false(build->starts);
	(void)snprintf(build->question, sizeof(build->question), "it is there: overwrite it?");
	assert_golden_text(&f->screen, true, "screen/new_question.txt");
	assert_int_equal(type(f, "n").kind, EFFECT_NONE);
	assert_string_equal(build->question, "");
	(void)snprintf(build->question, sizeof(build->question), "it is there: overwrite it?");
	assert_int_equal(type(f, "y").kind, EFFECT_NEW);
	assert_true(build->is_forced);
	(void)screen_key(&f->screen, KEY_CODE_ESCAPE);
	assert_ptr_equal(f->screen.view, &view_chooser);
	assert_int_equal(f->screen.mode, MODE_VIEW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_go_to_fields_that_have_use_for_them),
		cmocka_unit_test(what_is_typed_stands_before_what_is_proposed),
		cmocka_unit_test(a_field_takes_no_more_than_it_may),
		cmocka_unit_test(a_form_has_no_more_fields_than_it_can),
		cmocka_unit_test_setup_teardown(the_new_lab_form_at_every_size, screen_set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_address_plan_is_proposed_and_can_be_changed,
						screen_set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_new_lab_is_written_when_nothing_is_wrong,
						screen_set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_is_overwritten_after_a_question_only,
						screen_set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
