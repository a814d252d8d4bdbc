/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What stands on the end of a cable: devices of MACsec and of tags, one on the other. Of what the
 * kernel has not a bridge stands in, which carries packets as they are; but between two sides that
 * do not fit it carries none.
 */
#include "lab/plan/plan.h"
#include "netns/kernel/rtnl_batch.h"

struct frames_work {
	const struct plan *plan;
	const struct step *step;
	uint32_t index; /* of the step, for the batch */
	bool is_b;      /* its end b */
	bool has_vlan, has_mac_sec;
};

/*
 * Make or remove, by the step's verb, what stands on one end; the caller is in the end's namespace,
 * and so is the batch. What is made is there on return; of a failure *ret_failed is the step.
 */
int frames_run(struct rtnl_batch *batch, const struct frames_work *work, uint32_t *ret_failed,
	       struct err *err);

/* By trying, in the namespace the caller is in, which is then thrown away. */
bool frames_try_vlan(void);
bool frames_try_mac_sec(void);
