/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The form of a new lab: what `hublab new` asks, with an address plan that is proposed and can be
 * changed, and beside it what comes of it.
 */
#include "tui/view/build.h"

#include "lab/base/macros.h"

#include <stdio.h>
#include <string.h>

#define PICTURE_COLS 30
#define COLS_BOTH    76 /* the form and the picture */

static const char *const no_and_yes[] = { "no", "yes" };

static const struct {
	int id;
	enum form_kind kind;
	const char *label, *help;
} rows[] = {
	{ NEW_LAB_NAME, FORM_TEXT, "Name", "Of the lab: letters, digits, dots, dashes." },
	{ NEW_LAB_LOCATION, FORM_TEXT, "Region", "The Azure region where it all is." },
	{ NEW_LAB_HUB, FORM_TEXT, "Hub", "The hub's address space." },
	{ NEW_LAB_SPOKES, FORM_TEXT, "Spokes", "How many. Each is as large as the hub." },
	{ BUILD_NEW_SPACES, FORM_TEXT, "Spokes' spaces",
	  "The address plan: one address space a spoke, with commas between them." },
	{ NEW_LAB_SPOKE_VMS, FORM_TEXT, "VMs a spoke", "How many each spoke has." },
	{ NEW_LAB_NVA, FORM_CHOICE, "NVA",
	  "An NVA in the hub, through which spokes reach each other." },
	{ NEW_LAB_EXPRESS_ROUTE, FORM_CHOICE, "ExpressRoute",
	  "A gateway, its circuit with two MSEEs, and the provider's router." },
	{ NEW_LAB_VPN, FORM_CHOICE, "VPN", "An active-active VPN gateway with BGP." },
	{ NEW_LAB_ROUTE_SERVER, FORM_CHOICE, "Route Server",
	  "In the hub: the NVA announces to it, in the place of route tables, and gateways hear of "
	  "each other." },
	{ NEW_LAB_BRANCH, FORM_CHOICE, "Branch",
	  "On-premises, joined by what there is: ExpressRoute, a VPN with two tunnels, or both. "
	  "Without either ExpressRoute comes with it." },
	{ NEW_LAB_ON_PREMISES, FORM_TEXT, "Branch's space", "The branch's address space." },
	{ BUILD_NEW_FILE, FORM_TEXT, "File", "The lab file that is written." },
	{ BUILD_NEW_START, FORM_BUTTON, "Write and start",
	  "Write the file, build the lab, and show it." },
	{ BUILD_NEW_WRITE, FORM_BUTTON, "Write only",
	  "Write the file; Enter in the list starts it." },
};

static void take(struct build *build, enum new_lab_value value, const char *text,
		 struct form_field *field)
{
	struct err err = { 0 };

	if (new_lab_set(&build->lab, value, text, &err))
		(void)snprintf(field->error, sizeof(field->error), "%.*s", FORM_ERROR - 1,
			       err.text);
}

static void print_spaces(const struct new_lab *lab, char *text, size_t size)
{
	size_t len = 0;

	*text = '\0';
	for (unsigned i = 0; i < lab->spoke_count && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s", i ? ", " : "",
					prefix_print(lab->spokes[i]).text);
	if (len >= size) /* more than one can type */
		*text = '\0';
}

/* The count follows from spaces that were typed; else they follow from the count. */
static void update_spokes(struct build *build)
{
	struct form_field *count = form_find(&build->form, NEW_LAB_SPOKES);
	struct form_field *spaces = form_find(&build->form, BUILD_NEW_SPACES);
	char text[LINE_SIZE];

	if (&build->form.fields[build->form.at] == count)
		spaces->is_typed = false;
	if (spaces->is_typed) {
		const char *typed = spaces->line.text;

		take(build, NEW_LAB_SPOKES, *typed ? typed : "0", spaces);
		(void)snprintf(text, sizeof(text), "%u", build->lab.spoke_count);
		if (!*spaces->error)
			line_set(&count->line, text);
		return;
	}
	form_propose(count, new_lab_default(&build->lab, NEW_LAB_SPOKES).text);
	take(build, NEW_LAB_SPOKES, count->line.text, count);
	print_spaces(&build->lab, text, sizeof(text));
	spaces->is_hidden = !*text;
	form_propose(spaces, text);
}

static void update_file(struct build *build)
{
	struct form_field *file = form_find(&build->form, BUILD_NEW_FILE);
	char text[NEW_LAB_TEXT + 8];

	(void)snprintf(text, sizeof(text), "%s.yaml", build->lab.name);
	form_propose(file, text);
	if (!*file->line.text)
		(void)snprintf(file->error, sizeof(file->error), "a file needs a name");
}

void build_new_update(struct build *build)
{
	for (size_t i = 0; i < build->form.count; i++)
		*build->form.fields[i].error = '\0';
	new_lab_init(&build->lab);
	for (int i = 0; i < NEW_LAB_VALUES; i++) {
		enum new_lab_value value = (enum new_lab_value)i;
		struct form_field *field = form_find(&build->form, i);

		/* a branch brings ExpressRoute, so it may always be wanted */
		field->is_hidden = value != NEW_LAB_BRANCH && !new_lab_asks(&build->lab, value);
		if (field->is_hidden)
			continue;
		if (value == NEW_LAB_SPOKES) {
			update_spokes(build);
			continue;
		}
		form_propose(field, new_lab_default(&build->lab, value).text);
		take(build, value, field->line.text, field);
	}
	update_file(build);
}

void build_new_open(struct build *build)
{
	build_close(build);
	build->page = BUILD_NEW;
	form_init(&build->form, "A new lab");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct form_field *field = form_add(&build->form, rows[i].kind, rows[i].id,
						    rows[i].label, rows[i].help);

		if (field->kind == FORM_CHOICE)
			form_choose_from(field, no_and_yes, ARRAY_SIZE(no_and_yes));
	}
	build_new_update(build);
}

/* ---- what comes of it ---- */

struct picture {
	struct grid *g;
	unsigned row;
};

static void put(struct picture *p, enum style style, const char *name, const char *words)
{
	if (p->row >= p->g->rows)
		return;
	(void)grid_put_field(p->g, p->row, 1, 13, style, name);
	(void)grid_put_field(p->g, p->row++, 14, p->g->cols > 14 ? p->g->cols - 14 : 0, STYLE_DIM,
			     words);
}

static void put_space(struct picture *p, const char *name, struct prefix space)
{
	put(p, STYLE_TEXT, name, prefix_print(space).text);
}

static void draw_hub(const struct new_lab *lab, struct picture *p)
{
	const char *bar = p->g->is_ascii ? "|- " : "├─ ";
	char name[32];

	put_space(p, "hub", lab->hub);
	(void)snprintf(name, sizeof(name), "%sVM", bar);
	put(p, STYLE_TEXT, name, "hub-vm");
	(void)snprintf(name, sizeof(name), "%sNVA", bar);
	if (lab->has_nva)
		put(p, STYLE_TEXT, name, "between spokes");
	(void)snprintf(name, sizeof(name), "%sRoute Srv", bar);
	if (lab->has_route_server)
		put(p, STYLE_TEXT, name, "hub-rs");
	(void)snprintf(name, sizeof(name), "%sER", bar);
	if (new_lab_has_express_route(lab))
		put(p, STYLE_TEXT, name, "hub-circuit");
	(void)snprintf(name, sizeof(name), "%sVPN", bar);
	if (lab->has_vpn)
		put(p, STYLE_TEXT, name, new_lab_has_tunnels(lab) ? "2 tunnels" : "no site yet");
}

static void draw_spokes(const struct new_lab *lab, unsigned most, struct picture *p)
{
	const char *bar = p->g->is_ascii ? "|- " : "├─ ";
	char name[32], words[32];

	for (unsigned i = 0; i < lab->spoke_count && i < most; i++) {
		(void)snprintf(name, sizeof(name), "%sspoke%u", bar, i + 1);
		put_space(p, name, lab->spokes[i]);
	}
	if (lab->spoke_count > most) {
		(void)snprintf(words, sizeof(words), "and %u more", lab->spoke_count - most);
		put(p, STYLE_DIM, "", words);
	}
}

static void draw_picture(const struct new_lab *lab, struct grid *g)
{
	struct picture p = { g, 1 };
	unsigned vms = 1 + lab->spoke_count * (lab->spoke_count ? lab->spoke_vms : 0) +
		       new_lab_has_branch(lab);
	unsigned others = 9 + new_lab_has_branch(lab);

	(void)grid_put(g, 0, 1, STYLE_TITLE, "%u VMs, %u virtual network%s", vms,
		       1 + lab->spoke_count + new_lab_has_branch(lab),
		       lab->spoke_count || new_lab_has_branch(lab) ? "s" : "");
	draw_hub(lab, &p);
	draw_spokes(lab, g->rows > others + 2 ? g->rows - others : 2, &p);
	if (new_lab_has_branch(lab))
		put_space(&p, "branch", lab->on_premises);
}

unsigned build_new_cols(unsigned cols)
{
	return cols >= COLS_BOTH ? cols - PICTURE_COLS - 1 : cols;
}

void build_new_draw(const struct build *build, struct grid *g)
{
	bool is_wide = g->cols >= COLS_BOTH;
	unsigned left = build_new_cols(g->cols);
	struct grid form = grid_window(g, 0, 0, g->rows, left), picture;

	form_draw(&build->form, &form);
	if (!is_wide)
		return;
	grid_column_rule(g, left);
	picture = grid_window(g, 0, left + 1, g->rows, PICTURE_COLS);
	draw_picture(&build->lab, &picture);
}
