/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/cloud_init.h"

#include "lab/base/text_file.h"
#include "lab/base/utf8.h"
#include "lab/plan/guest_routes.h"
#include "lab/render/json_tree.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* YAML 1.1 refuses it, or takes it for the end of a line; in JSON it may stand as it is. */
static bool needs_escape(uint32_t ch)
{
	return (ch >= 0x7f && ch <= 0x9f) || ch == 0x2028 || ch == 0x2029 || ch == 0xfeff ||
	       ch == 0xfffe || ch == 0xffff;
}

/*
 * JSON that is YAML as well. No more is escaped: what is above U+FFFF would be in two parts, of
 * which YAML makes two characters.
 */
static char *print(json_t *json, const char *head)
{
	char *text = json_dumps(json, JSON_INDENT(2));
	struct text_file file;
	FILE *out = text_open(&file);
	const char *c = text, *next = text;

	json_decref(json);
	if (!text)
		abort();
	(void)fputs(head, out);
	for (; *c; c = next) {
		uint32_t ch = utf8_next(&next);

		if (needs_escape(ch))
			(void)fprintf(out, "\\u%04" PRIx32, ch);
		else
			(void)fwrite(c, 1, (size_t)(next - c), out);
	}
	(void)fputc('\n', out);
	free(text);
	return text_close(&file);
}

/* ---- the network, version 2: as netplan has it ---- */

/* Called as Azure's own datasource calls them: eth0 is the primary one, whatever a kernel found. */
static json_t *nic(const struct interface *interface)
{
	json_t *nic = json_object(), *addresses = json_array();

	json_set(nic, "match", json_pack("{s:s}", "macaddress", mac_print(interface->mac).text));
	json_set(nic, "set-name", json_string(interface->name));
	json_set(nic, "dhcp4", json_false());
	json_set(nic, "dhcp6", json_false());
	json_set(nic, "accept-ra", json_false());
	json_append(addresses,
		    json_string(prefix_print(interface_prefix(interface, interface->ip)).text));
	for (size_t i = 0; i < interface->more.count; i++)
		json_append(addresses,
			    json_string(prefix_print(interface_prefix(interface,
								      interface->more.items[i]))
						.text));
	json_set(nic, "addresses", addresses);
	return nic;
}

/*
 * One for each family; its owner's are told last, and win. As routes they would not do: of ::/0
 * cloud-init makes ::/64 but for netplan, and ifupdown needs net-tools, and a device beside fe80::.
 */
static void set_gateway(json_t *nics, json_t *nic, struct ip via)
{
	const char *key = via.family == IP_V6 ? "gateway6" : "gateway4", *name;
	json_t *other;

	json_object_foreach(nics, name, other) {
		json_object_del(other, key);
	}
	json_set(nic, key, json_string(ip_print(via).text));
}

static void add_route(void *arg, const struct interface *interface, struct prefix prefix,
		      struct ip via)
{
	json_t *nic = json_object_get(arg, interface->name);

	if (!prefix.len) {
		set_gateway(arg, nic, via);
		return;
	}
	if (!json_object_get(nic, "routes"))
		json_set(nic, "routes", json_array());
	json_append(json_object_get(nic, "routes"),
		    json_pack("{s:s, s:s}", "to", prefix_print(prefix).text, "via",
			      ip_print(via).text));
}

static char *network_config(const struct node *node)
{
	json_t *nics = json_object();

	for (size_t i = 0; i < node->interfaces.count; i++)
		json_set(nics, node->interfaces.items[i]->name, nic(node->interfaces.items[i]));
	guest_routes_each(node, add_route, nics);
	return print(json_pack("{s:i, s:o}", "version", 2, "ethernets", nics), "");
}

/* ---- who is let in ---- */

/* The distribution's own user by another name: with its groups and its shell. */
static char *user_data(const struct vm *vm)
{
	json_t *config = json_pack("{s:{s:s}}", "user", "name", vm->admin_username.value);
	json_t *keys = json_array();

	for (size_t i = 0; i < vm->ssh_public_keys.count; i++)
		json_append(keys, json_string(vm->ssh_public_keys.items[i].value));
	if (json_array_size(keys))
		json_set(config, "ssh_authorized_keys", keys);
	else
		json_decref(keys);
	return print(config, "#cloud-config\n");
}

static uint64_t hash(uint64_t start, const char *text)
{
	for (; *text; text++) /* FNV-1a */
		start = (start ^ (unsigned char)*text) * 0x100000001b3;
	return start;
}

void cloud_init_print(const struct node *node, struct cloud_init *ret_texts)
{
	uint64_t sum = 0xcbf29ce484222325;

	ret_texts->network_config = network_config(node);
	ret_texts->user_data = user_data(node->vm);
	sum = hash(hash(sum, ret_texts->network_config), ret_texts->user_data);
	(void)snprintf(ret_texts->instance_id, sizeof(ret_texts->instance_id), "%.64s-%016" PRIx64,
		       node->name, sum);
	ret_texts->meta_data = print(json_pack("{s:s, s:s}", "instance-id", ret_texts->instance_id,
					       "local-hostname", node->name),
				     "");
}

void cloud_init_fini(struct cloud_init *texts)
{
	free(texts->meta_data);
	free(texts->user_data);
	free(texts->network_config);
}
