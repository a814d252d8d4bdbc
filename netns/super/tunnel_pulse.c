/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dead-peer detection of a second that is one. charon's clock has whole seconds: with a dpd_delay
 * of 1 s it asks a silent peer one to two seconds after its last packet, and gives up 0.45 s later.
 * So with fast timers the packets of each tunnel are looked at ten times a second. Where eight
 * looks find nothing new from the other end while we sent something, charon is told to renew the
 * ESP SA: of the exchanges that vici can begin the smallest, and as good a question as its own. A
 * peer that lives answers and no packet is lost; of one that does not, charon says so.
 */
#include "netns/super/tunnels_parts.h"

#include "lab/render/strongswan_conf.h"

#define SILENT_NS      (8 * TUNNEL_PULSE_NS)
#define NEXT_NS        1000000000ull /* until a peer that answered is asked again, doubled each time */
#define DOUBLINGS_MOST 6

static void ask(struct tunnel *tunnel)
{
	struct vici_writer message = { 0 };

	vici_put(&message, "child", STRONGSWAN_CHILD);
	vici_request(tunnel->vici, "rekey", &message, NULL);
}

void tunnel_take_pulse(struct tunnel *tunnel, uint64_t now_ns)
{
	struct pulse *pulse = &tunnel->pulse;

	if (tunnel->total.packets_in != pulse->packets_in || !pulse->heard_ns) {
		*pulse = (struct pulse){ .heard_ns = now_ns,
					 .packets_in = tunnel->total.packets_in,
					 .packets_out = tunnel->total.packets_out };
		return;
	}
	if (tunnel->total.packets_out == pulse->packets_out ||
	    now_ns - pulse->heard_ns < SILENT_NS || now_ns < pulse->again_ns)
		return;
	pulse->again_ns = now_ns + (NEXT_NS << pulse->questions);
	pulse->packets_out = tunnel->total.packets_out;
	if (pulse->questions < DOUBLINGS_MOST)
		pulse->questions++;
	ask(tunnel);
}
