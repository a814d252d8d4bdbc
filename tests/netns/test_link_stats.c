/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What links have carried: the kernel's file of it, whole and in pieces. */
#include "tests/support/test.h"

#include "lab/base/cleanup.h"
#include "netns/kernel/link_stats.h"
#include "tests/support/namespace.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void a_line_is_of_a_link(void **state)
{
	struct link_stats s = { 0 };

	(void)state;
	assert_true(link_stats_parse("    lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", &s));
	assert_string_equal(s.name, "lo");
	assert_int_equal(s.bytes_in, 1);
	assert_int_equal(s.packets_in, 2);
	assert_int_equal(s.bytes_out, 9);
	assert_int_equal(s.packets_out, 10);
	/* a name as long as can be, and figures that leave no blank after it in older kernels */
	assert_true(link_stats_parse("p-spoke12-vm34x:18446744073709551615 1 0 0 0 0 0 0 "
				     "18446744073709551614 2 0 0 0 0 0 0",
				     &s));
	assert_string_equal(s.name, "p-spoke12-vm34x");
	assert_true(s.bytes_in == UINT64_MAX && s.bytes_out == UINT64_MAX - 1);
	assert_false(link_stats_parse("Inter-|   Receive            |  Transmit", &s));
	assert_false(link_stats_parse(" face |bytes    packets errs drop|bytes    packets", &s));
	assert_false(link_stats_parse("", &s));
	assert_false(link_stats_parse("lo: 1 2 3", &s));
	assert_string_equal(s.name, "p-spoke12-vm34x"); /* what is refused leaves it as it was */
}

struct seen {
	unsigned count;
	uint64_t bytes_in, bytes_out;
};

static void count(void *arg, const struct link_stats *stats)
{
	struct seen *seen = arg;

	seen->count++;
	seen->bytes_in += stats->bytes_in;
	seen->bytes_out += stats->bytes_out;
}

/* No link is lost where one piece ends in its line, and after the last the first comes again. */
static void pieces_are_put_together(void **state)
{
	static const char head[] = "Inter-|   Receive\n face |bytes\n";
	char path[] = "/tmp/hublab-test-links.XXXXXX";
	struct link_stats_reader reader = { .fd = mkstemp(path) };
	unsigned pieces = 0;

	(void)state;
	assert_true(reader.fd >= 0);
	(void)unlink(path);
	assert_int_equal(write(reader.fd, head, strlen(head)), strlen(head));
	for (unsigned i = 1; i <= 1000; i++)
		assert_true(dprintf(reader.fd, "p%u: %u 1 0 0 0 0 0 0 %u 1 0 0 0 0 0 0\n", i, i,
				    2 * i) > 0);
	assert_int_equal(lseek(reader.fd, 0, SEEK_SET), 0);
	for (unsigned round = 0; round < 2; round++) {
		struct seen seen = { 0 };

		while (link_stats_read(&reader, count, &seen))
			pieces++;
		assert_int_equal(seen.count, 1000);
		assert_int_equal(seen.bytes_in, 500500);
		assert_int_equal(seen.bytes_out, 2 * 500500);
	}
	assert_true(pieces > 2);
	assert_int_equal(close(reader.fd), 0);
}

/* One that is in another namespace by now still reads the links of that where it was opened. */
static void a_file_stays_in_its_namespace(void **state)
{
	struct seen outside = { 0 }, inside = { 0 };
	struct link_stats_reader here = { 0 }, there = { 0 };
	struct err err = { 0 };

	(void)state;
	if (!enter_user_namespace()) {
		(void)printf("no user namespaces here\n");
		skip();
	}
	assert_int_equal(link_stats_open(&here.fd, &err), 0);
	if (unshare(CLONE_NEWNET))
		skip();
	assert_int_equal(link_stats_open(&there.fd, &err), 0);
	assert_int_equal(system("ip link add hublab0 type veth peer name hublab1"), 0);
	while (link_stats_read(&here, count, &outside))
		;
	while (link_stats_read(&there, count, &inside))
		;
	assert_int_equal(inside.count, outside.count + 2);
	assert_int_equal(close(here.fd), 0);
	assert_int_equal(close(there.fd), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_of_a_link),
		cmocka_unit_test(pieces_are_put_together),
		cmocka_unit_test(a_file_stays_in_its_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
