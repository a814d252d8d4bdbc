/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/none_routes.h"

/* R2.4, in Azure's order. */
static const char *const none_2020[] = {
	"10.0.0.0/8", "100.64.0.0/10", "192.168.0.0/16", "25.33.80.0/20", "25.41.3.0/25", NULL,
};
static const char *const none_2023[] = {
	"10.0.0.0/8",     "127.0.0.0/8",    "100.64.0.0/10",
	"172.16.0.0/12",  "25.48.0.0/12",   "25.4.0.0/14",
	"198.18.0.0/15",  "157.59.0.0/16",  "192.168.0.0/16",
	"25.33.0.0/16",   "40.109.0.0/16",  "104.147.0.0/16",
	"104.146.0.0/17", "40.108.0.0/17",  "23.103.0.0/18",
	"25.41.0.0/20",   "20.35.252.0/22", NULL,
};
static const char *const none_2026[] = {
	"10.0.0.0/8",     "127.0.0.0/8",
	"100.64.0.0/10",  "172.16.0.0/12",
	"25.176.0.0/13",  "25.152.0.0/14",
	"25.184.0.0/14",  "25.4.0.0/14",
	"25.148.0.0/15",  "198.18.0.0/15",
	"25.150.0.0/16",  "25.156.0.0/16",
	"25.159.0.0/16",  "40.109.0.0/16",
	"192.168.0.0/16", "104.147.0.0/16",
	"157.59.0.0/16",  "40.108.0.0/17",
	"104.146.0.0/17", "23.103.0.0/18",
	"20.35.252.0/22", NULL,
};
static const char *const *const none_lists[] = {
	[NONE_ROUTES_2020] = none_2020,
	[NONE_ROUTES_2023] = none_2023,
	[NONE_ROUTES_2026] = none_2026,
};

const char *const *none_routes_list(enum none_routes year)
{
	return none_lists[year];
}

bool none_routes_has(enum none_routes year, struct prefix prefix)
{
	for (const char *const *each = none_lists[year]; *each; each++) {
		struct prefix listed;

		if (prefix_parse(*each, &listed) && prefix_equal(listed, prefix))
			return true;
	}
	return false;
}
