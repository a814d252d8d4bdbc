/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of a running lab, saved: the file says the same then, and not a line more is touched. */
#include "tests/support/test.h"

#include "lab/base/macros.h"
#include "lab/model/lab_save.h"
#include "tests/support/doc_model.h"
#include "tests/support/golden.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char *save(const char *text, unsigned step, const struct change_text *changes, size_t count,
		  struct err *err)
{
	struct lab_state state = { step, changes, count };
	size_t len = 0;
	char *saved = lab_save(text, strlen(text), "lab.yaml", &state, &len, err);

	assert_int_equal(!saved, err->code != 0);
	if (saved)
		assert_int_equal(len, strlen(saved));
	return saved;
}

/* ---- by hand ---- */

#define TOP                                                                                        \
	"# top\n"                                                                                  \
	"lab: t\n"                                                                                 \
	"virtual_networks:\n"                                                                      \
	"  v: { address_prefixes: 10.0.0.0/16, subnets: { s: 10.0.0.0/24, r: 10.0.1.0/24 } } # "   \
	"v\n"
#define VMS                                                                                        \
	"vms:\n"                                                                                   \
	"  a: v/s # the first\n"                                                                   \
	"\n"                                                                                       \
	"  # before b\n"                                                                           \
	"  b: { subnet: v/s }\n"
#define FIRST                                                                                      \
	"steps:\n"                                                                                 \
	"  - name: one # nothing\n"
#define SECOND                                                                                     \
	"  - name: two\n"                                                                          \
	"    set:\n"                                                                               \
	"      vms/c: v/s # c\n"                                                                   \
	"      timers: azure\n"
#define THIRD  "  - { name: three, set: { vms/b/subnet: v/r } }\n"
#define FOURTH "  - name: four\n    after: one\n"
#define STEPS  TOP VMS FIRST SECOND THIRD FOURTH

static const struct {
	const char *name;
	unsigned step;
	struct change_text changes[4];
	const char *before, *after;
} cases[] = {
	{ "nothing", 1, { { 0 } }, STEPS, STEPS },
	/* the top level */
	{ "a value",
	  1,
	  { { "vms/b/subnet", "v/r" } },
	  STEPS,
	  TOP "vms:\n  a: v/s # the first\n\n  # before b\n  b: { subnet: v/r }\n" FIRST SECOND
		  THIRD FOURTH },
	{ "a file without steps",
	  0,
	  { { "vms/a", "v/r" } },
	  TOP VMS,
	  TOP "vms:\n  a: v/r # the first\n\n  # before b\n  b: { subnet: v/s }\n" },
	{ "a short form becomes long",
	  1,
	  { { "vms/a/nic", "n" } },
	  TOP VMS FIRST,
	  TOP "vms:\n  a: { subnet: v/s, nic: n } # the first\n\n  # before b\n"
	      "  b: { subnet: v/s }\n" FIRST },
	{ "the main key of a short form",
	  1,
	  { { "vms/a/subnet", "v/r" } },
	  TOP VMS FIRST,
	  TOP "vms:\n  a: { subnet: v/r } # the first\n\n  # before b\n"
	      "  b: { subnet: v/s }\n" FIRST },
	{ "a new object",
	  1,
	  { { "vms/c", "{ subnet: v/r, nic: cnic }" } },
	  TOP VMS FIRST,
	  TOP VMS "  c: { subnet: v/r, nic: cnic }\n" FIRST },
	{ "a new section",
	  0,
	  { { "branches/br/asn", "65010" },
	    { "branches/br/address", "172.31.0.1" },
	    { "providers/p", "{ asn: 65001, links: [ { branch: br } ] }" } },
	  TOP VMS,
	  TOP VMS "branches:\n  br:\n    asn: 65010\n    address: 172.31.0.1\n"
		  "providers:\n  p: { asn: 65001, links: [ { branch: br } ] }\n" },
	{ "letter case does not count",
	  1,
	  { { "VMS/B/NIC", "n" } },
	  TOP VMS FIRST,
	  TOP "vms:\n  a: v/s # the first\n\n  # before b\n  b: { subnet: v/s, NIC: n }\n" FIRST },
	{ "quotes",
	  1,
	  { { "vms/b/nic", "'n'" } },
	  TOP VMS FIRST,
	  TOP
	  "vms:\n  a: v/s # the first\n\n  # before b\n  b: { subnet: v/s, nic: 'n' }\n" FIRST },
	{ "taken away",
	  1,
	  { { "vms/a", NULL } },
	  TOP VMS FIRST,
	  TOP "vms:\n\n  # before b\n  b: { subnet: v/s }\n" FIRST },
	{ "taken away as nothing",
	  1,
	  { { "vms/a", "~" } },
	  TOP VMS FIRST,
	  TOP "vms:\n\n  # before b\n  b: { subnet: v/s }\n" FIRST },
	{ "taken away as a comment",
	  1,
	  { { "vms/a", "# gone" } },
	  TOP VMS FIRST,
	  TOP "vms:\n\n  # before b\n  b: { subnet: v/s }\n" FIRST },
	{ "one after the other",
	  1,
	  { { "vms/c", "v/s" }, { "vms/c/nic", "n" }, { "vms/a", NULL }, { "vms/c", "v/r" } },
	  TOP VMS FIRST,
	  TOP "vms:\n\n  # before b\n  b: { subnet: v/s }\n  c: v/r\n" FIRST },
	{ "made and taken away", 1, { { "vms/c", "v/s" }, { "vms/c", NULL } }, STEPS, STEPS },
	{ "not valid on the way",
	  0,
	  { { "virtual_networks/v/subnets/s", NULL }, { "vms/a", NULL }, { "vms/b", "v/r" } },
	  TOP VMS,
	  "# top\nlab: t\nvirtual_networks:\n  v: { address_prefixes: 10.0.0.0/16, subnets: { r: "
	  "10.0.1.0/24 } } # v\nvms:\n\n  # before b\n  b: v/r\n" },
	{ "a second address space",
	  0,
	  { { "virtual_networks/v/address_prefixes/1", "10.9.0.0/16" } },
	  TOP,
	  "# top\nlab: t\nvirtual_networks:\n  v: { address_prefixes: [10.0.0.0/16, 10.9.0.0/16], "
	  "subnets: { s: 10.0.0.0/24, r: 10.0.1.0/24 } } # v\n" },
	{ "a link behind the others",
	  0,
	  { { "providers/p/links/1", "{ branch: b }" }, { "providers/p/links/2/branch", "b" } },
	  "lab: t\nproviders:\n  p:\n    asn: 65001\n    links:\n      - branch: b # one\n"
	  "branches: { b: { asn: 65010 } }\n",
	  "lab: t\nproviders:\n  p:\n    asn: 65001\n    links:\n      - branch: b # one\n"
	  "      - { branch: b }\n      - { branch: b }\nbranches: { b: { asn: 65010 } }\n" },
	/* steps */
	{ "where the step sets it",
	  2,
	  { { "vms/c", "v/r" } },
	  STEPS,
	  TOP VMS FIRST
	  "  - name: two\n    set:\n      vms/c: v/r # c\n      timers: azure\n" THIRD FOURTH },
	{ "beside what it sets",
	  2,
	  { { "vms/a/nic", "n" } },
	  STEPS,
	  TOP VMS FIRST SECOND "      vms/a/nic: n\n" THIRD FOURTH },
	{ "in braces",
	  3,
	  { { "vms/c/nic", "n" } },
	  STEPS,
	  TOP VMS FIRST SECOND
	  "  - { name: three, set: { vms/b/subnet: v/r, vms/c/nic: n } }\n" FOURTH },
	{ "in a step that sets nothing",
	  4,
	  { { "timers", "azure" }, { "vms/a", "v/r" } },
	  STEPS,
	  TOP VMS FIRST SECOND THIRD FOURTH "    set:\n      timers: azure\n      vms/a: v/r\n" },
	{ "taken away in a step",
	  2,
	  { { "vms/a", NULL } },
	  STEPS,
	  TOP VMS FIRST SECOND "      vms/a: null\n" THIRD FOURTH },
	{ "what the step itself made",
	  2,
	  { { "vms/c", NULL } },
	  STEPS,
	  TOP VMS FIRST "  - name: two\n    set:\n      timers: azure\n" THIRD FOURTH },
	{ "what it had changed",
	  3,
	  { { "vms/b/subnet", "v/s" } },
	  STEPS,
	  TOP VMS FIRST SECOND "  - { name: three, set: { vms/b/subnet: v/s } }\n" FOURTH },
	{ "what it had changed, taken away",
	  3,
	  { { "vms/b", NULL } },
	  STEPS,
	  TOP VMS FIRST SECOND
	  "  - { name: three, set: { vms/b/subnet: v/r, vms/b: null } }\n" FOURTH },
	{ "made and taken away in a step",
	  3,
	  { { "vms/d", "v/s" }, { "vms/d", NULL } },
	  TOP VMS FIRST SECOND "  - name: four\n    set: { timers: azure }\n",
	  TOP VMS FIRST SECOND "  - name: four\n    set: { timers: azure }\n" },
	{ "what is set behind it would undo it",
	  2,
	  { { "vms/c", "v/r" } },
	  TOP VMS FIRST "  - { name: two, set: { vms/c: v/s, vms/c/nic: n } }\n",
	  TOP VMS FIRST "  - { name: two, set: { vms/c/nic: n, vms/c: v/r } }\n" },
	{ "with a name that is escaped",
	  2,
	  { { "vms/a~1/subnet", "v/s" } },
	  TOP VMS FIRST "  - { name: two, set: {} }\n",
	  NULL },
	{ "what cannot be said on the way",
	  4,
	  { { "vms/d/subnet", "v/r" }, { "vms/d/subnet", NULL }, { "vms/d/subnet", "v/s" } },
	  STEPS,
	  TOP VMS FIRST SECOND THIRD FOURTH "    set:\n      vms/d/subnet: v/s\n" },
	{ "a key of a short form, made and taken away in a step",
	  2,
	  { { "vms/a/nic", "n" }, { "vms/a/nic", NULL } },
	  STEPS,
	  STEPS },
	/* refused */
	{ "a step that goes on from it",
	  1,
	  { { "virtual_networks/v/subnets/r", NULL } },
	  STEPS,
	  NULL },
	{ "a value that cannot stand there", 1, { { "vms/b/nic", "n # why" } }, STEPS, NULL },
	{ "a state that is not valid", 1, { { "vms/b/subnet", "v/none" } }, STEPS, NULL },
	{ "an unknown key", 2, { { "vms/b/sub", "v/s" } }, STEPS, NULL },
	{ "what is the same in every state", 2, { { "steps/0/name", "x" } }, STEPS, NULL },
	{ "what is not there", 2, { { "vms/none", NULL } }, STEPS, NULL },
	{ "an alias",
	  0,
	  { { "vms/b/nic", "n" } },
	  TOP "vms: { a: &x { subnet: v/s }, b: *x }\n",
	  NULL },
	{ "a step that is not there", 9, { { "timers", "azure" } }, STEPS, NULL },
};

static void files_say_what_was_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err err = { 0 };
		size_t count = 0;
		char *after;

		while (count < ARRAY_SIZE(cases[i].changes) && cases[i].changes[count].path)
			count++;
		after = save(cases[i].before, cases[i].step, cases[i].changes, count, &err);
		if (cases[i].after && !after) {
			fail_msg("%s: %s", cases[i].name, err.text);
			return; /* does not come here */
		}
		if (!cases[i].after && after)
			fail_msg("%s: is not refused, but gives:\n%s", cases[i].name, after);
		if (after && cases[i].after && strcmp(after, cases[i].after) != 0)
			fail_msg("%s:\n%s---- but is:\n%s", cases[i].name, cases[i].after, after);
		free(after);
	}
}

static void a_refusal_names_the_place(void **state)
{
	static const struct {
		unsigned step;
		struct change_text change;
		const char *words;
	} refusals[] = {
		{ 1,
		  { "vms/b/nic", "n # why" },
		  "vms/b/nic: lab.yaml: the file would not say what is wanted afterwards: edit it "
		  "by "
		  "hand" },
		{ 2,
		  { "vms/none", NULL },
		  "vms/none: lab.yaml: the file would not say what is wanted afterwards: edit it "
		  "by "
		  "hand" },
		{ 1, { "vms/none", NULL }, "vms/none: lab.yaml has no 'none'" },
		{ 1,
		  { "virtual_networks/v/subnets/r", NULL },
		  "the file would not be valid afterwards: in step 3: there is no subnet "
		  "of 'v' named 'r'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct err err = { 0 };

		assert_null(save(STEPS, refusals[i].step, &refusals[i].change, 1, &err));
		assert_true(err.code < 0);
		assert_string_equal(err.text, refusals[i].words);
	}
}

static void a_change_that_lasts_only_in_part_is_not_saved(void **state)
{
	static const struct change_text changes[] = { { "timers", "azure" },
						      { "vms/b/nic", "n # why" } };
	struct err err = { 0 };

	(void)state;
	assert_null(save(STEPS, 1, changes, 2, &err));
	assert_memory_equal(err.text, "vms/b/nic: ", 11);
}

/* ---- at random ---- */

/* A machine in its short form is the same as one in its long form. */
static void lengthen(json_t *vms)
{
	const char *name;
	json_t *vm;

	json_object_foreach(vms, name, vm) {
		if (json_is_string(vm) && *json_string_value(vm))
			(void)json_object_set_new(vms, name, json_pack("{s:O}", "subnet", vm));
	}
}

/* The lab's tree without its steps, in order; NULL when the state is not valid. */
static char *text_of_state(const char *text, unsigned step, const struct change_text *changes,
			   size_t count)
{
	struct lab_state state = { step, changes, count };
	struct diags diags = { 0 };
	struct lab *lab = lab_parse_at(text, strlen(text), "lab.yaml", &state, &diags);
	json_t *model = lab ? doc_model(lab->root, true) : NULL;
	char *printed = NULL;

	(void)json_object_del(model, "steps");
	lengthen(json_object_get(model, "vms"));
	if (model)
		printed = json_dumps(model, 0);
	json_decref(model);
	lab_free(lab);
	diags_fini(&diags);
	return printed;
}

struct lines {
	const char *at[400];
	size_t len[400];
	size_t count;
};

static struct lines lines_of(const char *text)
{
	struct lines lines = { .count = 0 };

	while (*text) {
		size_t len = strcspn(text, "\n");

		assert_true(lines.count < ARRAY_SIZE(lines.at));
		lines.at[lines.count] = text;
		lines.len[lines.count++] = len;
		text += len + (text[len] == '\n');
	}
	return lines;
}

/* How many lines of `a` are no longer there, in order. */
static size_t count_lost(const char *a, const char *b)
{
	struct lines x = lines_of(a), y = lines_of(b);
	size_t(*same)[400] = calloc(400, sizeof(*same)), common;

	assert_non_null(same);
	for (size_t i = 0; i < x.count; i++)
		for (size_t n = 0; n < y.count; n++) {
			size_t up = i ? same[i - 1][n] : 0, left = n ? same[i][n - 1] : 0;
			size_t both = (i && n ? same[i - 1][n - 1] : 0) + 1;
			bool is_same = x.len[i] == y.len[n] && !memcmp(x.at[i], y.at[n], x.len[i]);

			same[i][n] = is_same ? both : up > left ? up : left;
		}
	common = x.count && y.count ? same[x.count - 1][y.count - 1] : 0;
	free(same);
	return x.count - common;
}

/* Each comment to the end of its line, one after the other. */
static char *comments_of(const char *text)
{
	char *comments = calloc(strlen(text) + 1, 1), *to = comments;

	assert_non_null(comments);
	for (const char *c = strchr(text, '#'); c; c = strchr(c, '#')) {
		size_t len = strcspn(c, "\n");

		memcpy(to, c, len);
		to += len;
		c += len;
	}
	return comments;
}

/* What a person may set, with %u for anything. */
struct choice_of {
	const char *path;
	const char *values[4]; /* NULL: taken away */
};

static const struct choice_of hybrid_choices[] = {
	{ "route_servers/az-hub-rs/hub_routing_preference",
	  { "VpnGateway", "ASPath", NULL, "'ExpressRoute'" } },
	{ "route_servers/az-hub-rs/bgp_connections/nva%u",
	  { "{ peer_ip: 10.0.0.1%u, peer_asn: 65001 }", NULL, NULL, NULL } },
	{ "nvas/branch-opnnva/bgp/neighbors/instance0/prepend", { "4", "%u", NULL, "0" } },
	{ "nvas/branch-opnnva/bgp/networks",
	  { "[10.100.0.0/24, 10.%u.0.0/16]", "10.100.0.0/24", NULL, NULL } },
	{ "virtual_network_gateways/az-hub-vpngw/bgp_settings/bgp_peering_address",
	  { "[10.0.0.46, 10.0.0.47]", "[10.0.0.58, 10.0.0.59]", NULL, NULL } },
	{ "connections/az-hub-to-branch-conn/shared_key", { "k%u", "'k%u'", "abc", "x%u" } },
	{ "connections/more%u",
	  { "{ gateway: az-hub-ergw, circuit: branch-er-circuit }", NULL, NULL, NULL } },
};

static const struct choice_of vpner_choices[] = {
	{ "timers", { "azure", "fast", "'azure'", "azure" } },
	{ "location", { "westus", "\"east us\"", NULL, "eastus" } },
	{ "vms/new%u", { "az-hub-vnet/subnet1", "{ subnet: az-spk1-vnet/subnet1 }", NULL, "~" } },
	{ "vms/new%u/nic", { "n%u", "'n%u'", NULL, "m%u" } },
	{ "vms/az-spk2-lxvm", { NULL, "az-hub-vnet/subnet1", "", NULL } },
	{ "vms/az-spk1-lxvm/private_ip_address",
	  { "10.0.1.%u0", "10.0.1.1%u", NULL, "10.0.1.2%u" } },
	{ "VMS/branch-vm1/NIC", { "n%u", "'m%u'", "k%u", NULL } },
	{ "virtual_networks/extra%u",
	  { "{ address_prefixes: 10.2%u.0.0/16 }",
	    "{ address_prefixes: [10.2%u.0.0/16], subnets: { s: 10.2%u.0.0/24 } }", NULL, NULL } },
	{ "virtual_networks/extra%u/location", { "westus", "eastus", NULL, "x" } },
	{ "virtual_networks/extra%u/subnets/t%u",
	  { "10.2%u.1%u.0/24", "10.2%u.2%u.0/24", NULL, NULL } },
	{ "virtual_networks/az-hub-vnet/subnets/more",
	  { "10.0.0.64/27", "10.0.0.96/27", NULL, NULL } },
	{ "virtual_networks/az-hub-vnet/address_prefixes",
	  { "[10.0.0.0/24, 10.50.%u.0/24]", "10.0.0.0/24", "10.0.0.0/24", "[10.0.0.0/24]" } },
	{ "virtual_networks/az-hub-vnet/address_prefixes/1",
	  { "10.51.%u.0/24", NULL, "10.51.%u.0/24", NULL } },
	{ "virtual_networks/branch-vnet/subnets/Trusted-Subnet/address_prefix",
	  { "10.100.0.16/28", "10.100.0.16/29", "10.100.0.16/28", "10.100.0.16/29" } },
	{ "connections/azure-er-circuit-conn-az-hub/routing_weight", { "%u", "1%u", NULL, "2%u" } },
	{ "providers/megaport-mcr/links/0/delay_ms", { "%u", "1.%u", NULL, "3%u" } },
	{ "providers/megaport-mcr/links/1/loss_percent", { "%u", "0.%u", NULL, "3%u" } },
	{ "providers/megaport-mcr/links/2/branch", { "shop", "shop", NULL, "shop" } },
	{ "providers/megaport-mcr/links/2",
	  { "{ branch: shop }", NULL, "{ branch: shop }", NULL } },
	{ "branches/shop",
	  { "{ asn: 65010 }", "{ asn: 6501%u, announce: [ 192.168.%u.0/24 ] }", NULL, NULL } },
	{ "branches/shop/asn", { "65010", "65011", "65012", "6501%u" } },
	{ "express_route_circuits/azure-er-circuit/sku_tier",
	  { "Premium", "Standard", NULL, "premium" } },
};

static const struct choice_of steps_choices[] = {
	{ "timers", { "azure", "fast", "'azure'", NULL } },
	{ "vms/c", { "v/s", "v/r", NULL, "{ subnet: v/r }" } },
	{ "vms/c/nic", { "n", "m", NULL, "k" } },
	{ "vms/d", { "v/s", "v/r", NULL, "{ subnet: v/r }" } },
	{ "vms/d/nic", { "n%u", "m", NULL, "k" } },
	{ "vms/d/subnet", { "v/r", "v/s", "v/s", NULL } },
	{ "vms/b/nic", { "o", "p", NULL, "q" } },
	{ "vms/b/subnet", { "v/r", "v/s", "v/s", "V/R" } },
	{ "vms/b", { "v/r", "{ subnet: v/s }", NULL, "v/s" } },
	{ "location", { "westus", "\"east us\"", NULL, "eastus" } },
	{ "virtual_networks/w",
	  { "{ address_prefixes: 10.1.0.0/16 }", "{ address_prefixes: 10.2.0.0/16 }", NULL,
	    NULL } },
	{ "virtual_networks/w/location", { "westus", NULL, "eastus", "x" } },
};

static void fill(char *out, size_t size, const char *pattern)
{
	size_t len = 0;

	out[0] = '\0';
	for (; *pattern && len + 2 < size; pattern++) {
		bool is_any = pattern[0] == '%' && pattern[1] == 'u';

		out[len++] = is_any ? (char)('1' + rand() % 3) : *pattern;
		pattern += is_any;
	}
	out[len] = '\0';
}

#define CHANGES_MAX 5

struct change_set {
	char paths[CHANGES_MAX][100], values[CHANGES_MAX][200];
	struct change_text changes[CHANGES_MAX];
	size_t count;
};

/* Changes that make a valid state, however many of them it took to find some. */
static char *choose_changes(const char *text, unsigned step, const struct choice_of *choices,
			    size_t choice_count, struct change_set *set)
{
	size_t wanted = 1 + (size_t)rand() % CHANGES_MAX;
	char *last = text_of_state(text, step, NULL, 0), *state;

	assert_non_null(last);
	set->count = 0;
	for (int tries = 0; tries < 200 && set->count < wanted; tries++) {
		const struct choice_of *choice = &choices[(size_t)rand() % choice_count];
		const char *value = choice->values[rand() % 4];
		size_t i = set->count;

		fill(set->paths[i], sizeof(set->paths[i]), choice->path);
		if (value)
			fill(set->values[i], sizeof(set->values[i]), value);
		set->changes[i] =
			(struct change_text){ set->paths[i], value ? set->values[i] : NULL };
		/* one after the other, as commands do; sometimes two at once */
		state = text_of_state(text, step, set->changes, i + 1);
		if (!state && i + 1 < wanted && rand() % 4 == 0)
			set->count++;
		if (!state)
			continue;
		set->count = i + 1;
		free(last);
		last = state;
	}
	free(last);
	return text_of_state(text, step, set->changes, set->count);
}

static void print_changes(const struct change_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		(void)fprintf(stderr, "%s = %s\n", set->changes[i].path,
			      set->changes[i].value ? set->changes[i].value : "(nothing)");
}

/* Returns whether it was saved. */
static bool save_at_random(const char *text, unsigned step, const struct choice_of *choices,
			   size_t choice_count)
{
	struct change_set set;
	struct err err = { 0 };
	char *wanted = choose_changes(text, step, choices, choice_count, &set);
	char *saved, *now, *comments, *comments_now;

	if (!wanted) /* two at once that did not come to be valid */
		return true;
	saved = save(text, step, set.changes, set.count, &err);
	if (!saved) {
		bool is_named = strstr(err.text, "would not be valid afterwards") != NULL;

		for (size_t i = 0; i < set.count && !is_named; i++)
			is_named = !strncmp(err.text, set.changes[i].path,
					    strlen(set.changes[i].path));
		if (!is_named)
			fail_msg("a refusal that names nothing: %s", err.text);
		free(wanted);
		return false;
	}
	now = text_of_state(saved, step, NULL, 0);
	comments = comments_of(text);
	comments_now = comments_of(saved);
	if (!now || strcmp(now, wanted) != 0 || strcmp(comments, comments_now) != 0 ||
	    count_lost(text, saved) > set.count) {
		print_changes(&set);
		(void)fputs(saved, stderr);
		fail_msg("at step %u %s\nis wanted, but is\n%s", step, wanted, now ? now : "none");
	}
	free(comments);
	free(comments_now);
	free(now);
	free(wanted);
	free(saved);
	return true;
}

static void random_changes_are_saved_and_nothing_else_is_touched(void **state)
{
	char *vpner = read_file("tests/golden/express_route.yaml", NULL);
	char *hybrid = read_file("tests/golden/hybrid.yaml", NULL);
	unsigned refused = 0;

	(void)state;
	srand(12);
	for (int i = 0; i < 500; i++)
		refused += !save_at_random(vpner, 0, vpner_choices, ARRAY_SIZE(vpner_choices));
	for (int i = 0; i < 100; i++)
		refused += !save_at_random(hybrid, 0, hybrid_choices, ARRAY_SIZE(hybrid_choices));
	assert_true(refused < 30);
	free(hybrid);
	free(vpner);
}

static void random_changes_are_saved_in_steps(void **state)
{
	/* no comment stands where a change may take it away */
	static const char text[] =
		TOP "vms:\n  a: v/s # the first\n\n  # before b\n  b: { subnet: v/s }\n" FIRST
		    "  # the second one\n  - name: two # 2\n    set:\n      vms/c: v/s\n"
		    "      timers: azure\n" THIRD FOURTH;
	unsigned refused[5] = { 0 };

	(void)state;
	srand(13);
	for (unsigned step = 1; step <= 4; step++) {
		for (int i = 0; i < 500; i++)
			refused[step] += !save_at_random(text, step, steps_choices,
							 ARRAY_SIZE(steps_choices));
		if (refused[step] >
		    (step == 1 ? 400 : 25)) /* the first is what others go on from */
			fail_msg("step %u: %u are refused", step, refused[step]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_say_what_was_changed),
		cmocka_unit_test(a_refusal_names_the_place),
		cmocka_unit_test(a_change_that_lasts_only_in_part_is_not_saved),
		cmocka_unit_test(random_changes_are_saved_and_nothing_else_is_touched),
		cmocka_unit_test(random_changes_are_saved_in_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
