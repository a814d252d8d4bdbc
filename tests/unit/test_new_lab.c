/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lab files from answers: they read well, are valid whatever was answered, and refusals say why. */
#include "tests/support/test.h"

#include "lab/render/new_lab.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* By enum new_lab_value; NULL: what is taken when nobody says. */
struct answers {
	const char *texts[NEW_LAB_VALUES];
};

static struct new_lab answer(const struct answers *answers)
{
	struct new_lab lab;

	new_lab_init(&lab);
	for (int i = 0; i < NEW_LAB_VALUES; i++) {
		enum new_lab_value value = (enum new_lab_value)i;
		struct new_lab_default standard = new_lab_default(&lab, value);
		struct err err = { 0 };

		if (!answers->texts[i] && !new_lab_asks(&lab, value))
			continue;
		if (new_lab_set(&lab, value, answers->texts[i] ? answers->texts[i] : standard.text,
				&err))
			fail_msg("%s", err.text);
	}
	return lab;
}

static char *written(const struct new_lab *lab)
{
	struct memory_file file = { 0 };

	new_lab_write(lab, memory_open(&file));
	return memory_close(&file);
}

/* ---- the files ---- */

static const struct {
	const char *golden;
	unsigned lines; /* at most; two screens of 80x24 are 48 */
	struct answers answers;
} sets[] = {
	{ "new/two_spokes.yaml", 48, { { NULL } } },
	{ "new/hub_only.yaml", 24, { { [NEW_LAB_SPOKES] = "0" } } },
	{ "new/express_route.yaml", 48, { { [NEW_LAB_EXPRESS_ROUTE] = "yes" } } },
	{ "new/branch.yaml", 60, { { "contoso", [NEW_LAB_BRANCH] = "yes" } } },
	{ "new/own_prefixes.yaml",
	  60,
	  { { "own", "northeurope", "172.16.0.0/22", "172.20.0.0/16, 10.9.0.0/28",
	      "3", [NEW_LAB_ON_PREMISES] = "192.168.7.0/26" } } },
	{ "new/nva.yaml", 48, { { [NEW_LAB_NVA] = "yes" } } },
	{ "new/vpn.yaml", 48, { { [NEW_LAB_VPN] = "yes" } } },
	{ "new/vpn_branch.yaml", 110, { { [NEW_LAB_VPN] = "yes", [NEW_LAB_BRANCH] = "yes" } } },
	{ "new/route_server.yaml",
	  70,
	  { { [NEW_LAB_NVA] = "yes", [NEW_LAB_ROUTE_SERVER] = "yes" } } },
	{ "new/all_with_route_server.yaml",
	  160,
	  { { [NEW_LAB_NVA] = "yes",
	      [NEW_LAB_EXPRESS_ROUTE] = "yes",
	      [NEW_LAB_VPN] = "yes",
	      [NEW_LAB_ROUTE_SERVER] = "yes",
	      [NEW_LAB_BRANCH] = "yes" } } },
	{ "new/all.yaml",
	  150,
	  { { [NEW_LAB_NVA] = "yes",
	      [NEW_LAB_EXPRESS_ROUTE] = "yes",
	      [NEW_LAB_VPN] = "yes",
	      [NEW_LAB_BRANCH] = "yes" } } },
};

static void files_read_well(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		struct new_lab lab = answer(&sets[i].answers);
		struct fixture f = { 0 };
		char *text = written(&lab);
		unsigned lines = 0;

		assert_golden(sets[i].golden, text);
		fixture_parse(&f, text); /* fails the test when there are findings */
		fixture_free(&f);
		for (const char *line = text; *line; line = strchr(line, '\n') + 1, lines++)
			assert_in_range(strcspn(line, "\n"), 0, 80);
		assert_in_range(lines, 1, sets[i].lines);
		free(text);
	}
}

static struct prediction predicted(const struct fixture *f, const char *from, const char *to)
{
	struct prediction prediction = { 0 };

	fabric_predict(
		f->fabric,
		&(struct probe_spec){ .from = fixture_nic(f, from), .to = fixture_nic(f, to) },
		&prediction);
	return prediction;
}

/* Of what a lab can have, all combinations. */
struct combination {
	bool has_nva, has_express_route, has_vpn, has_branch, has_route_server;
};

static struct combination combination_of(unsigned bits)
{
	return (struct combination){ bits & 1, bits & 2, bits & 4, bits & 8, bits & 16 };
}

#define COMBINATIONS 32u

static const char *yes_or_no(bool is_yes)
{
	return is_yes ? "yes" : "no";
}

static struct new_lab combined(struct combination wanted, struct answers answers)
{
	answers.texts[NEW_LAB_NVA] = yes_or_no(wanted.has_nva);
	answers.texts[NEW_LAB_EXPRESS_ROUTE] = yes_or_no(wanted.has_express_route);
	answers.texts[NEW_LAB_VPN] = yes_or_no(wanted.has_vpn);
	answers.texts[NEW_LAB_ROUTE_SERVER] = yes_or_no(wanted.has_route_server);
	answers.texts[NEW_LAB_BRANCH] = yes_or_no(wanted.has_branch);
	if (!wanted.has_branch)
		answers.texts[NEW_LAB_ON_PREMISES] = NULL;
	return answer(&answers);
}

/* Spokes that no NVA joins are apart; all else is reached from everywhere. */
static void assert_reached(const struct fixture *f, struct combination wanted)
{
	static const char *const names[] = { "hub-vm", "spoke1-vm1", "spoke2-vm1", "branch-vm" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		for (size_t j = 0; j < ARRAY_SIZE(names); j++) {
			bool is_between_spokes = *names[i] == 's' && *names[j] == 's';

			if (i == j || !lab_find_nic(f->lab, names[i], NULL) ||
			    !lab_find_nic(f->lab, names[j], NULL))
				continue;
			if (predicted(f, names[i], names[j]).is_reply ==
			    (!is_between_spokes || wanted.has_nva))
				continue;
			fail_msg("from %s to %s in: %s", names[i], names[j], f->text);
		}
}

static void assert_public_ips_are_free(const struct lab *lab)
{
	for (size_t i = 0; i < lab->public_ip_addresses.count; i++)
		for (size_t n = 0; n < lab->virtual_networks.count; n++)
			assert_false(prefix_has_ip(
				lab->virtual_networks.items[n].address_prefixes.items[0].prefix,
				lab->public_ip_addresses.items[i].ip_address.ip));
}

/* hublab check says nothing of it, and it works. */
static void assert_works(const struct new_lab *lab, struct combination wanted)
{
	struct fixture f = { 0 };
	char *text = written(lab);
	struct diags diags = { 0 };

	lab_free(lab_parse(text, strlen(text), "combination.yaml", &diags));
	if (diags.count)
		fail_msg("%s in: %s", diags.items[0].text, text);
	diags_fini(&diags);
	fixture_parse(&f, text);
	assert_reached(&f, wanted);
	assert_public_ips_are_free(f.lab);
	fixture_free(&f);
	free(text);
}

static void every_combination_is_valid_and_works(void **state)
{
	static const struct {
		struct answers answers;
		bool has_no_spokes, has_no_route_server;
	} spaces[] = {
		{ .answers = { { NULL } } },
		{ .answers = { { [NEW_LAB_HUB] = "192.168.0.0/16" } }, .has_no_spokes = true },
		{ .answers = { { [NEW_LAB_HUB] = "10.1.0.0/26", /* the smallest */
				 [NEW_LAB_SPOKES] = "10.1.0.64/28,10.1.0.80/28",
				 [NEW_LAB_ON_PREMISES] = "10.1.0.128/26" } },
		  .has_no_route_server = true },
		{ .answers = { { [NEW_LAB_HUB] = "10.0.0.0/8",
				 [NEW_LAB_SPOKES] = "172.16.0.0/12" } },
		  .has_no_route_server = true },
		{ .answers = { { [NEW_LAB_HUB] = "203.0.113.0/24",
				 [NEW_LAB_SPOKES] = "198.51.100.0/24" } },
		  .has_no_route_server = true },
		{ .answers = { { [NEW_LAB_SPOKES] = "172.16.0.0/24,10.2.0.0/25" } } },
	};

	(void)state;
	for (unsigned bits = 0; bits < COMBINATIONS; bits++)
		for (size_t i = 0; i < ARRAY_SIZE(spaces); i++) {
			struct combination wanted = combination_of(bits);
			struct new_lab lab;

			if ((wanted.has_nva && spaces[i].has_no_spokes) ||
			    (wanted.has_route_server && spaces[i].has_no_route_server))
				continue;
			lab = combined(wanted, spaces[i].answers);
			assert_works(&lab, wanted);
		}
}

/* Two MSEEs, the provider and a gateway take one each; of the VPN the branch's router alone. */
#define EXPRESS_ROUTE_TTL 60
#define VPN_TTL           63

static void assert_ttl(const char *text, unsigned ttl)
{
	struct fixture f = { 0 };

	fixture_parse(&f, text);
	assert_int_equal(predicted(&f, "spoke1-vm1", "branch-vm").ttl, ttl);
	assert_int_equal(predicted(&f, "branch-vm", "spoke1-vm1").ttl, ttl);
	fixture_free(&f);
}

static void express_route_is_preferred_until_it_is_gone(void **state)
{
	struct combination both = { .has_express_route = true,
				    .has_vpn = true,
				    .has_branch = true };
	struct new_lab lab = combined(both, (struct answers){ { NULL } });
	char *text = written(&lab);
	char *connection = strstr(text, "  hub-connection:");

	(void)state;
	assert_non_null(connection);
	assert_ttl(text, EXPRESS_ROUTE_TTL);
	*connection = '#';
	assert_ttl(text, VPN_TTL);
	free(text);
}

/* ---- answers ---- */

static void what_follows_from_an_answer_is_not_asked(void **state)
{
	struct new_lab lab = answer(&(struct answers){ { [NEW_LAB_SPOKES] = "0" } });

	(void)state;
	assert_false(new_lab_asks(&lab, NEW_LAB_SPOKE_VMS));
	assert_false(new_lab_asks(&lab, NEW_LAB_NVA));
	assert_false(new_lab_asks(&lab, NEW_LAB_BRANCH));
	assert_false(new_lab_asks(&lab, NEW_LAB_ON_PREMISES));
	lab = answer(&(struct answers){ { [NEW_LAB_VPN] = "yes" } });
	assert_true(new_lab_asks(&lab, NEW_LAB_BRANCH));
	lab = answer(&(struct answers){ { [NEW_LAB_EXPRESS_ROUTE] = "Y" } });
	assert_true(new_lab_asks(&lab, NEW_LAB_SPOKE_VMS));
	assert_true(new_lab_asks(&lab, NEW_LAB_NVA));
	assert_true(new_lab_asks(&lab, NEW_LAB_BRANCH));
	assert_false(new_lab_asks(&lab, NEW_LAB_ON_PREMISES));
}

static void a_hub_at_the_end_of_its_range_has_fewer_spokes(void **state)
{
	struct new_lab lab = answer(&(struct answers){ { [NEW_LAB_HUB] = "10.255.254.0/24" } });

	(void)state;
	assert_int_equal(lab.spoke_count, 1);
	lab = answer(&(struct answers){ { [NEW_LAB_HUB] = "192.168.0.0/16" } });
	assert_int_equal(lab.spoke_count, 0);
}

static void a_branch_has_a_space_that_is_free(void **state)
{
	static const struct {
		const char *hub, *spokes, *branch;
	} cases[] = {
		{ "10.0.0.0/24", "2", "10.100.0.0/24" },
		{ "10.0.0.0/9", "0", "172.16.0.0/24" },
		{ "10.0.0.0/24", "10.100.0.0/16", "172.16.0.0/24" },
		{ "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/24" },
		{ "10.0.0.0/8", "172.16.0.0/12 192.168.0.0/16", "100.64.0.0/24" },
		{ "10.0.0.0/8", "172.16.0.0/12 192.168.0.0/16 100.64.0.0/10", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct new_lab lab = answer(&(struct answers){
			{ [NEW_LAB_HUB] = cases[i].hub, [NEW_LAB_SPOKES] = cases[i].spokes } });

		assert_string_equal(new_lab_default(&lab, NEW_LAB_ON_PREMISES).text,
				    cases[i].branch);
	}
}

/* An answer, behind the defaults of those before it, is refused with these words. */
struct refusal {
	enum new_lab_value value;
	const char *text, *words;
};

static const struct refusal refusals[] = {
	{ NEW_LAB_NAME, "", "'' cannot be a name: Names are 1 to 64 letters" },
	{ NEW_LAB_NAME, "-x", "'-x' cannot be a name" },
	{ NEW_LAB_NAME, "null", "lab: 'lab' takes a single value, not nothing" },
	{ NEW_LAB_LOCATION, "West US", "'West US' is not a location: Azure writes them as" },
	{ NEW_LAB_LOCATION, "", "'' is not a location" },
	{ NEW_LAB_HUB, "", "'' is not an IPv4 prefix: one looks like 10.0.0.0/24" },
	{ NEW_LAB_HUB, "10.0.0.0", "'10.0.0.0' is not an IPv4 prefix" },
	{ NEW_LAB_HUB, "fd00::/64", "'fd00::/64' is not an IPv4 prefix" },
	{ NEW_LAB_HUB, "10.0.0.9/24",
	  "10.0.0.9/24 has bits set behind its length: the network is 10.0.0.0/24" },
	{ NEW_LAB_HUB, "10.0.0.0/27",
	  "10.0.0.0/27: a hub is a /8 to /26, as it holds a subnet and a GatewaySubnet" },
	{ NEW_LAB_HUB, "0.0.0.0/0", "0.0.0.0/0: a hub is a /8 to /26" },
	{ NEW_LAB_HUB, "224.0.0.0/16", "'hub': 224.0.0.0/16 contains addresses of 224.0.0.0/4" },
	{ NEW_LAB_SPOKES, "", "there can be 0 to 100 spokes, or their address spaces" },
	{ NEW_LAB_SPOKES, "-1", "there can be 0 to 100 spokes" },
	{ NEW_LAB_SPOKES, "101", "there can be 0 to 100 spokes" },
	{ NEW_LAB_SPOKES, "4294967297", "there can be 0 to 100 spokes" },
	{ NEW_LAB_SPOKES, "10.1.0.0/24,x", "'x' is not an IPv4 prefix" },
	{ NEW_LAB_SPOKES, "10.1.0.0/29", "10.1.0.0/29: a spoke is a /8 to /28" },
	{ NEW_LAB_SPOKES, "10.0.0.0/16",
	  "10.0.0.0/16 overlaps the hub's address space, 10.0.0.0/24" },
	{ NEW_LAB_SPOKES, "10.1.0.0/24,10.1.0.0/25",
	  "10.1.0.0/25 overlaps spoke1's address space, 10.1.0.0/24" },
	{ NEW_LAB_SPOKES, "127.0.0.0/24", "'spoke1': 127.0.0.0/24 contains addresses of" },
	{ NEW_LAB_SPOKE_VMS, "0", "there can be 1 to 100 VMs in a spoke, not '0'" },
	{ NEW_LAB_SPOKE_VMS, "1.5", "there can be 1 to 100 VMs in a spoke, not '1.5'" },
	{ NEW_LAB_NVA, "1", "yes or no, not '1'" },
	{ NEW_LAB_VPN, "false", "yes or no, not 'false'" },
	{ NEW_LAB_EXPRESS_ROUTE, "perhaps", "yes or no, not 'perhaps'" },
	{ NEW_LAB_BRANCH, "", "yes or no, not ''" },
	{ NEW_LAB_ON_PREMISES, "10.0.2.0/24",
	  "10.0.2.0/24 overlaps spoke2's address space, 10.0.2.0/24" },
	{ NEW_LAB_ON_PREMISES, "10.0.0.0/8",
	  "10.0.0.0/8 overlaps the hub's address space, 10.0.0.0/24" },
	{ NEW_LAB_ON_PREMISES, "10.9.0.0/27", "10.9.0.0/27: a branch is a /8 to /26" },
};

static void check_refusal(struct new_lab *lab, const struct refusal *refusal)
{
	struct new_lab before = *lab;
	struct err err = { 0 };

	assert_int_not_equal(new_lab_set(lab, refusal->value, refusal->text, &err), 0);
	if (strncmp(err.text, refusal->words, strlen(refusal->words)) != 0)
		fail_msg("not '%s' but '%s'", refusal->words, err.text);
	assert_memory_equal(lab, &before, sizeof(before));
}

static void bad_answers_are_refused_with_words_and_change_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct new_lab lab = answer(&(struct answers){ { NULL } });

		check_refusal(&lab, &refusals[i]);
	}
}

static void what_has_no_room_is_refused(void **state)
{
	struct new_lab lab = answer(&(struct answers){
		{ [NEW_LAB_HUB] = "192.168.252.0/24", [NEW_LAB_SPOKES] = "3" } });

	(void)state;
	check_refusal(&lab, &(struct refusal){ NEW_LAB_SPOKES, "4",
					       "behind the hub's 192.168.252.0/24 there is room in "
					       "192.168.0.0/16 for 3 spokes as large, not for 4: "
					       "give their address spaces" });
	lab = answer(&(struct answers){ { [NEW_LAB_SPOKES] = "10.1.0.0/28" } });
	check_refusal(&lab,
		      &(struct refusal){ NEW_LAB_SPOKE_VMS, "4",
					 "the subnet of spoke1, 10.1.0.0/29, has room for 3 VMs, "
					 "not for 4: Azure keeps five of its addresses" });
	lab = answer(&(struct answers){ { [NEW_LAB_SPOKES] = "0" } });
	check_refusal(&lab, &(struct refusal){ NEW_LAB_NVA, "yes",
					       "an NVA forwards what spokes send, and there are no "
					       "spokes: give their number or their address "
					       "spaces" });
	lab = answer(&(struct answers){
		{ [NEW_LAB_SPOKES] = "203.0.113.0/24,198.51.100.0/24", [NEW_LAB_VPN] = "yes" } });
	check_refusal(&lab, &(struct refusal){ NEW_LAB_ON_PREMISES, "192.0.2.0/24",
					       "tunnels end at public addresses of 203.0.113.0/24, "
					       "198.51.100.0/24 or 192.0.2.0/24, and networks have "
					       "them all" });
}

static void a_route_server_needs_room_and_ranges(void **state)
{
	struct new_lab lab = answer(
		&(struct answers){ { [NEW_LAB_HUB] = "10.0.0.0/26", [NEW_LAB_NVA] = "yes" } });

	(void)state;
	assert_true(new_lab_asks(&lab, NEW_LAB_ROUTE_SERVER));
	check_refusal(&lab, &(struct refusal){ NEW_LAB_ROUTE_SERVER, "yes",
					       "the hub's 10.0.0.0/26 has no room for a "
					       "GatewaySubnet and a RouteServerSubnet: it takes a "
					       "/25 or larger" });
	lab = answer(
		&(struct answers){ { [NEW_LAB_SPOKES] = "20.1.0.0/24", [NEW_LAB_NVA] = "yes" } });
	check_refusal(&lab, &(struct refusal){ NEW_LAB_ROUTE_SERVER, "yes",
					       "the NVA announces private ranges in which spokes "
					       "are, and 20.1.0.0/24 is within none of" });
	lab = answer(&(struct answers){ { [NEW_LAB_VPN] = "yes" } });
	assert_false(new_lab_asks(&lab, NEW_LAB_ROUTE_SERVER));
}

/* ---- at random ---- */

static unsigned any(unsigned count)
{
	return (unsigned)rand() % count;
}

static const char *random_prefix(char *text, size_t size)
{
	static const unsigned char first[] = { 10, 10, 10, 172, 192, 100, 20, 203, 224 };
	uint32_t address = (uint32_t)first[any(sizeof(first))] << 24 | any(256) << 16 |
			   any(256) << 8 | any(256);

	(void)snprintf(text, size, "%s", prefix_print(prefix_of(ip4(address), 8 + any(21))).text);
	return text;
}

static void random_answer(enum new_lab_value value, char *text, size_t size)
{
	char prefix[PREFIX_TEXT];
	size_t len = 0;

	switch (value) {
	case NEW_LAB_NAME:
		(void)snprintf(text, size, "%c%u", "aZ7"[any(3)], any(1000));
		break;
	case NEW_LAB_LOCATION:
		(void)snprintf(text, size, "region%u", any(9));
		break;
	case NEW_LAB_HUB:
	case NEW_LAB_ON_PREMISES:
		(void)random_prefix(text, size);
		break;
	case NEW_LAB_SPOKES:
		if (any(2)) {
			(void)snprintf(text, size, "%u", any(any(10) ? 8 : 101));
			break;
		}
		for (unsigned i = 1 + any(4); i; i--)
			len += (size_t)snprintf(text + len, size - len, "%s,",
						random_prefix(prefix, sizeof(prefix)));
		break;
	case NEW_LAB_SPOKE_VMS:
		(void)snprintf(text, size, "%u", any(any(5) ? 5 : 102));
		break;
	case NEW_LAB_NVA:
	case NEW_LAB_EXPRESS_ROUTE:
	case NEW_LAB_VPN:
	case NEW_LAB_ROUTE_SERVER:
	case NEW_LAB_BRANCH:
		(void)snprintf(text, size, "%s", any(2) ? "yes" : "no");
		break;
	case NEW_LAB_VALUES:
		break;
	}
}

/* As someone answers who types at random, and Enter when the third try was refused too. */
static struct new_lab random_lab(unsigned *refused)
{
	struct new_lab lab;

	new_lab_init(&lab);
	for (int i = 0; i < NEW_LAB_VALUES; i++) {
		enum new_lab_value value = (enum new_lab_value)i;
		char text[256];
		bool is_taken = false;

		if (!new_lab_asks(&lab, value))
			continue;
		for (int n = 0; n < 3 && !is_taken; n++) {
			struct err err = { 0 };

			random_answer(value, text, sizeof(text));
			is_taken = !new_lab_set(&lab, value, text, &err);
			assert_true(is_taken == !*err.text);
			*refused += !is_taken;
		}
		if (is_taken)
			continue;
		/* refused too: what there is none for, and spokes behind 223.0.0.0/8 and the like
		 */
		(void)new_lab_set(&lab, value, new_lab_default(&lab, value).text, NULL);
	}
	return lab;
}

static void assert_nothing_overlaps(const struct lab *lab)
{
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		for (size_t j = 0; j < i; j++)
			assert_false(prefix_overlaps(
				lab->virtual_networks.items[i].address_prefixes.items[0].prefix,
				lab->virtual_networks.items[j].address_prefixes.items[0].prefix));
}

static void random_answers_give_a_valid_lab(void **state)
{
	unsigned refused = 0, with_branch = 0;

	(void)state;
	srand(17);
	for (unsigned round = 0; round < 500; round++) {
		struct new_lab lab = random_lab(&refused);
		unsigned branch = lab.has_branch && lab.on_premises.addr.family != IP_NONE;
		unsigned circuits = lab.has_express_route || (lab.has_branch && !lab.has_vpn);
		char *text = written(&lab);
		struct diags diags = { 0 };
		struct lab *parsed = lab_parse(text, strlen(text), "random.yaml", &diags);

		assert_non_null(parsed);
		for (size_t i = 0; i < diags.count; i++) /* only what was answered itself */
			assert_int_equal(diags.items[i].id, DIAG_PUBLIC_SPACE);
		assert_string_equal(parsed->name.value, lab.name);
		assert_int_equal(parsed->virtual_networks.count, 1 + lab.spoke_count + branch);
		assert_int_equal(parsed->vms.count, 1 + lab.spoke_count * lab.spoke_vms + branch +
							    lab.has_nva + (branch && lab.has_vpn));
		assert_int_equal(parsed->virtual_network_gateways.count,
				 lab.has_vpn + (branch && circuits ? 2 : circuits));
		assert_nothing_overlaps(parsed);
		assert_public_ips_are_free(parsed);
		with_branch += branch;
		lab_free(parsed);
		diags_fini(&diags);
		free(text);
	}
	assert_in_range(refused, 100, 5000); /* both roads were taken */
	assert_in_range(with_branch, 50, 450);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_read_well),
		cmocka_unit_test(every_combination_is_valid_and_works),
		cmocka_unit_test(express_route_is_preferred_until_it_is_gone),
		cmocka_unit_test(what_follows_from_an_answer_is_not_asked),
		cmocka_unit_test(a_hub_at_the_end_of_its_range_has_fewer_spokes),
		cmocka_unit_test(a_branch_has_a_space_that_is_free),
		cmocka_unit_test(bad_answers_are_refused_with_words_and_change_nothing),
		cmocka_unit_test(what_has_no_room_is_refused),
		cmocka_unit_test(a_route_server_needs_room_and_ranges),
		cmocka_unit_test(random_answers_give_a_valid_lab),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
