/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/test.h"

#include "lab/base/ip.h"

#include <string.h>

static struct ip ip(const char *text)
{
	struct ip value;

	assert_true(ip_parse(text, &value));
	return value;
}

static struct prefix prefix(const char *text)
{
	struct prefix value;

	assert_true(prefix_parse(text, &value));
	return value;
}

static void an_address_prints_as_it_was_written(void **state)
{
	static const char *const texts[] = { "0.0.0.0", "10.0.0.4", "255.255.255.255",
					     "::", "fd00:db8::4" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_string_equal(ip_print(ip(texts[i])).text, texts[i]);
}

static void what_is_not_an_address_is_refused(void **state)
{
	static const char *const texts[] = { "",          "10.0.0", "10.0.0.256", "10.0.0.4/32",
					     "10.0.0.4 ", "hub",    "1.2.3.4.5",  "::g",
					     "010.0.0.1" };
	struct ip value;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_false(ip_parse(texts[i], &value));
}

static void what_is_not_a_prefix_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"10.0.0.0",
		"10.0.0.0/",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10.0.0.0/08",
		"10.0.0.0/8x",
		"/8",
		"::/129",
		"10.0.0.0/1000",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:0000/8"
	};
	struct prefix value;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_false(prefix_parse(texts[i], &value));
}

static void a_prefix_covers_itself_and_what_is_inside(void **state)
{
	(void)state;
	assert_true(prefix_covers(prefix("10.0.0.0/8"), prefix("10.0.0.0/8")));
	assert_true(prefix_covers(prefix("10.0.0.0/8"), prefix("10.200.0.0/16")));
	assert_false(prefix_covers(prefix("10.0.0.0/16"), prefix("10.0.0.0/8")));
	assert_false(prefix_covers(prefix("10.0.0.0/8"), prefix("11.0.0.0/8")));
	assert_false(prefix_covers(prefix("0.0.0.0/0"), prefix("::/0")));
	assert_true(prefix_covers(prefix("fd00::/8"), prefix("fd00:1::/64")));
	assert_true(prefix_overlaps(prefix("10.0.0.0/16"), prefix("10.0.0.0/8")));
	assert_false(prefix_overlaps(prefix("10.0.0.0/25"), prefix("10.0.0.128/25")));
}

static void bits_behind_the_length_are_seen(void **state)
{
	(void)state;
	assert_true(prefix_is_network(prefix("10.0.0.128/25")));
	assert_false(prefix_is_network(prefix("10.0.0.129/25")));
	assert_string_equal(prefix_print(prefix_of(ip("10.0.0.129"), 25)).text, "10.0.0.128/25");
	assert_string_equal(ip_print(prefix_last(prefix("10.0.0.128/27"))).text, "10.0.0.159");
	assert_string_equal(ip_print(prefix_last(prefix("0.0.0.0/0"))).text, "255.255.255.255");
}

static void addresses_are_counted_across_bytes(void **state)
{
	(void)state;
	assert_string_equal(ip_print(ip_add(ip("10.0.0.255"), 1)).text, "10.0.1.0");
	assert_string_equal(ip_print(ip_add(ip("fd00::ffff"), 2)).text, "fd00::1:1");
	assert_int_equal(ip_distance(ip("10.0.0.250"), ip("10.0.1.4")), 10);
	assert_true(ip_distance(ip("10.0.1.4"), ip("10.0.0.250")) == UINT64_MAX);
	assert_true(ip_distance(ip("::"), ip("ffff::")) == UINT64_MAX);
	assert_true(ip_distance(ip("10.0.0.1"), ip("::1")) == UINT64_MAX);
}

static void prefixes_sort_by_family_address_and_length(void **state)
{
	(void)state;
	assert_true(prefix_compare(prefix("10.0.0.0/8"), prefix("10.0.0.0/16")) < 0);
	assert_true(prefix_compare(prefix("10.0.0.0/8"), prefix("9.0.0.0/8")) > 0);
	assert_true(prefix_compare(prefix("255.0.0.0/8"), prefix("::/0")) < 0);
	assert_int_equal(prefix_compare(prefix("10.0.0.0/8"), prefix("10.0.0.0/8")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_prints_as_it_was_written),
		cmocka_unit_test(what_is_not_an_address_is_refused),
		cmocka_unit_test(what_is_not_a_prefix_is_refused),
		cmocka_unit_test(a_prefix_covers_itself_and_what_is_inside),
		cmocka_unit_test(bits_behind_the_length_are_seen),
		cmocka_unit_test(addresses_are_counted_across_bytes),
		cmocka_unit_test(prefixes_sort_by_family_address_and_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
