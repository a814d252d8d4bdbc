/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The seed of a guest that boots an image of the user's: what each of its files says, as YAML. */
#include "tests/support/test.h"

#include "lab/base/macros.h"
#include "lab/render/cloud_init.h"
#include "lab/yaml/doc.h"
#include "tests/support/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0m1pWqTz2Dk7q3q7m8Y0hWk1Zy7w8XG8yqT0Y0hWk1"

/* With other keys of the guest's, in the lab's own YAML. */
static void make_lab(struct fixture *f, const char *keys)
{
	char text[4000];

	(void)snprintf(text, sizeof(text),
		       "lab: t\n"
		       "virtual_networks:\n"
		       "  v:\n"
		       "    address_prefixes: [10.0.0.0/16, \"fd00::/48\"]\n"
		       "    subnets:\n"
		       "      a: { address_prefix: [10.0.0.0/24, \"fd00:0:0:1::/64\"] }\n"
		       "      b: { address_prefix: [10.0.1.0/24, \"fd00:0:0:2::/64\"] }\n"
		       "      c: 10.0.2.0/24\n"
		       "nvas:\n"
		       "  fw:\n"
		       "    kind: libvirt\n"
		       "    image: /none.qcow2\n"
		       "    network_interfaces:\n"
		       "      z: { subnet: v/c, private_ip_address: 10.0.2.9 }\n"
		       "      m: { subnet: v/a, ip_configurations: [10.0.0.9, 10.0.0.10, "
		       "\"fd00:0:0:1::9\"] }\n"
		       "      a: { subnet: v/b, ip_configurations: [10.0.1.9, "
		       "\"fd00:0:0:2::9\"] }\n"
		       "%s",
		       keys);
	fixture_parse(f, text);
}

static const struct node *find_node(const struct fixture *f)
{
	const struct interface *port = topology_find_nic(f->topology, fixture_nic(f, "z"));

	assert_non_null(port);
	return port->node;
}

/* As libyaml reads it. The texts of the document go with it. */
static struct doc *parse(const char *text)
{
	struct diags diags = { 0 };
	struct doc *doc = doc_parse(text, strlen(text), "seed", &diags);

	if (!doc || diags.count)
		diags_print(&diags, text, strlen(text), stderr);
	assert_non_null(doc);
	assert_int_equal(diags.count, 0);
	diags_fini(&diags);
	return doc;
}

/* "a/b/0": keys of maps, and places in lists. */
static const struct doc_node *at(const struct doc *doc, const char *path)
{
	const struct doc_node *node = doc_root(doc);
	char words[100], *left = words, *word;

	(void)snprintf(words, sizeof(words), "%s", path);
	while ((word = strsep(&left, "/"))) {
		if (node->kind == DOC_LIST)
			node = (size_t)atoi(word) < node->count ? node->items[atoi(word)] : NULL;
		else
			node = doc_find(node, word);
		if (!node) {
			fail_msg("there is no %s", path);
			return NULL;
		}
	}
	return node;
}

/* No value is for YAML to guess at, but the version. */
static void assert_text(const struct doc *doc, const char *path, const char *wanted)
{
	const struct doc_node *node = at(doc, path);

	assert_int_equal(node->kind, DOC_SCALAR);
	assert_false(node->is_plain);
	assert_string_equal(node->value, wanted);
}

static void assert_plain(const struct doc *doc, const char *path, const char *wanted)
{
	assert_true(at(doc, path)->is_plain);
	assert_string_equal(at(doc, path)->value, wanted);
}

static const char *const names[] = { "eth0", "eth1", "eth2" };

static void nics_are_in_the_order_of_the_lab_each_found_by_its_mac(void **state)
{
	static const char *const nics[] = { "z", "m", "a" };
	struct cloud_init texts;
	struct fixture f;
	struct doc *doc;
	char path[60];

	(void)state;
	make_lab(&f, "");
	cloud_init_print(find_node(&f), &texts);
	doc = parse(texts.network_config);
	assert_plain(doc, "version", "2");
	assert_int_equal(at(doc, "ethernets")->count, 3);
	for (size_t i = 0; i < ARRAY_SIZE(nics); i++) {
		const struct interface *port =
			topology_find_nic(f.topology, fixture_nic(&f, nics[i]));

		assert_string_equal(at(doc, "ethernets")->pairs[i].key->value, names[i]);
		(void)snprintf(path, sizeof(path), "ethernets/%s/set-name", names[i]);
		assert_text(doc, path, names[i]);
		(void)snprintf(path, sizeof(path), "ethernets/%s/match/macaddress", names[i]);
		assert_text(doc, path, mac_print(port->mac).text);
		(void)snprintf(path, sizeof(path), "ethernets/%s/dhcp4", names[i]);
		assert_plain(doc, path, "false");
		(void)snprintf(path, sizeof(path), "ethernets/%s/dhcp6", names[i]);
		assert_plain(doc, path, "false");
		(void)snprintf(path, sizeof(path), "ethernets/%s/accept-ra", names[i]);
		assert_plain(doc, path, "false");
	}
	doc_free(doc);
	cloud_init_fini(&texts);
	fixture_free(&f);
}

static void assert_count(const struct doc *doc, const char *path, size_t count)
{
	assert_int_equal(at(doc, path)->kind, DOC_LIST);
	assert_int_equal(at(doc, path)->count, count);
}

static void assert_none(const struct doc *doc, const char *path, const char *key)
{
	assert_null(doc_find(at(doc, path), key));
}

static void addresses_and_routes_are_of_both_families(void **state)
{
	struct cloud_init texts;
	struct fixture f;
	struct doc *doc;

	(void)state;
	make_lab(&f, "    routes: [10.9.0.0/16 10.0.0.77]\n");
	cloud_init_print(find_node(&f), &texts);
	doc = parse(texts.network_config);
	assert_count(doc, "ethernets/eth0/addresses", 1);
	assert_text(doc, "ethernets/eth0/addresses/0", "10.0.2.9/24");
	assert_text(doc, "ethernets/eth0/gateway4", "10.0.2.1");
	assert_none(doc, "ethernets/eth0", "routes");
	assert_count(doc, "ethernets/eth1/addresses", 3);
	assert_text(doc, "ethernets/eth1/addresses/0", "10.0.0.9/24");
	assert_text(doc, "ethernets/eth1/addresses/1", "10.0.0.10/24");
	assert_text(doc, "ethernets/eth1/addresses/2", "fd00:0:0:1::9/128");
	assert_text(doc, "ethernets/eth1/gateway6", "fe80::1234:5678:9abc"); /* the first */
	assert_count(doc, "ethernets/eth1/routes", 1);
	assert_text(doc, "ethernets/eth1/routes/0/to", "10.9.0.0/16");
	assert_text(doc, "ethernets/eth1/routes/0/via", "10.0.0.77");
	assert_count(doc, "ethernets/eth2/addresses", 2);
	assert_count(doc, "ethernets/eth2/routes", 1);
	assert_text(doc, "ethernets/eth2/routes/0/to", "fd00:0:0:2::/64");
	assert_text(doc, "ethernets/eth2/routes/0/via", "fe80::1234:5678:9abc");
	assert_none(doc, "ethernets/eth0", "gateway6");
	assert_none(doc, "ethernets/eth2", "gateway6");
	assert_none(doc, "ethernets/eth1", "gateway4");
	doc_free(doc);
	cloud_init_fini(&texts);
	fixture_free(&f);
}

static void a_default_route_of_its_owner_is_the_only_one(void **state)
{
	struct cloud_init texts;
	struct fixture f;
	struct doc *doc;

	(void)state;
	make_lab(&f, "    routes: [0.0.0.0/0 10.0.0.77, \"::/0 fd00:0:0:2::77\"]\n");
	cloud_init_print(find_node(&f), &texts);
	doc = parse(texts.network_config);
	assert_text(doc, "ethernets/eth1/gateway4", "10.0.0.77");
	assert_text(doc, "ethernets/eth2/gateway6", "fe80::1234:5678:9abc");
	assert_none(doc, "ethernets/eth0", "gateway4");
	assert_none(doc, "ethernets/eth1", "gateway6");
	doc_free(doc);
	cloud_init_fini(&texts);
	fixture_free(&f);
}

static void who_is_let_in_is_a_user_with_keys(void **state)
{
	struct cloud_init texts;
	struct fixture f;
	struct doc *doc;

	(void)state;
	make_lab(&f, "");
	cloud_init_print(find_node(&f), &texts);
	assert_memory_equal(texts.user_data, "#cloud-config\n", 14);
	doc = parse(texts.user_data);
	assert_text(doc, "user/name", "azureuser");
	assert_null(doc_find(doc_root(doc), "ssh_authorized_keys"));
	doc_free(doc);
	cloud_init_fini(&texts);
	fixture_free(&f);

	make_lab(&f, "    admin_username: trainer\n"
		     "    ssh_public_keys:\n"
		     "      - " KEY "\n"
		     "      - '" KEY " me@\"x: {y} [z] # \\ $(w) ''q'' %s & *a !t |'\n"
		     "      - \"" KEY " \xc3\xa4 \xe6\xbc\xa2 \xf0\x9f\x94\x91\"\n"
		     "      - \"" KEY " a\\x85b\\x80c\\u2028d\\uFEFFe\"\n");
	cloud_init_print(find_node(&f), &texts);
	doc = parse(texts.user_data);
	assert_text(doc, "user/name", "trainer");
	assert_count(doc, "ssh_authorized_keys", 4);
	assert_text(doc, "ssh_authorized_keys/0", KEY);
	assert_text(doc, "ssh_authorized_keys/1",
		    KEY " me@\"x: {y} [z] # \\ $(w) 'q' %s & *a !t |");
	assert_text(doc, "ssh_authorized_keys/2", KEY " \xc3\xa4 \xe6\xbc\xa2 \xf0\x9f\x94\x91");
	assert_text(doc, "ssh_authorized_keys/3",
		    KEY " a\xc2\x85"
			"b\xc2\x80"
			"c\xe2\x80\xa8"
			"d\xef\xbb\xbf"
			"e");
	doc_free(doc);
	cloud_init_fini(&texts);
	fixture_free(&f);
}

/* A lab's names are Azure's; whatever else one may be, it is text. */
static void a_name_is_text_whatever_is_in_it(void **state)
{
	static const char *const strange[] = {
		"fw",
		"no",
		"1e3",
		"~",
		"a'b",
		"a\"b: c",
		"a\nb: c",
		"a\\n",
		"{a}",
		"- a",
		"# a",
		" a ",
		"&a *b",
		"\xc3\xa4\xe6\xbc\xa2",
		"%YAML",
		"\ta\r",
		"\xf0\x9f\x94\x91",
		"\x7f\x01",
		"--- a",
		"a\xe2\x80\xa9 b",
	};
	struct fixture f;

	(void)state;
	make_lab(&f, "");
	for (size_t i = 0; i < ARRAY_SIZE(strange); i++) {
		struct node node = *find_node(&f);
		struct cloud_init texts;
		struct doc *doc;

		node.name = strange[i];
		cloud_init_print(&node, &texts);
		doc = parse(texts.meta_data);
		assert_int_equal(doc_root(doc)->count, 2);
		assert_text(doc, "local-hostname", strange[i]);
		assert_text(doc, "instance-id", texts.instance_id);
		for (const char *c = texts.meta_data; *c; c++) /* lines end where JSON's do */
			assert_true(*c == '\n' || ((unsigned char)*c >= ' ' && *c != 0x7f));
		doc_free(doc);
		cloud_init_fini(&texts);
	}
	fixture_free(&f);
}

static void id_of(const char *keys, char id[96])
{
	struct cloud_init texts;
	struct fixture f;

	make_lab(&f, keys);
	cloud_init_print(find_node(&f), &texts);
	(void)snprintf(id, 96, "%s", texts.instance_id);
	cloud_init_fini(&texts);
	fixture_free(&f);
}

/* Then, and only then, cloud-init does it all again. */
static void the_instance_is_another_one_when_it_is_told_otherwise(void **state)
{
	static const char *const others[] = {
		"    admin_username: trainer\n",
		"    ssh_public_keys: [" KEY "]\n",
		"    ssh_public_keys: [" KEY " me]\n",
		"    ssh_public_keys: [" KEY " me, " KEY "]\n",
		"    ssh_public_keys: [" KEY ", " KEY " me]\n",
		"    routes: [10.9.0.0/16 10.0.0.77]\n",
		"    routes: [10.9.0.0/16 10.0.0.78]\n",
	};
	static const char *const same[] = {
		"",
		"    memory_mb: 777\n",
		"    vcpus: 2\n",
		"    boot_timeout: 99s\n",
		"    firmware: uefi\n",
		"    admin_username: azureuser\n",
	};
	char ids[1 + ARRAY_SIZE(others)][96], id[96];

	(void)state;
	id_of("", ids[0]);
	assert_memory_equal(ids[0], "fw-", 3);
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		id_of(same[i], id);
		assert_string_equal(id, ids[0]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		id_of(others[i], ids[1 + i]);
		for (size_t n = 0; n <= i; n++)
			assert_string_not_equal(ids[1 + i], ids[n]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nics_are_in_the_order_of_the_lab_each_found_by_its_mac),
		cmocka_unit_test(addresses_and_routes_are_of_both_families),
		cmocka_unit_test(a_default_route_of_its_owner_is_the_only_one),
		cmocka_unit_test(who_is_let_in_is_a_user_with_keys),
		cmocka_unit_test(a_name_is_text_whatever_is_in_it),
		cmocka_unit_test(the_instance_is_another_one_when_it_is_told_otherwise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
