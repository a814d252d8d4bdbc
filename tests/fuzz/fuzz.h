/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* What libFuzzer calls, and what replays the inputs that were kept. Ends the process by an
 * assertion when something does not hold. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
