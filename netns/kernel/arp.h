/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Is an IPv4 address there, at this interface? Its owner answers whatever it filters. */
#include "lab/base/err.h"
#include "lab/base/ip.h"

#include <stdbool.h>
#include <stdint.h>

/* On a socket of packet_open_frames: it hears ARP at the interface of that name, from now on. */
int arp_hear(int fd, const char *name, struct err *err);
/* As from `own` (address and hardware address) to all. What is lost is lost. */
void arp_ask(int fd, const uint8_t mac[6], struct ip own, struct ip asked);
/* Has its owner said anything since this was last asked? */
bool arp_heard(int fd, struct ip owner);
