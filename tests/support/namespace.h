/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Where tests that need the kernel may do as they like. */
#include <stdbool.h>

/*
 * As root of a user namespace, with a network of its own, whose messages and buffers are limited as
 * those of any user's labs. False when the host has none.
 */
bool enter_user_namespace(void);
