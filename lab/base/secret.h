/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Keys of lab files whose values are for nobody's eyes: journals and bundles go without them. */
#include <stdbool.h>
#include <stddef.h>

/* The key that `text`, of `len` bytes, begins with; NULL when that is none. Case does not count. */
const char *secret_at(const char *text, size_t len);
bool secret_is_key(const char *name);   /* one, or a path that ends in one */
bool secret_is_named(const char *text); /* does one of them stand anywhere in it? */
