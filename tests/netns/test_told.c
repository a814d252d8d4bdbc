/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What FRR 8.4 really said when it was asked what it tells a neighbour, and such answers damaged.
 */
#include "tests/support/test.h"

#include "netns/daemon/frr_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char answer[] =
	"{\n  \"bgpTableVersion\":6,\n  \"bgpLocalRouterId\":\"10.219.208.217\",\n"
	"  \"defaultLocPrf\":100,\n  \"localAS\":65510,\n  \"advertisedRoutes\":{\n"
	"    \"10.0.0.0/8\":{\n      \"addrPrefix\":\"10.0.0.0\",\n      \"prefixLen\":8,\n"
	"      \"network\":\"10.0.0.0/8\",\n      \"nextHop\":\"0.0.0.0\",\n      \"metric\":0,\n"
	"      \"weight\":32768,\n      \"path\":\"\",\n      \"origin\":\"IGP\"\n    },\n"
	"    \"10.100.0.4/32\":{\n      \"nextHop\":\"169.254.21.2\",\n"
	"      \"path\":\"65515 12076 65001\",\n      \"origin\":\"IGP\"\n    }\n  },\n"
	"  \"totalPrefixCounter\":2,\n  \"filteredPrefixCounter\":0\n}\n";

static void prefixes_and_paths(void **state)
{
	struct as_paths *paths = as_paths_new();
	struct frr_routes routes = { 0 };
	char path[64];

	(void)state;
	assert_true(frr_told_read(answer, paths, &routes));
	assert_int_equal(routes.count, 2);
	assert_string_equal(prefix_print(routes.items[0].prefix).text, "10.0.0.0/8");
	assert_int_equal(routes.items[0].path->count, 0);
	assert_string_equal(prefix_print(routes.items[1].prefix).text, "10.100.0.4/32");
	as_path_print(routes.items[1].path, path, sizeof(path));
	assert_string_equal(path, "65515-12076-65001");
	free(routes.items);
	as_paths_free(paths);
}

static void nothing_and_refusals(void **state)
{
	struct as_paths *paths = as_paths_new();
	struct frr_routes routes = { 0 };

	(void)state;
	assert_true(frr_told_read("{\"advertisedRoutes\":{}}", paths, &routes));
	assert_int_equal(routes.count, 0);
	free(routes.items);
	assert_false(frr_told_read("{\"bgpNoSuchNeighbor\":true}", paths, &routes));
	assert_false(frr_told_read("% No such neighbor\n", paths, &routes));
	assert_false(frr_told_read("", paths, &routes));
	assert_true(frr_told_read("{\"advertisedRoutes\":{\"x\":1,\"10.0.0.0/33\":{},\"1.0.0.0/8\":"
				  "{\"path\":7}}}",
				  paths, &routes));
	assert_int_equal(routes.count, 1);
	free(routes.items);
	as_paths_free(paths);
}

static void cut_anywhere_it_is_no_answer(void **state)
{
	struct as_paths *paths = as_paths_new();

	(void)state;
	for (size_t len = 0; len + 2 < sizeof(answer); len++) {
		char *text = strndup(answer, len);
		struct frr_routes routes = { 0 };

		assert_non_null(text);
		assert_false(frr_told_read(text, paths, &routes));
		free(text);
	}
	as_paths_free(paths);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_and_paths),
		cmocka_unit_test(nothing_and_refusals),
		cmocka_unit_test(cut_anywhere_it_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
