/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Flows in the shapes of Azure's flow logs (NW-16 to NW-23), as one document: in Azure there is a
 * file for each hour and NIC. A record is of one minute, when that is over.
 */
#include "lab/snapshot/snapshot.h"

enum flow_log_format {
	FLOW_LOG_NSG, /* of NSGs, version 2; ICMP and what no NSG decided are not in it */
	FLOW_LOG_VNET,
};

/* A new reference. What the platform itself dropped is in neither. */
json_t *flow_log_json(const struct snapshot_flows *flows, enum flow_log_format format,
		      const char *lab) NODISCARD;
