/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Topics about BGP as tables. */
#include "lab/snapshot/snapshot.h"

#include "lab/snapshot/record_tables.h"

static const struct record_field peer_fields[] = {
	FIELD(snapshot_peer, neighbor, RECORD_TEXT),
	FIELD(snapshot_peer, asn, RECORD_INT),
	FIELD(snapshot_peer, state, RECORD_TEXT),
	FIELD(snapshot_peer, connected_at, RECORD_REAL),
	FIELD(snapshot_peer, lost_at, RECORD_REAL),
	FIELD(snapshot_peer, last_words, RECORD_TEXT),
	FIELD(snapshot_peer, is_expected, RECORD_BOOL),
	FIELD(snapshot_peer, routes_received, RECORD_INT),
	FIELD(snapshot_peer, messages_sent, RECORD_INT),
	FIELD(snapshot_peer, messages_received, RECORD_INT),
	FIELD(snapshot_peer, peer_node, RECORD_TEXT),
	FIELD(snapshot_peer, peer_name, RECORD_TEXT),
	FIELD(snapshot_peer, peer_role, RECORD_TEXT),
};
static const struct record peer_record = RECORD(snapshot_peer, peer_fields);

static const struct record_field learned_fields[] = {
	FIELD(snapshot_learned, network, RECORD_TEXT),
	FIELD(snapshot_learned, next_hop, RECORD_TEXT),
	FIELD(snapshot_learned, origin, RECORD_TEXT),
	FIELD(snapshot_learned, source_peer, RECORD_TEXT),
	FIELD(snapshot_learned, as_path, RECORD_TEXT),
	FIELD(snapshot_learned, weight, RECORD_INT),
	FIELD(snapshot_learned, is_best, RECORD_BOOL),
	FIELD(snapshot_learned, peer_node, RECORD_TEXT),
};
static const struct record learned_record = RECORD(snapshot_learned, learned_fields);

static const struct record_field speaker_fields[] = {
	FIELD(snapshot_speaker, node, RECORD_TEXT),
	FIELD(snapshot_speaker, local_address, RECORD_TEXT),
	FIELD(snapshot_speaker, state, RECORD_TEXT),
	FIELD(snapshot_speaker, asn, RECORD_INT),
	LIST(snapshot_speaker, peers, peer_record),
	LIST(snapshot_speaker, learned, learned_record),
};
static const struct record speaker_record = RECORD(snapshot_speaker, speaker_fields);

static const struct record_field link_fields[] = {
	FIELD(snapshot_link, circuit, RECORD_TEXT),
	FIELD(snapshot_link, path, RECORD_TEXT),
	FIELD(snapshot_link, msee, RECORD_TEXT),
	FIELD(snapshot_link, provider, RECORD_TEXT),
	FIELD(snapshot_link, neighbor, RECORD_TEXT),
	FIELD(snapshot_link, state, RECORD_TEXT),
	FIELD(snapshot_link, routes_received, RECORD_INT),
};
static const struct record link_record = RECORD(snapshot_link, link_fields);

static const struct record_field bgp_fields[] = {
	FIELD(snapshot_bgp, name, RECORD_TEXT),
	FIELD(snapshot_bgp, role, RECORD_TEXT),
	LIST(snapshot_bgp, links, link_record),
	LIST(snapshot_bgp, speakers, speaker_record),
};
const struct record snapshot_bgp_record = RECORD(snapshot_bgp, bgp_fields);

static const struct record_field told_fields[] = {
	FIELD(snapshot_told, network, RECORD_TEXT),
	FIELD(snapshot_told, next_hop, RECORD_TEXT),
	FIELD(snapshot_told, as_path, RECORD_TEXT),
	FIELD(snapshot_told, local_address, RECORD_TEXT),
	FIELD(snapshot_told, node, RECORD_TEXT),
};
static const struct record told_record = RECORD(snapshot_told, told_fields);

static const struct record_field advertised_fields[] = {
	FIELD(snapshot_advertised, name, RECORD_TEXT),
	FIELD(snapshot_advertised, role, RECORD_TEXT),
	FIELD(snapshot_advertised, peer, RECORD_TEXT),
	FIELD(snapshot_advertised, is_whole, RECORD_BOOL),
	FIELD(snapshot_advertised, error, RECORD_TEXT),
	FIELD(snapshot_advertised, local_addresses, RECORD_TEXTS),
	LIST(snapshot_advertised, routes, told_record),
};
const struct record snapshot_advertised_record = RECORD(snapshot_advertised, advertised_fields);

static const struct record_field session_fields[] = {
	FIELD(snapshot_session, node, RECORD_TEXT),
	FIELD(snapshot_session, peer_node, RECORD_TEXT),
	FIELD(snapshot_session, neighbor, RECORD_TEXT),
	FIELD(snapshot_session, is_expected, RECORD_BOOL),
	FIELD(snapshot_session, is_up, RECORD_BOOL),
};
static const struct record session_record = RECORD(snapshot_session, session_fields);

static const struct record_field sessions_fields[] = {
	LIST(snapshot_sessions, sessions, session_record),
};
const struct record snapshot_sessions_record = RECORD(snapshot_sessions, sessions_fields);
