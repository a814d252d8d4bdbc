/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the packets of a probe need: a socket, and time. */
#include "netns/probe/probe.h"

/* How long an answer may take that the model knows nothing about: load of the machine. */
#define ICMP_GRACE_MS 250
#define HTTP_GRACE_MS 1000

enum prober_socket prober_socket_of(const struct probe_spec *spec)
{
	switch ((enum probe_protocol)spec->protocol.value) {
	case PROBE_ICMP:
		return PROBER_SOCKET_ICMP;
	case PROBE_UDP:
		return PROBER_SOCKET_UDP;
	case PROBE_HTTP:
	case PROBE_TCP:
		break;
	}
	return PROBER_SOCKET_TCP;
}

double probe_timeout_ms(const struct probe_spec *spec, const struct prediction *prediction)
{
	enum probe_protocol protocol = (enum probe_protocol)spec->protocol.value;

	if (spec->timeout_ms.value)
		return spec->timeout_ms.value;
	if (protocol == PROBE_ICMP || protocol == PROBE_UDP)
		return ICMP_GRACE_MS + 2 * prediction->rtt_ms;
	/* a connection, a request and an answer; what must fail need not be waited for so long */
	return prediction_is_answer(prediction, protocol) ? HTTP_GRACE_MS + 4 * prediction->rtt_ms
							  : ICMP_GRACE_MS;
}
