/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The checksum of IP, UDP, TCP and ICMP (RFC 1071), of parts that are added one by one. */
#include <stddef.h>
#include <stdint.h>

/* `sum` and these bytes; only the last part may have an odd number. Up to 128 KiB in all. */
uint32_t inet_sum_add(uint32_t sum, const void *bytes, size_t size);
/* What stands in a header, as the host has numbers. */
uint16_t inet_sum_fold(uint32_t sum);
