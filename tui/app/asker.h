/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What the ways of a flow do not say by themselves: what its kernels and a packet say, and what
 * would mend it. Another hublab is asked (`why -o json`), at once and again whenever something
 * happened in the lab, so that nothing here waits for it.
 */
#include "netns/loop/loop.h"
#include "tui/view/screen.h"

struct asker;

/* `on_change`: the screen's scene has another answer. The caller owns it. */
struct asker *asker_new(struct loop *loop, struct screen *screen, void (*on_change)(void *arg),
			void *arg) NODISCARD;
void asker_free(struct asker *asker);
/* The screen or the lab may be another one; before the screen settles. */
void asker_follow(struct asker *asker);
/* To be called on SIGCHLD. */
void asker_reap(struct asker *asker);
