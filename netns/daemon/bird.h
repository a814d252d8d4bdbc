/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * BIRD as a routing daemon. Its log wakes us; then only what changed is read over a control socket
 * that stays open. Both are read whenever they have something, so that neither side ever waits for
 * the other.
 */
#include "netns/daemon/bgp_daemon.h"

extern const struct bgp_daemon_kind bird_daemon;
