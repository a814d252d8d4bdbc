/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of nftables' tables in a namespace of the test's own: made, changed and taken away. */
#include "tests/support/test.h"

#include "lab/plan/compile.h"
#include "netns/kernel/nft.h"
#include "tests/support/namespace.h"

#include <nftables/libnftables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE "ip hublab"
#define HOOK  "\t\ttype filter hook forward priority 0; policy accept;\n"

static struct plan *with_parts(const char *parts)
{
	struct plan *plan = plan_new();
	char *copy = strdup(parts);

	assert_non_null(copy);
	plan_add_table(plan, "n", TABLE, "\tchain c_fixed {\n\t\tcounter\n\t}\n",
		       (struct src_pos){ 0 });
	plan_add_blocks(plan, "n", TABLE, copy, (struct src_pos){ 0 });
	free(copy);
	plan_sort(plan);
	return plan;
}

static void add_element(struct plan *plan, const char *text)
{
	struct prefix prefix;

	assert_true(prefix_parse(text, &prefix));
	plan_add_element(plan, "n", TABLE, "set s_near", prefix, (struct src_pos){ 0 });
}

static int apply(const struct plan *changes, struct err *err)
{
	uint32_t *steps = calloc(changes->step_count + 1, sizeof(*steps)), failed = 0;
	int rc;

	assert_non_null(steps);
	for (uint32_t i = 0; i < changes->step_count; i++)
		steps[i] = i;
	rc = nft_apply(changes, steps, changes->step_count, &failed, err);
	free(steps);
	return rc ? (int)failed : -1;
}

/* As nft prints it; the caller frees it. */
static char *list(const char *what, unsigned flags)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	char command[100], *text;

	(void)nft_ctx_buffer_output(nft);
	(void)nft_ctx_buffer_error(nft);
	nft_ctx_output_set_flags(nft, flags);
	(void)snprintf(command, sizeof(command), "list %s", what);
	if (nft_run_cmd_from_buffer(nft, command))
		fail_msg("%s: %s", command, nft_ctx_get_error_buffer(nft));
	text = strdup(nft_ctx_get_output_buffer(nft));
	nft_ctx_free(nft);
	return text;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Parts stand in the order in which they were made, which does not matter: lines in order. */
static char *sorted_list(void)
{
	char *text = list("ruleset", 0), *rest = text, *line, *lines[6000], *out;
	size_t count = 0, len = 0;

	while ((line = strsep(&rest, "\n")) && count < 6000)
		lines[count++] = line;
	qsort((void *)lines, count, sizeof(*lines), compare_lines);
	out = calloc(count + 1, 400);
	assert_non_null(out);
	for (size_t i = 0; i < count; i++)
		len += (size_t)sprintf(out + len, "%.398s\n", lines[i]);
	free(text);
	return out;
}

/* What stands in the kernel is what one plan from nothing makes: then they are listed alike. */
static void assert_is(const struct plan *wanted)
{
	struct plan *nothing = plan_new(), *all = plan_diff(nothing, wanted);
	char *is, *should;
	struct err err;

	for (uint32_t i = 0; i < all->step_count; i++)
		if (all->steps[i].kind == STEP_NFT && !all->steps[i].nft.block)
			all->steps[i].verb = STEP_CHANGE; /* it is there */
	is = sorted_list();
	if (apply(all, &err) >= 0)
		fail_msg("%s", err.text);
	should = sorted_list();
	assert_string_equal(is, should);
	free(is);
	free(should);
	plan_free(all);
	plan_free(nothing);
}

static void assert_leads(struct plan *from, struct plan *to)
{
	struct plan *changes = plan_diff(from, to);
	struct err err = { 0 };

	if (apply(changes, &err) >= 0)
		fail_msg("%s", err.text);
	plan_free(changes);
	assert_is(to);
	plan_free(from);
}

#define SET(elements) "\tset s_a {\n\t\ttypeof iifname\n" elements "\t}\n"
#define NEAR          "\tset s_near {\n\t\ttypeof ip saddr\n\t\tflags interval\n\t}\n"

static void parts_change_whatever_they_name(void **state)
{
	struct plan *a = plan_new(), *b;

	(void)state;
	b = with_parts(NEAR SET(
		"\t\telements = { \"x\", \"y\" }\n") "\tchain c_b {\n\t\tiifname @s_a drop\n\t}\n"
						     "\tmap m_c {\n\t\ttypeof oifname : verdict\n"
						     "\t\telements = { \"x\" : jump c_b }\n\t}\n"
						     "\tchain c_forward {\n" HOOK
						     "\t\toifname vmap @m_c\n\t}\n");
	add_element(b, "10.0.0.0/8");
	add_element(b, "192.168.0.0/16");
	assert_leads(a, b);
	a = b;
	/* chain and set that go were named by the map and the chain that change */
	b = with_parts(NEAR "\tchain c_d {\n\t\tip saddr @s_near drop\n\t}\n"
			    "\tmap m_c {\n\t\ttypeof oifname : verdict\n"
			    "\t\telements = { \"x\" : jump c_d }\n\t}\n"
			    "\tchain c_forward {\n" HOOK "\t\toifname vmap @m_c\n\t}\n");
	add_element(b, "10.0.0.0/9");
	add_element(b, "192.168.0.0/16");
	assert_leads(a, b);
	a = b;
	b = with_parts(SET(""));
	assert_leads(a, b);
	a = plan_new();
	assert_leads(b, a);
	plan_free(a);
}

static void only_what_changes_is_touched(void **state)
{
	struct plan *a = with_parts(NEAR "\tchain c_b {\n\t\tip saddr @s_near counter\n\t}\n");
	struct plan *b = with_parts(NEAR "\tchain c_b {\n\t\tip saddr @s_near counter\n\t}\n"),
		    *diff;
	struct plan *nothing = plan_new();
	struct err err = { 0 };
	char *before, *after;

	(void)state;
	add_element(a, "10.0.0.0/8");
	diff = plan_diff(nothing, a);
	assert_int_equal(apply(diff, &err), -1);
	plan_free(diff);
	before = list("chain " TABLE " c_b", NFT_CTX_OUTPUT_HANDLE);
	add_element(b, "10.0.0.0/8");
	add_element(b, "172.16.0.0/12");
	diff = plan_diff(a, b);
	assert_int_equal(diff->step_count, 1);
	assert_int_equal(apply(diff, &err), -1);
	after = list("chain " TABLE " c_b", NFT_CTX_OUTPUT_HANDLE);
	assert_string_equal(before, after); /* the rule is the same object */
	free(after);
	after = list("set " TABLE " s_near", 0);
	assert_non_null(strstr(after, "172.16.0.0/12"));
	free(before);
	free(after);
	plan_free(diff);
	plan_free(nothing);
	plan_free(a);
	plan_free(b);
}

/* What was not made, or made before, is no failure: a way back may begin anywhere. */
static void steps_can_be_taken_twice(void **state)
{
	struct plan *a = with_parts(NEAR SET("\t\telements = { \"x\" }\n")), *b = with_parts("");
	struct plan *there, *back, *nothing = plan_new(), *first;
	struct err err = { 0 };

	(void)state;
	first = plan_diff(nothing, b);
	assert_int_equal(apply(first, &err), -1);
	plan_free(first);
	plan_free(nothing);
	there = plan_diff(a, b);
	back = plan_diff(b, a);
	assert_int_equal(apply(back, &err), -1);
	assert_int_equal(apply(back, &err), -1);
	assert_is(a);
	assert_int_equal(apply(there, &err), -1);
	assert_int_equal(apply(there, &err), -1);
	assert_is(b);
	plan_free(there);
	plan_free(back);
	plan_free(a);
	plan_free(b);
}

/* A failure says which part was refused, and leaves all as it was. */
static void a_failure_names_the_part(void **state)
{
	struct plan *a = with_parts(SET("")), *b, *diff, *nothing = plan_new();
	struct err err = { 0 };
	int failed;

	(void)state;
	diff = plan_diff(nothing, a);
	assert_int_equal(apply(diff, &err), -1);
	plan_free(diff);
	plan_free(nothing);
	b = with_parts(
		SET("\t\telements = { \"x\" }\n") "\tchain c_e {\n\t\tcounter\n\t}\n"
						  "\tchain c_f {\n\t\tip saddr @s_none drop\n\t}\n"
						  "\tchain c_g {\n\t\tcounter\n\t}\n");
	diff = plan_diff(a, b);
	failed = apply(diff, &err);
	assert_true(failed >= 0);
	assert_string_equal(plan_text(diff, diff->steps[failed].nft.block), "chain c_f");
	assert_non_null(strstr(err.text, "s_none"));
	assert_is(a);
	plan_free(a);
	plan_free(b);
	plan_free(diff);
}

#define MANY 1500

/* More than a message of a user may hold: chains of many rules, and a set of many elements. */
static void what_is_large_comes_in_several_transactions(void **state)
{
	struct plan *a = plan_new(), *b;
	char *text = NULL, *all;
	unsigned count = 0;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	(void)fprintf(out, "%s", NEAR);
	for (int i = 0; i < MANY; i++) {
		if (i % 200 == 0)
			(void)fprintf(out, "%s\tchain c_big {\n", i ? "\t}\n" : "");
		(void)fprintf(out,
			      "\t\tip saddr @s_near meta l4proto tcp th dport %d log prefix "
			      "\"n I 1 %d A\" group 5 snaplen 64 drop\n",
			      i + 1, i);
	}
	(void)fprintf(out, "\t}\n");
	for (int chain = 0; chain < 15; chain++) { /* as long as those of NSGs */
		(void)fprintf(out, "\tchain c_nsg_%d {\n", chain);
		for (int i = 0; i < 90 + chain; i++)
			(void)fprintf(
				out,
				"\t\tmeta l4proto 6 meta mark and 0x01 != 0 ip daddr 10.%d.0.0/16 "
				"th dport %d log prefix \"n I %d %d A\" group 5 snaplen 64 "
				"return\n",
				i, i + 1, chain, i);
		(void)fprintf(out, "\t}\n");
	}
	assert_int_equal(fclose(out), 0);
	b = with_parts(text);
	for (int i = 0; i < MANY; i++) {
		char prefix[40];

		(void)snprintf(prefix, sizeof(prefix), "10.%d.%d.0/24", i / 256, i % 256);
		add_element(b, prefix);
	}
	assert_leads(a, b);
	all = list("chain " TABLE " c_big", 0);
	for (const char *rule = strstr(all, " drop\n"); rule; rule = strstr(rule + 1, " drop\n"))
		count++;
	assert_int_equal(count, MANY);
	free(all);
	free(text);
	plan_free(b);
}

static int clear(void **state)
{
	struct plan *none = with_parts(""), *nothing = plan_new();
	struct plan *diff = plan_diff(none, nothing);
	struct err err;

	(void)state;
	(void)apply(diff, &err);
	plan_free(diff);
	plan_free(none);
	plan_free(nothing);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(parts_change_whatever_they_name, clear),
		cmocka_unit_test_setup(only_what_changes_is_touched, clear),
		cmocka_unit_test_setup(steps_can_be_taken_twice, clear),
		cmocka_unit_test_setup(a_failure_names_the_part, clear),
		cmocka_unit_test_setup(what_is_large_comes_in_several_transactions, clear),
	};
	struct err err = { 0 };

	if (!enter_user_namespace()) {
		(void)fprintf(stderr, "no namespaces\n");
		return 77;
	}
	if (nft_add("ip others", "", &err)) {
		(void)fprintf(stderr, "no nftables: %s\n", err.text);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
