/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/frames.h"

#include "lab/base/cleanup.h"
#include "netns/kernel/mac_sec.h"
#include "netns/kernel/rtnl_step.h"
#include "netns/kernel/sysctl.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TAG_SIZE 4

enum layer_kind {
	MADE_MAC_SEC,
	MADE_S_TAG,
	MADE_C_TAG,
	MADE_BRIDGE,
};

struct layer {
	enum layer_kind kind;
	struct link_end end;
	uint32_t lower; /* ifindex of what it stands on; 0 of a bridge: nothing */
};

#define LAYERS_MAX 3

struct stack {
	struct layer layers[LAYERS_MAX];
	unsigned count;
};

static const struct frames_end *this_end(const struct frames_work *w)
{
	return w->is_b ? &w->step->frames.b : &w->step->frames.a;
}

static const struct frames_end *other_end(const struct frames_work *w)
{
	return w->is_b ? &w->step->frames.a : &w->step->frames.b;
}

static bool lacks(const struct frames_work *w, const struct frames_end *end)
{
	return (end->mac_sec && !w->has_mac_sec) || ((end->s_tag || end->c_tag) && !w->has_vlan);
}

static void add_layer(struct stack *stack, enum layer_kind kind, struct link_end end)
{
	stack->layers[stack->count++] = (struct layer){ .kind = kind, .end = end };
}

/* From below; the last one is the interface that packets go by. */
static struct stack stack_of(const struct frames_work *w)
{
	const struct frames_end *end = this_end(w);
	uint32_t lower = frames_below(&end->end, LAYER_WIRE).ifindex;
	struct stack stack = { .count = 0 };
	bool is_closed = !w->step->frames.fits && (lacks(w, end) || lacks(w, other_end(w)));

	if (!is_closed && end->mac_sec && w->has_mac_sec)
		add_layer(&stack, MADE_MAC_SEC, frames_below(&end->end, LAYER_MAC_SEC));
	if (!is_closed && end->s_tag && w->has_vlan)
		add_layer(&stack, MADE_S_TAG, frames_below(&end->end, LAYER_S_TAG));
	if (!is_closed && end->c_tag && w->has_vlan)
		add_layer(&stack, MADE_C_TAG, end->end);
	if (!stack.count)
		add_layer(&stack, MADE_BRIDGE, end->end);
	stack.layers[stack.count - 1].end = end->end;
	for (unsigned i = 0; i < stack.count; i++) {
		stack.layers[i].lower = is_closed ? 0 : lower;
		lower = stack.layers[i].end.ifindex;
	}
	return stack;
}

/* ---- messages ---- */

static void add_vlan(struct rtnl_batch *batch, const struct layer *layer, uint16_t tag)
{
	/* it has a carrier when what is below has one, and is up while that is down */
	struct ifla_vlan_flags flags = { VLAN_FLAG_LOOSE_BINDING, VLAN_FLAG_LOOSE_BINDING };
	struct ifinfomsg head = { .ifi_index = (int)layer->end.ifindex,
				  .ifi_flags = IFF_UP,
				  .ifi_change = IFF_UP };
	struct nl_msg *msg = rtnl_batch_begin(batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &head,
					      sizeof(head));
	struct nlattr *info, *data;

	nla_put_string(msg, IFLA_IFNAME, layer->end.name);
	nla_put(msg, IFLA_ADDRESS, MAC_SIZE, layer->end.mac);
	nla_put_u32(msg, IFLA_LINK, layer->lower);
	nla_put_u32(msg, IFLA_MTU,
		    layer->kind == MADE_S_TAG ? ETHERNET_MTU + TAG_SIZE : ETHERNET_MTU);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	nla_put_string(msg, IFLA_INFO_KIND, "vlan");
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	nla_put_u16(msg, IFLA_VLAN_ID, tag);
	nla_put_u16(msg, IFLA_VLAN_PROTOCOL, htons(ETH_P_8021Q)); /* of the outer one too: ENC-03 */
	nla_put(msg, IFLA_VLAN_FLAGS, sizeof(flags), &flags);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
}

static int add_bridge(struct rtnl_batch *batch, const struct layer *layer, uint32_t index,
		      uint32_t *ret_failed, struct err *err)
{
	struct ifinfomsg head = { .ifi_index = (int)layer->lower };
	struct nl_msg *msg = rtnl_bridge_begin(batch, &layer->end);

	nla_put_u32(msg, IFLA_MTU, ETHERNET_MTU);
	if (!layer->lower)
		return 0;
	if (rtnl_batch_end(batch, index, ret_failed, err))
		return err->code;
	msg = rtnl_batch_begin(batch, RTM_NEWLINK, 0, &head, sizeof(head));
	nla_put_u32(msg, IFLA_MASTER, layer->end.ifindex);
	return 0;
}

static void describe_mac_sec(const struct frames_work *w, struct mac_sec *ret_mac_sec)
{
	const struct frames_end *end = this_end(w), *other = other_end(w);

	*ret_mac_sec = (struct mac_sec){ .keys = plan_text(w->plan, end->mac_sec),
					 .cipher = (enum mac_sec_cipher)end->cipher,
					 .sends_sci = end->sends_sci,
					 .place = w->is_b };
	memcpy(ret_mac_sec->peer_mac, other->end.mac, MAC_SIZE);
}

/* Its channels are told by other messages than it itself, and it must be there before. */
static int add_mac_sec(struct rtnl_batch *batch, const struct frames_work *w,
		       const struct layer *layer, uint32_t *ret_failed, struct err *err)
{
	struct mac_sec mac_sec;

	describe_mac_sec(w, &mac_sec);
	mac_sec_put_link(batch, &mac_sec, &layer->end, layer->lower);
	if (rtnl_batch_end(batch, w->index, ret_failed, err) ||
	    rtnl_batch_commit(batch, ret_failed, err))
		return err->code;
	*ret_failed = w->index;
	return mac_sec_add_channels(&mac_sec, layer->end.ifindex, err);
}

static int add(struct rtnl_batch *batch, const struct frames_work *w, const struct layer *layer,
	       uint32_t *ret_failed, struct err *err)
{
	switch (layer->kind) {
	case MADE_MAC_SEC:
		return add_mac_sec(batch, w, layer, ret_failed, err);
	case MADE_S_TAG:
		add_vlan(batch, layer, this_end(w)->s_tag);
		break;
	case MADE_C_TAG:
		add_vlan(batch, layer, this_end(w)->c_tag);
		break;
	case MADE_BRIDGE:
		if (add_bridge(batch, layer, w->index, ret_failed, err))
			return err->code;
		break;
	}
	return rtnl_batch_end(batch, w->index, ret_failed, err);
}

/* The kernel says nothing of its own there, in clear: what is below is nobody's interface. */
static void hush(const struct link_end *wire)
{
	char path[100];

	(void)snprintf(path, sizeof(path), "net/ipv6/conf/%s/disable_ipv6", wire->name);
	(void)sysctl_write(path, "1", NULL); /* where there is no IPv6, it says nothing */
}

int frames_run(struct rtnl_batch *batch, const struct frames_work *work, uint32_t *ret_failed,
	       struct err *err)
{
	struct link_end wire = frames_below(&this_end(work)->end, LAYER_WIRE);
	struct stack stack;
	int rc = 0;

	if (!frames_end_is_used(this_end(work)))
		return 0;
	if (work->step->verb != STEP_REMOVE) {
		rc = rtnl_batch_commit(batch, ret_failed, err); /* the cable has to be there */
		hush(&wire);
	}
	stack = stack_of(work);
	for (unsigned i = 0; i < stack.count && !rc; i++)
		if (work->step->verb == STEP_REMOVE) /* from above */
			rc = rtnl_link_delete(batch, stack.layers[stack.count - 1 - i].end.ifindex,
					      work->index, ret_failed, err);
		else
			rc = add(batch, work, &stack.layers[i], ret_failed, err);
	return rc;
}

/* ---- trying ---- */

/* A cable inside the one namespace, and what stands on its first end. */
static bool try_end(const struct frames_end *a)
{
	CLEANUP(fd_cleanup) int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct err err = { 0 };
	struct nl_sock *sock = rtnl_open(&err);
	struct plan *plan = plan_new();
	struct rtnl_batch batch;
	struct step *step;
	uint32_t failed;
	bool is_there;

	if (here < 0 || !sock) {
		nl_socket_free(sock);
		plan_free(plan);
		return false;
	}
	step = plan_add_step(plan, STEP_CABLE, "", (struct src_pos){ 0 });
	step->cable.a = frames_below(&a->end, LAYER_WIRE);
	step->cable.b =
		(struct link_end){ .ifindex = 11, .name = "b", .mac = { 2, 0, 0, 0, 0, 2 } };
	step->cable.mtu = ETHERNET_MTU + 100;
	step = plan_add_step(plan, STEP_FRAMES, "", (struct src_pos){ 0 });
	step->frames.a = *a;
	step->frames.a.mac_sec = a->mac_sec ? plan_add_text(plan, MAC_SEC_KEYS_TO_TRY) : 0;
	step->frames.b.end = plan->steps[0].cable.b;
	step->frames.fits = true;
	rtnl_batch_init(&batch);
	rtnl_batch_use(&batch, sock);
	is_there = !rtnl_step_add(&batch, plan, 0, here, &failed, &err) &&
		   !frames_run(&batch,
			       &(struct frames_work){ .plan = plan,
						      .step = step,
						      .index = 1,
						      .has_vlan = true,
						      .has_mac_sec = true },
			       &failed, &err) &&
		   !rtnl_batch_commit(&batch, &failed, &err);
	rtnl_batch_fini(&batch);
	nl_socket_free(sock);
	plan_free(plan);
	return is_there;
}

static const struct link_end end_to_try = { .ifindex = 10,
					    .name = "a",
					    .mac = { 2, 0, 0, 0, 0, 1 } };

bool frames_try_vlan(void)
{
	return try_end(&(struct frames_end){ .end = end_to_try, .s_tag = 100, .c_tag = 10 });
}

/* Its default cipher; the kernel's other ones are the same algorithm with longer keys. */
bool frames_try_mac_sec(void)
{
	return try_end(&(struct frames_end){
		.end = end_to_try, .mac_sec = 1, .cipher = MAC_SEC_GCM_AES_256 });
}
