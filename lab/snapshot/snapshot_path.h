/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The ways of a flow, there and back, with what decides at each place. */
#include "lab/snapshot/record.h"

/* One place where something decided, in the order of the way. */
struct snapshot_decision {
	const char *node;   /* the machine, or the one whose port it is */
	const char *kind;   /* machine, filter, state, route, edge, tunnel, end, round */
	const char *words;  /* what it says */
	const char *beaten; /* route: what would say it otherwise; NULL: nothing */
	const char *place;  /* of what decided, in the lab file; NULL: it is of no line */
	/* machine, route: what the kernel can be asked of it; NULL: nothing */
	const char *ns;          /* whose tables: a machine's, or the fabric's */
	int64_t ifindex, mark;   /* by which the packet comes in there; 0: the machine sends it */
	const char *source, *to; /* its addresses */
	const char *device;      /* machine: by which it leaves */
	const char *via;         /* likewise, to which router; NULL: straight to the address */
	bool is_dropped;         /* it leads nowhere; of a machine: it may, too */
	/* filter, state, edge: what nftables is to do in the fabric, at the port `ifindex` */
	const char *direction; /* in, out */
	struct texts rules;    /* as the kernel names those that are met (hit.h), each once */
};

struct snapshot_decisions {
	struct snapshot_decision *items;
	size_t count;
};

/* Topic "path/SRC DST PROTOCOL[:PORT]", by what is known now. */
struct snapshot_path {
	const char *lab;
	const char *from, *to;            /* machines; `to` is an address where no machine has it */
	const char *source, *destination; /* addresses */
	const char *protocol;             /* "icmp", "icmp:1472/df", "http", "tcp:22" */
	struct snapshot_decisions there, back; /* the latter is empty when nothing arrives */
	/* that equal next hops give each way; those shown are of the first */
	int64_t ways, ways_back;
	bool is_reply;
	bool is_answered;  /* by the machine that is meant, or by who has its address there */
	bool is_by_flow;   /* some flows are answered, others are not */
	int64_t ttl;       /* of the answer, of ICMP */
	double rtt_ms;     /* of the cables alone */
	const char *words; /* why there is no reply; NULL: there is one */
};

extern const struct record snapshot_path_record;

/* What one place of it has, in the kernel's own words. */
struct snapshot_kernel_answer {
	const char *way; /* there, back */
	int64_t at;      /* of its decisions, from 0 */
	const char *words;
	bool agrees;
};

/* What nftables did with the packet at one place that filters, or where none was to. */
struct snapshot_filter_answer {
	const char *way; /* there, back */
	int64_t at;      /* of its decisions, from 0 */
	struct texts rules;
	bool is_seen;    /* the packet came there */
	bool is_dropped; /* there */
	const char *words;
	bool agrees;
};

/* Topic "rule/HIT": what a rule of the kernel is in the lab, now. */
struct snapshot_rule_name {
	const char *words; /* NULL: it is none of the lab's */
	const char *place; /* NULL: it is of no line */
};

extern const struct record snapshot_rule_name_record;

/* What is seen beside what was said of a flow: its kernels' answers, and one packet. */
struct snapshot_evidence {
	struct {
		struct snapshot_kernel_answer *items;
		size_t count;
	} answers;
	struct {
		struct snapshot_filter_answer *items;
		size_t count;
	} filters;
	const char *untraced; /* why nftables was not asked, or not everywhere; NULL: it was */
	bool is_sent, is_reply;
	int64_t ttl; /* of ICMP */
	double rtt_ms;
	const char *why; /* no reply, or not sent; NULL: there is one */
};

extern const struct record snapshot_evidence_record;
