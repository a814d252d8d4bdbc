/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Is a guest up that does not say so? Its port is asked for its address, over and over, until it
 * answers: by ARP, which neither an NSG nor a filter of its own stops.
 */
#include "lab/base/ip.h"
#include "netns/super/engine_client.h"

struct guest_watch;

/* Called once. The watch may be freed in it. */
typedef void guest_answers_fn(void *arg);

/*
 * `port` is an interface of the namespace `ns`, and `router` whose question it is. The caller owns
 * the watch.
 */
struct guest_watch *guest_watch_new(struct loop *loop, struct engine_client *engine, const char *ns,
				    const char *port, struct ip address, struct ip router,
				    guest_answers_fn *fn, void *arg) NODISCARD;
void guest_watch_free(struct guest_watch *watch); /* NULL is fine */
