/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/hit.h"

#include <stdio.h>
#include <string.h>

static const char access_letters[] = {
	[ACCESS_ALLOW] = 'A', [ACCESS_DENY] = 'D', [ACCESS_ALWAYS_ALLOW] = 'B'
};
static const char direction_letters[] = { [DIRECTION_INBOUND] = 'I', [DIRECTION_OUTBOUND] = 'O' };

struct hit_text hit_print(const struct hit *hit)
{
	char direction = direction_letters[hit->direction];
	struct hit_text text;

	if (hit->layer == LAYER_PLATFORM)
		(void)snprintf(text.text, sizeof(text.text), "p %c %d", direction, (int)hit->drop);
	else
		(void)snprintf(text.text, sizeof(text.text), "%c %c %u %u %c",
			       hit->layer == LAYER_ADMIN ? 'a' : 'n', direction, hit->number,
			       hit->priority, access_letters[hit->access]);
	return text;
}

static bool find_letter(const char *letters, size_t count, char letter, int *ret_value)
{
	for (size_t i = 0; i < count; i++)
		if (letters[i] == letter) {
			*ret_value = (int)i;
			return true;
		}
	return false;
}

bool hit_parse(const char *text, bool is_subnet, struct hit *ret_hit)
{
	struct hit hit = { .access = ACCESS_DENY };
	char kind, direction, access = 'D', more;
	unsigned drop;
	int way, what;

	if (sscanf(text, "p %c %u%c", &direction, &drop, &more) == 2) {
		hit.layer = LAYER_PLATFORM;
		hit.drop = (enum platform_drop)drop;
		if (drop <= DROP_NONE || drop >= DROP_COUNT)
			return false;
	} else if (sscanf(text, "%c %c %u %u %c%c", &kind, &direction, &hit.number, &hit.priority,
			  &access, &more) == 5 &&
		   (kind == 'a' || kind == 'n')) {
		hit.layer = kind == 'a' ? LAYER_ADMIN : is_subnet ? LAYER_SUBNET : LAYER_NIC;
	} else {
		return false;
	}
	if (!find_letter(direction_letters, sizeof(direction_letters), direction, &way) ||
	    !find_letter(access_letters, sizeof(access_letters), access, &what))
		return false;
	hit.direction = (enum rule_direction)way;
	hit.access = (enum rule_access)what;
	*ret_hit = hit;
	return true;
}

static bool find_rule(const struct rules *rules, const struct hit *hit,
		      struct layer_verdict *verdict)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->items[i]->priority.value == hit->priority) {
			verdict->rule = rules->items[i];
			return true;
		}
	return false;
}

static bool find_admin_rule(const struct lab *lab, const struct hit *hit,
			    struct layer_verdict *verdict)
{
	for (size_t i = 0; i < lab->security_admin_configurations.count; i++) {
		const struct admin_configuration *all =
			&lab->security_admin_configurations.items[i];

		for (size_t n = 0; n < all->rule_collections.count; n++) {
			const struct rule_collection *collection = &all->rule_collections.items[n];

			for (size_t k = 0;
			     collection->number == hit->number && k < collection->rules.count;
			     k++) {
				const struct security_rule *rule = &collection->rules.items[k];

				if (rule->priority.value != hit->priority ||
				    rule->direction.value != (int)hit->direction)
					continue;
				verdict->collection = collection;
				verdict->rule = rule;
				return true;
			}
		}
	}
	return false;
}

bool hit_find(const struct topology *topology, const struct hit *hit,
	      struct layer_verdict *ret_verdict)
{
	struct layer_verdict verdict = { .layer = hit->layer,
					 .direction = hit->direction,
					 .access = hit->access,
					 .drop = hit->drop };
	bool is_found = hit->layer == LAYER_PLATFORM;

	if (hit->layer == LAYER_ADMIN)
		is_found = find_admin_rule(topology->lab, hit, &verdict);
	for (size_t i = 0; hit->layer >= LAYER_SUBNET && i < topology->filters.count; i++)
		if (topology->filters.items[i].number == hit->number) {
			verdict.nsg = topology->filters.items[i].nsg;
			is_found = find_rule(&verdict.nsg->rules[hit->direction], hit, &verdict);
		}
	*ret_verdict = verdict;
	return is_found;
}
