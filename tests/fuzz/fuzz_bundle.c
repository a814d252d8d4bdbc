/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that hublab is said to have written: it is refused with a reason, or each topic of it,
 * each part of one and each request has an answer or a reason, and printed it reads as the same
 * again.
 */
#include "lab/base/macros.h"
#include "lab/snapshot/bundle.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void ask(const struct bundle *bundle, const char *topic)
{
	json_t *request =
		json_pack("{s:s, s:s, s:i}", "request", "subscribe", "topic", topic, "id", 1);
	struct err err = { 0 };
	json_t *data = bundle_topic(bundle, topic, &err);
	json_t *answer = request ? bundle_answer(bundle, request) : NULL;

	assert(data || (err.code < 0 && *err.text));
	assert(!request || json_array_size(answer) == (data ? 2 : 1));
	json_decref(data);
	json_decref(answer);
	json_decref(request);
}

static void ask_all(const struct bundle *bundle, const json_t *root)
{
	static const char *const topics[] = { "vms",     "routes/a", "why/a:n",   "nsg/n",
					      "flows/a", "probes/a", "tunnels/g", "verdict/a b",
					      "routes/", "/",        "path/a b c" };
	const char *name;
	json_t *topic;

	for (size_t i = 0; i < ARRAY_SIZE(topics); i++)
		ask(bundle, topics[i]);
	json_object_foreach(json_object_get(root, "topics"), name, topic)
		ask(bundle, name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { 0 };
	struct bundle *bundle = bundle_read((const char *)data, size, "b.json", &err), *again;
	json_t *root = bundle ? json_loadb((const char *)data, size, 0, NULL) : NULL;
	char *text;
	size_t len;

	if (!bundle) {
		assert(err.code < 0 && *err.text);
		return 0;
	}
	ask_all(bundle, root);
	text = bundle_print(root, &len);
	again = bundle_read(text, len, "b.json", &err);
	assert(again && !strcmp(bundle_head(again)->lab, bundle_head(bundle)->lab));
	bundle_free(again);
	bundle_free(bundle);
	free(text);
	json_decref(root);
	return 0;
}
