/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of a verdict are called. */
#include "lab/azure/verdict.h"

const char *verdict_layer_name(enum verdict_layer layer)
{
	switch (layer) {
	case LAYER_PLATFORM:
		return "platform";
	case LAYER_ADMIN:
		return "avnm";
	case LAYER_SUBNET:
		return "subnet";
	case LAYER_NIC:
		return "nic";
	}
	return "?";
}

const char *platform_drop_name(enum platform_drop drop)
{
	switch (drop) {
	case DROP_NONE:
		return "none";
	case DROP_ANTI_SPOOF:
		return "anti-spoof";
	case DROP_PLATFORM_PROTOCOL:
		return "platform-protocol";
	case DROP_STANDARD_PIP_CLOSED:
		return "standard-pip-closed";
	case DROP_NO_OUTBOUND:
		return "no-outbound";
	case DROP_FLOW_LIMIT:
		return "flow-limit";
	case DROP_COUNT:
		break;
	}
	return "?";
}

const char *layer_verdict_resource(const struct layer_verdict *verdict)
{
	if (verdict->layer == LAYER_ADMIN)
		return verdict->collection->object.name;
	return verdict->nsg ? verdict->nsg->object.name : "";
}

const char *layer_verdict_rule(const struct layer_verdict *verdict)
{
	return verdict->rule ? verdict->rule->object.name : platform_drop_name(verdict->drop);
}
