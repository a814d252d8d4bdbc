/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What FRR says: answers of its vty, cut anywhere; its tables; lines of its log. */
#include "netns/daemon/frr_reply.h"
#include "netns/daemon/vty_reply.h"
#include "tests/fuzz/fuzz.h"

/* One answer, taken in pieces of the size given; how much of the bytes it was goes to *ret_used. */
static enum vty_progress read_in_pieces(struct vty_reply *reply, const char *bytes, size_t len,
					size_t piece, size_t *ret_used)
{
	enum vty_progress progress = VTY_MORE;
	size_t used = 0;

	vty_reply_reset(reply);
	while (progress == VTY_MORE && used < len) {
		const char *at = bytes + used;
		size_t now = len - used < piece ? len - used : piece, left = now;

		progress = vty_reply_read(reply, &at, &left);
		assert(at + left == bytes + used + now);
		assert(progress != VTY_MORE || !left);
		used += now - left;
	}
	*ret_used = used;
	return progress;
}

static void check_answers(const char *bytes, size_t len)
{
	struct vty_reply whole = { 0 }, cut = { 0 };
	size_t used, cut_used;

	while (len) {
		enum vty_progress progress = read_in_pieces(&whole, bytes, len, len, &used);

		assert(read_in_pieces(&cut, bytes, len, 1, &cut_used) == progress);
		if (progress != VTY_DONE)
			break;
		assert(used == cut_used && whole.status == cut.status);
		assert(!strcmp(whole.text, cut.text) && strlen(whole.text) == whole.len);
		bytes += used;
		len -= used;
	}
	vty_reply_fini(&whole);
	vty_reply_fini(&cut);
}

static void check_routes(const char *text, const struct bgp_speaker *speaker)
{
	struct as_paths *paths = as_paths_new();
	struct frr_routes routes = { 0 };
	struct frr_counts counts[2] = { 0 };

	if (frr_routes_read(text, speaker, paths, &routes))
		for (size_t i = 0; i < routes.count; i++) {
			const struct rib_route *route = &routes.items[i];

			assert(route->prefix.addr.family != IP_NONE && route->path);
			assert(!route->from == (route->class == BGP_CLASS_NETWORK));
			assert(!route->from || route->next_hop.family != IP_NONE);
		}
	free(routes.items);
	routes = (struct frr_routes){ 0 };
	if (frr_told_read(text, paths, &routes))
		for (size_t i = 0; i < routes.count; i++)
			assert(routes.items[i].prefix.addr.family != IP_NONE);
	frr_counts_read(text, speaker, counts);
	free(routes.items);
	as_paths_free(paths);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bgp_end a = { .learns = BGP_CLASS_NEIGHBOR }, b = { .learns = BGP_CLASS_PROVIDER };
	struct bgp_end *ends[] = { &a, &b };
	const struct bgp_speaker speaker = { .ends = { ends, 2 } };
	char *text;

	assert(ip_parse("10.9.0.2", &a.peer_ip) && ip_parse("10.0.0.133", &b.peer_ip));
	check_answers((const char *)data, size);
	while (size) {
		struct frr_log log;

		text = fuzz_take_text(&data, &size);
		check_routes(text, &speaker);
		log = frr_log_read(&speaker, text);
		assert(log.text >= text && log.text <= text + strlen(text));
		assert(log.kind != FRR_LOG_ESTABLISHED || log.end);
		assert(log.kind != FRR_LOG_CLOSED || log.end);
		free(text);
	}
	return 0;
}
