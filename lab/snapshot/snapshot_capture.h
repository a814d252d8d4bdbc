/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Where packets are captured: interfaces of one machine, or all that a flow passes. */
#include "lab/snapshot/record.h"

struct snapshot_place {
	const char *name; /* "hub-nva/eth0": the machine or, of a tunnel's packets, the tunnel */
	const char *ns;   /* whom to ask for its socket; the interface is there, ... */
	int64_t ifindex;  /* ... under this number */
	const char *description; /* what it is: "NIC hub-nva-nic of hub-nva (NVA), 10.0.0.4" */
	const char *comment;     /* of a flow: what decides there */
	const char *filter; /* of a flow: its packets there, in the language of pcap-filter(7) */
};

struct snapshot_places {
	struct snapshot_place *items;
	size_t count;
};

/*
 * Topic "capture/MACHINE[:INTERFACE]" or "capture/SRC DST PROTOCOL[:PORT]", the latter in the order
 * of the way there, then what only the way back passes, then the ways that other flows may take.
 */
struct snapshot_capture {
	const char *lab;
	const char *flow; /* "vm1 (10.0.0.4) to vm2 (10.0.1.4), icmp"; NULL: there is none */
	struct snapshot_places places;
	const char *words; /* of a flow: why there is no reply; NULL: there is one */
};

extern const struct record snapshot_capture_record;
