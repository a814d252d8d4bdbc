/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * FRR as a routing daemon: bgpd, with zebra, staticd and bfdd beside it. Each is told its part of
 * the configuration line by line over its vty socket, so that a line that it refuses is known; its
 * log wakes us, and bgpd's tables are then read over the same socket.
 */
#include "netns/daemon/bgp_daemon.h"

extern const struct bgp_daemon_kind frr_daemon;
