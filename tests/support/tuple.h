/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Packets that start flows, as tests write them; what is no such text fails the test. */
#include "lab/azure/verdict.h"

/* "10.0.0.4", "2001:db8::1" */
struct ip ip_of(const char *text);
/* "10.0.0.4:80", "[2001:db8::1]:80", without a port where there is none. */
void tuple_read_end(const char *text, struct ip *ret_ip, uint16_t *ret_port);
/* "Tcp", or a number. */
uint8_t tuple_read_protocol(const char *text, enum ip_family family);
/* "Tcp 10.0.0.4:51000 10.0.1.4:80" */
struct flow_tuple tuple_read(const char *text);
