/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What becomes of a packet at a port of the fabric (azure-security.md chapters 1, 2 and 4): layer
 * by layer the rule that decides. Pure; the kernel's rules are made from the same `security`, and
 * say of each new flow which rule of which layer it met (hit_parse).
 */
#include "lab/azure/fabric.h"

/*
 * In the order of NSG-23 and AVNM-03; outbound the NIC comes before the subnet. What the platform
 * drops it drops first, but for what a Standard address keeps closed (NSG-25): that is asked last.
 */
enum verdict_layer {
	LAYER_PLATFORM,
	LAYER_ADMIN,
	LAYER_SUBNET,
	LAYER_NIC
};

/* What Azure itself drops, whatever rules say. */
enum platform_drop {
	DROP_NONE,
	DROP_ANTI_SPOOF,          /* NSG-28 */
	DROP_PLATFORM_PROTOCOL,   /* NSG-15 */
	DROP_STANDARD_PIP_CLOSED, /* NSG-25 */
	DROP_NO_OUTBOUND,         /* OUT-07: nothing gives it a public address */
	DROP_FLOW_LIMIT,          /* NSG-21 */
	DROP_COUNT
};

/* A packet as NSGs see it: with private addresses (NSG-11). */
struct flow_tuple {
	struct ip source, destination;
	uint8_t protocol;                       /* as IP numbers it */
	uint16_t source_port, destination_port; /* of TCP and UDP */
};

/* What one layer says. */
struct layer_verdict {
	enum verdict_layer layer;
	enum rule_direction direction;
	enum rule_access access;
	enum platform_drop drop;                  /* LAYER_PLATFORM */
	const struct nsg *nsg;                    /* LAYER_SUBNET, LAYER_NIC */
	const struct rule_collection *collection; /* LAYER_ADMIN */
	const struct security_rule *rule;         /* of the NSG or the collection */
};

#define LAYERS_MAX 4

/* Of one port and direction, the layers that were asked, in order; the last one decided. */
struct verdict {
	struct layer_verdict layers[LAYERS_MAX];
	size_t count; /* 0: nothing filters there */
	bool is_allowed;
};

struct security; /* all that filters in a lab, when gateways teach what `fabric` has taken in */

/* The caller owns it; it borrows from the fabric and its topology. */
struct security *security_new(const struct fabric *fabric) NODISCARD;
void security_free(struct security *security); /* NULL is fine */
/* What gateways teach is another: VirtualNetwork follows (NSG-29). */
void security_learn(struct security *security);

/*
 * The verdict on a packet that starts a flow, at one port. `port` is a NIC's, or that of a private
 * endpoint, where only NSGs that are enabled there count (NSG-43); at others nothing filters. Of
 * what goes to a service of the platform only rules that name its tag are asked (NSG-36). ASGs at
 * the port's own side match when its NIC is in one of them and the address is of a member of one
 * (ASG-02). Rules are made ready for all that follow when the first packet meets them.
 */
void security_verdict(const struct security *security, const struct interface *port,
		      enum rule_direction direction, const struct flow_tuple *tuple,
		      struct verdict *ret_verdict);

/* Which parts of a rule match, as NSG diagnostics shows them (NW-10). */
struct rule_match {
	bool protocol, source, source_port, destination, destination_port;
};
struct rule_match security_match(const struct security *security, const struct interface *port,
				 enum rule_direction direction, const struct security_rule *rule,
				 const struct flow_tuple *tuple);

/*
 * What a tag is at a port, in the order Azure lists it; computed ones by NSG-29 to NSG-31. The
 * caller frees the items.
 */
struct prefixes security_expand_tag(const struct security *security, const struct interface *port,
				    const struct service_tag *tag) NODISCARD;

const char *verdict_layer_name(enum verdict_layer layer); /* "platform", "avnm", "subnet", "nic" */
const char *platform_drop_name(enum platform_drop drop);  /* "anti-spoof" */
/* The NSG's name, the rule collection's, "" of the platform. */
const char *layer_verdict_resource(const struct layer_verdict *verdict);
/* "DenyAllInBound", "standard-pip-closed" */
const char *layer_verdict_rule(const struct layer_verdict *verdict);
