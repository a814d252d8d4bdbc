/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/guest_watch.h"

#include "lab/base/macros.h"
#include "lab/model/topology.h"
#include "netns/kernel/arp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASK_NS 500000000u

struct guest_watch {
	struct loop *loop;
	struct engine_client *engine;
	char ns[128], port[IFNAME_SIZE];
	struct ip address, router;
	guest_answers_fn *fn; /* NULL: nobody wants to know any more */
	void *arg;
	bool is_opening; /* the engine has its wish for a socket */
	int fd;
	struct loop_fd *heard;
	struct loop_timer *next;
};

static void drop(struct guest_watch *w)
{
	loop_fd_free(w->heard);
	engine_client_close(w->engine, w->fd);
	w->heard = NULL;
	w->fd = -1;
}

static void readable(void *arg, unsigned events, uint64_t now_ns)
{
	struct guest_watch *w = arg;

	(void)events;
	(void)now_ns;
	if (!arp_heard(w->fd, w->address))
		return;
	loop_timer_cancel(w->next);
	drop(w);
	w->fn(w->arg);
}

static void got_socket(void *arg, size_t tag, int fd, const struct err *err)
{
	struct guest_watch *w = arg;

	(void)tag;
	(void)err; /* the next time then: an engine that died is replaced, a port made anew */
	w->is_opening = false;
	if (!w->fn || fd < 0 || arp_hear(fd, w->port, NULL)) {
		engine_client_close(w->engine, fd);
		if (!w->fn)
			free(w);
		return;
	}
	w->fd = fd;
	w->heard = loop_fd_new(w->loop, fd, LOOP_READ, readable, w, "guest's ARP");
	arp_ask(fd, azure_mac, w->router, w->address);
}

static void ask(void *arg, uint64_t now_ns)
{
	struct guest_watch *w = arg;

	(void)now_ns;
	loop_timer_set(w->next, ASK_NS);
	if (w->fd >= 0) {
		arp_ask(w->fd, azure_mac, w->router, w->address);
	} else if (!w->is_opening) {
		w->is_opening = true;
		engine_client_socket(w->engine, w->ns, ENGINE_SOCKET_FRAMES, got_socket, w, 0);
	}
}

struct guest_watch *guest_watch_new(struct loop *loop, struct engine_client *engine, const char *ns,
				    const char *port, struct ip address, struct ip router,
				    guest_answers_fn *fn, void *arg)
{
	struct guest_watch *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	*w = (struct guest_watch){ .loop = loop,
				   .engine = engine,
				   .address = address,
				   .router = router,
				   .fn = fn,
				   .arg = arg,
				   .fd = -1 };
	(void)snprintf(w->ns, sizeof(w->ns), "%s", ns);
	(void)snprintf(w->port, sizeof(w->port), "%s", port);
	w->next = loop_timer_new(loop, ask, w, "guest's ARP");
	loop_timer_set(w->next, 0);
	return w;
}

void guest_watch_free(struct guest_watch *w)
{
	if (!w)
		return;
	loop_timer_free(w->next);
	w->next = NULL;
	drop(w);
	w->fn = NULL;
	if (!w->is_opening)
		free(w);
}
