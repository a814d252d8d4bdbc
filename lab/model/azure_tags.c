/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Service tags as data. Azure publishes its own every week, with a thousand prefixes each; those
 * here are the lab's, of one range that is Microsoft's: each service has a /16 of it, and each
 * region a /22 of that, so that prefixes of one service are none of another, all are in AzureCloud,
 * and what a region has of a service is in both. Those of the platform are the real ones. A lab
 * that needs real prefixes says them: `service_tags` stand before these.
 */
#include "lab/model/azure_tags.h"

#include "lab/base/ip.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define V4(a, b, c, d)                                                                             \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define CLOUD_FIRST   V4(20, 64, 0, 0)
#define CLOUD_LEN     10
#define SERVICE_LEN   16
#define REGION_LEN    22
#define PLATFORM_MAX  2
#define SERVICE_COUNT ARRAY_SIZE(services)

/*
 * The place in this table is the /16; new ones go to the end. What a region has of Azure itself,
 * without a service's name, is in the first one.
 */
static const struct {
	const char *name;
	bool is_regional;
} services[] = {
	{ "AzureCloud", true },
	{ "ActionGroup", false },
	{ "ApiManagement", true },
	{ "AppService", true },
	{ "AppServiceManagement", false },
	{ "AzureActiveDirectory", false },
	{ "AzureBackup", true },
	{ "AzureContainerRegistry", true },
	{ "AzureCosmosDB", true },
	{ "AzureFrontDoor.Backend", false },
	{ "AzureFrontDoor.Frontend", false },
	{ "AzureFrontDoor.FirstParty", false },
	{ "AzureKeyVault", true },
	{ "AzureMonitor", true },
	{ "AzureResourceManager", true },
	{ "AzureTrafficManager", false },
	{ "BatchNodeManagement", true },
	{ "EventHub", true },
	{ "GatewayManager", false },
	{ "GuestAndHybridManagement", false },
	{ "HDInsight", true },
	{ "LogicApps", true },
	{ "ServiceBus", true },
	{ "Sql", true },
	{ "SqlManagement", false },
	{ "Storage", true },
	{ "AzureActiveDirectoryDomainServices", false },
	{ "AzureAdvancedThreatProtection", false },
	{ "AzureBotService", false },
	{ "AzureConnectors", true },
	{ "AzureDatabricks", false },
	{ "AzureDataExplorerManagement", false },
	{ "AzureDevOps", false },
	{ "AzureEventGrid", false },
	{ "AzureInformationProtection", false },
	{ "AzureIoTHub", true },
	{ "AzureMachineLearning", false },
	{ "AzureSignalR", false },
	{ "AzureSiteRecovery", false },
	{ "CognitiveServicesManagement", false },
	{ "DataFactory", true },
	{ "LogicAppsManagement", false },
	{ "MicrosoftCloudAppSecurity", false },
	{ "MicrosoftContainerRegistry", true },
	{ "PowerBI", true },
	{ "ServiceFabric", false },
	{ "StorageSyncService", false },
	{ "WindowsVirtualDesktop", false },
};

/* NSG-36: what a rule by one of these tags alone can stop. */
static const struct {
	const char *name;
	uint32_t addresses[PLATFORM_MAX];
	size_t count;
} platform[] = {
	{ "AzurePlatformDNS", { V4(168, 63, 129, 16) }, 1 },
	{ "AzurePlatformIMDS", { V4(169, 254, 169, 254) }, 1 },
	{ "AzurePlatformLKM", { V4(23, 102, 135, 246), V4(20, 118, 99, 224) }, 2 },
};

/* As tags spell them; the place in this table is the /22, so new ones go to the end. */
static const char *const regions[] = {
	"EastUS",           "EastUS2",
	"WestUS",           "WestUS2",
	"WestUS3",          "CentralUS",
	"NorthCentralUS",   "SouthCentralUS",
	"WestCentralUS",    "CanadaCentral",
	"CanadaEast",       "MexicoCentral",
	"BrazilSouth",      "BrazilSoutheast",
	"ChileCentral",     "NorthEurope",
	"WestEurope",       "UKSouth",
	"UKWest",           "FranceCentral",
	"FranceSouth",      "GermanyWestCentral",
	"GermanyNorth",     "SwitzerlandNorth",
	"SwitzerlandWest",  "NorwayEast",
	"NorwayWest",       "SwedenCentral",
	"SwedenSouth",      "PolandCentral",
	"ItalyNorth",       "SpainCentral",
	"AustriaEast",      "IsraelCentral",
	"QatarCentral",     "UAENorth",
	"UAECentral",       "SouthAfricaNorth",
	"SouthAfricaWest",  "CentralIndia",
	"SouthIndia",       "WestIndia",
	"JioIndiaCentral",  "JioIndiaWest",
	"EastAsia",         "SoutheastAsia",
	"IndonesiaCentral", "MalaysiaWest",
	"JapanEast",        "JapanWest",
	"KoreaCentral",     "KoreaSouth",
	"AustraliaEast",    "AustraliaSoutheast",
	"AustraliaCentral", "AustraliaCentral2",
	"NewZealandNorth",
};

_Static_assert(ARRAY_SIZE(services) <= 1u << (SERVICE_LEN - CLOUD_LEN), "a /16 each");
_Static_assert(ARRAY_SIZE(regions) <= 1u << (REGION_LEN - SERVICE_LEN), "a /22 each");

#define NOT_FOUND SIZE_MAX

struct found {
	size_t service, region, platform; /* places in the tables, or NOT_FOUND */
};

static size_t find_region(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(regions); i++)
		if (!strcasecmp(regions[i], name))
			return i;
	return NOT_FOUND;
}

/* False when Azure has no such tag. */
static bool find(const char *name, struct found *ret_found)
{
	struct found found = { NOT_FOUND, NOT_FOUND, NOT_FOUND };

	for (size_t i = 0; i < ARRAY_SIZE(platform); i++)
		if (!strcasecmp(platform[i].name, name))
			found.platform = i;
	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		size_t len = strlen(services[i].name);

		if (strncasecmp(services[i].name, name, len) != 0)
			continue;
		if (name[len] == '.' && services[i].is_regional)
			found.region = find_region(name + len + 1);
		if (!name[len] || found.region != NOT_FOUND) {
			found.service = i;
			break;
		}
	}
	*ret_found = found;
	return found.service != NOT_FOUND || found.platform != NOT_FOUND;
}

static void add(struct service_tag *tag, struct prefix prefix, struct arena *arena)
{
	ARENA_PUSH(arena, tag->address_prefixes.items, tag->address_prefixes.count)->prefix =
		prefix;
}

static struct prefix service_prefix(size_t service)
{
	uint32_t first = CLOUD_FIRST + ((uint32_t)service << (32 - SERVICE_LEN));

	return prefix_of(ip4(first), SERVICE_LEN);
}

static struct prefix region_prefix(size_t service, size_t region)
{
	uint32_t first = ip_v4(service_prefix(service).addr);

	return prefix_of(ip4(first + ((uint32_t)region << (32 - REGION_LEN))), REGION_LEN);
}

/* AzureCloud is everything, of all services. */
static void add_cloud(struct service_tag *tag, size_t region, struct arena *arena)
{
	if (region == NOT_FOUND)
		add(tag, prefix_of(ip4(CLOUD_FIRST), CLOUD_LEN), arena);
	for (size_t i = 0; region != NOT_FOUND && i < SERVICE_COUNT; i++)
		if (services[i].is_regional)
			add(tag, region_prefix(i, region), arena);
}

struct service_tag *azure_tag_new(const char *name, struct arena *arena)
{
	struct service_tag *tag;
	struct found found;

	if (!find(name, &found))
		return NULL;
	tag = arena_alloc(arena, sizeof(*tag));
	if (found.platform != NOT_FOUND) {
		tag->object.name = platform[found.platform].name;
		for (size_t i = 0; i < platform[found.platform].count; i++)
			add(tag, prefix_host(ip4(platform[found.platform].addresses[i])), arena);
		return tag;
	}
	tag->object.name = services[found.service].name;
	if (found.region != NOT_FOUND)
		tag->object.name = arena_printf(arena, "%s.%s", services[found.service].name,
						regions[found.region]);
	if (!found.service)
		add_cloud(tag, found.region, arena);
	else if (found.region != NOT_FOUND)
		add(tag, region_prefix(found.service, found.region), arena);
	else
		add(tag, service_prefix(found.service), arena);
	return tag;
}

bool azure_has_tag(const char *name)
{
	struct found found;

	return find(name, &found);
}

const char *azure_tag_name(size_t at)
{
	if (at < SERVICE_COUNT)
		return services[at].name;
	at -= SERVICE_COUNT;
	return at < ARRAY_SIZE(platform) ? platform[at].name : NULL;
}
