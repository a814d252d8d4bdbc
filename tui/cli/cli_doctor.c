/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/render/table.h"
#include "netns/kernel/feature.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Each feature, tried; a new reference. */
static json_t *try_features(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < feature_count; i++) {
		const struct feature *feature = &features[i];

		(void)json_array_append_new(
			list, json_pack("{s:s, s:b, s:s, s:b, s:s}", "name", feature->name, "works",
					feature_works(feature), "for", feature->words, "needed",
					feature->is_needed, "remedy", feature->remedy));
	}
	return list;
}

json_t *cli_host(void)
{
	struct utsname system = { 0 };
	char kernel[sizeof(system.sysname) + sizeof(system.release) + sizeof(system.machine)];

	(void)uname(&system);
	(void)snprintf(kernel, sizeof(kernel), "%s %s %s", system.sysname, system.release,
		       system.machine);
	return json_pack("{s:s, s:b, s:o}", "kernel", kernel, "is_root", !geteuid(), "features",
			 try_features());
}

static const char *text_of(const json_t *feature, const char *key)
{
	const char *text = json_string_value(json_object_get(feature, key));

	return text ? text : "";
}

static bool works(const json_t *list, const char *name)
{
	json_t *feature;
	size_t i;

	json_array_foreach(list, i, feature)
		if (!strcmp(text_of(feature, "name"), name))
			return json_is_true(json_object_get(feature, "works"));
	return false;
}

static void print_verdict(const json_t *list, bool is_root, unsigned missing)
{
	bool has_netem = works(list, "netem"), has_tun = works(list, "tun");
	bool has_ipsec = works(list, "strongswan");

	(void)printf("\nlabs run as %s; cables are delayed by %s; tunnels are encrypted by %s\n",
		     is_root ? "root" : "an ordinary user, in a user namespace",
		     has_netem ? "netem"
		     : has_tun ? "the wire, since this kernel has no netem"
			       : "nothing: labs with delays cannot run here",
		     has_ipsec && works(list, "xfrm") ? "the kernel"
		     : has_ipsec && works(list, "libipsec")
			     ? "strongSwan, since this kernel has no IPsec"
			     : "nothing: labs with tunnels cannot run here");
	if (missing)
		(void)printf("no lab can run here: %u needed things are missing\n", missing);
}

/* Returns how many needed things are missing. */
static unsigned print_features(const struct cli *cli, const json_t *list, bool is_root)
{
	static const char *const headers[] = { "Feature", "Works", "For", "Way out" };
	struct table *table = table_new(headers, ARRAY_SIZE(headers));
	unsigned missing = 0;
	json_t *feature;
	size_t i;

	json_array_foreach(list, i, feature) {
		bool is_there = json_is_true(json_object_get(feature, "works"));
		const char *cells[] = { text_of(feature, "name"), is_there ? "yes" : "no",
					text_of(feature, "for"),
					is_there ? "" : text_of(feature, "remedy") };

		missing += json_is_true(json_object_get(feature, "needed")) && !is_there;
		table_add(table, cells);
	}
	if (cli->output == OUTPUT_JSON)
		cli_print_json(json_pack("{s:O}", "features", list));
	else
		cli_print_table(cli, table);
	if (cli->output == OUTPUT_TABLE)
		print_verdict(list, is_root, missing);
	table_free(table);
	return missing;
}

static int run_doctor(const struct cli *cli)
{
	json_t *tried = cli->bundle ? NULL : try_features();
	const json_t *host = cli->bundle ? bundle_host(cli->bundle) : NULL;
	const json_t *list = cli->bundle ? json_object_get(host, "features") : tried;
	unsigned missing;

	if (!json_is_array(list))
		return cli_fail(EXIT_FAILED, "bundle %s does not say what its host can do",
				bundle_head(cli->bundle)->file);
	missing = print_features(cli, list,
				 cli->bundle ? json_is_true(json_object_get(host, "is_root"))
					     : !geteuid());
	json_decref(tried);
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
	.options = { CLI_FROM },
};
