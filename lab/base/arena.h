/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Memory that is freed as a whole. A lab, a plan and a snapshot are each one arena: their parts
 * are borrowed from it and one arena_free ends them all. Running out of memory ends the process.
 */
#include "lab/base/macros.h"

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void) NODISCARD;
void arena_free(struct arena *arena); /* NULL is fine */

/* Zeroed, aligned for any object, lives as long as the arena. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size) NODISCARD;
char *arena_strdup(struct arena *arena, const char *text) NODISCARD;
char *arena_strndup(struct arena *arena, const char *text, size_t len) NODISCARD;
char *arena_printf(struct arena *arena, const char *fmt, ...) PRINTF(2, 3) NODISCARD;
char *arena_vprintf(struct arena *arena, const char *fmt, va_list args) PRINTF(2, 0) NODISCARD;

/*
 * Room for one more element behind `count` elements of an array that only arena_grow made.
 * Returns the array, which may have moved; the new element is zeroed.
 */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t element_size) NODISCARD;

/* ARENA_PUSH(arena, items, count) is the new last element of items; count goes up by one. */
#define ARENA_PUSH(arena, items, count)                                                            \
	((items) = arena_grow((arena), (items), (count), sizeof(*(items))), &(items)[(count)++])
