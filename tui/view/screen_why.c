/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/screen_why.h"

#include "tui/view/screen_parts.h"

#include <stdio.h>
#include <string.h>

static void show_flow(struct screen *s, const char *question)
{
	(void)snprintf(s->scene.asked, sizeof(s->scene.asked), "%s", question);
	s->scene.why_news = (struct why_news){ 0 };
	screen_show_anew(s, &view_why);
}

static bool flow_question(const struct screen *s, char *text, size_t size)
{
	const struct view_state *v = screen_state(s);
	const struct snapshot_flow *flow;

	if (s->view == &view_probes)
		return view_probes_question(&s->scene, v, text, size);
	if (s->view == &view_matrix)
		return view_matrix_question(&s->scene, v, text, size);
	flow = s->view == &view_security ? view_security_flow(&s->scene, v) : NULL;
	return flow && view_flow_question(flow, text, size);
}

void screen_ask(struct screen *s, const char *machine)
{
	char text[LINE_SIZE];

	if (s->view == &view_why) {
		screen_edit_question(s);
	} else if (flow_question(s, text, sizeof(text))) {
		show_flow(s, text);
	} else if (machine && s->view != &view_matrix && s->view != &view_gateways) {
		(void)snprintf(text, sizeof(text), "why %s ", machine);
		screen_type_command(s, text);
		screen_say(s, STYLE_DIM,
			   "to where? Tab completes; icmp, http, tcp:PORT or "
			   "udp:PORT behind it");
	} else {
		screen_say(s, STYLE_DIM,
			   "no flow is selected: 1, 3 and 5 have some, and 6 asks for one");
	}
}

void screen_edit_question(struct screen *s)
{
	char text[LINE_SIZE];

	(void)snprintf(text, sizeof(text), "why %.230s", s->scene.asked);
	screen_type_command(s, text);
}

/* ---- changes ---- */

/* Nothing of it may be cut off. */
static void type_whole(struct screen *s, const char *command, const char *words)
{
	char text[LINE_SIZE];

	if (snprintf(text, sizeof(text), "%s %s", command, words) < (int)sizeof(text))
		screen_type_command(s, text);
	else
		screen_say(s, STYLE_BAD,
			   "too long for this line: hublab why prints it for a shell");
}

static void type_mend(struct screen *s, const char *command)
{
	const struct mend *mend = view_why_mend(&s->scene);
	struct arena *arena = arena_new();

	type_whole(s, command, mend ? path_mend_words(mend, arena) : "");
	arena_free(arena);
}

void screen_type_whatif(struct screen *s)
{
	type_mend(s, "whatif");
}

bool screen_type_change(struct screen *s)
{
	static const char whatif[] = "whatif ";
	const struct printed *output = &s->scene.output;

	if (s->view == &view_output && output->title && !output->code &&
	    !strncmp(output->title, whatif, strlen(whatif)) && !strstr(output->title, "--apply"))
		type_whole(s, "whatif --apply", output->title + strlen(whatif));
	else if (s->view == &view_why && view_why_mend(&s->scene))
		type_mend(s, "set");
	else
		return false;
	return true;
}

/* ---- all pairs ---- */

void screen_next_matrix(struct screen *s)
{
	struct mesh_scene *mesh = &s->scene.mesh;

	if (s->view == &view_probes) {
		s->scene.shows_mesh = false;
		screen_show_anew(s, &view_matrix);
	} else if (s->view != &view_matrix) {
		screen_say(s, STYLE_DIM, "m is about probes: 5 shows them");
	} else if (!s->scene.shows_mesh && (mesh->seen || mesh->is_running)) {
		s->scene.shows_mesh = true;
		screen_show_anew(s, &view_matrix);
	} else {
		screen_show(s, &view_probes);
	}
}

struct effect screen_ask_mesh(struct screen *s, const char *protocol)
{
	struct effect effect = { EFFECT_MESH, "", NULL };

	(void)snprintf(effect.text, sizeof(effect.text), "%s", protocol);
	s->scene.shows_mesh = true;
	if (s->view != &view_matrix)
		screen_show_anew(s, &view_matrix);
	return effect;
}

/* ---- lines ---- */

bool screen_take_line(struct screen *s, const char *line, struct effect *effect)
{
	char command[8], words[3][100] = { "", "", "icmp" }, more[2];
	int count =
		sscanf(line, "%7s %99s %99s %99s %1s", command, words[0], words[1], words[2], more);
	char question[400];

	for (int i = 0; i < 3; i++)
		if (*words[i] == '-') /* the command has options, the screen has none */
			return false;
	if (count >= 3 && count <= 4 && !strcmp(command, "why")) {
		(void)snprintf(question, sizeof(question), "%s %s %s", words[0], words[1],
			       words[2]);
		show_flow(s, question);
		return true;
	}
	if (count >= 1 && count <= 2 && !strcmp(command, "mesh")) {
		*effect = screen_ask_mesh(s, count == 2 ? words[0] : "icmp");
		return true;
	}
	return false;
}

void screen_note_verdict(struct screen *s)
{
	struct why_verdict verdict = view_why_verdict(&s->scene);
	struct why_news *news = &s->scene.why_news;

	if (!s->scene.snapshot.path || verdict.style == STYLE_WAITING)
		return;
	if (news->words && strcmp(news->words, verdict.words) != 0) {
		news->before = news->words;
		news->at = s->scene.now;
	}
	news->words = verdict.words;
}
