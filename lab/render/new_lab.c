/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/new_lab.h"

#include "lab/model/lab.h"
#include "lab/render/lab_parts.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define AZURE_KEEPS 5u /* addresses of each subnet (R9.1) */

/* The shortest prefix one can do something with, and the longest that has room for its subnets. */
#define SPACE_LEN_MIN   8u
#define GATEWAY_LEN_MAX (PART_GATEWAY_LEN - 1u)
#define SPOKE_LEN_MAX   28u

static bool is_set(struct prefix prefix)
{
	return prefix.addr.family != IP_NONE;
}

static bool has_express_route(const struct new_lab *lab)
{
	return lab->has_express_route || lab->has_branch;
}

static bool has_branch_network(const struct new_lab *lab)
{
	return lab->has_branch && is_set(lab->on_premises);
}

static const char *const defaults[NEW_LAB_VALUES] = {
	[NEW_LAB_NAME] = "hub-and-spoke", [NEW_LAB_LOCATION] = "westus3",
	[NEW_LAB_HUB] = "10.0.0.0/24",    [NEW_LAB_SPOKES] = "2",
	[NEW_LAB_SPOKE_VMS] = "1",        [NEW_LAB_EXPRESS_ROUTE] = "no",
	[NEW_LAB_BRANCH] = "no",
};

/* ---- the address plan ---- */

static bool is_taken(const struct new_lab *lab, struct prefix space)
{
	for (unsigned i = 0; i < lab->spoke_count; i++)
		if (prefix_overlaps(lab->spokes[i], space))
			return true;
	return prefix_overlaps(lab->hub, space);
}

/* IP_NONE when all that come to mind are taken. */
static struct prefix free_on_premises(const struct new_lab *lab)
{
	static const char *const candidates[] = { "10.100.0.0/24", "172.16.0.0/24",
						  "192.168.0.0/24", "100.64.0.0/24" };
	struct prefix space;

	for (size_t i = 0; i < ARRAY_SIZE(candidates); i++)
		if (prefix_parse(candidates[i], &space) && !is_taken(lab, space))
			return space;
	return (struct prefix){ 0 };
}

/* The private range that a prefix is in; all addresses for one that is in none. */
static struct prefix range_of(struct prefix space)
{
	static const char *const ranges[] = { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
					      "100.64.0.0/10" };
	struct prefix range;

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (prefix_parse(ranges[i], &range) && prefix_covers(range, space))
			return range;
	return prefix_of(ip4(0), 0);
}

/* How many spaces as large as the hub's fit behind it. */
static unsigned long room_behind(struct prefix hub)
{
	struct prefix range = range_of(hub);

	return (unsigned long)(ip_distance(prefix_last(hub), prefix_last(range)) >>
			       (32u - hub.len));
}

static int derive_spokes(struct new_lab *lab, struct err *err)
{
	unsigned long room = room_behind(lab->hub);

	if (lab->spoke_count > room)
		return err_set(err, -ENOSPC,
			       "behind the hub's %s there is room in %s for %lu spokes as large, "
			       "not for %u: give their address spaces",
			       prefix_print(lab->hub).text, prefix_print(range_of(lab->hub)).text,
			       room, lab->spoke_count);
	for (unsigned i = 0; i < lab->spoke_count; i++)
		lab->spokes[i] =
			prefix_of(ip_add(lab->hub.addr, (uint64_t)(i + 1) << (32u - lab->hub.len)),
				  lab->hub.len);
	return 0;
}

static int parse_space(const char *what, const char *text, unsigned len_max, const char *holds,
		       struct prefix *ret_space, struct err *err)
{
	struct prefix space;

	if (!prefix_parse(text, &space) || space.addr.family != IP_V4)
		return err_set(err, -EINVAL,
			       "'%s' is not an IPv4 prefix: one looks like 10.0.0.0/24", text);
	if (!prefix_is_network(space))
		return err_set(err, -EINVAL, "%s has bits set behind its length: the network is %s",
			       text, prefix_print(prefix_of(space.addr, space.len)).text);
	if (space.len < SPACE_LEN_MIN || space.len > len_max)
		return err_set(err, -ERANGE, "%s: %s is a /%u to /%u, as it holds %s", text, what,
			       SPACE_LEN_MIN, len_max, holds);
	*ret_space = space;
	return 0;
}

static int refuse_overlap(struct prefix space, const char *what, struct prefix other,
			  struct err *err)
{
	if (!prefix_overlaps(space, other))
		return 0;
	return err_set(err, -EEXIST, "%s overlaps %s, %s", prefix_print(space).text, what,
		       prefix_print(other).text);
}

/* Also spaces that are not peered: what a branch announces would be hidden by Azure's own. */
static int check_overlap(const struct new_lab *lab, struct prefix space, unsigned spokes,
			 struct err *err)
{
	int rc = refuse_overlap(space, "the hub's address space", lab->hub, err);
	char name[32];

	for (unsigned i = 0; i < spokes && !rc; i++) {
		(void)snprintf(name, sizeof(name), "spoke%u's address space", i + 1);
		rc = refuse_overlap(space, name, lab->spokes[i], err);
	}
	return rc;
}

/* ---- answers ---- */

static int set_name(struct new_lab *lab, const char *text, struct err *err)
{
	if (!is_object_name(text))
		return err_set(err, -EINVAL, "'%.80s' cannot be a name: %s", text,
			       diag_table[DIAG_BAD_NAME].words);
	(void)snprintf(lab->name, sizeof(lab->name), "%s", text);
	return 0;
}

static int set_location(struct new_lab *lab, const char *text, struct err *err)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789");

	if (!isalpha((unsigned char)*text) || text[len] || len > NEW_LAB_TEXT)
		return err_set(err, -EINVAL,
			       "'%.80s' is not a location: Azure writes them as in westus3", text);
	(void)snprintf(lab->location, sizeof(lab->location), "%s", text);
	return 0;
}

static int set_hub(struct new_lab *lab, const char *text, struct err *err)
{
	return parse_space("a hub", text, GATEWAY_LEN_MAX, "a subnet and a GatewaySubnet",
			   &lab->hub, err);
}

/* Digits and nothing else. */
static bool read_count(const char *text, unsigned min, unsigned max, unsigned *ret_count)
{
	unsigned long count = strtoul(text, NULL, 10);

	if (!*text || text[strspn(text, "0123456789")] || count < min || count > max)
		return false;
	*ret_count = (unsigned)count;
	return true;
}

/* One prefix behind the other, with commas or blanks between them. */
static int parse_spokes(struct new_lab *lab, const char *text, struct err *err)
{
	static const char between[] = ", ";
	char one[PREFIX_TEXT];
	int rc;

	lab->spoke_count = 0;
	for (text += strspn(text, between); *text; text += strspn(text, between)) {
		size_t len = strcspn(text, between);
		struct prefix space = { 0 };

		if (lab->spoke_count == NEW_LAB_SPOKES_MAX)
			return err_set(err, -ERANGE, "there can be %u spokes and no more",
				       NEW_LAB_SPOKES_MAX);
		(void)snprintf(one, sizeof(one), "%.*s", (int)len, text);
		rc = parse_space("a spoke", one, SPOKE_LEN_MAX, "a subnet of half its size", &space,
				 err);
		if (!rc)
			rc = check_overlap(lab, space, lab->spoke_count, err);
		if (rc)
			return rc;
		lab->spokes[lab->spoke_count++] = space;
		text += len;
	}
	return 0;
}

static int set_spokes(struct new_lab *lab, const char *text, struct err *err)
{
	if (strchr(text, '/'))
		return parse_spokes(lab, text, err);
	if (!read_count(text, 0, NEW_LAB_SPOKES_MAX, &lab->spoke_count))
		return err_set(err, -EINVAL,
			       "there can be 0 to %u spokes, or their address spaces with commas "
			       "between them, not '%s'",
			       NEW_LAB_SPOKES_MAX, text);
	return derive_spokes(lab, err);
}

static int set_spoke_vms(struct new_lab *lab, const char *text, struct err *err)
{
	if (!read_count(text, 1, NEW_LAB_VMS_MAX, &lab->spoke_vms))
		return err_set(err, -EINVAL, "there can be 1 to %u VMs in a spoke, not '%s'",
			       NEW_LAB_VMS_MAX, text);
	for (unsigned i = 0; i < lab->spoke_count; i++) {
		struct prefix subnet = part_default_subnet(lab->spokes[i]);
		uint64_t room = (1ull << (32u - subnet.len)) - AZURE_KEEPS;

		if (lab->spoke_vms > room)
			return err_set(err, -ENOSPC,
				       "the subnet of spoke%u, %s, has room for %lu VMs, not for "
				       "%u: Azure keeps five of its addresses",
				       i + 1, prefix_print(subnet).text, (unsigned long)room,
				       lab->spoke_vms);
	}
	return 0;
}

static int read_yes_or_no(const char *text, bool *ret_is_yes, struct err *err)
{
	static const char *const words[] = { "n", "no", "y", "yes" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcasecmp(words[i], text) != 0)
			continue;
		*ret_is_yes = i >= 2;
		return 0;
	}
	return err_set(err, -EINVAL, "yes or no, not '%s'", text);
}

static int set_express_route(struct new_lab *lab, const char *text, struct err *err)
{
	return read_yes_or_no(text, &lab->has_express_route, err);
}

static int set_branch(struct new_lab *lab, const char *text, struct err *err)
{
	return read_yes_or_no(text, &lab->has_branch, err);
}

static int set_on_premises(struct new_lab *lab, const char *text, struct err *err)
{
	struct prefix space = { 0 };
	int rc;

	rc = parse_space("a branch", text, GATEWAY_LEN_MAX, "a subnet and a GatewaySubnet", &space,
			 err);
	if (!rc)
		rc = check_overlap(lab, space, lab->spoke_count, err);
	if (rc)
		return rc;
	lab->on_premises = space;
	lab->has_branch = true;
	return 0;
}

/* What the language itself refuses, such as multicast: the first finding of the file so far. */
static int check_as_file(const struct new_lab *lab, struct err *err)
{
	struct diags diags = { 0 };
	const struct diag *diag;
	struct lab *parsed;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int rc = 0;

	if (!out)
		abort();
	new_lab_write(lab, out);
	(void)fclose(out);
	parsed = lab_parse(text, size, "new", &diags);
	diag = diags_first_error(&diags);
	if (diag)
		rc = err_set(err, -EINVAL, "%s: %s", diag->text, diag_table[diag->id].words);
	lab_free(parsed);
	diags_fini(&diags);
	free(text);
	return rc;
}

void new_lab_init(struct new_lab *lab)
{
	*lab = (struct new_lab){ 0 };
	(void)set_name(lab, defaults[NEW_LAB_NAME], NULL);
	(void)set_location(lab, defaults[NEW_LAB_LOCATION], NULL);
	(void)set_hub(lab, defaults[NEW_LAB_HUB], NULL);
}

bool new_lab_asks(const struct new_lab *lab, enum new_lab_value value)
{
	switch (value) {
	case NEW_LAB_NAME:
	case NEW_LAB_LOCATION:
	case NEW_LAB_HUB:
	case NEW_LAB_SPOKES:
	case NEW_LAB_EXPRESS_ROUTE:
		return true;
	case NEW_LAB_SPOKE_VMS:
		return lab->spoke_count > 0;
	case NEW_LAB_BRANCH:
		return lab->has_express_route;
	case NEW_LAB_ON_PREMISES:
		return lab->has_branch;
	case NEW_LAB_VALUES:
		break;
	}
	return false;
}

struct new_lab_default new_lab_default(const struct new_lab *lab, enum new_lab_value value)
{
	struct new_lab_default text = { "" };

	if (value == NEW_LAB_ON_PREMISES)
		(void)snprintf(text.text, sizeof(text.text), "%s",
			       prefix_print(free_on_premises(lab)).text);
	else if (value == NEW_LAB_SPOKES && room_behind(lab->hub) < 2)
		(void)snprintf(text.text, sizeof(text.text), "%lu", room_behind(lab->hub));
	else
		(void)snprintf(text.text, sizeof(text.text), "%s", defaults[value]);
	return text;
}

int new_lab_set(struct new_lab *lab, enum new_lab_value value, const char *text, struct err *err)
{
	static int (*const set[NEW_LAB_VALUES])(struct new_lab *, const char *, struct err *) = {
		[NEW_LAB_NAME] = set_name,
		[NEW_LAB_LOCATION] = set_location,
		[NEW_LAB_HUB] = set_hub,
		[NEW_LAB_SPOKES] = set_spokes,
		[NEW_LAB_SPOKE_VMS] = set_spoke_vms,
		[NEW_LAB_EXPRESS_ROUTE] = set_express_route,
		[NEW_LAB_BRANCH] = set_branch,
		[NEW_LAB_ON_PREMISES] = set_on_premises,
	};
	struct new_lab changed = *lab;

	int rc = set[value](&changed, text, err);

	if (!rc)
		rc = check_as_file(&changed, err);
	if (!rc)
		*lab = changed;
	return rc;
}

/* ---- the file ---- */

static void write_summary(const struct new_lab *lab, FILE *out)
{
	(void)fprintf(out, "# A hub");
	if (lab->spoke_count)
		(void)fprintf(out, " with %u spoke%s", lab->spoke_count,
			      lab->spoke_count == 1 ? "" : "s");
	if (has_branch_network(lab))
		(void)fprintf(out, ", and a branch that ExpressRoute joins to them");
	else if (has_express_route(lab))
		(void)fprintf(out, " and an ExpressRoute circuit");
	(void)fprintf(out,
		      ".\n# man hublab.yaml explains each key; after a change: hublab check.\n\n"
		      "lab: %s\nlocation: %s\n"
		      "timers: fast # BGP settles in milliseconds; azure: at Azure's own pace\n\n",
		      lab->name, lab->location);
}

static void write_hub(const struct new_lab *lab, FILE *out)
{
	part_network("hub", lab->hub, has_express_route(lab), out);
	if (!lab->spoke_count)
		return;
	(void)fprintf(out, has_express_route(lab)
				   ? "    peerings: # each side has its half; gateways are used "
				     "where both say so\n"
				   : "    peerings: # each side has its half; spokes reach the "
				     "hub, but not each other\n");
	part_hub_peerings(lab->spoke_count, has_express_route(lab), out);
}

static void write_networks(const struct new_lab *lab, FILE *out)
{
	(void)fprintf(out,
		      "# Address spaces must not overlap. Each has room left for further subnets.\n"
		      "virtual_networks:\n");
	write_hub(lab, out);
	for (unsigned i = 0; i < lab->spoke_count; i++)
		part_spoke(i + 1, lab->spokes[i], has_express_route(lab), out);
	if (!has_branch_network(lab))
		return;
	(void)fprintf(out, "  # plays on-premises: peered with none, it and Azure learn of each "
			   "other by BGP\n");
	part_network("branch", lab->on_premises, true, out);
}

static void write_vms(const struct new_lab *lab, FILE *out)
{
	struct prefix subnet = part_default_subnet(lab->hub);

	(void)fprintf(
		out,
		"\n# Each gets the first free address of its subnet, from .4 on. To choose one:\n"
		"#   hub-vm: { subnet: hub/default, private_ip_address: %s }\n"
		"vms:\n",
		ip_print(ip_add(prefix_first(subnet), 10)).text);
	part_vms(lab->spoke_count, lab->spoke_vms, out);
	if (has_branch_network(lab))
		(void)fprintf(out, "  branch-vm: branch/default\n");
}

/* Whom to write a part for: each network with a gateway. */
static void write_for_each(const struct new_lab *lab, const char *title,
			   void (*write)(const char *network, FILE *out), FILE *out)
{
	(void)fprintf(out, "\n%s", title);
	write("hub", out);
	if (has_branch_network(lab))
		write("branch", out);
}

static void write_circuit(const char *network, FILE *out)
{
	(void)fprintf(out, "  %s-circuit: { bandwidth_in_mbps: 50 }\n", network);
}

static void write_link(const char *network, FILE *out)
{
	(void)fprintf(out, "      - { circuit: %s-circuit, delay_ms: 10 }\n", network);
}

static void write_express_route(const struct new_lab *lab, FILE *out)
{
	write_for_each(lab, "virtual_network_gateways:\n", part_gateway, out);
	write_for_each(
		lab,
		"# A circuit ends on two MSEEs, Azure's edge; a connection joins it to a gateway.\n"
		"express_route_circuits:\n",
		write_circuit, out);
	write_for_each(lab, "connections:\n", part_connection, out);
	write_for_each(lab,
		       "# delay_ms is one way; loss_percent and rate_mbps may stand beside it.\n"
		       "providers:\n"
		       "  provider:\n"
		       "    asn: 65001\n"
		       "    links:\n",
		       write_link, out);
}

void new_lab_write(const struct new_lab *lab, FILE *out)
{
	write_summary(lab, out);
	write_networks(lab, out);
	write_vms(lab, out);
	if (has_express_route(lab))
		write_express_route(lab, out);
}
