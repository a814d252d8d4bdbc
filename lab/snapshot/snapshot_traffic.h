/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What the links of a lab carry. */
#include "lab/model/schema.h"
#include "lab/snapshot/record.h"

/*
 * Topic "traffic": of interfaces of machines, what they took in and sent out in the latest second
 * or so, per second. Of a cable one end stands for both (cable_counted), of a tunnel likewise; an
 * interface that carried nothing is left out.
 */
struct snapshot_carried {
	const char *node, *interface;
	int64_t bytes_in, packets_in, bytes_out, packets_out; /* a second */
};

struct snapshot_traffic {
	bool is_whole; /* it takes two looks, a second apart */
	LIST_OF(struct snapshot_carried) interfaces;
};

extern const struct record snapshot_traffic_record;
