/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What filters a NIC's packets, as topics; part of snapshot.h. */
#include "lab/model/schema.h"
#include "lab/snapshot/record.h"

/* A rule, its words as the lab file has them. */
struct snapshot_rule {
	const char *name, *kind; /* user, default, admin */
	const char *direction, *access, *protocol;
	int64_t priority;
	struct texts source, destination;             /* "*", prefixes, a tag, or ASGs */
	struct texts source_ports, destination_ports; /* "22", "8000-8100"; none: any */
	const char
		*place; /* FILE:LINE of the lab file, or the path of a change; NULL: of neither */
};

/* What stands at a layer: an NSG, or a collection of admin rules. */
struct snapshot_filter {
	const char *layer;                   /* avnm, subnet, nic */
	const char *resource;                /* its name */
	const char *applied_to;              /* VNET, VNET/SUBNET, NIC */
	LIST_OF(struct snapshot_rule) rules; /* inbound ones first, by priority */
};

/* What a name in a rule stands for. */
struct snapshot_expansion {
	const char *name, *kind; /* tag, asg */
	struct texts prefixes;
};

/* Topic "nsg/NIC": effective rules, in the order in which packets that come in meet them. */
struct snapshot_nsg {
	const char *lab, *nic, *vm;
	const char *subnet;     /* VNET/SUBNET */
	struct texts addresses; /* the primary one first */
	LIST_OF(struct snapshot_filter) filters;
	LIST_OF(struct snapshot_expansion) expansions;
};

/* A rule that was looked at, and which of its parts matched (NW-10). */
struct snapshot_look {
	const char *name, *kind, *access;
	int64_t priority;
	bool protocol, source, source_port, destination, destination_port;
};

/* What one layer says. */
struct snapshot_verdict_layer {
	const char *layer;       /* platform, avnm, subnet, nic */
	const char *resource;    /* NSG1; "" of the platform */
	const char *applied_to;  /* VNET, VNET/SUBNET, NIC */
	const char *rule, *kind; /* user, default, admin, platform */
	const char *access;
	int64_t priority;          /* 0 of the platform */
	const char *words;         /* the rule: "Tcp Internet -> *:80"; NULL of the platform */
	const char *expanded_from; /* the tag or ASG by which it matches; NULL: by none */
	struct texts expansions;   /* "203.0.113.9 is in Internet: 203.0.0.0/8" */
	const char *place;
	LIST_OF(struct snapshot_look) looks; /* up to the rule itself, by priority */
};

/*
 * Topic "verdict/NIC DIRECTION PROTOCOL LOCAL REMOTE": what becomes of a packet that starts a flow
 * at a NIC (NW-01), layer by layer; the last one decided.
 */
struct snapshot_flow_verdict {
	const char *lab, *nic, *vm;
	const char *direction, *protocol; /* Inbound, Outbound; TCP, UDP, ICMP, ESP, AH, a number */
	const char *source, *destination; /* addresses */
	const char *source_port, *destination_port; /* "*": any; NULL: the protocol has none */
	const char *access;
	const char *rule; /* that decided, as az spells it (NSG-08); NULL: nothing filters there */
	LIST_OF(struct snapshot_verdict_layer) layers;
	struct texts notes; /* sentences about what was not asked, and what was taken for granted */
};

extern const struct record snapshot_nsg_record, snapshot_flow_verdict_record;
