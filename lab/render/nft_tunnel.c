/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/nft_tunnel.h"

#include "lab/plan/fabric_ids.h"
#include "lab/render/nft_list.h"
#include "lab/render/nft_ttl.h"

/* Of each connection through a tunnel, whichever side begins it. */
static void print_mss(FILE *out)
{
	static const char *const ways[] = { "iifname", "oifname" };

	(void)fprintf(out, "\tchain c_forward {\n"
			   "\t\ttype filter hook forward priority -150; policy accept;\n");
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		(void)fprintf(out,
			      "\t\t%s \"tun*\" tcp flags syn tcp option maxseg size > %d "
			      "tcp option maxseg size set %d\n",
			      ways[i], TUNNEL_MSS, TUNNEL_MSS);
	(void)fprintf(out, "\t}\n");
}

/* Where the fabric delivers what comes from the gateway, and sends nothing back to it. */
static void print_own(const struct lab *lab, const struct node *node, FILE *out)
{
	struct nft_list list = nft_list_begin(
		out, "set s_own", "type ipv4_addr\n\t\tflags interval\n\t\tauto-merge", false);

	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		const struct vnet *vnet = &lab->virtual_networks.items[i];

		for (size_t n = 0;
		     vnet->hub == node->gateway->vnet && n < vnet->address_prefixes.count; n++)
			if (vnet->address_prefixes.items[n].prefix.addr.family == IP_V4)
				nft_list_add(
					&list, "%s",
					prefix_print(vnet->address_prefixes.items[n].prefix).text);
	}
	nft_list_end(&list);
}

/*
 * From the fabric into a tunnel and the other way the gateway is no hop, nor to its own networks.
 * Everything else takes one from the TTL: the fabric takes none, so what it would send back to a
 * gateway that has no way any more would go round for ever, and be all that the host does.
 */
static void print_ttl(const struct lab *lab, const struct node *node, FILE *out)
{
	print_own(lab, node, out);
	nft_ttl_print("ip ttl", out);
	(void)fprintf(out, "\tchain c_prerouting {\n"
			   "\t\ttype filter hook prerouting priority -400; policy accept;\n");
	for (size_t i = 0; i < node->interfaces.count; i++)
		if (node->interfaces.items[i]->subnet)
			(void)fprintf(out,
				      "\t\tiifname \"%s\" ip daddr @s_own ip ttl vmap @m_ttl\n"
				      "\t\tiifname \"%s\" fib daddr oifname \"tun*\" ip ttl vmap "
				      "@m_ttl\n",
				      node->interfaces.items[i]->name,
				      node->interfaces.items[i]->name);
	(void)fprintf(out,
		      "\t\tiifname \"tun*\" fib daddr oifname != \"tun*\" ip ttl vmap @m_ttl\n"
		      "\t}\n"
		      "\tchain c_postrouting {\n"
		      "\t\ttype filter hook postrouting priority 300; policy accept;\n"
		      "\t\tmeta mark and 0x%08x == 0x%08x ip ttl set 255\n"
		      "\t}\n",
		      MARK_TTL_255, MARK_TTL_255);
}

void nft_tunnel_print(const struct lab *lab, const struct node *node, bool keeps_ttl, FILE *out)
{
	if (keeps_ttl)
		print_ttl(lab, node, out);
	print_mss(out);
}
