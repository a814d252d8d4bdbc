/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app/scene.h"

#include "lab/snapshot/snapshot_copy.h"
#include "tui/cli/cli.h"

#include <time.h>

void scene_set_time(struct scene *scene)
{
	struct timespec now;
	struct tm tm;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	scene->now = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	scene->utc_offset_s = localtime_r(&now.tv_sec, &tm) ? tm.tm_gmtoff : 0;
}

void scene_list_commands(struct scene *scene, struct word_row words[SCENE_WORDS_MAX])
{
	for (size_t i = 0; commands[i] && scene->command_count < SCENE_WORDS_MAX; i++) {
		if (commands[i]->is_hidden || commands[i]->is_screen)
			continue;
		words[scene->command_count++] =
			(struct word_row){ commands[i]->name, commands[i]->arguments,
					   commands[i]->words };
	}
	scene->commands = words;
}

void scene_held_fini(struct scene_held *held)
{
	graph_free(held->graph);
	arena_free(held->arena);
	*held = (struct scene_held){ 0 };
}

void scene_hold(struct screen *screen, struct scene_held *held)
{
	struct err err = { 0 };

	if (screen->is_frozen == (held->arena != NULL))
		return;
	if (screen->is_frozen) {
		held->arena = arena_new();
		screen->scene.snapshot = snapshot_copy(&screen->scene.snapshot, held->arena);
		if (screen->scene.graph)
			held->graph = graph_of_file(screen->scene.snapshot.file, GRAPH_FOLD, &err);
		screen->scene.graph = held->graph;
		screen_settle(screen);      /* it points into what was copied */
		screen->scene.model = NULL; /* it goes with what it was made from */
		return;
	}
	screen->scene.snapshot = (struct snapshot){ 0 };
	screen->scene.graph = NULL;
	scene_held_fini(held);
}

void scene_parts_fini(struct scene_parts *parts)
{
	arena_free(parts->heat);
	*parts = (struct scene_parts){ 0 };
}

static void take_mesh(struct scene *scene, const struct feed_mesh *mesh)
{
	scene->mesh = (struct mesh_scene){ .seen = mesh->seen,
					   .seen_at = mesh->seen_at,
					   .is_running = mesh->is_running,
					   .decided = mesh->decided,
					   .pairs = mesh->pairs,
					   .error = *mesh->error ? mesh->error : NULL };
}

static void make_heat(struct screen *screen, struct scene_parts *parts, unsigned probes_version)
{
	struct scene *scene = &screen->scene;
	const struct snapshot_mesh *mesh = scene->shows_mesh ? scene->mesh.seen : NULL;

	scene_parts_fini(parts);
	scene->heat = NULL;
	if (screen->view != &view_matrix)
		return;
	parts->heat = arena_new();
	parts->is_mesh = scene->shows_mesh;
	parts->mesh = mesh;
	parts->probes_version = probes_version;
	if (mesh)
		scene->heat = heat_of_mesh(mesh, parts->heat);
	else if (!scene->shows_mesh && scene->snapshot.probes)
		scene->heat = heat_of_probes(scene->snapshot.probes, parts->heat);
}

/* Is it of something else than what is looked at? It may be of what the probes were. */
static bool is_other_heat(const struct screen *screen, const struct scene_parts *parts)
{
	const struct scene *scene = &screen->scene;
	bool is_shown = screen->view == &view_matrix;

	return (parts->heat != NULL) != is_shown ||
	       (is_shown && (parts->is_mesh != scene->shows_mesh ||
			     (parts->is_mesh && parts->mesh != scene->mesh.seen)));
}

void scene_complete(struct screen *screen, struct scene_parts *parts, const struct feed *feed)
{
	unsigned version = feed ? feed_probes_version(feed) : 0;

	if (parts->heat && !parts->is_mesh && parts->probes_version != version) {
		make_heat(screen, parts, version);
		screen_settle(screen);
	}
}

/* Of a topic that is of the lab. */
static const char *if_wanted(bool is_wanted)
{
	return is_wanted ? "" : NULL;
}

void scene_follow(struct screen *screen, struct scene_parts *parts, struct feed *feed)
{
	static const struct feed_mesh no_mesh;

	if (screen->is_frozen && feed) {
		screen->heard_at = feed_heard_at(feed);
		return;
	}
	if (feed &&
	    !screen_map(screen)) /* first: a verdict on another flow is no news of this one */
		feed_watch(feed, FEED_PATH, screen_path(screen));
	screen->is_frozen = false;
	screen->scene.snapshot = feed ? *feed_snapshot(feed) : (struct snapshot){ 0 };
	screen->scene.model = feed && screen_wants_model(screen) ? feed_model(feed) : NULL;
	take_mesh(&screen->scene, feed ? feed_mesh(feed) : &no_mesh);
	if (is_other_heat(screen, parts))
		make_heat(screen, parts, feed ? feed_probes_version(feed) : 0);
	screen->scene.graph = feed && screen_map(screen) ? feed_graph(feed) : NULL;
	screen_settle(screen);
	if (!feed)
		return;
	feed_watch(feed, FEED_ROUTES, screen_nic(screen));
	feed_watch(feed, FEED_WHY, screen_why(screen));
	feed_watch(feed, FEED_NSG, screen_security(screen));
	feed_watch(feed, FEED_FLOWS, screen_security(screen));
	feed_watch(feed, FEED_VERDICT, screen_question(screen));
	feed_watch(feed, FEED_BGP, screen_gateway(screen));
	feed_watch(feed, FEED_HISTORY, if_wanted(screen_history(screen)));
	feed_watch(feed, FEED_LOGS, if_wanted(screen_logs(screen)));
	feed_watch(feed, FEED_LOG, screen_log(screen));
	feed_watch(feed, FEED_TUNNELS, if_wanted(screen_gateway(screen) || screen_map(screen)));
	feed_watch(feed, FEED_SESSIONS, if_wanted(screen_map(screen)));
	feed_watch(feed, FEED_TRAFFIC, if_wanted(screen_map(screen)));
	if (screen_map(screen))
		feed_watch(feed, FEED_PATH, screen_map_path(screen));
	screen->scene.snapshot = *feed_snapshot(feed); /* what another was watched by is gone */
	feed_watch(feed, FEED_ADVERTISED, screen_advertised(screen));
	feed_watch_probes(feed, screen_probes_of(screen));
	feed_watch_test(feed, screen_wants_test(screen));
	screen->scene.snapshot = *feed_snapshot(feed);
	screen_settle(screen); /* what it points into may have been let go */
	screen->heard_at = feed_heard_at(feed);
}
