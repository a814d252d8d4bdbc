/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* JSON that is put together: what fails for want of memory alone ends the program. */
#include <jansson.h>

/* The reference to the value is taken. */
void json_set(json_t *object, const char *key, json_t *value);
void json_append(json_t *list, json_t *value);
