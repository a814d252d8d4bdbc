/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that nobody wrote by hand, too large to be stored: each is answered within a second of
 * processor time, by a lab or by an error at a place of the file.
 * alone: it holds that time
 */
#include "tests/support/test.h"

#include "lab/model/lab.h"
#include "lab/render/lab_file.h"
#include "tests/support/golden.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__SANITIZE_ADDRESS__)
#define SECONDS 10.0 /* instrumented code is that much slower */
#else
#define SECONDS 1.0
#endif

/* The rule of the first error; DIAG_COUNT when it is a lab. */
static enum diag_id answer(const char *what, const char *text, size_t len)
{
	struct diags diags = { 0 };
	struct memory_file file = { 0 };
	clock_t start = clock();
	struct lab *lab = lab_parse(text, len, "t.yaml", &diags);
	enum diag_id id = DIAG_COUNT;
	double seconds;

	diags_print(&diags, text, len, memory_open(&file));
	free(memory_close(&file));
	seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	if (seconds > SECONDS)
		fail_msg("%s took %.2f s", what, seconds);
	assert_true(!lab == !!diags_error_count(&diags));
	assert_true(diags.count <= DIAG_MAX);
	for (size_t i = 0; i < diags.count; i++) {
		assert_true(diags.items[i].pos.line && diags.items[i].pos.col);
		if (id == DIAG_COUNT && diag_table[diags.items[i].id].severity == SEVERITY_ERROR)
			id = diags.items[i].id;
	}
	lab_free(lab);
	diags_fini(&diags);
	return id;
}

static void assert_answer(const char *what, const char *text, size_t len, enum diag_id wanted)
{
	enum diag_id id = answer(what, text, len);

	if (id != wanted)
		fail_msg("%s: '%s'", what, id == DIAG_COUNT ? "valid" : diag_table[id].name);
}

/* `head`, then `part` `count` times, then `tail`. */
static void assert_repeated(const char *head, const char *part, size_t count, const char *tail,
			    enum diag_id wanted)
{
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);
	char *text;

	(void)fputs(head, out);
	for (size_t i = 0; i < count; i++)
		(void)fputs(part, out);
	(void)fputs(tail, out);
	text = memory_close(&file);
	assert_answer(part, text, file.size, wanted);
	free(text);
}

static void deep_files_are_refused(void **state)
{
	(void)state;
	assert_repeated("", "[", 100000, "", DIAG_TOO_DEEP);
	assert_repeated("", "{", 100000, "", DIAG_TOO_DEEP);
	assert_repeated("a: ", "[", 100000, "]", DIAG_TOO_DEEP);
	assert_repeated("", "{a: ", 100000, "", DIAG_TOO_DEEP);
	assert_repeated("", "- ", 100000, "a\n", DIAG_TOO_DEEP);
	assert_repeated("", "? ", 100000, "a\n", DIAG_TOO_DEEP);
	assert_repeated("", "]", 100000, "", DIAG_SYNTAX);
	assert_repeated("lab: t\n", "{}", 100000, "\n", DIAG_SYNTAX);
}

static void long_values_are_answered(void **state)
{
	(void)state;
	assert_repeated("lab: ", "x", 3000000, "\n", DIAG_BAD_NAME);
	assert_repeated("lab: t\ntimers: ", "x", 3000000, "\n", DIAG_BAD_VALUE);
	assert_repeated("lab: t\nvms: { a: ", "x/", 1500000, " }\n", DIAG_UNKNOWN_NAME);
	assert_repeated("lab: t\nvms: { a: /virtualNetworks", "/subnets/", 300000, " }\n",
			DIAG_BAD_VALUE);
	assert_repeated("lab: t\nproviders: { p: { asn: ", "9", 3000000, " } }\n", DIAG_BAD_VALUE);
	assert_repeated("lab: t\nproviders: { p: { asn: 1.", "0", 3000000, " } }\n",
			DIAG_BAD_VALUE);
	assert_repeated("lab: t\nvirtual_networks: { v: { address_prefixes: ", "1.", 1500000,
			" } }\n", DIAG_BAD_VALUE);
	assert_repeated("lab: t\nlocation: \"", "\\n", 1500000, "\"\n", DIAG_COUNT);
	assert_repeated("lab: t\nlocation: |\n", " x\n", 1000000, "", DIAG_COUNT);
	assert_repeated("lab: t\nlocation: '", "x\n ", 1000000, "", DIAG_SYNTAX);
	assert_repeated("lab: t\nvms: { a: !", "x", 3000000, " b }\n", DIAG_NOT_ALLOWED);
	assert_repeated("lab: t\nlocation: *", "x", 3000000, "\n", DIAG_UNKNOWN_ALIAS);
	assert_repeated("lab: t\n", "#", 3000000, "\n", DIAG_COUNT);
	assert_repeated("lab: t\n# ", "\xc3\xa4", 1500000, "\nx: 1\n", DIAG_UNKNOWN_KEY);
}

/* YAML allows keys of 1024 characters without a question mark. */
static void long_keys_are_answered(void **state)
{
	(void)state;
	assert_repeated("lab: t\n", "x", 3000000, ": 1\n", DIAG_SYNTAX);
	assert_repeated("lab: t\n? ", "x", 3000000, "\n: 1\n", DIAG_UNKNOWN_KEY);
	assert_repeated("lab: t\n? \"", "\\0", 1000000, "\"\n: 1\n", DIAG_ENCODING);
	assert_repeated("lab: t\nvms:\n  ? ", "x", 3000000, "\n  : b/c\n", DIAG_BAD_NAME);
}

static void blank_files_are_refused(void **state)
{
	(void)state;
	assert_answer("nothing", "", 0, DIAG_EMPTY);
	assert_answer("a mark alone", "\xef\xbb\xbf", 3, DIAG_EMPTY);
	assert_answer("half a mark", "\xef\xbb", 2, DIAG_ENCODING);
	assert_repeated("", "\n", 3000000, "", DIAG_EMPTY);
	assert_repeated("", "\r\n", 1500000, "", DIAG_EMPTY);
	assert_repeated("", " ", 3000000, "", DIAG_EMPTY);
	assert_repeated("lab: t\n", "\t", 3000000, "x: 1\n", DIAG_SYNTAX);
	assert_repeated("", "\t", 3000000, "", DIAG_SYNTAX);
	assert_repeated("", "---\n", 750000, "", DIAG_SECOND_DOCUMENT);
}

/* A lab file in an encoding of `size` bytes a character. */
static void assert_encoded(size_t size, bool is_big_endian, bool has_mark)
{
	static const char part[] = "# a line of a comment\n";
	size_t count = 3000000 / sizeof(part) / size, at = 0;
	char *bytes = calloc((count * sizeof(part) + 16) * size, 1);

	assert_non_null(bytes);
	if (has_mark) {
		bytes[is_big_endian ? size - 2 : 0] = (char)(is_big_endian ? 0xfe : 0xff);
		bytes[is_big_endian ? size - 1 : 1] = (char)(is_big_endian ? 0xff : 0xfe);
		at = size;
	}
	for (size_t i = 0; i < count * (sizeof(part) - 1); i++, at += size)
		bytes[at + (is_big_endian ? size - 1 : 0)] = part[i % (sizeof(part) - 1)];
	assert_answer("another encoding", bytes, at, DIAG_ENCODING);
	free(bytes);
}

static void other_encodings_are_refused(void **state)
{
	size_t len = 3u << 20;
	char *text = malloc(len);

	(void)state;
	assert_non_null(text);
	for (size_t size = 2; size <= 4; size += 2)
		for (int n = 0; n < 4; n++)
			assert_encoded(size, n & 1, n & 2);
	memset(text, 0, len);
	assert_answer("NUL bytes", text, len, DIAG_ENCODING);
	memset(text, 0xff, len);
	assert_answer("0xff bytes", text, len, DIAG_ENCODING);
	memset(text, 'a', len);
	text[len - 1] = '\0';
	assert_answer("a NUL byte at the end", text, len, DIAG_ENCODING);
	text[len - 1] = (char)0xc3;
	assert_answer("half a character at the end", text, len, DIAG_ENCODING);
	free(text);
}

static void random_bytes_are_answered(void **state)
{
	static const char letters[] = "[]{}:,-?*&!|>'\"%@`#~ \t\n\r\\ab01./\xc3\xa4\xef\xbb\xbf";
	size_t len = 200000;
	char *text = malloc(len);
	unsigned seed = 7;

	(void)state;
	assert_non_null(text);
	for (int round = 0; round < 50; round++) {
		for (size_t i = 0; i < len; i++)
			text[i] = (char)rand_r(&seed);
		assert_int_not_equal(answer("random bytes", text, len), DIAG_COUNT);
		for (size_t i = 0; i < len; i++)
			text[i] = letters[(size_t)rand_r(&seed) % (sizeof(letters) - 1)];
		assert_int_not_equal(answer("random letters", text, len), DIAG_COUNT);
	}
	free(text);
}

static void aliases_are_bounded(void **state)
{
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);
	char *text;

	(void)state;
	(void)fputs("lab: t\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n", out);
	for (int i = 1; i < 100; i++)
		(void)fprintf(out, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1, i - 1, i - 1,
			      i - 1);
	text = memory_close(&file);
	assert_answer("a bomb of aliases", text, file.size, DIAG_TOO_LARGE);
	free(text);
	assert_repeated("lab: t\nvms: &v [", "*v,", 60000, "]\n", DIAG_UNKNOWN_ALIAS);
	assert_repeated("lab: t\nvms: [", "&a x,", 100000, "]\n", DIAG_WRONG_SHAPE);
	assert_repeated("lab: &l t\nvms: [", "*l,", 199000, "]\n", DIAG_WRONG_SHAPE);
	assert_repeated("lab: &l t\nvms: [", "*l,", 300000, "]\n", DIAG_TOO_LARGE);
}

/* As assert_repeated(), each part with its number in the place of every "%u". */
static void assert_numbered(const char *head, const char *part, unsigned count, const char *tail,
			    enum diag_id wanted)
{
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);
	char *text;

	(void)fputs(head, out);
	for (unsigned i = 0; i < count; i++)
		for (const char *c = part; *c; c++)
			if (c[0] == '%' && c[1] == 'u')
				(void)fprintf(out, "%u", i), c++;
			else if (c[0] == '%' && c[1] == 'a') /* the bytes of an address */
				(void)fprintf(out, "%u.%u", i / 256, i % 256), c++;
			else
				(void)fputc(*c, out);
	(void)fputs(tail, out);
	text = memory_close(&file);
	assert_answer(part, text, file.size, wanted);
	free(text);
}

#define HUB "lab: t\nvirtual_networks:\n  hub: { address_prefixes: 10.0.0.0/8, subnets: {"

static void files_full_of_mistakes_are_answered(void **state)
{
	(void)state;
	assert_numbered("lab: t\n", "x%u: 1\n", 90000, "", DIAG_UNKNOWN_KEY);
	assert_numbered("lab: t\nvirtual_networks:\n",
			"  v%u: { address_prefxes: 10.0.0.0/8, peerings: { p: v } }\n", 20000, "",
			DIAG_UNKNOWN_KEY);
	assert_numbered("lab: t\nvms:\n", "  a%u: hub%u/s\n", 90000, "", DIAG_UNKNOWN_NAME);
	assert_numbered(HUB "s: 10.0.0.0/24 } }\nvms: {", "a%u: hubb/s, ", 90000, "}\n",
			DIAG_UNKNOWN_NAME);
	assert_numbered(HUB "s: 10.0.0.0/24 } }\nvms: {", "a%u: hub/s, ", 90000, "}\n", DIAG_LIMIT);
	assert_numbered(HUB, "s%u: 10.0.0.0/8, ", 60000, "} }\n", DIAG_OVERLAP);
	assert_numbered(HUB, "s%u: 10.%a.0/24, ", 60000, "} }\n", DIAG_LIMIT);
	assert_numbered("lab: t\nvirtual_networks: { v: { address_prefixes: [", "10.%a.0/24, ",
			60000, "] } }\n", DIAG_LIMIT);
	assert_numbered("lab: t\nvirtual_networks:\n",
			"  v%u: { address_prefixes: 10.0.0.0/8, peerings: { p: v0 } }\n", 20000, "",
			DIAG_PEERING);
	assert_numbered("lab: t\nexpress_route_circuits:\n",
			"  c%u: { primary_peer_address_prefix: 169.254.64.0/30 }\n", 40000,
			"providers: { p: { asn: 65515 } }\n", DIAG_ASN);
	assert_numbered("lab: t\nproviders: { p: { asn: 65001, links: [ { circuit: c, "
			"static_routes: [",
			"10.0.0.0/8, ", 90000, "] } ] } }\nexpress_route_circuits: { c: }\n",
			DIAG_STATIC_ROUTE);
	assert_numbered("lab: t\nexpress_route_circuits: { c: }\nproviders: { p: { asn: 65001, "
			"links: [",
			"c, ", 90000, "] } }\n", DIAG_LINK_TAKEN);
	assert_numbered(HUB "GatewaySubnet: 10.0.0.0/24 } }\nexpress_route_circuits: { c: }\n"
			    "virtual_network_gateways: { g: { virtual_network: hub, gateway_type: "
			    "ExpressRoute } }\nconnections:\n",
			"  x%u: { gateway: g, circuit: c }\n", 30000, "", DIAG_CONNECTION);
	assert_numbered("lab: t\nsteps:\n", "  - { name: s%u, after: s, set: { vms: a } }\n", 20000,
			"", DIAG_STEP);
	assert_numbered(HUB "s: 10.0.0.0/24 } }\nvms: { a: hub/s }\nexpect:\n",
			"  - { from: a, to: b%u }\n", 30000, "", DIAG_UNKNOWN_NAME);
	assert_numbered("lab: t\nbranches:\n",
			"  b%u: { asn: 65515, announce: [ 127.0.0.1/32 ] }\n", 20000, "",
			DIAG_LINK);
	assert_numbered("lab: t\nbranches: { b: { asn: 65010 } }\nproviders: { p: { asn: 65001, "
			"links: [\n",
			"{ branch: b, peer_address_prefix: 192.0.2.0/30 },\n", 30000, "] } }\n",
			DIAG_PEER_PREFIX);
}

/* What Azure would not take is still a lab, to see what size does; it is said, though. */
static void a_hub_of_many_spokes_is_a_lab_with_a_warning(void **state)
{
	struct memory_file file = { 0 };
	struct diags diags = { 0 };
	struct lab *lab;
	char *text;

	(void)state;
	lab_file_write("t", (struct lab_file_size){ 501, 1, 0, 0, 0 }, memory_open(&file));
	(void)fflush(file.out);
	text = memory_close(&file);
	lab = lab_parse(text, strlen(text), "t.yaml", &diags);
	assert_non_null(lab);
	assert_int_equal(diags.count, 1);
	assert_int_equal(diags.items[0].id, DIAG_SCALE);
	assert_string_equal(diags.items[0].text,
			    "virtual network 'hub' has 501 peerings, Azure takes 500");
	lab_free(lab);
	diags_fini(&diags);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deep_files_are_refused),
		cmocka_unit_test(long_values_are_answered),
		cmocka_unit_test(long_keys_are_answered),
		cmocka_unit_test(blank_files_are_refused),
		cmocka_unit_test(other_encodings_are_refused),
		cmocka_unit_test(random_bytes_are_answered),
		cmocka_unit_test(aliases_are_bounded),
		cmocka_unit_test(files_full_of_mistakes_are_answered),
		cmocka_unit_test(a_hub_of_many_spokes_is_a_lab_with_a_warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
