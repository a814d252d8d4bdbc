/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_FIRST     ((size_t)512)       /* each is twice the one before ... */
#define BLOCK_BYTES     ((size_t)16 * 1024) /* ... up to that: many arenas have little in them */
#define ALIGNMENT       _Alignof(max_align_t)
#define ALIGN_UP(value) (((value) + ALIGNMENT - 1) & ~(ALIGNMENT - 1))

struct block {
	struct block *next;
	size_t used, size;
	max_align_t data[];
};

struct arena {
	struct block *blocks; /* the first one is being filled */
	size_t next;          /* the next one's size */
};

static struct block *block_new(size_t size)
{
	struct block *block = calloc(1, sizeof(*block) + size);

	if (!block)
		abort(); /* nothing below can go on without memory; the kernel clears the lab away
			  */
	block->size = size;
	return block;
}

struct arena *arena_new(void)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (!arena)
		abort();
	arena->next = BLOCK_FIRST;
	return arena;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	for (struct block *block = arena->blocks; block;) {
		struct block *next = block->next;

		free(block);
		block = next;
	}
	free(arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct block *block = arena->blocks;
	void *data;

	size = ALIGN_UP(size ? size : 1);
	if (size > BLOCK_BYTES / 4) { /* large: a block of its own, behind the one being filled */
		struct block *own = block_new(size);

		own->used = size;
		if (block) {
			own->next = block->next;
			block->next = own;
		} else {
			arena->blocks = own;
		}
		return own->data;
	}
	if (!block || block->size - block->used < size) {
		while (arena->next < size)
			arena->next *= 2;
		block = block_new(arena->next);
		if (arena->next < BLOCK_BYTES)
			arena->next *= 2;
		block->next = arena->blocks;
		arena->blocks = block;
	}
	data = (char *)block->data + block->used;
	block->used += size;
	return data;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	memcpy(copy, text, len);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_vprintf(struct arena *arena, const char *fmt, va_list args)
{
	char small[256], *text; /* which most are */
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(small, sizeof(small), fmt, again);
	va_end(again);
	if (len < 0)
		abort();
	if ((size_t)len < sizeof(small))
		return arena_strndup(arena, small, (size_t)len);
	text = arena_alloc(arena, (size_t)len + 1);
	(void)vsnprintf(text, (size_t)len + 1, fmt, args);
	return text;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = arena_vprintf(arena, fmt, args);
	va_end(args);
	return text;
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t element_size)
{
	void *larger;

	/* full at 0 and at each power of two, so the count alone says when to move */
	if (count & (count - 1))
		return array;
	larger = arena_alloc(arena, (count ? count * 2 : 1) * element_size);
	if (count)
		memcpy(larger, array, count * element_size);
	return larger;
}
