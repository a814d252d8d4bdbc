/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What cloud-init reads at a guest's first boot, of its datasource NoCloud: its name, its network
 * and who is let in. JSON, which is YAML as well, so that no name or key can be anything but text.
 */
#include "lab/model/topology.h"

struct cloud_init {
	char *meta_data, *user_data, *network_config;
	char instance_id[96]; /* another one for another content: then it is all done again */
};

/* The caller ends it. The node is a guest. */
void cloud_init_print(const struct node *node, struct cloud_init *ret_texts);
void cloud_init_fini(struct cloud_init *texts);
