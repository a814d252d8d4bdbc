/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to the files topology*.c: what is being built, and what names and numbers are taken. */
#include "lab/model/topology.h"

struct builder {
	struct topology *t;
	struct entry *before, *taken; /* of the previous topology by what it is for; keys */
	/* those below are taken */
	unsigned next_port, next_cable, next_table, next_network, next_filter;
};

/* Take a number or a name; false when it is taken. */
bool topology_take(struct builder *b, const char *fmt, ...) PRINTF(2, 3);
void topology_remember(struct builder *b, const void *object, const char *fmt, ...) PRINTF(3, 4);
/* What it was in the previous topology; NULL when it was not there. */
const void *topology_recall(const struct builder *b, const char *fmt, ...) PRINTF(2, 3);

struct node *topology_add_node(struct builder *b, enum node_role role, const char *name,
			       struct src_pos pos);
/* `key` says what it is for, so that it is known again in the next version of the lab. */
struct interface *topology_add_interface(struct builder *b, struct node *node,
					 enum interface_kind kind, const char *word,
					 const char *key, struct ip ip, unsigned prefix_len,
					 struct src_pos pos);
/*
 * Its other end, in the fabric or on the bridge of a LAN: the number and the name it had `before`,
 * or (NULL) new ones.
 */
void topology_name_port(struct builder *b, struct interface *port, const struct interface *before);
/* Locally administered, the nth of those that are for this. */
void topology_give_mac(struct interface *interface, uint8_t of, uint32_t n);
/* An interface of that number of a cable. */
void topology_give_cable_mac(struct interface *interface, unsigned number, int end);
unsigned topology_next_cable(struct builder *b);

/* Of a branch that has one, and its hosts. */
void topology_add_lan(struct builder *b, struct node *router);
/* Tunnels of gateways, NVAs and branches; behind all nodes. */
void topology_add_tunnels(struct builder *b);
