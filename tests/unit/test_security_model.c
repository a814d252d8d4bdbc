/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What filters packets, as a lab file is read: admin rules, service tags,
 * names and limits. */
#include "tests/support/test.h"

#include "lab/model/azure_tags.h"
#include "lab/model/lab.h"
#include "tests/support/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The caller frees it; fails the test, with the findings printed, when it is not valid. */
static struct lab *parse(const char *text)
{
	struct diags diags = { 0 };
	struct lab *lab = lab_parse(text, strlen(text), "t.yaml", &diags);

	if (!lab)
		diags_print(&diags, text, strlen(text), stderr);
	assert_non_null(lab);
	diags_fini(&diags);
	return lab;
}

/* "COLLECTION:RULE", in their order; borrowed until the next call. */
static const char *admin_rules(const struct lab *lab, const char *vnet_name,
			       enum rule_direction direction)
{
	static char text[400];
	const struct vnet *vnet = lab_find_vnet(lab, vnet_name);
	size_t len = 0;

	*text = '\0';
	for (size_t i = 0; i < vnet->admin_rules[direction].count; i++) {
		const struct admin_rule *rule = &vnet->admin_rules[direction].items[i];

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u:%s", i ? " " : "",
					rule->collection->number, rule->rule->object.name);
	}
	return text;
}

static const char admin_lab[] = "lab: t\n"
				"virtual_networks:\n"
				"  a: { address_prefixes: 10.0.0.0/24 }\n"
				"  b: { address_prefixes: 10.0.1.0/24 }\n"
				"  c: { address_prefixes: 10.0.2.0/24 }\n"
				"network_groups:\n"
				"  prod: { members: [a, B] }\n"
				"  some: b\n"
				"security_admin_configurations:\n"
				"  first:\n"
				"    rule_collections:\n"
				"      one:\n"
				"        applies_to_groups: prod\n"
				"        rules:\n"
				"          late: 4096 Inbound Deny * * -> *\n"
				"          same: 100 Inbound AlwaysAllow Tcp * -> *:443\n"
				"          out: 1 Outbound Deny Udp * -> Internet:69\n"
				"      two:\n"
				"        applies_to_groups: [some, PROD]\n"
				"        rules:\n"
				"          early: 5 Inbound Allow Esp 10.0.0.0/8 -> *\n"
				"          same: 100 Inbound Deny Tcp * -> *:443\n"
				"  second:\n"
				"    rule_collections:\n"
				"      three:\n"
				"        applies_to_groups: some\n"
				"        rules: { same: 100 Inbound Deny Tcp * -> *:443 }\n"
				"      empty: { applies_to_groups: some }\n";

static void admin_rules_hold_in_the_networks_of_their_groups(void **state) /* AVNM-01, AVNM-02 */
{
	struct lab *lab = parse(admin_lab);

	(void)state;
	assert_string_equal(admin_rules(lab, "a", DIRECTION_INBOUND),
			    "2:early 1:same 2:same 1:late");
	assert_string_equal(admin_rules(lab, "b", DIRECTION_INBOUND),
			    "2:early 1:same 2:same 3:same 1:late");
	assert_string_equal(admin_rules(lab, "a", DIRECTION_OUTBOUND), "1:out");
	assert_string_equal(admin_rules(lab, "b", DIRECTION_OUTBOUND), "1:out");
	assert_string_equal(admin_rules(lab, "c", DIRECTION_INBOUND), "");
	lab_free(lab);
}

static void an_empty_configuration_changes_nothing(void **state) /* AVNM-04 */
{
	struct lab *lab = parse("lab: t\n"
				"virtual_networks: { a: { address_prefixes: 10.0.0.0/24 } }\n"
				"network_groups: { all: a, none: { members: a } }\n"
				"security_admin_configurations: { none: {}, empty: { "
				"rule_collections: { c: { applies_to_groups: all } } } }\n");

	(void)state;
	for (int direction = 0; direction < DIRECTION_COUNT; direction++)
		assert_int_equal(lab->virtual_networks.items[0].admin_rules[direction].count, 0);
	lab_free(lab);
}

static void an_admin_rule_is_read_as_a_security_rule(void **state)
{
	struct lab *lab = parse(admin_lab);
	const struct vnet *vnet = lab_find_vnet(lab, "a");
	const struct security_rule *early = vnet->admin_rules[DIRECTION_INBOUND].items[0].rule;
	const struct security_rule *same = vnet->admin_rules[DIRECTION_INBOUND].items[1].rule;

	(void)state;
	assert_int_equal(early->protocol.value, PROTOCOL_ESP);
	assert_int_equal(early->source.prefixes.count, 1);
	assert_int_equal(early->source.prefixes.items[0].prefix.len, 8);
	assert_int_equal(same->access.value, ACCESS_ALWAYS_ALLOW);
	assert_int_equal(same->destination.ports.count, 1);
	assert_int_equal(same->destination.ports.items[0].first, 443);
	assert_ptr_equal(vnet->admin_rules[DIRECTION_OUTBOUND].items[0].rule->destination.tag,
			 &tag_internet);
	lab_free(lab);
}

/* NSG-33: the names that a lab needs at least. */
static const char *const needed_tags[] = {
	"ActionGroup",
	"ApiManagement",
	"AppService",
	"AppServiceManagement",
	"AzureActiveDirectory",
	"AzureBackup",
	"AzureCloud",
	"AzureContainerRegistry",
	"AzureCosmosDB",
	"AzureFrontDoor.Backend",
	"AzureFrontDoor.Frontend",
	"AzureFrontDoor.FirstParty",
	"AzureKeyVault",
	"AzureMonitor",
	"AzurePlatformDNS",
	"AzurePlatformIMDS",
	"AzurePlatformLKM",
	"AzureResourceManager",
	"AzureTrafficManager",
	"BatchNodeManagement",
	"EventHub",
	"GatewayManager",
	"GuestAndHybridManagement",
	"HDInsight",
	"LogicApps",
	"ServiceBus",
	"Sql",
	"SqlManagement",
	"Storage",
	"Storage.WestUS",
	"Sql.EastUS",
	"AzureCloud.westeurope",
};

static void azure_has_the_tags_that_rules_name(void **state) /* NSG-33 */
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(needed_tags); i++) {
		struct service_tag *tag = azure_tag_new(needed_tags[i], arena);

		if (!tag || !tag->address_prefixes.count) {
			fail_msg("there is no tag %s", needed_tags[i]);
			return; /* for those who do not know that it ends here */
		}
		assert_true(azure_has_tag(tag->object.name));
		assert_true(!strcasecmp(tag->object.name, needed_tags[i]));
		for (size_t n = 0; n < tag->address_prefixes.count; n++)
			assert_true(prefix_is_network(tag->address_prefixes.items[n].prefix));
	}
	assert_null(azure_tag_new("Internet", arena));
	assert_null(azure_tag_new("Storage.", arena));
	assert_null(azure_tag_new("GatewayManager.WestUS", arena));
	assert_null(azure_tag_new("AzureFrontDoor", arena));
	arena_free(arena);
}

static bool overlap(const struct service_tag *a, const struct service_tag *b)
{
	for (size_t i = 0; i < a->address_prefixes.count; i++)
		for (size_t n = 0; n < b->address_prefixes.count; n++)
			if (prefix_overlaps(a->address_prefixes.items[i].prefix,
					    b->address_prefixes.items[n].prefix))
				return true;
	return false;
}

static bool is_within(const struct service_tag *inner, const struct service_tag *outer)
{
	for (size_t i = 0; i < inner->address_prefixes.count; i++)
		if (!spaces_cover(&outer->address_prefixes,
				  inner->address_prefixes.items[i].prefix))
			return false;
	return true;
}

static void services_have_nothing_in_common_but_azurecloud(void **state)
{
	struct arena *arena = arena_new();
	const struct service_tag *cloud = azure_tag_new("AzureCloud", arena);

	(void)state;
	for (size_t i = 0; azure_tag_name(i); i++) {
		const struct service_tag *tag = azure_tag_new(azure_tag_name(i), arena);

		assert_string_equal(tag->object.name, azure_tag_name(i));
		assert_true(is_within(tag, cloud) ||
			    !strncmp(tag->object.name, "AzurePlatform", strlen("AzurePlatform")));
		for (size_t n = 0; n < i; n++) {
			const struct service_tag *other = azure_tag_new(azure_tag_name(n), arena);

			if (other->object.name != cloud->object.name && overlap(tag, other))
				fail_msg("%s and %s overlap", tag->object.name, other->object.name);
		}
	}
	arena_free(arena);
}

static void a_region_has_its_share_of_a_service(void **state) /* NSG-33, R3.18 */
{
	struct arena *arena = arena_new();
	const struct service_tag *storage = azure_tag_new("storage", arena);
	const struct service_tag *west = azure_tag_new("Storage.westus", arena);
	const struct service_tag *west2 = azure_tag_new("Storage.WestUS2", arena);
	const struct service_tag *cloud_west = azure_tag_new("AzureCloud.westus", arena);

	(void)state;
	assert_string_equal(storage->object.name, "Storage");
	assert_string_equal(west->object.name, "Storage.WestUS");
	assert_true(is_within(west, storage));
	assert_true(is_within(west, cloud_west));
	assert_false(is_within(storage, west));
	assert_false(overlap(west, west2));
	assert_false(overlap(west2, cloud_west));
	assert_true(is_within(cloud_west, azure_tag_new("AzureCloud", arena)));
	arena_free(arena);
}

static void the_labs_own_tags_stand_before_those_of_azure(void **state)
{
	struct lab *lab = parse("lab: t\n"
				"service_tags: { STORAGE: 192.0.2.0/24 }\n"
				"network_security_groups:\n"
				"  nsg:\n"
				"    security_rules:\n"
				"      a: 100 Outbound Allow * * -> Storage\n"
				"      b: 101 Outbound Allow * * -> Sql\n"
				"      c: 102 Outbound Allow * * -> sql\n"
				"      d: 103 Outbound Allow * VIRTUAL_NETWORK -> *\n"
				"route_tables: { rt: { routes: { sql: SQL None } } }\n");
	const struct rules *rules =
		&lab->network_security_groups.items[0].rules[DIRECTION_OUTBOUND];
	const struct service_tag *sql = rules->items[1]->destination.tag;

	(void)state;
	assert_ptr_equal(rules->items[0]->destination.tag, &lab->service_tags.items[0]);
	assert_int_equal(lab->service_tags.count, 1);
	assert_string_equal(sql->object.name, "Sql");
	assert_ptr_equal(rules->items[2]->destination.tag, sql);
	assert_ptr_equal(lab->route_tables.items[0].routes.items[0].tag, sql);
	assert_ptr_equal(rules->items[3]->source.tag, &tag_virtual_network); /* NSG-35 */
	lab_free(lab);
}

/* ---- names and limits ---- */

static void names_of_rules_are_those_of_azure(void **state) /* NSG-01 */
{
	static const char longest[] =
		"a2345678901234567890123456789012345678901234567890123456789012345678901234567890";
	char text[sizeof(longest) + 1];

	(void)state;
	assert_true(is_rule_name("a.b-c_"));
	assert_true(is_rule_name("_"));
	assert_true(is_rule_name("9"));
	assert_false(is_rule_name("-a"));
	assert_false(is_rule_name("a-"));
	assert_false(is_rule_name("a."));
	assert_false(is_rule_name(""));
	assert_false(is_rule_name("a b"));
	assert_false(is_rule_name("a\xc3\xa9"));
	assert_int_equal(strlen(longest), 80);
	assert_true(is_rule_name(longest));
	(void)snprintf(text, sizeof(text), "%sz", longest);
	assert_false(is_rule_name(text));
}

/* A file that is being written, and what is said of it. */
struct writing {
	struct memory_file file;
	FILE *out;
};

static void start(struct writing *w)
{
	w->out = memory_open(&w->file);
	fputs("lab: t\n"
	      "virtual_networks: { hub: { address_prefixes: 10.0.0.0/16, subnets: { s: "
	      "10.0.0.0/16 } } }\n",
	      w->out);
}

/* The first error of the file, or "" when there is none; borrowed until the next call. */
static const char *finish(struct writing *w)
{
	static char said[400];
	char *text = memory_close(&w->file);
	struct diags diags = { 0 };
	struct lab *lab = lab_parse(text, strlen(text), "t.yaml", &diags);
	const struct diag *first = diags_first_error(&diags);

	(void)snprintf(said, sizeof(said), "%s", first ? first->text : "");
	assert_true(!first || first->id == DIAG_LIMIT);
	diags_fini(&diags);
	lab_free(lab);
	free(text);
	*w = (struct writing){ 0 };
	return said;
}

static const char *with_rules(unsigned count, unsigned addresses, const char *side)
{
	struct writing w = { 0 };

	start(&w);
	fputs("network_security_groups:\n  nsg:\n    security_rules:\n", w.out);
	for (unsigned i = 0; i < count; i++) {
		fprintf(w.out,
			"      r%u: { priority: %u, direction: Inbound, access: Allow, protocol: "
			"Tcp, %s_address_prefixes: [",
			i, 100 + i, side);
		for (unsigned n = 0; n < addresses; n++)
			fprintf(w.out, "%s10.%u.%u.%u", n ? ", " : "", i / 250, i % 250, n);
		fputs("] }\n", w.out);
	}
	return finish(&w);
}

static const char *with_groups(unsigned of_nic, unsigned of_side, unsigned of_nsg)
{
	struct writing w = { 0 };

	start(&w);
	fputs("application_security_groups:\n", w.out);
	for (unsigned i = 0; i < 101; i++)
		fprintf(w.out, "  g%u: {}\n", i);
	fputs("vms:\n  a: { subnet: hub/s, application_security_groups: [", w.out);
	for (unsigned i = 0; i < of_nic; i++)
		fprintf(w.out, "%sg%u", i ? ", " : "", i);
	fputs("] }\nnetwork_security_groups:\n  nsg:\n    security_rules:\n", w.out);
	fputs("      side: 100 Inbound Allow Tcp g0", w.out);
	for (unsigned i = 1; i < of_side; i++)
		fprintf(w.out, ",g%u", i);
	fputs(" -> *\n", w.out);
	for (unsigned i = 0; i < of_nsg; i++)
		fprintf(w.out, "      r%u: %u Inbound Allow Tcp * -> g%u\n", i, 101 + i, i);
	return finish(&w);
}

static void limits_of_nsgs_are_those_of_azure(void **state) /* NSG-44, NSG-05 */
{
	(void)state;
	assert_string_equal(with_rules(1000, 4, "source"), "");
	assert_string_equal(with_rules(1001, 1, "source"),
			    "network security group 'nsg' has 1001 security rules, the limit is "
			    "1000 (NSG-44)");
	assert_string_equal(with_rules(801, 5, "source"),
			    "network security group 'nsg' has 4005 addresses and ranges as source, "
			    "the limit is 4000 (NSG-44)");
	assert_string_equal(with_rules(801, 5, "destination"),
			    "network security group 'nsg' has 4005 addresses and ranges as "
			    "destination, the limit is 4000 (NSG-44)");
}

static void limits_of_groups_are_those_of_azure(void **state) /* ASG-06, NSG-44 */
{
	(void)state;
	assert_string_equal(with_groups(20, 10, 100), "");
	assert_string_equal(with_groups(21, 1, 1),
			    "NIC 'a-nic' has 21 application security groups, the limit is 20 "
			    "(NSG-44)");
	assert_string_equal(with_groups(1, 11, 1),
			    "rule 'side' has 11 application security groups as source, the limit "
			    "is 10 (NSG-44)");
	assert_string_equal(with_groups(1, 1, 101),
			    "network security group 'nsg' has 101 application security groups in "
			    "its rules, the limit is 100 (NSG-44)");
}

static void a_group_that_is_named_is_not_taken_away(void **state) /* ASG-10 */
{
	static const char text[] =
		"lab: t\n"
		"virtual_networks: { hub: { address_prefixes: 10.0.0.0/24, subnets: { s: "
		"10.0.0.0/24 } } }\n"
		"application_security_groups: { web: {}, free: {} }\n"
		"vms: { a: { subnet: hub/s, application_security_groups: web } }\n";
	struct change_text change = { .path = "application_security_groups/free" };
	struct lab_state state_of = { .changes = &change, .change_count = 1 };
	struct diags diags = { 0 };
	struct lab *lab = lab_parse_at(text, strlen(text), "t.yaml", &state_of, &diags);

	(void)state;
	assert_non_null(lab);
	lab_free(lab);
	change.path = "application_security_groups/web";
	lab = lab_parse_at(text, strlen(text), "t.yaml", &state_of, &diags);
	assert_null(lab);
	assert_string_equal(diags_first_error(&diags)->text,
			    "there is no application security group 'web'");
	diags_fini(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(admin_rules_hold_in_the_networks_of_their_groups),
		cmocka_unit_test(an_empty_configuration_changes_nothing),
		cmocka_unit_test(an_admin_rule_is_read_as_a_security_rule),
		cmocka_unit_test(azure_has_the_tags_that_rules_name),
		cmocka_unit_test(services_have_nothing_in_common_but_azurecloud),
		cmocka_unit_test(a_region_has_its_share_of_a_service),
		cmocka_unit_test(the_labs_own_tags_stand_before_those_of_azure),
		cmocka_unit_test(names_of_rules_are_those_of_azure),
		cmocka_unit_test(limits_of_nsgs_are_those_of_azure),
		cmocka_unit_test(limits_of_groups_are_those_of_azure),
		cmocka_unit_test(a_group_that_is_named_is_not_taken_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
