/* SPDX-License-Identifier: GPL-2.0-or-later */
/* generate: a lab file to start from. */
#include "tui/cli/cli_commands.h"

#include "lab/model/schema.h"
#include "lab/render/lab_file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Digits and nothing else; what is larger than a number can be is the largest. */
static bool read_count(const char *text, unsigned *ret_count)
{
	unsigned long count = strtoul(text, NULL, 10);

	if (!*text || text[strspn(text, "0123456789")])
		return false;
	*ret_count = count < UINT_MAX ? (unsigned)count : UINT_MAX;
	return true;
}

static int run_generate(const struct cli *cli)
{
	const char *spokes = cli_value(cli, "spokes"), *vms = cli_value(cli, "vms");
	const char *prefixes = cli_value(cli, "prefixes"), *name = cli_value(cli, "name");
	const char *nsgs = cli_value(cli, "nsgs"), *rules = cli_value(cli, "rules");
	struct lab_file_size size = { .spoke_vms = 1, .rules = 10 };
	struct err err = { 0 };

	if (!spokes)
		return cli_usage(cli, "--spokes is missing");
	if (!read_count(spokes, &size.spokes))
		return cli_usage(cli, "--spokes takes a whole number, not '%s'", spokes);
	if (vms && !read_count(vms, &size.spoke_vms))
		return cli_usage(cli, "--vms takes a whole number, not '%s'", vms);
	if (prefixes && !read_count(prefixes, &size.prefixes))
		return cli_usage(cli, "--prefixes takes a whole number, not '%s'", prefixes);
	if (nsgs && !read_count(nsgs, &size.nsgs))
		return cli_usage(cli, "--nsgs takes a whole number, not '%s'", nsgs);
	if (rules && !read_count(rules, &size.rules))
		return cli_usage(cli, "--rules takes a whole number, not '%s'", rules);
	if (rules && !size.nsgs)
		return cli_usage(cli, "--rules needs --nsgs");
	if (name && !is_object_name(name))
		return cli_usage(cli, "'%s' cannot be the name of a lab", name);
	if (lab_file_check(size, &err))
		return cli_usage(cli, "%s", err.text);
	lab_file_write(name ? name : "hub-and-spoke", size, stdout);
	return EXIT_OK;
}

const struct command command_generate = {
	.name = "generate",
	.has_no_lab = true,
	.arguments = "--spokes N",
	.words = "print a lab file: a hub and its spokes",
	.more = "To start from, or to try how a lab of some size does: hublab generate --spokes 5 "
		">lab.yaml. Each virtual network has a /24 of 10.0.0.0/8, and its VMs half of it.",
	.group = GROUP_LABS,
	.run = run_generate,
	.options = {
		{ "spokes", 0, "N", "how many virtual networks are peered with the hub" },
		{ "vms", 0, "M", "how many VMs each of them has; 1 if not given" },
		{ "prefixes", 0, "P", "how many prefixes a provider sends over ExpressRoute; none, "
				      "and no gateway, if not given" },
		{ "nsgs", 0, "N", "how many NSGs there are, for subnets and NICs in turn; none if "
				  "not given" },
		{ "rules", 0, "R", "how many rules each of them has; 10 if not given" },
		{ "name", 0, "NAME", "the lab's name; hub-and-spoke if not given" },
	},
};
