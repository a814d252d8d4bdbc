/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* A guest, and the XML by which libvirt is told of it. Nothing here asks libvirt anything. */
#include "lab/model/topology.h"
#include "netns/guest/library.h"

#include <limits.h>

#define GUEST_PORTS_MAX         8
#define GUEST_COMMAND_LINE_SIZE 2048 /* what Linux takes on x86 */

/* By which metadata of domains hublab knows its own. */
#define GUEST_METADATA_URI "urn:hublab:guest:1"

/* Sockets of its serial ports: the console, what its image says of how far it is, its agent. */
#define GUEST_CONSOLE "console"
#define GUEST_STAGES  "stages"
#define GUEST_AGENT   "agent"

/* A NIC of a guest: the TAP device, in a namespace of the lab, that is its port. */
struct guest_port {
	char ns[128], name[IFNAME_SIZE];
	uint8_t mac[MAC_SIZE];
	bool is_cut; /* the guest sees no carrier */
};

struct guest_domain {
	char lab[128], name[128];
	uint32_t memory_mb;
	uint32_t is_router; /* it boots their image */
	uint32_t port_count;
	struct guest_port ports[GUEST_PORTS_MAX];
	char command_line[GUEST_COMMAND_LINE_SIZE];
	uint32_t vcpus;
	/* of an image of the user's; "" without one */
	char image[PATH_MAX];
	char seed[96]; /* the number of what cloud-init is told */
	bool is_uefi;
};

/* Of a guest that boots such an image: all are paths that QEMU can read. */
struct guest_disk {
	char image[PATH_MAX], overlay[PATH_MAX], seed[PATH_MAX], variables[PATH_MAX];
	const char *format; /* of the image */
	bool is_uefi;
};

/* UEFI, of Debian's package ovmf: itself, and what its variables are to begin with. */
#define GUEST_UEFI_CODE      "/usr/share/OVMF/OVMF_CODE_4M.fd"
#define GUEST_UEFI_VARIABLES "/usr/share/OVMF/OVMF_VARS_4M.fd"

/* What it runs on. */
struct guest_machine {
	const char *type;              /* as libvirt calls it: "kvm", "qemu" (TCG), "test" */
	const char *kernel, *initrd;   /* NULL: there is nothing to boot */
	const char *directory;         /* of the sockets of its serial ports; NULL: it has none */
	const struct guest_disk *disk; /* in the place of a kernel; NULL */
};

/* LAB-NAME: what libvirt knows it by. */
#define GUEST_DOMAIN_NAME_SIZE 260
void guest_domain_name(const struct guest_domain *guest, char name[GUEST_DOMAIN_NAME_SIZE]);

/* To be freed by the caller. */
char *guest_domain_xml(const struct guest_library *library, const struct guest_domain *guest,
		       const struct guest_machine *machine) NODISCARD;
/* Of one of its ports, to tell whether it has a carrier. */
char *guest_port_xml(const struct guest_library *library, const struct guest_port *port) NODISCARD;
