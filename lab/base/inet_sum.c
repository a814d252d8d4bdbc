/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/base/inet_sum.h"

uint32_t inet_sum_add(uint32_t sum, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	for (; size > 1; at += 2, size -= 2)
		sum += (uint32_t)at[0] << 8 | at[1];
	return size ? sum + ((uint32_t)at[0] << 8) : sum;
}

uint16_t inet_sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}
