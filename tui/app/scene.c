/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app/scene.h"

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

void scene_follow(struct screen *screen, struct feed *feed)
{
	screen->scene.snapshot = feed ? *feed_snapshot(feed) : (struct snapshot){ 0 };
	screen->scene.model = feed && screen_wants_model(screen) ? feed_model(feed) : NULL;
	screen_settle(screen);
	if (!feed)
		return;
	feed_watch_nic(feed, screen_nic(screen));
	feed_watch_why(feed, screen_why(screen));
	feed_watch_security(feed, screen_security(screen));
	feed_watch_verdict(feed, screen_question(screen));
	feed_watch_bgp(feed, screen_gateway(screen));
	feed_watch_tunnels(feed, screen_gateway(screen) != NULL);
	screen->scene.snapshot = *feed_snapshot(feed); /* what another was watched by is gone */
	feed_watch_advertised(feed, screen_advertised(screen));
	feed_watch_probes(feed, screen_probes_of(screen));
	feed_watch_test(feed, screen_wants_test(screen));
	screen->scene.snapshot = *feed_snapshot(feed);
	screen->heard_at = feed_heard_at(feed);
}
