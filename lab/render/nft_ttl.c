/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/nft_ttl.h"

#include "lab/plan/fabric_ids.h"

void nft_ttl_print(const char *field, FILE *out)
{
	(void)fprintf(out, "\tchain c_ttl_255 {\n\t\tmeta mark set meta mark or 0x%08x\n\t}\n",
		      MARK_TTL_255);
	for (int ttl = 1; ttl < 255; ttl++)
		(void)fprintf(out, "\tchain c_ttl_%d {\n\t\t%s set %d\n\t}\n", ttl, field, ttl + 1);
	(void)fprintf(out, "\tmap m_ttl {\n\t\ttypeof %s : verdict\n\t\telements = {\n", field);
	for (int ttl = 1; ttl < 256; ttl++)
		(void)fprintf(out, "\t\t\t%d : goto c_ttl_%d,\n", ttl, ttl);
	(void)fprintf(out, "\t\t}\n\t}\n");
}
