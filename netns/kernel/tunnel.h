/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The devices of IPsec tunnels. With IPsec of the kernel we make one, else its daemon does; either
 * way it is brought into the node's namespace and leaves its outer packets where they were.
 */
#include "lab/plan/plan.h"
#include "netns/kernel/rtnl_batch.h"

#include <stdbool.h>

/* One end's device and the namespaces it is about. */
struct tunnel_device {
	const struct plan *plan;
	const struct step *step; /* STEP_TUNNEL */
	int outside, node;       /* namespaces, borrowed */
	bool is_xfrm;            /* by the kernel's IPsec */
};

/*
 * Do what the step's verb says. Addition and change are the same: bring the device to the node if
 * there is one that is not there yet (there is none as long as the daemon has not made it, which is
 * no failure), give it its addresses, and make it up or down. The caller is left in one of the two
 * namespaces.
 */
int tunnel_device_run(const struct tunnel_device *device, struct err *err);

/* In the namespace we are in, which is thrown away: can the kernel do IPsec with devices? */
bool tunnel_try_xfrm(void);
