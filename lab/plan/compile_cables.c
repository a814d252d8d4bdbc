/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cables, and what stands on their ends: MACsec and tags of ExpressRoute. All else goes by the
 * interface on top, whose name and number are those that it would have without them.
 */
#include "lab/plan/compile.h"

#include "lab/base/text_file.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIRE_MTU 1600 /* two tags, and what MACsec adds, around a packet of 1500 bytes */

#define KEY_BYTES_MAX 32
#define KEY_ID_BYTES  16

static struct link_end top_of(struct plan *plan, const struct interface *end)
{
	struct device device = device_of(end);

	return plan_link_end(plan, &device, end->mac);
}

static struct link_end wire_of(struct plan *plan, const struct interface *end)
{
	struct link_end top = top_of(plan, end);

	return link_frames_are_any(&end->frames) ? frames_below(&top, LAYER_WIRE) : top;
}

uint32_t cable_ifindex(const struct interface *end)
{
	struct link_end top = { .ifindex = end->ifindex };

	return link_frames_are_any(&end->frames) ? frames_below(&top, LAYER_WIRE).ifindex
						 : end->ifindex;
}

/* ---- keys ---- */

static unsigned digit_value(char digit)
{
	return isdigit((unsigned char)digit) ? (unsigned)(digit - '0')
					     : (unsigned)(tolower((unsigned char)digit) - 'a' + 10);
}

/* The checker has seen that they are hexadecimal digits; what is too much is folded in. */
static void mix_digits(uint8_t *bytes, size_t size, const char *digits)
{
	for (size_t i = 0; digits[i]; i++)
		bytes[i / 2 % size] ^= (uint8_t)(digit_value(digits[i]) << (i % 2 ? 0 : 4));
}

static void print_digits(FILE *out, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		(void)fprintf(out, "%02x", bytes[i]);
}

/*
 * Nobody negotiates keys (MKA) in a lab: the key that frames are encrypted with follows from the
 * CAK and its name alone, so that a difference in either of them makes two different ones.
 */
static plan_text_id add_key(struct plan *plan, const struct mac_sec_config *config)
{
	const char *cak = config->cak_secret_identifier.value;
	const char *ckn = config->ckn_secret_identifier.value;
	size_t size = mac_sec_key_bytes((enum mac_sec_cipher)config->cipher.value);
	uint8_t key[KEY_BYTES_MAX] = { 0 }, id[KEY_ID_BYTES] = { 0 };
	plan_text_id text_id;
	struct text_file file;
	FILE *out = text_open(&file);

	mix_digits(key, size, cak);
	mix_digits(key, size, ckn);
	mix_digits(id, sizeof(id), ckn);
	print_digits(out, key, size);
	(void)fputc(' ', out);
	print_digits(out, id, sizeof(id));
	(void)text_close(&file);
	text_id = plan_add_text(plan, file.text);
	free(file.text);
	return text_id;
}

/* ---- steps ---- */

/* Of a step that is zeroed: steps are compared by their bytes. */
static void set_frames_end(const struct interface *end, struct frames_end *frames)
{
	const struct mac_sec_config *mac_sec = end->frames.mac_sec;

	frames->s_tag = (uint16_t)end->frames.s_tag;
	frames->c_tag = (uint16_t)end->frames.c_tag;
	if (!mac_sec)
		return;
	frames->cipher = (uint8_t)mac_sec->cipher.value;
	frames->sends_sci = mac_sec->sci_state.value == SCI_ENABLED;
}

static plan_text_id key_of(struct plan *plan, const struct interface *end)
{
	return end->frames.mac_sec ? add_key(plan, end->frames.mac_sec) : 0;
}

static void add_frames(struct plan *plan, const struct cable *cable, const char *ns)
{
	const struct interface *a = cable->ends[0], *b = cable->ends[1];
	struct link_end ends[] = { top_of(plan, a), top_of(plan, b) };
	plan_text_id keys[] = { key_of(plan, a), key_of(plan, b) };
	struct step *step = plan_add_step(plan, STEP_FRAMES, ns, cable->pos);

	set_frames_end(a, &step->frames.a);
	set_frames_end(b, &step->frames.b);
	step->frames.a.end = ends[0];
	step->frames.b.end = ends[1];
	step->frames.a.mac_sec = keys[0];
	step->frames.b.mac_sec = keys[1];
	step->frames.fits = cable_frames_fit(cable);
}

void plan_add_cable(struct plan *plan, const struct cable *cable)
{
	struct link_end a = wire_of(plan, cable->ends[0]);
	struct link_end b = wire_of(plan, cable->ends[1]);
	const char *ns = interface_ns(cable->ends[0]);
	struct step *step = plan_add_step(plan, STEP_CABLE, ns, cable->pos);

	step->cable.a = a;
	step->cable.b = b;
	step->cable.mtu = cable_is_framed(cable) ? WIRE_MTU : ETHERNET_MTU;
	step->cable.delay_us = (uint32_t)lround(cable->delay_ms * 1000);
	step->cable.loss_ppm = (uint32_t)lround(cable->loss_percent * 10000);
	step->cable.rate_bps = (uint64_t)llround(cable->rate_mbps * 1e6);
	if (cable_is_framed(cable))
		add_frames(plan, cable, ns);
}
