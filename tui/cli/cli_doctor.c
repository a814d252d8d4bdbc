/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/render/table.h"
#include "netns/kernel/feature.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool works(const char *name)
{
	for (size_t i = 0; i < feature_count; i++)
		if (!strcmp(features[i].name, name))
			return feature_works(&features[i]);
	return false;
}

static void print_verdict(unsigned missing)
{
	bool has_netem = works("netem"), has_tun = works("tun");
	bool has_ipsec = works("strongswan");

	(void)printf("\nlabs run as %s; cables are delayed by %s; tunnels are encrypted by %s\n",
		     geteuid() ? "an ordinary user, in a user namespace" : "root",
		     has_netem ? "netem"
		     : has_tun ? "the wire, since this kernel has no netem"
			       : "nothing: labs with delays cannot run here",
		     has_ipsec && works("xfrm") ? "the kernel"
		     : has_ipsec && works("libipsec")
			     ? "strongSwan, since this kernel has no IPsec"
			     : "nothing: labs with tunnels cannot run here");
	if (missing)
		(void)printf("no lab can run here: %u needed things are missing\n", missing);
}

static int run_doctor(const struct cli *cli)
{
	static const char *const headers[] = { "Feature", "Works", "For", "Way out" };
	struct table *table = table_new(headers, ARRAY_SIZE(headers));
	json_t *list = json_array();
	unsigned missing = 0;

	for (size_t i = 0; i < feature_count; i++) {
		const struct feature *feature = &features[i];
		bool is_there = feature_works(feature);
		const char *cells[] = { feature->name, is_there ? "yes" : "no", feature->words,
					is_there ? "" : feature->remedy };

		missing += feature->is_needed && !is_there;
		table_add(table, cells);
		(void)json_array_append_new(
			list, json_pack("{s:s, s:b, s:s, s:b, s:s}", "name", feature->name, "works",
					is_there, "for", feature->words, "needed",
					feature->is_needed, "remedy", feature->remedy));
	}
	if (cli->output == OUTPUT_JSON)
		cli_print_json(json_pack("{s:O}", "features", list));
	else
		cli_print_table(cli, table);
	if (cli->output == OUTPUT_TABLE)
		print_verdict(missing);
	json_decref(list);
	table_free(table);
	return missing ? EXIT_UNABLE : EXIT_OK;
}

const struct command command_doctor = {
	.name = "doctor",
	.has_no_lab = true,
	.arguments = "",
	.words = "what this host can and cannot do, and the way out",
	.more = "Found by trying, not by asking for versions.",
	.group = GROUP_ABOUT,
	.run = run_doctor,
};
