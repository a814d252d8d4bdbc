/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mends a flow, by the model: what breaks it is set, and its name has to come back. */
#include "lab/base/cleanup.h"
#include "lab/mend/mend.h"
#include "lab/snapshot/fill.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

struct broken {
	const char *file, *from, *to, *protocol;
	const char *path, *value; /* what breaks it; NULL: nothing does */
	const char *at, *mend;    /* NULL: nothing mends it, or it works */
};

/* The first proposal that works; NULL: none, or the flow is answered. */
static const struct mend *ask(const struct broken *broken, struct arena *arena, char **ret_text)
{
	struct change_text change = { broken->path, broken->value };
	struct as_paths *paths = as_paths_new();
	struct snapshot_file whole = { .file = broken->file };
	struct snapshot_file file;
	struct mend_case c = { .file = &file,
			       .from = broken->from,
			       .to = broken->to,
			       .protocol = broken->protocol,
			       .paths = paths };
	struct diags diags = { 0 };
	struct path_question question;
	struct followed followed;
	struct mends mends = { 0 };
	const struct mend *found = NULL;
	struct wanted *wanted;
	struct err err = { 0 };
	struct lab *lab;

	whole.text = *ret_text = read_file(broken->file, NULL);
	file = snapshot_file_with(&whole, &change, broken->path != NULL, arena);
	lab = snapshot_file_lab(&file, &diags);
	assert_non_null(lab);
	c.wanted = wanted = wanted_new(lab, NULL, paths);
	assert_int_equal(path_question_read(lab, c.from, c.to, c.protocol, &question, &err), 0);
	fabric_follow(wanted->fabric, &question.flow, question.to, arena, &followed);
	if (!followed.prediction.is_reply)
		mends = mends_propose(wanted, &question, &followed, arena);
	for (size_t i = 0; !found && i < mends.count; i++)
		if (mend_works(&c, &mends.items[i]))
			found = &mends.items[i];
	if (found) { /* what it borrows ends with the lab */
		struct mend *copy = arena_alloc(arena, sizeof(*copy));

		*copy = *found;
		copy->changes.items[0].value =
			found->changes.items[0].value
				? arena_strdup(arena, found->changes.items[0].value)
				: NULL;
		found = copy;
	}
	wanted_free(wanted);
	as_paths_free(paths);
	diags_cleanup(&diags);
	return found;
}

static void causes_are_named(void **state)
{
	static const struct broken broken[] = {
		{ "templates/hub-spoke-nva/lab.yaml", "nva1", "spoke1-vm", "icmp", NULL, NULL, NULL,
		  NULL },
		{ "templates/hub-spoke-nva/lab.yaml", "nva1", "spoke1-vm", "icmp",
		  "virtual_networks/spoke1/peerings/spoke1-to-hub", NULL,
		  "virtual_networks/spoke1/peerings/spoke1-to-hub", "{ remote: hub }" },
		{ "templates/hub-spoke-nva/lab.yaml", "nva1", "spoke1-vm", "http",
		  "virtual_networks/hub/peerings/hub-to-spoke1",
		  "{ remote: spoke1, allow_virtual_network_access: false }",
		  "virtual_networks/hub/peerings/hub-to-spoke1/allow_virtual_network_access",
		  "true" },
		{ "templates/vnet-to-vnet/lab.yaml", "east-vm", "west-vm", "icmp",
		  "connections/west-to-east/shared_key", "other",
		  "connections/east-to-west/shared_key", "'other'" },
		{ "templates/vnet-to-vnet/lab.yaml", "east-vm", "west-vm", "icmp",
		  "connections/west-to-east/enable_bgp", "false",
		  "connections/west-to-east/enable_bgp", "true" },
		{ "templates/three-tier/lab.yaml", "web1", "logic1", "tcp:8081", NULL, NULL,
		  "network_security_groups/app-nsg/security_rules/Allow-Web-To-Logic",
		  "110 Inbound Allow Tcp AsgWeb -> AsgLogic:8081" },
		/* nobody has the address */
		{ "templates/hub-spoke-nva/lab.yaml", "nva1", "10.1.1.77", "icmp", NULL, NULL, NULL,
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		struct arena *arena = arena_new();
		char *text = NULL;
		const struct mend *mend = ask(&broken[i], arena, &text);

		if (!broken[i].at) {
			assert_null(mend);
		} else {
			assert_non_null(mend);
			assert_string_equal(mend->at, broken[i].at);
			assert_string_equal(mend->changes.items[0].path, broken[i].at);
			assert_string_equal(mend->changes.items[0].value, broken[i].mend);
		}
		free(text);
		arena_free(arena);
	}
}

/* A change that is none, or that the file refuses, mends nothing. */
static void what_is_no_change_mends_nothing(void **state)
{
	static const char path[] = "templates/hub-spoke-nva/lab.yaml";
	static const char *const paths[][2] = { { "nowhere", "1" },
						{ "vms/spoke1-vm/subnet", "hub/nothing" },
						{ "vms/spoke1-vm", NULL } };
	char *text = read_file(path, NULL);
	struct snapshot_file file = { .file = path, .text = text };
	struct mend_case c = { .file = &file,
			       .from = "nva1",
			       .to = "spoke1-vm",
			       .protocol = "icmp",
			       .paths = as_paths_new() };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct change_text change = { paths[i][0], paths[i][1] };
		struct mend mend = { .changes = { &change, 1 } };

		assert_false(mend_works(&c, &mend));
	}
	assert_true(mend_works(&c, &(struct mend){ 0 }));
	as_paths_free(c.paths);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(causes_are_named),
		cmocka_unit_test(what_is_no_change_mends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
