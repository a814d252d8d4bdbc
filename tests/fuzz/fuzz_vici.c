/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that are said to be a vici message: refused, or read to their end, all text ended. */
#include "lab/render/vici_message.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vici_reader reader = vici_reader_of(data, size);
	char value[VICI_VALUE_SIZE];
	struct vici_item item;
	struct vici_sa sa;
	size_t items = 0;
	bool is_message;

	while ((is_message = vici_read(&reader, &item)) && item.element != VICI_MESSAGE_END) {
		assert(strlen(item.name) < sizeof(item.name));
		assert(strlen(item.value) < sizeof(item.value));
		assert(reader.depth <= VICI_DEPTH_MAX);
		assert(++items <= size); /* each takes a byte at least */
	}
	assert(vici_find(data, size, "success", value) == is_message);
	assert(is_message || !*value);
	if (!vici_sa_read(data, size, &sa))
		return 0;
	assert(is_message && *sa.state && sa.child_count <= VICI_CHILDREN_MAX);
	return 0;
}
