/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building a lab on the screen: what forms propose, what they come to, and what is refused. */
#include "tests/support/test.h"

#include "lab/base/text_file.h"
#include "lab/snapshot/fill.h"
#include "tests/support/golden.h"
#include "tests/support/screen.h"
#include "tui/view/build_parts.h"
#include "tui/view/screen_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char lab_text[] =
	"# A lab with comments.\n"
	"lab: build\n"
	"virtual_networks:\n"
	"  hub: # in the middle\n"
	"    address_prefixes: 10.0.0.0/24\n"
	"    subnets: { default: 10.0.0.0/26, GatewaySubnet: 10.0.0.64/27 }\n"
	"    peerings:\n"
	"      to-spoke1: { remote: spoke1, allow_gateway_transit: true }\n"
	"  spoke1:\n"
	"    address_prefixes: 10.0.1.0/24\n"
	"    subnets:\n"
	"      default: { address_prefix: 10.0.1.0/25, network_security_group: web, route_table: "
	"all }\n"
	"    peerings: { to-hub: { remote: hub, use_remote_gateways: true } }\n"
	"vms:\n"
	"  hub-vm: hub/default # one\n"
	"  spoke1-vm: spoke1/default\n"
	"nvas:\n"
	"  nva: { subnet: hub/default, private_ip_address: 10.0.0.10 }\n"
	"route_tables:\n"
	"  all: { routes: { all: 0.0.0.0/0 VirtualAppliance 10.0.0.10 } }\n"
	"network_security_groups:\n"
	"  web: # what comes in\n"
	"    security_rules:\n"
	"      http: 100 Inbound Allow Tcp 10.8.0.0/16,10.9.0.0/16 -> *:80,8080-8090 # the page\n"
	"      out: 200 Outbound Deny * * -> [2001:db8::/32]:443\n"
	"virtual_network_gateways:\n"
	"  ergw: { virtual_network: hub, gateway_type: ExpressRoute }\n"
	"express_route_circuits: { circuit: {} }\n"
	"connections: { er: { gateway: ergw, circuit: circuit } }\n"
	"providers: { isp: { asn: 65001, links: [circuit] } }\n";

static void open_lab(struct screen_test *f, const char *text, bool is_running)
{
	struct arena *arena = arena_new();
	struct snapshot_file file = {
		.file = "build.yaml",
		.text = arena_strdup(arena, text),
	};

	screen_build_open(&f->screen, arena, &file, is_running);
}

static int set_up(void **state)
{
	struct screen_test *f;

	(void)screen_set_up(state);
	f = *state;
	open_lab(f, lab_text, true);
	assert_non_null(f->screen.scene.build.parsed);
	return 0;
}

static int tear_down(void **state)
{
	struct screen_test *f = *state;

	screen_build_close(&f->screen);
	return screen_tear_down(state);
}

static struct build *build_of(struct screen_test *f)
{
	return &f->screen.scene.build;
}

static struct effect type(struct screen_test *f, const char *text)
{
	return screen_press(&f->screen, text);
}

static const struct build_kind *kind(const char *name)
{
	for (size_t i = 0; i < build_kind_count; i++)
		if (!strcmp(build_kinds[i].name, name))
			return &build_kinds[i];
	fail_msg("no kind %s", name);
	return NULL;
}

static void add(struct screen_test *f, const char *name)
{
	build_of(f)->kind = kind(name);
	build_object_open(build_of(f), NULL);
}

static struct build_object find(struct screen_test *f, const char *name, const char *path)
{
	struct build *build = build_of(f);
	struct build_objects objects;

	build->kind = kind(name);
	objects = build_objects_of(build->kind, build->tree.root, build->arena);
	for (size_t i = 0; i < objects.count; i++)
		if (!strcmp(objects.items[i].path, path))
			return objects.items[i];
	fail_msg("no %s", path);
	return objects.items[0];
}

static void change(struct screen_test *f, const char *name, const char *path)
{
	struct build_object object = find(f, name, path);

	build_object_open(build_of(f), &object);
}

static struct form_field *field(struct screen_test *f, const char *label)
{
	struct form *form = build_form(build_of(f));

	for (size_t i = 0; i < form->count; i++)
		if (!strcmp(form->fields[i].label, label))
			return &form->fields[i];
	fail_msg("no field %s", label);
	return NULL;
}

static void fill(struct screen_test *f, const char *label, const char *text)
{
	struct form *form = build_form(build_of(f));

	form->at = (size_t)(field(f, label) - form->fields);
	(void)screen_key(&f->screen, KEY_CTRL('u'));
	(void)type(f, text);
}

/* The form that a field leads to, or the button adds. */
static void open_inner(struct screen_test *f, const char *label)
{
	struct form *form = build_form(build_of(f));
	size_t depth = build_of(f)->depth;

	form->at = (size_t)(field(f, label) - form->fields);
	(void)screen_key(&f->screen, KEY_CODE_ENTER);
	assert_int_equal(build_of(f)->depth, depth + 1);
}

static void take_away(struct screen_test *f, const char *label)
{
	struct form *form = build_form(build_of(f));

	form->at = (size_t)(field(f, label) - form->fields);
	(void)type(f, "d");
}

/* To the form above, so many times. */
static void leave(struct screen_test *f, int times)
{
	while (times--)
		(void)screen_key(&f->screen, KEY_CODE_ESCAPE);
}

static void choose(struct screen_test *f, const char *label, const char *word)
{
	struct form *form = build_form(build_of(f));

	form->at = (size_t)(field(f, label) - form->fields);
	for (size_t i = 0; strcmp(field(f, label)->line.text, word) != 0; i++) {
		assert_in_range(i, 0, field(f, label)->word_count);
		(void)type(f, " ");
	}
}

/* "PATH = VALUE" a line, without what is wrong. */
static void assert_changes(struct screen_test *f, const char *wanted)
{
	const struct build *build = build_of(f);
	const struct form_field *bad = form_first_error(&build->form);
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);
	char *text;

	if (bad)
		fail_msg("%s: %s", bad->label, bad->error);
	for (size_t i = 0; i < build->changes.count; i++)
		(void)fprintf(out, "%s = %s\n", build->changes.items[i].path,
			      build->changes.items[i].value ? build->changes.items[i].value
							    : "(nothing)");
	text = memory_close(&file);
	assert_string_equal(text, wanted);
	free(text);
}

static void assert_wrong(struct screen_test *f, const char *label, const char *words)
{
	const char *error = field(f, label)->error;

	if (strncmp(error, words, strlen(words)) != 0)
		fail_msg("%s: '%s', and the first is %s", label, error,
			 form_first_error(&build_of(f)->form)
				 ? form_first_error(&build_of(f)->form)->error
				 : "nothing");
}

/* ---- adding ---- */

static void each_kind_proposes_what_is_valid(void **state)
{
	static const struct {
		const char *name, *changes;
	} kinds[] = {
		{ "spoke",
		  "virtual_networks/hub/peerings/to-spoke2 = { remote: spoke2, "
		  "allow_gateway_transit: true }\n"
		  "virtual_networks/spoke2 = { address_prefixes: 10.0.2.0/24, subnets: { default: "
		  "10.0.2.0/25 }, peerings: { to-hub: { remote: hub, use_remote_gateways: true, "
		  "allow_forwarded_traffic: true } } }\n"
		  "vms/spoke2-vm = spoke2/default\n" },
		{ "virtual network",
		  "virtual_networks/vnet1 = { address_prefixes: 10.0.2.0/24 }\n" },
		{ "subnet", "virtual_networks/hub/subnets/subnet1 = 10.0.0.96/27\n" },
		{ "VM", "vms/vm1 = hub/default\n" },
		{ "NVA", "nvas/nva1 = hub/default\n" },
		{ "route table", "route_tables/table1 = {}\n" },
		{ "NSG", "network_security_groups/nsg1 = {}\n" },
		{ "NSG rule",
		  "network_security_groups/web/security_rules/rule1 = 110 Inbound Allow Tcp *:* -> "
		  "*:*\n" },
		{ "circuit", "express_route_circuits/circuit1 = {}\n" },
	};
	struct screen_test *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		add(f, kinds[i].name);
		assert_changes(f, kinds[i].changes);
	}
}

static void every_kind_is_added(void **state)
{
	struct screen_test *f = *state;

	add(f, "virtual network");
	fill(f, "name", "dmz");
	fill(f, "address_prefixes", "192.168.0.0/24, 192.168.9.0/24");
	assert_changes(f, "virtual_networks/dmz = { address_prefixes: [192.168.0.0/24, "
			  "192.168.9.0/24] }\n");
	add(f, "subnet");
	choose(f, "virtual network", "spoke1");
	fill(f, "name", "web");
	choose(f, "network_security_group", "web");
	assert_changes(f, "virtual_networks/spoke1/subnets/web = { address_prefix: 10.0.1.128/27, "
			  "network_security_group: web }\n");
	add(f, "VM");
	choose(f, "subnet", "spoke1/default");
	choose(f, "enable_ip_forwarding", "true");
	fill(f, "private_ip_address", "10.0.1.9");
	assert_changes(f, "vms/vm1 = { subnet: spoke1/default, private_ip_address: 10.0.1.9, "
			  "enable_ip_forwarding: true }\n");
	add(f, "route");
	fill(f, "name", "test");
	fill(f, "address_prefix", "203.0.113.0/24");
	assert_changes(f, "route_tables/all/routes/test = 203.0.113.0/24 VirtualAppliance "
			  "10.0.0.10\n");
	choose(f, "next_hop_type", "Internet"); /* needs no address */
	assert_changes(f, "route_tables/all/routes/test = 203.0.113.0/24 Internet\n");
	add(f, "NSG rule");
	choose(f, "direction", "Outbound");
	choose(f, "access", "Deny");
	choose(f, "protocol", "*");
	fill(f, "source_address_prefixes", "10.0.1.0/25, 10.0.0.0/26");
	fill(f, "destination_address_prefixes", "2001:db8::/32");
	fill(f, "destination_port_ranges", "22, 80-90");
	fill(f, "description", "it's mine");
	assert_changes(f, "network_security_groups/web/security_rules/rule1 = { rule: '210 "
			  "Outbound Deny * 10.0.1.0/25,10.0.0.0/26:* -> [2001:db8::/32]:22,80-90', "
			  "description: 'it''s mine' }\n");
	add(f, "public address");
	fill(f, "ip_address", "203.0.113.5");
	assert_changes(f, "public_ip_addresses/pip1 = 203.0.113.5\n");
	add(f, "site");
	fill(f, "gateway_ip_address", "203.0.113.9");
	fill(f, "address_prefixes", "10.50.0.0/16");
	assert_changes(f, "local_network_gateways/site1 = { gateway_ip_address: 203.0.113.9, "
			  "address_prefixes: 10.50.0.0/16 }\n");
	add(f, "gateway");
	fill(f, "name", "vpngw");
	choose(f, "gateway_type", "Vpn");
	open_inner(f, "bgp_settings");
	fill(f, "asn", "65515");
	leave(f, 1);
	assert_changes(f, "virtual_network_gateways/vpngw = { virtual_network: hub, gateway_type: "
			  "Vpn, bgp_settings: { asn: 65515 } }\n");
}

/* What a rule is within comes with it; a peering has two halves. */
static void what_belongs_together_is_added_together(void **state)
{
	struct screen_test *f = *state;

	open_lab(f,
		 "lab: x\nvirtual_networks:\n  a: { address_prefixes: 10.0.0.0/24 }\n"
		 "  b: { address_prefixes: 10.0.1.0/24 }\n",
		 true);
	add(f, "NSG rule");
	assert_wrong(f, "NSG", "which one is it within?");
	fill(f, "NSG", "fresh");
	assert_changes(f, "network_security_groups/fresh/security_rules/rule1 = 100 Inbound Allow "
			  "Tcp *:* -> *:*\n");
	add(f, "peering");
	assert_changes(f, "virtual_networks/a/peerings/to-b = b\n"
			  "virtual_networks/b/peerings/to-a = a\n");
	choose(f, "allow_forwarded_traffic", "true");
	choose(f, "other half", "no");
	assert_string_equal(build_of(f)->changes.items[0].value,
			    "{ remote: b, allow_forwarded_traffic: true }");
	assert_int_equal(build_of(f)->changes.count, 1);
}

static void a_gateway_brings_the_subnet_it_stands_in(void **state)
{
	struct screen_test *f = *state;

	add(f, "Route Server"); /* there is a GatewaySubnet, and no such one */
	fill(f, "name", "rs");
	assert_changes(f, "virtual_networks/hub/subnets/RouteServerSubnet = 10.0.0.96/27\n"
			  "route_servers/rs = { virtual_network: hub }\n");
	open_lab(f,
		 "lab: x\nvirtual_networks:\n  a: { address_prefixes: 10.0.0.0/24 }\n"
		 "  b: { address_prefixes: 10.0.1.0/28, subnets: { s: 10.0.1.0/28 } }\n",
		 true);
	add(f, "gateway");
	assert_changes(f, "virtual_networks/a/subnets/GatewaySubnet = 10.0.0.0/27\n"
			  "virtual_network_gateways/gateway1 = { virtual_network: a, gateway_type: "
			  "ExpressRoute }\n");
	fill(f, "virtual_network", "b"); /* which has no room */
	assert_non_null(form_first_error(&build_of(f)->form));
}

/* ---- changing ---- */

static void only_what_was_typed_is_changed(void **state)
{
	struct screen_test *f = *state;

	change(f, "subnet", "virtual_networks/spoke1/subnets/default");
	assert_string_equal(field(f, "address_prefix")->line.text, "10.0.1.0/25");
	assert_changes(f, "");
	fill(f, "route_table", "");
	assert_changes(f, "virtual_networks/spoke1/subnets/default/route_table = (nothing)\n");
	fill(f, "route_table", "all"); /* as it was */
	assert_changes(f, "");
	choose(f, "default_outbound_access", "true");
	assert_changes(f,
		       "virtual_networks/spoke1/subnets/default/default_outbound_access = true\n");
	change(f, "VM", "vms/hub-vm"); /* in its short form */
	assert_string_equal(field(f, "subnet")->line.text, "hub/default");
	fill(f, "subnet", "spoke1/default");
	assert_changes(f, "vms/hub-vm = spoke1/default\n");
}

static void lines_are_taken_apart_and_put_together(void **state)
{
	struct screen_test *f = *state;

	change(f, "NSG rule", "network_security_groups/web/security_rules/http");
	assert_string_equal(field(f, "source_address_prefixes")->line.text,
			    "10.8.0.0/16,10.9.0.0/16");
	assert_string_equal(field(f, "source_port_ranges")->line.text, "*");
	assert_string_equal(field(f, "destination_port_ranges")->line.text, "80,8080-8090");
	choose(f, "access", "Deny");
	fill(f, "source_address_prefixes", "Internet");
	assert_changes(f, "network_security_groups/web/security_rules/http = '100 Inbound Deny Tcp "
			  "Internet:* -> *:80,8080-8090'\n");
	change(f, "NSG rule", "network_security_groups/web/security_rules/out");
	assert_string_equal(field(f, "destination_address_prefixes")->line.text, "[2001:db8::/32]");
	assert_string_equal(field(f, "destination_port_ranges")->line.text, "443");
	change(f, "route", "route_tables/all/routes/all");
	fill(f, "next_hop_ip_address", "10.0.0.11");
	assert_changes(f, "route_tables/all/routes/all = 0.0.0.0/0 VirtualAppliance 10.0.0.11\n");
}

static char *review_text(struct screen_test *f)
{
	const struct build *build = build_of(f);
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);

	assert_int_equal(build->page, BUILD_REVIEW);
	for (size_t i = 0; i < build->line_count; i++)
		(void)fprintf(out, "%s\n", build->lines[i]);
	return memory_close(&file);
}

static void press_review(struct screen_test *f)
{
	(void)screen_key(&f->screen, KEY_CODE_PAGE_DOWN);
	assert_int_equal(type(f, "\n").kind, EFFECT_NONE);
}

/* ---- values within values ---- */

static const char routers_text[] =
	"lab: routers\n"
	"virtual_networks:\n"
	"  hub: { address_prefixes: 10.0.0.0/24, subnets: { default: 10.0.0.0/26, "
	"RouteServerSubnet: 10.0.0.64/27 } }\n"
	"route_servers: { rs: { virtual_network: hub } }\n"
	"nvas:\n"
	"  nva:\n"
	"    subnet: hub/default\n"
	"    private_ip_address: 10.0.0.10\n"
	"    bgp:\n"
	"      asn: 65010 # ours\n"
	"      networks: 192.168.0.0/24\n"
	"      network_import_check: false\n"
	"      neighbors: # of the Route Server\n"
	"        rs0: { address: 10.0.0.68, asn: 65515 }\n"
	"        rs1: { address: 10.0.0.69, asn: 65515, prepend: 1 } # the second\n"
	"  plain: hub/default\n"
	"branches: { site: { asn: 65020, routes: [192.168.7.0/24 192.168.8.1], lan: "
	"192.168.8.0/24 } }\n"
	"express_route_circuits: { circuit: {} }\n"
	"providers: { isp: { asn: 65001, links: [circuit, { branch: site, delay_ms: 3 }] } }\n";

static void open_routers(struct screen_test *f)
{
	open_lab(f, routers_text, true);
	assert_non_null(build_of(f)->parsed);
}

static void what_is_changed_within_is_one_path(void **state)
{
	struct screen_test *f = *state;

	open_routers(f);
	change(f, "NVA", "nvas/nva");
	open_inner(f, "bgp");
	assert_string_equal(field(f, "neighbors")->line.text, "rs0, rs1");
	open_inner(f, "neighbors");
	open_inner(f, "rs1");
	assert_string_equal(build_form(build_of(f))->title, "NVA nva: bgp/neighbors/rs1");
	fill(f, "prepend", "3");
	assert_changes(f, "nvas/nva/bgp/neighbors/rs1/prepend = 3\n");
	fill(f, "prepend", "1"); /* as it was */
	assert_changes(f, "");
	fill(f, "prepend", "");
	choose(f, "as_override", "true");
	assert_changes(f, "nvas/nva/bgp/neighbors/rs1/prepend = (nothing)\n"
			  "nvas/nva/bgp/neighbors/rs1/as_override = true\n");
	leave(f, 2);
	fill(f, "networks", "192.168.0.0/24, 192.168.1.0/24");
	choose(f, "daemon", "frr");
	leave(f, 1);
	assert_int_equal(build_of(f)->depth, 0);
	fill(f, "private_ip_address", "10.0.0.11");
	assert_changes(f, "nvas/nva/private_ip_address = 10.0.0.11\n"
			  "nvas/nva/bgp/networks = [192.168.0.0/24, 192.168.1.0/24]\n"
			  "nvas/nva/bgp/neighbors/rs1/prepend = (nothing)\n"
			  "nvas/nva/bgp/neighbors/rs1/as_override = true\n"
			  "nvas/nva/bgp/daemon = frr\n");
}

static void items_are_added_and_taken_away(void **state)
{
	struct screen_test *f = *state;

	open_routers(f);
	change(f, "NVA", "nvas/nva");
	open_inner(f, "bgp");
	open_inner(f, "neighbors");
	open_inner(f, "Add BGP neighbour");
	assert_string_equal(field(f, "name")->line.text, "neighbor1");
	leave(f, 1); /* nothing was typed */
	assert_changes(f, "");
	open_inner(f, "Add BGP neighbour");
	fill(f, "name", "other");
	fill(f, "address", "10.0.0.12");
	fill(f, "asn", "65012");
	fill(f, "communities", "no-advertise, 65010:7");
	assert_changes(f, "nvas/nva/bgp/neighbors/other = { address: 10.0.0.12, asn: 65012, "
			  "communities: [no-advertise, 65010:7] }\n");
	(void)screen_key(&f->screen, KEY_CODE_PAGE_DOWN);
	(void)type(f, "\n"); /* the button leads back, too */
	assert_int_equal(build_of(f)->depth, 2);
	open_inner(f, "other");
	assert_int_equal(field(f, "name")->kind, FORM_FIXED);
	assert_string_equal(field(f, "asn")->line.text, "65012");
	fill(f, "asn", "65013");
	leave(f, 1);
	take_away(f, "rs0");
	assert_changes(f, "nvas/nva/bgp/neighbors/rs0 = (nothing)\n"
			  "nvas/nva/bgp/neighbors/other = { address: 10.0.0.12, asn: 65013, "
			  "communities: [no-advertise, 65010:7] }\n");
	take_away(f, "other");
	take_away(f, "rs1"); /* the last one: its list goes with it */
	assert_changes(f, "nvas/nva/bgp/neighbors = (nothing)\n");
	leave(f, 2);
	assert_int_equal(build_of(f)->depth, 0);
	take_away(f, "bgp");
	assert_string_equal(field(f, "bgp")->line.text, "-");
	take_away(f, "bgp"); /* there is none */
	assert_changes(f, "nvas/nva/bgp = (nothing)\n");
}

/* An object in its short form, and what has nothing at all, get what is within them. */
static void what_is_not_there_is_made_on_the_way(void **state)
{
	static const char *const policy[][2] = {
		{ "ike_encryption", "AES256" },  { "ike_integrity", "SHA256" },
		{ "dh_group", "DHGroup14" },     { "ipsec_encryption", "AES256" },
		{ "ipsec_integrity", "SHA256" }, { "pfs_group", "PFS14" },
	};
	struct screen_test *f = *state;

	open_routers(f);
	change(f, "NVA", "nvas/plain");
	open_inner(f, "tunnels");
	open_inner(f, "Add tunnel");
	open_inner(f, "ipsec_policy");
	for (size_t i = 0; i < ARRAY_SIZE(policy); i++)
		choose(f, policy[i][0], policy[i][1]);
	leave(f, 1);
	assert_string_equal(field(f, "name")->line.text, "tunnel1");
	fill(f, "local_address", "10.0.0.4");
	fill(f, "remote_address", "10.0.0.10");
	fill(f, "tunnel_address", "169.254.0.1");
	fill(f, "peer_tunnel_address", "169.254.0.2");
	fill(f, "shared_key", "it's: #1");
	leave(f, 2);
	assert_string_equal(field(f, "tunnels")->line.text, "tunnel1");
	assert_changes(f,
		       "nvas/plain/tunnels = { tunnel1: { ipsec_policy: { ike_encryption: AES256, "
		       "ike_integrity: SHA256, dh_group: DHGroup14, ipsec_encryption: AES256, "
		       "ipsec_integrity: SHA256, pfs_group: PFS14 }, local_address: 10.0.0.4, "
		       "remote_address: 10.0.0.10, tunnel_address: 169.254.0.1, "
		       "peer_tunnel_address: 169.254.0.2, shared_key: \"it's: #1\" } }\n");
	add(f, "NVA");
	fill(f, "name", "third");
	open_inner(f, "bgp");
	fill(f, "asn", "65011");
	leave(f, 1);
	assert_changes(f, "nvas/third = { subnet: hub/default, bgp: { asn: 65011 } }\n");
}

/* Items without names have places; one that has its main key alone is written in its short form. */
static void lists_have_places(void **state)
{
	struct screen_test *f = *state;

	open_routers(f);
	change(f, "provider", "providers/isp");
	open_inner(f, "links");
	open_inner(f, "1");
	fill(f, "delay_ms", "4.5");
	leave(f, 2);
	assert_changes(f, "providers/isp/links = [circuit, { branch: site, delay_ms: 4.5 }]\n");
	change(f, "branch", "branches/site");
	open_inner(f, "routes");
	open_inner(f, "0");
	fill(f, "route", "192.168.9.0/24 192.168.8.1");
	leave(f, 1);
	open_inner(f, "Add guest route");
	fill(f, "route", "192.168.10.0/24 192.168.8.2");
	leave(f, 1);
	assert_string_equal(field(f, "1")->line.text, "192.168.10.0/24 192.168.8.2");
	assert_changes(f, "branches/site/routes = [192.168.9.0/24 192.168.8.1, 192.168.10.0/24 "
			  "192.168.8.2]\n");
}

static void what_is_wrong_within_stands_there_and_above(void **state)
{
	struct screen_test *f = *state;

	open_routers(f);
	change(f, "NVA", "nvas/nva");
	open_inner(f, "bgp");
	open_inner(f, "neighbors");
	open_inner(f, "rs0");
	fill(f, "asn", "x");
	assert_wrong(f, "asn", "BGP neighbour 'rs0': 'asn' takes a whole number");
	leave(f, 1);
	assert_wrong(f, "rs0", "BGP neighbour 'rs0': 'asn' takes");
	leave(f, 1);
	assert_wrong(f, "neighbors", "BGP neighbour 'rs0': 'asn' takes");
	leave(f, 1);
	assert_wrong(f, "bgp", "BGP neighbour 'rs0': 'asn' takes");
	(void)screen_key(&f->screen, KEY_CODE_PAGE_DOWN);
	(void)type(f, "\n");
	assert_int_equal(build_of(f)->page, BUILD_OBJECT);
	assert_non_null(strstr(f->screen.message, "bgp: BGP neighbour 'rs0'"));
	open_inner(f, "bgp");
	open_inner(f, "neighbors");
	open_inner(f, "rs0");
	fill(f, "asn", "65515");
	leave(f, 1);
	open_inner(f, "Add BGP neighbour");
	fill(f, "name", "RS1");
	assert_wrong(f, "name", "there is one of that name");
	fill(f, "name", "a/b");
	assert_wrong(f, "name", "Names are 1 to 64");
	leave(f, 1);
	assert_non_null(strstr(f->screen.message, "not added: Names are 1 to 64"));
	assert_changes(f, "");
	open_inner(f, "Add BGP neighbour");
	fill(f, "name", "c");
	fill(f, "address", "10.0.0.300");
	assert_wrong(f, "asn", "BGP neighbour 'c': 'asn' is missing");
	fill(f, "asn", "65012");
	assert_wrong(f, "address", "BGP neighbour 'c': 'address' takes an IP address");
}

static void what_is_within_is_reviewed_with_the_whole_lab(void **state)
{
	struct screen_test *f = *state;
	char *text;

	open_routers(f);
	change(f, "NVA", "nvas/nva");
	open_inner(f, "bgp");
	open_inner(f, "neighbors");
	open_inner(f, "rs1");
	fill(f, "prepend", "2");
	leave(f, 1);
	open_inner(f, "Add BGP neighbour");
	fill(f, "address", "10.0.0.12");
	fill(f, "asn", "65012");
	leave(f, 3);
	press_review(f);
	text = review_text(f);
	assert_golden("screen/build_nested_review.txt", text);
	free(text);
	assert_int_equal(type(f, "s").kind, EFFECT_APPLY);
}

static void forms_within_forms_at_every_size(void **state)
{
	struct screen_test *f = *state;
	unsigned row, col;

	open_routers(f);
	change(f, "NVA", "nvas/nva");
	open_inner(f, "bgp");
	open_inner(f, "neighbors");
	assert_golden_screens(&f->screen, "build_items");
	open_inner(f, "rs1");
	fill(f, "only", "10.0.0.0/33");
	assert_true(screen_cursor(&f->screen, &row, &col));
	assert_golden_screens(&f->screen, "build_item");
}

/* ---- what is wrong ---- */

static void what_is_wrong_stands_at_its_field(void **state)
{
	struct screen_test *f = *state;

	add(f, "virtual network");
	fill(f, "address_prefixes", "10.0.9.7/24");
	assert_wrong(f, "address_prefixes", "virtual network 'vnet1': '10.0.9.7/24' has bits");
	fill(f, "address_prefixes", "10.0.9");
	assert_wrong(f, "address_prefixes", "");
	assert_non_null(form_first_error(&build_of(f)->form));
	fill(f, "address_prefixes", "10.0.9.0/24");
	assert_null(form_first_error(&build_of(f)->form));
	fill(f, "name", "hub");
	assert_wrong(f, "name", "there is one of that name");
	fill(f, "name", "a/b");
	assert_wrong(f, "name", "Names are 1 to 64");
	add(f, "NSG rule");
	fill(f, "priority", "100");
	assert_non_null(form_first_error(&build_of(f)->form));
	fill(f, "priority", "5000");
	assert_wrong(f, "priority", "");
	assert_non_null(form_first_error(&build_of(f)->form));
	change(f, "VM", "vms/hub-vm");
	fill(f, "private_ip_address", "10.0.0.10"); /* the NVA's */
	assert_wrong(f, "private_ip_address", "");
	assert_true(*field(f, "private_ip_address")->error);
	(void)screen_key(&f->screen, KEY_CODE_PAGE_DOWN);
	assert_int_equal(type(f, "\n").kind, EFFECT_NONE); /* no review of what cannot be */
	assert_int_equal(build_of(f)->page, BUILD_OBJECT);
	assert_true(*f->screen.message);
}

/* ---- the review ---- */

static void the_review_shows_both_differences(void **state)
{
	struct screen_test *f = *state;
	char *text;

	add(f, "NSG rule");
	fill(f, "name", "ssh");
	fill(f, "destination_port_ranges", "22");
	press_review(f);
	text = review_text(f);
	assert_golden("screen/build_review.txt", text);
	free(text);
	assert_int_equal(type(f, "a").kind, EFFECT_APPLY);
	assert_false(build_of(f)->is_saved);
	assert_int_equal(type(f, "s").kind, EFFECT_APPLY);
	assert_true(build_of(f)->is_saved);
	(void)screen_key(&f->screen, KEY_CODE_ESCAPE);
	assert_int_equal(build_of(f)->page, BUILD_OBJECT);
	assert_string_equal(field(f, "name")->line.text, "ssh");
}

static void a_network_is_removed_with_what_is_in_it(void **state)
{
	struct screen_test *f = *state;
	struct build_object object = find(f, "virtual network", "virtual_networks/spoke1");
	char *text;

	build_remove(build_of(f), &object);
	text = review_text(f);
	assert_golden("screen/build_remove.txt", text);
	free(text);
	assert_false(build_of(f)->is_refused);
	assert_int_equal(build_of(f)->changes.count, 3);
	(void)screen_key(&f->screen, KEY_CODE_ESCAPE);
	assert_int_equal(build_of(f)->page, BUILD_OBJECTS);
}

static void what_others_need_is_not_removed(void **state)
{
	struct screen_test *f = *state;
	struct build_object object = find(f, "NSG", "network_security_groups/web");

	build_remove(build_of(f), &object);
	assert_true(build_of(f)->is_refused);
	assert_int_equal(type(f, "a").kind, EFFECT_NONE);
	assert_int_equal(type(f, "s").kind, EFFECT_NONE);
}

static void of_a_lab_that_does_not_run_the_file_is_written(void **state)
{
	struct screen_test *f = *state;

	open_lab(f, lab_text, false);
	add(f, "VM");
	press_review(f);
	assert_int_equal(type(f, "a").kind, EFFECT_NONE);
	assert_int_equal(type(f, "s").kind, EFFECT_APPLY);
}

/* ---- the screen ---- */

static void every_page_at_every_size(void **state)
{
	struct screen_test *f = *state;

	assert_golden_screens(&f->screen, "build");
	(void)type(f, "jjjj\n");
	assert_int_equal(build_of(f)->page, BUILD_OBJECTS);
	assert_golden_screens(&f->screen, "build_vms");
	(void)type(f, "j\n");
	assert_string_equal(field(f, "name")->line.text, "spoke1-vm");
	fill(f, "private_ip_address", "10.0.7.7");
	assert_golden_screens(&f->screen, "build_vm");
	fill(f, "private_ip_address", "10.0.1.7");
	press_review(f);
	assert_golden_screens(&f->screen, "build_vm_review");
}

static void keys_lead_from_page_to_page(void **state)
{
	struct screen_test *f = *state;

	(void)type(f, "\n"); /* a spoke is only added */
	assert_int_equal(build_of(f)->page, BUILD_OBJECT);
	(void)screen_key(&f->screen, KEY_CODE_ESCAPE);
	assert_int_equal(build_of(f)->page, BUILD_KINDS);
	(void)type(f, "Gk\n"); /* there is no Route Server yet */
	assert_int_equal(build_of(f)->page, BUILD_OBJECT);
	(void)screen_key(&f->screen, KEY_CODE_ESCAPE);
	(void)type(f, "gj\na");
	assert_string_equal(build_of(f)->form.title, "Add virtual network");
	(void)screen_key(&f->screen, KEY_CODE_ESCAPE);
	assert_int_equal(build_of(f)->page, BUILD_OBJECTS);
	(void)type(f, "jd");
	assert_int_equal(build_of(f)->page, BUILD_REVIEW);
	(void)screen_key(&f->screen, KEY_CODE_ESCAPE);
	(void)type(f, "qq");
	assert_int_equal(f->screen.mode, MODE_VIEW);
	assert_ptr_equal(f->screen.view, &view_vms);
	assert_int_equal(type(f, "e").kind, EFFECT_CHANGE);
	assert_int_equal(type(f, ":build\n").kind, EFFECT_CHANGE);
	assert_string_equal(type(f, "E").text, "edit");
	(void)type(f, "o");
	assert_string_equal(type(f, "E").text, "edit -l vpner");
	f->screen.scene.choices++; /* the template alone */
	f->screen.scene.choice_count = 1;
	screen_settle(&f->screen);
	assert_int_equal(type(f, "e").kind, EFFECT_NONE);
	assert_non_null(strstr(f->screen.message, "a template stays as it is"));
}

static const uint32_t some_keys[] = { KEY_CODE_ENTER,
				      KEY_CODE_TAB,
				      KEY_CODE_ESCAPE,
				      KEY_CODE_UP,
				      KEY_CODE_DOWN,
				      KEY_CODE_BACKSPACE,
				      KEY_CODE_LEFT,
				      KEY_CODE_PAGE_DOWN,
				      KEY_CODE_RIGHT,
				      KEY_CTRL('u'),
				      'a',
				      'd',
				      '/',
				      '\'',
				      '{',
				      ',',
				      ' ',
				      '*',
				      ':',
				      '1',
				      0xe9 };

static void press_any(struct screen_test *f)
{
	(void)screen_key(&f->screen, some_keys[(size_t)rand() % ARRAY_SIZE(some_keys)]);
}

/* Whatever is typed: nothing breaks, and a value is never longer than its line. */
static void random_keys(void **state)
{
	struct screen_test *f = *state;

	srand(11);
	for (int i = 0; i < 6000; i++) {
		if (f->screen.mode != MODE_BUILD)
			open_lab(f, lab_text, i % 2);
		if (i % 40 == 0) {
			build_of(f)->page = BUILD_KINDS;
			build_of(f)->kind_row = (size_t)rand() % build_kind_count;
		}
		press_any(f);
		if (i % 50 == 0) {
			screen_resize(&f->screen, 1 + (unsigned)rand() % 40,
				      1 + (unsigned)rand() % 130);
			grid_fini(&f->grid);
			grid_init(&f->grid, f->screen.rows, f->screen.cols, i % 3);
			screen_draw(&f->screen, &f->grid);
		}
	}
}

/* The same within an object: what is said to be right is a lab, and Esc leads out of all of it. */
static void random_keys_within(void **state)
{
	static const char *const paths[] = { "nvas/nva", "nvas/plain" };
	struct screen_test *f = *state;

	srand(5);
	for (int i = 0; i < 60; i++) {
		open_routers(f);
		change(f, "NVA", paths[i % 2]);
		open_inner(f, i % 3 ? "bgp" : "tunnels");
		for (int n = 0; n < 60 && build_of(f)->depth; n++)
			press_any(f);
		while (build_of(f)->depth)
			leave(f, 1);
		if (build_of(f)->page != BUILD_OBJECT || form_first_error(&build_of(f)->form))
			continue;
		build_review(build_of(f));
		assert_false(build_of(f)->is_refused);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_kind_proposes_what_is_valid),
		TEST(every_kind_is_added),
		TEST(what_belongs_together_is_added_together),
		TEST(a_gateway_brings_the_subnet_it_stands_in),
		TEST(only_what_was_typed_is_changed),
		TEST(lines_are_taken_apart_and_put_together),
		TEST(what_is_changed_within_is_one_path),
		TEST(items_are_added_and_taken_away),
		TEST(what_is_not_there_is_made_on_the_way),
		TEST(lists_have_places),
		TEST(what_is_wrong_within_stands_there_and_above),
		TEST(what_is_within_is_reviewed_with_the_whole_lab),
		TEST(forms_within_forms_at_every_size),
		TEST(what_is_wrong_stands_at_its_field),
		TEST(the_review_shows_both_differences),
		TEST(a_network_is_removed_with_what_is_in_it),
		TEST(what_others_need_is_not_removed),
		TEST(of_a_lab_that_does_not_run_the_file_is_written),
		TEST(every_page_at_every_size),
		TEST(keys_lead_from_page_to_page),
		TEST(random_keys),
		TEST(random_keys_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
