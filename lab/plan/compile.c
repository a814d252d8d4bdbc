/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/plan/compile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void plan_add_sysctl(struct plan *plan, const char *ns, const char *path, const char *value)
{
	plan_text_id path_id = plan_add_text(plan, path), value_id = plan_add_text(plan, value);
	struct step *step = plan_add_step(plan, STEP_SYSCTL, ns, (struct src_pos){ 0 });

	step->sysctl.path = path_id;
	step->sysctl.value = value_id;
}

struct device device_of(const struct interface *interface)
{
	return (struct device){ interface_ns(interface), interface->ifindex, interface->name,
				interface->pos };
}

struct device device_of_port(const struct interface *port)
{
	return (struct device){ port->bridge ? port->bridge->node->name : FABRIC_NS,
				port->port_ifindex, port->port_name, port->pos };
}

void plan_add_up(struct plan *plan, const struct device *device, bool accepts_local)
{
	struct step *step = plan_add_step(plan, STEP_UP, device->ns, device->pos);

	step->up.ifindex = device->ifindex;
	(void)snprintf(step->up.dev, sizeof(step->up.dev), "%s", device->name);
	step->up.accepts_local = accepts_local;
}

void plan_add_address(struct plan *plan, const struct device *device, struct prefix prefix)
{
	struct step *step = plan_add_step(plan, STEP_ADDRESS, device->ns, device->pos);

	step->address.ifindex = device->ifindex;
	(void)snprintf(step->address.dev, sizeof(step->address.dev), "%s", device->name);
	step->address.prefix = prefix;
}

void plan_add_neighbour(struct plan *plan, const struct device *device, struct ip ip,
			const uint8_t mac[MAC_SIZE])
{
	struct step *step = plan_add_step(plan, STEP_NEIGHBOUR, device->ns, device->pos);

	step->neighbour.ifindex = device->ifindex;
	(void)snprintf(step->neighbour.dev, sizeof(step->neighbour.dev), "%s", device->name);
	step->neighbour.ip = ip;
	memcpy(step->neighbour.mac, mac, MAC_SIZE);
}

struct link_end plan_link_end(struct plan *plan, const struct device *device,
			      const uint8_t mac[MAC_SIZE])
{
	struct link_end end = { .ns = plan_add_text(plan, device->ns), .ifindex = device->ifindex };

	(void)snprintf(end.name, sizeof(end.name), "%s", device->name);
	memcpy(end.mac, mac, MAC_SIZE);
	return end;
}

void plan_add_route(struct plan *plan, const char *ns, uint32_t table, enum route_type type,
		    struct prefix prefix, struct src_pos pos)
{
	struct step *step = plan_add_step(plan, STEP_ROUTE, ns, pos);

	step->route.table = table;
	step->route.type = type;
	step->route.prefix = prefix;
}

static void add_block(struct plan *plan, const char *ns, const char *table, const char *name,
		      const char *text, struct src_pos pos)
{
	plan_text_id table_id = plan_add_text(plan, table), name_id = plan_add_text(plan, name);
	plan_text_id text_id = plan_add_text(plan, text);
	struct step *step = plan_add_step(plan, STEP_NFT, ns, pos);

	step->nft.table = table_id;
	step->nft.block = name_id;
	step->nft.text = text_id;
}

void plan_add_table(struct plan *plan, const char *ns, const char *table, const char *text,
		    struct src_pos pos)
{
	add_block(plan, ns, table, "", text, pos);
}

/* Where the block ends: behind its own last line, and of those that follow under the same head. */
static char *block_end(char *text, size_t head_len)
{
	static const char last_line[] = "\n\t}\n";
	char *end = text;

	while (*end && !strncmp(end, text, head_len)) {
		end = strstr(end, last_line);
		if (!end)
			abort();
		end += strlen(last_line);
	}
	return end;
}

void plan_add_blocks(struct plan *plan, const char *ns, const char *table, char *text,
		     struct src_pos pos)
{
	while (*text) {
		char *brace = strstr(text, " {\n"), *end, first;
		char name[120];

		if (!brace)
			abort();
		(void)snprintf(name, sizeof(name), "%.*s", (int)(brace - text) - 1, text + 1);
		end = block_end(text, (size_t)(brace - text) + 1);
		first = *end;
		*end = '\0';
		add_block(plan, ns, table, name, text, pos);
		*end = first;
		text = end;
	}
}

void plan_add_element(struct plan *plan, const char *ns, const char *table, const char *block,
		      struct prefix prefix, struct src_pos pos)
{
	plan_text_id table_id = plan_add_text(plan, table), block_id = plan_add_text(plan, block);
	struct step *step = plan_add_step(plan, STEP_ELEMENT, ns, pos);

	step->element.table = table_id;
	step->element.block = block_id;
	step->element.prefix = prefix;
}

void plan_add_file(struct plan *plan, const char *path, const char *content, struct src_pos pos)
{
	plan_text_id path_id = plan_add_text(plan, path), content_id = plan_add_text(plan, content);
	struct step *step = plan_add_step(plan, STEP_FILE, "", pos);

	step->file.path = path_id;
	step->file.content = content_id;
}

void plan_add_daemon(struct plan *plan, const char *ns, const struct daemon_spec *daemon,
		     struct src_pos pos)
{
	struct step step = { .kind = STEP_DAEMON };
	struct step *added;

	step.daemon.name = plan_add_text(plan, daemon->name);
	step.daemon.argv = plan_add_text(plan, daemon->argv);
	step.daemon.control = plan_add_text(plan, daemon->control);
	step.daemon.user = plan_add_text(plan, daemon->user ? daemon->user : "");
	step.daemon.needs = plan_add_text(plan, daemon->needs ? daemon->needs : "");
	step.daemon.run = plan_add_text(plan, daemon->run ? daemon->run : "");
	step.daemon.environment =
		plan_add_text(plan, daemon->environment ? daemon->environment : "");
	added = plan_add_step(plan, STEP_DAEMON, ns, pos);
	added->daemon = step.daemon;
}

bool compile_is_for(const struct node *node, const struct node *router)
{
	return router ? node == router : !node_is_guest(node);
}

struct plan *plan_compile_inside(const struct topology *topology, const struct bgp_graph *graph,
				 const struct node *router)
{
	struct plan *plan = plan_new();

	compile_router(plan, router);
	compile_bgp(plan, graph, router);
	compile_guests(plan, topology, router);
	compile_tunnels(plan, topology, router);
	plan_sort(plan);
	return plan;
}

struct plan *plan_compile(const struct topology *topology, const struct bgp_graph *graph)
{
	struct plan *plan = plan_new();

	compile_fabric(plan, topology);
	compile_nodes(plan, topology);
	compile_bgp(plan, graph, NULL);
	compile_guests(plan, topology, NULL);
	compile_tunnels(plan, topology, NULL);
	compile_services(plan, topology);
	plan_sort(plan);
	return plan;
}
