/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/new_lab.h"

#include "lab/base/text_file.h"
#include "lab/model/lab.h"
#include "lab/render/lab_parts.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define AZURE_KEEPS 5u /* addresses of each subnet (R9.1) */

/* The shortest prefix one can do something with, and the longest that has room for its subnets. */
#define SPACE_LEN_MIN        8u
#define GATEWAY_LEN_MAX      (PART_GATEWAY_LEN - 1u)
#define ROUTE_SERVER_LEN_MAX (PART_ROUTE_SERVER_LEN - 2u)
#define SPOKE_LEN_MAX        28u

static bool is_set(struct prefix prefix)
{
	return prefix.addr.family != IP_NONE;
}

bool new_lab_has_express_route(const struct new_lab *lab)
{
	return lab->has_express_route || (lab->has_branch && !lab->has_vpn);
}

bool new_lab_has_gateway(const struct new_lab *lab)
{
	return new_lab_has_express_route(lab) || lab->has_vpn;
}

bool new_lab_has_branch(const struct new_lab *lab)
{
	return lab->has_branch && is_set(lab->on_premises);
}

bool new_lab_has_tunnels(const struct new_lab *lab)
{
	return lab->has_vpn && new_lab_has_branch(lab);
}

static const char *const defaults[NEW_LAB_VALUES] = {
	[NEW_LAB_NAME] = "hub-and-spoke", [NEW_LAB_LOCATION] = "westus3",
	[NEW_LAB_HUB] = "10.0.0.0/24",    [NEW_LAB_SPOKES] = "2",
	[NEW_LAB_SPOKE_VMS] = "1",        [NEW_LAB_NVA] = "no",
	[NEW_LAB_EXPRESS_ROUTE] = "no",   [NEW_LAB_VPN] = "no",
	[NEW_LAB_ROUTE_SERVER] = "no",    [NEW_LAB_BRANCH] = "no",
};

/* ---- the address plan ---- */

static bool is_taken(const struct new_lab *lab, struct prefix space)
{
	for (unsigned i = 0; i < lab->spoke_count; i++)
		if (prefix_overlaps(lab->spokes[i], space))
			return true;
	return prefix_overlaps(lab->hub, space) || prefix_overlaps(lab->on_premises, space);
}

/* IP_NONE when all that come to mind are taken. */
static struct prefix first_free(const struct new_lab *lab, const char *const *candidates,
				size_t count)
{
	struct prefix space;

	for (size_t i = 0; i < count; i++)
		if (prefix_parse(candidates[i], &space) && !is_taken(lab, space))
			return space;
	return (struct prefix){ 0 };
}

static struct prefix free_on_premises(const struct new_lab *lab)
{
	static const char *const candidates[] = { "10.100.0.0/24", "172.16.0.0/24",
						  "192.168.0.0/24", "100.64.0.0/24" };

	return first_free(lab, candidates, ARRAY_SIZE(candidates));
}

/* Those of documentation, which nobody on the real Internet has. */
struct prefix new_lab_public_range(const struct new_lab *lab)
{
	static const char *const candidates[] = { "203.0.113.0/24", "198.51.100.0/24",
						  "192.0.2.0/24" };

	return first_free(lab, candidates, ARRAY_SIZE(candidates));
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

unsigned new_lab_summaries(const struct new_lab *lab, struct prefix ret[NEW_LAB_SUMMARIES])
{
	unsigned count = 0;

	for (unsigned i = 0; i < lab->spoke_count; i++) {
		struct prefix range = range_of(lab->spokes[i]);
		bool is_there = false;

		for (unsigned n = 0; n < count; n++)
			is_there = is_there || prefix_equal(ret[n], range);
		if (!is_there && count < NEW_LAB_SUMMARIES)
			ret[count++] = range;
	}
	return count;
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
		struct prefix subnet = part_default_subnet(lab->spokes[i], false);
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

static int set_nva(struct new_lab *lab, const char *text, struct err *err)
{
	int rc = read_yes_or_no(text, &lab->has_nva, err);

	if (!rc && lab->has_nva && !lab->spoke_count)
		return err_set(err, -EINVAL,
			       "an NVA forwards what spokes send, and there are no spokes: give "
			       "their number or their address spaces");
	return rc;
}

static int set_express_route(struct new_lab *lab, const char *text, struct err *err)
{
	return read_yes_or_no(text, &lab->has_express_route, err);
}

static int set_vpn(struct new_lab *lab, const char *text, struct err *err)
{
	return read_yes_or_no(text, &lab->has_vpn, err);
}

/* Without a range that is larger the NVA could not announce the way to a spoke. */
static int check_summaries(const struct new_lab *lab, struct err *err)
{
	for (unsigned i = 0; i < lab->spoke_count && lab->has_nva; i++) {
		struct prefix range = range_of(lab->spokes[i]);

		if (range.len && range.len < lab->spokes[i].len)
			continue;
		return err_set(err, -EINVAL,
			       "the NVA announces private ranges in which spokes are, and %s is "
			       "within none of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and "
			       "100.64.0.0/10: choose another space, or no Route Server",
			       prefix_print(lab->spokes[i]).text);
	}
	return 0;
}

static int set_route_server(struct new_lab *lab, const char *text, struct err *err)
{
	int rc = read_yes_or_no(text, &lab->has_route_server, err);

	if (rc || !lab->has_route_server)
		return rc;
	if (lab->hub.len > ROUTE_SERVER_LEN_MAX)
		return err_set(err, -ENOSPC,
			       "the hub's %s has no room for a GatewaySubnet and a "
			       "RouteServerSubnet: it takes a /%u or larger",
			       prefix_print(lab->hub).text, ROUTE_SERVER_LEN_MAX);
	return check_summaries(lab, err);
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
	if (new_lab_has_tunnels(lab) && !is_set(new_lab_public_range(lab)))
		return err_set(err, -ENOSPC,
			       "tunnels end at public addresses of 203.0.113.0/24, 198.51.100.0/24 "
			       "or 192.0.2.0/24, and networks have them all: leave one to them");
	return 0;
}

/* What the language itself refuses, such as multicast: the first finding of the file so far. */
static int check_as_file(const struct new_lab *lab, struct err *err)
{
	struct diags diags = { 0 };
	const struct diag *diag;
	struct lab *parsed;
	struct text_file file;
	int rc = 0;

	new_lab_write(lab, text_open(&file));
	(void)text_close(&file);
	parsed = lab_parse(file.text, file.len, "new", &diags);
	diag = diags_first_error(&diags);
	if (diag)
		rc = err_set(err, -EINVAL, "%s: %s", diag->text, diag_table[diag->id].words);
	lab_free(parsed);
	diags_fini(&diags);
	free(file.text);
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
	case NEW_LAB_VPN:
		return true;
	case NEW_LAB_SPOKE_VMS:
	case NEW_LAB_NVA:
		return lab->spoke_count > 0;
	case NEW_LAB_ROUTE_SERVER: /* it has someone to speak with */
		return lab->has_nva || (lab->has_express_route && lab->has_vpn);
	case NEW_LAB_BRANCH:
		return lab->has_express_route || lab->has_vpn;
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
		[NEW_LAB_NVA] = set_nva,
		[NEW_LAB_EXPRESS_ROUTE] = set_express_route,
		[NEW_LAB_VPN] = set_vpn,
		[NEW_LAB_ROUTE_SERVER] = set_route_server,
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
