/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lab in a file: what it says by every name that the lab takes, and what is no bundle. */
#include "tests/support/test.h"

#include "lab/base/macros.h"
#include "lab/snapshot/bundle.h"
#include "lab/snapshot/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char topics_text[] =
	"{'lab': {'name': 't'},"
	" 'nodes': {'nodes': [{'name': 'gw-0', 'part_of': 'gw'}, {'name': 'a'}, {'name': 'two'}]},"
	" 'vms': {'vms': [{'vm': 'a', 'nic': 'a-nic', 'subnet': 'v/s'},"
	"  {'vm': 'b', 'nic': 'b-nic', 'subnet': 'v/s'}, {'vm': 'c', 'nic': 'c-nic', 'subnet': "
	"'v/r'},"
	"  {'vm': 'two', 'nic': 'n1', 'subnet': 'v/r'}, {'vm': 'two', 'nic': 'n2', 'subnet': "
	"'v/r'},"
	"  {'vm': 'h1', 'nic': 'h1-nic', 'subnet': 'LAN of x'},"
	"  {'vm': 'h2', 'nic': 'h2-nic', 'subnet': 'LAN of x'}]},"
	" 'routes/a-nic': {'nic': 'a-nic', 'vm': 'a', 'routes': [1]},"
	" 'routes/h1-nic': {'nic': 'h1-nic', 'vm': 'h1', 'routes': []},"
	" 'nsg/a-nic': {'nic': 'a-nic'},"
	" 'probes': {'probes': [{'from': 'a', 'to': 'b'}, {'from': 'b', 'to': 'a'}]},"
	" 'flows': {'limit': 7, 'flows': [{'vm': 'a', 'nic': 'a-nic'}, {'vm': 'two', 'nic': 'n1'},"
	"  {'vm': 'two', 'nic': 'n2'}]},"
	" 'tunnels': {'tunnels': [{'node': 'gw-0'}, {'node': 'a'}]}}";

static const char refused_text[] =
	"{'routes/two': {'code': -22, 'text': 'two has several NICs: name one of n1 or n2'},"
	" 'bgp/odd': {'code': 0, 'text': 'odd'}, 'bgp/none': {}}";

/* JSON with ' for ". */
static json_t *json_of(const char *text)
{
	char *copy = strdup(text);
	json_error_t error;
	json_t *json;

	for (char *c = copy; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	json = json_loads(copy, JSON_DECODE_ANY, &error);
	if (!json)
		fail_msg("%d:%d: %s", error.line, error.column, error.text);
	free(copy);
	return json;
}

static json_t *document(void)
{
	struct bundle_head head = { .lab = "t",
				    .hublab = "0.1",
				    .taken_at = 1795360000.25,
				    .took_ms = 12.5,
				    .changed = 3 };

	return bundle_make(&head, json_of("{'kernel': 'Linux'}"), json_of(topics_text),
			   json_of(refused_text), json_of("{'step': 2}"));
}

static int setup(void **state)
{
	json_t *json = document();
	struct err err = { 0 };
	size_t len;
	char *text = bundle_print(json, &len);

	assert_int_equal(len, strlen(text));
	*state = bundle_read(text, len, "b.json", &err);
	assert_string_equal(err.text, "");
	free(text);
	json_decref(json);
	return 0;
}

static int teardown(void **state)
{
	bundle_free(*state);
	return 0;
}

/* ---- what it says ---- */

static void its_head_comes_back(void **state)
{
	const struct bundle_head *head = bundle_head(*state);

	assert_string_equal(head->file, "b.json");
	assert_string_equal(head->lab, "t");
	assert_string_equal(head->hublab, "0.1");
	assert_true(head->taken_at == 1795360000.25);
	assert_true(head->took_ms == 12.5);
	assert_int_equal(head->changed, 3);
	assert_false(head->has_secrets);
	assert_string_equal(json_string_value(json_object_get(bundle_host(*state), "kernel")),
			    "Linux");
}

static const struct {
	const char *topic, *json; /* NULL: refused with these words */
	int code;
	const char *words;
} asked[] = {
	{ "lab", "{'name': 't'}", 0, NULL },
	/* a NIC by each of its names, letter case aside */
	{ "routes/a", "{'nic': 'a-nic', 'vm': 'a', 'routes': [1]}", 0, NULL },
	{ "routes/A-Nic", "{'nic': 'a-nic', 'vm': 'a', 'routes': [1]}", 0, NULL },
	{ "routes/a:A-NIC", "{'nic': 'a-nic', 'vm': 'a', 'routes': [1]}", 0, NULL },
	{ "nsg/a:a-nic", "{'nic': 'a-nic'}", 0, NULL },
	/* rows are of the subnet, rules are not, and a LAN is no subnet of Azure's */
	{ "routes/b", "{'nic': 'b-nic', 'vm': 'b', 'routes': [1]}", 0, NULL },
	{ "nsg/b", NULL, -ENOENT, "bundle b.json has no topic 'nsg/b'" },
	{ "routes/h2", NULL, -ENOENT, "bundle b.json has no topic 'routes/h2'" },
	{ "routes/c", NULL, -ENOENT, "bundle b.json has no topic 'routes/c'" },
	{ "routes/z", NULL, -ENOENT, "lab 't' has no virtual machine or NIC 'z'" },
	{ "routes/a:n1", NULL, -ENOENT, "lab 't' has no virtual machine or NIC 'a:n1'" },
	/* what the lab refused */
	{ "routes/TWO", NULL, -EINVAL, "two has several NICs: name one of n1 or n2" },
	{ "bgp/odd", NULL, -EPROTO, "odd" },
	{ "bgp/none", NULL, -EPROTO, "refused" },
	/* parts of others */
	{ "probes/B", "{'probes': [{'from': 'b', 'to': 'a'}]}", 0, NULL },
	{ "probes/c", "{'probes': []}", 0, NULL },
	{ "probes/z", NULL, -ENOENT, "lab 't' has no virtual machine 'z'" },
	{ "flows/n2", "{'limit': 7, 'flows': [{'vm': 'two', 'nic': 'n2'}]}", 0, NULL },
	{ "flows/two:n1", "{'limit': 7, 'flows': [{'vm': 'two', 'nic': 'n1'}]}", 0, NULL },
	{ "flows/two",
	  "{'limit': 7, 'flows': [{'vm': 'two', 'nic': 'n1'}, {'vm': 'two', 'nic': 'n2'}]}", 0,
	  NULL },
	{ "flows/z", NULL, -ENOENT, "lab 't' has no virtual machine or NIC 'z'" },
	{ "tunnels/gw", "{'tunnels': [{'node': 'gw-0'}]}", 0, NULL },
	{ "tunnels/GW-0", "{'tunnels': [{'node': 'gw-0'}]}", 0, NULL },
	{ "tunnels/two", NULL, -ENOENT, "lab 't' has no tunnel that ends at 'two'" },
	/* what is not there */
	{ "events", NULL, -ENOENT, "bundle b.json has no topic 'events'" },
	{ "", NULL, -ENOENT, "bundle b.json has no topic ''" },
	{ "/", NULL, -ENOENT, "bundle b.json has no topic '/'" },
	{ "verdict/a in tcp * 1.2.3.4", NULL, -EINVAL,
	  "bundle b.json has no verdict of 'a in tcp * 1.2.3.4': a verdict on a new packet needs "
	  "the running lab; 'hublab nsg VM' has the rules, 'hublab flows' what they decided" },
	{ "bgp/z", NULL, -ENOENT,
	  "bundle b.json has no bgp of 'z': 'hublab bgp' lists who speaks BGP" },
};

static void each_name_is_answered_as_by_the_lab(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		json_t *want = asked[i].json ? json_of(asked[i].json) : NULL;
		struct err err = { 0 };
		json_t *got = bundle_topic(*state, asked[i].topic, &err);

		if (!json_equal(want, got) && (want || got))
			fail_msg("%s: %s", asked[i].topic, err.text);
		assert_int_equal(err.code, asked[i].code);
		assert_string_equal(err.text, asked[i].words ? asked[i].words : "");
		json_decref(want);
		json_decref(got);
	}
}

/* What is asked of a topic's copy must not change the bundle. */
static void an_answer_leaves_the_bundle_alone(void **state)
{
	for (int i = 0; i < 2; i++) {
		json_t *part = bundle_topic(*state, "flows/n2", NULL);
		json_t *neighbour = bundle_topic(*state, "routes/b", NULL);
		json_t *whole = bundle_topic(*state, "flows", NULL);

		assert_int_equal(json_array_size(json_object_get(whole, "flows")), 3);
		assert_string_equal(json_string_value(json_object_get(neighbour, "vm")), "b");
		json_decref(part);
		json_decref(neighbour);
		json_decref(whole);
	}
}

static const struct {
	const char *request, *answer;
} requests[] = {
	{ "{'id': 1, 'request': 'topic', 'topic': 'lab'}",
	  "[{'id': 1, 'ok': true, 'data': {'name': 't'}}]" },
	{ "{'id': 2, 'request': 'subscribe', 'topic': 'lab'}",
	  "[{'topic': 'lab', 'sequence': 0, 'data': {'name': 't'}},"
	  " {'id': 2, 'ok': true, 'data': null}]" },
	{ "{'id': 3, 'request': 'unsubscribe', 'topic': 'lab'}",
	  "[{'id': 3, 'ok': true, 'data': null}]" },
	{ "{'id': 4, 'request': 'subscribe', 'topic': 'routes/two'}",
	  "[{'id': 4, 'ok': false, 'error': {'code': -22, 'text':"
	  " 'two has several NICs: name one of n1 or n2'}}]" },
	{ "{'id': 5, 'request': 'test'}", "[{'id': 5, 'ok': true, 'data': {'step': 2}}]" },
	{ "{'id': 6, 'request': 'set', 'changes': []}",
	  "[{'id': 6, 'ok': false, 'error': {'code': -30, 'text':"
	  " 'b.json is a bundle: it has no answer to: set'}}]" },
	{ "{'id': 7, 'request': 'topic'}", "[{'id': 7, 'ok': false, 'error': {'code': -30, 'text':"
					   " 'b.json is a bundle: it has no answer to: topic'}}]" },
	{ "{}", "[{'id': null, 'ok': false, 'error': {'code': -30, 'text':"
		" 'b.json is a bundle: it has no answer to: '}}]" },
};

static void requests_are_answered_as_on_the_socket(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		json_t *request = json_of(requests[i].request), *want = json_of(requests[i].answer);
		json_t *got = bundle_answer(*state, request);

		if (!json_equal(want, got))
			fail_msg("%s: %s", requests[i].request, json_dumps(got, 0));
		json_decref(request);
		json_decref(want);
		json_decref(got);
	}
}

static void without_results_there_is_no_test(void **state)
{
	json_t *json = document(), *request = json_of("{'id': 1, 'request': 'test'}"), *answer;
	struct bundle *bundle;
	size_t len;
	char *text;

	(void)state;
	(void)json_object_del(json, "test");
	text = bundle_print(json, &len);
	bundle = bundle_read(text, len, "b.json", NULL);
	answer = bundle_answer(bundle, request);
	assert_true(json_is_false(json_object_get(json_array_get(answer, 0), "ok")));
	json_decref(answer);
	json_decref(request);
	json_decref(json);
	bundle_free(bundle);
	free(text);
}

/* ---- what is none ---- */

#define HEAD "'hublab_bundle': 1, 'schema_version': 1, 'hublab': '0.1', "
#define LAB  "'lab': 't', 'taken_at': 1, "

static const struct {
	const char *text;
	int code;
	const char *words;
} bad[] = {
	{ "", -EINVAL,
	  "b.json:1:1: no bundle, or a part of one: '[' or '{' expected near end of file" },
	{ "lab: t\n", -EINVAL,
	  "b.json:1:3: no bundle, or a part of one: '[' or '{' expected near 'lab'" },
	{ "{" HEAD "\n'topics':\n{", -EINVAL,
	  "b.json:3:1: no bundle, or a part of one: string or '}' expected near end of file" },
	{ "{" HEAD "'hublab': 'x'}", -EINVAL,
	  "b.json:1:67: no bundle, or a part of one: duplicate object key near '\"hublab\"'" },
	{ "[]", -EINVAL, "b.json is no bundle: 'hublab bundle' writes one" },
	{ "{'value': []}", -EINVAL, "b.json is no bundle: 'hublab bundle' writes one" },
	{ "{'hublab_bundle': '1', 'hublab': 'x'}", -EINVAL,
	  "b.json is no bundle: 'hublab bundle' writes one" },
	{ "{'hublab_bundle': 0, 'hublab': 'x'}", -EINVAL,
	  "b.json is no bundle: 'hublab bundle' writes one" },
	{ "{'hublab_bundle': 2, 'hublab': '9.9'}", -EPROTONOSUPPORT,
	  "b.json was written by hublab 9.9, as format 2 with schema version 0; this hublab reads "
	  "1 "
	  "with 1" },
	{ "{'hublab_bundle': 1, 'hublab': '9.9', 'schema_version': 2}", -EPROTONOSUPPORT,
	  "b.json was written by hublab 9.9, as format 1 with schema version 2; this hublab reads "
	  "1 "
	  "with 1" },
	{ "{" HEAD "'lab': '../t', 'taken_at': 1}", -EINVAL,
	  "b.json: the bundle does not say of which lab it is, or of when" },
	{ "{" HEAD "'lab': 't'}", -EINVAL,
	  "b.json: the bundle does not say of which lab it is, or of when" },
	{ "{" HEAD "'taken_at': 1}", -EINVAL,
	  "b.json: the bundle does not say of which lab it is, or of when" },
	{ "{" HEAD LAB "'host': {}}", -EINVAL, "b.json: the bundle has no 'topics'" },
	{ "{" HEAD LAB "'topics': []}", -EINVAL, "b.json: the bundle has no 'topics'" },
	{ "{" HEAD LAB "'topics': {'lab': 1}}", -EINVAL,
	  "b.json: 'topics' of the bundle is no object below 'lab'" },
	{ "{" HEAD LAB "'topics': {}, 'refused': {'x': null}}", -EINVAL,
	  "b.json: 'refused' of the bundle is no object below 'x'" },
};

static void what_is_no_bundle_is_said_to_be_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char *text = strdup(bad[i].text);
		struct err err = { 0 };

		for (char *c = text; *c; c++)
			*c = *c == '\'' ? '"' : *c;
		assert_null(bundle_read(text, strlen(text), "b.json", &err));
		assert_string_equal(err.text, bad[i].words);
		assert_int_equal(err.code, bad[i].code);
		free(text);
	}
}

static void what_is_too_large_is_not_read(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(bundle_read("{}", BUNDLE_BYTES_MAX + 1, "b.json", &err));
	assert_string_equal(err.text, "b.json is too large for a bundle: 1073741825 bytes");
}

static void a_bundle_that_was_cut_is_none(void **state)
{
	json_t *json = document();
	size_t len;
	char *text = bundle_print(json, &len);

	(void)state;
	for (size_t cut = 0; cut + 2 < len; cut++) {
		struct err err = { 0 };

		assert_null(bundle_read(text, cut, "b.json", &err));
		assert_int_equal(err.code, -EINVAL);
	}
	free(text);
	json_decref(json);
}

static void with_nothing_but_its_head_all_is_missing(void **state)
{
	static const char *const names[] = { "lab",      "vms",     "routes/a", "probes",
					     "probes/a", "flows/a", "tunnels/a" };
	static const char text[] = "{\"hublab_bundle\":1,\"hublab\":\"x\",\"lab\":\"t\","
				   "\"taken_at\":1,\"topics\":{}}";
	struct bundle *bundle = bundle_read(text, strlen(text), "b.json", NULL);

	(void)state;
	assert_non_null(bundle);
	assert_null(bundle_host(bundle));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct err err = { 0 };
		char words[80];

		assert_null(bundle_topic(bundle, names[i], &err));
		(void)snprintf(words, sizeof(words), "bundle b.json has no topic '%s'", names[i]);
		assert_string_equal(err.text, words);
	}
	bundle_free(bundle);
}

#define ON_ONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_ONE(its_head_comes_back),
		ON_ONE(each_name_is_answered_as_by_the_lab),
		ON_ONE(an_answer_leaves_the_bundle_alone),
		ON_ONE(requests_are_answered_as_on_the_socket),
		cmocka_unit_test(without_results_there_is_no_test),
		cmocka_unit_test(what_is_no_bundle_is_said_to_be_none),
		cmocka_unit_test(what_is_too_large_is_not_read),
		cmocka_unit_test(a_bundle_that_was_cut_is_none),
		cmocka_unit_test(with_nothing_but_its_head_all_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
