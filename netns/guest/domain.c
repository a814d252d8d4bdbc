/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/domain.h"

#include "netns/guest/frame.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Translated code of a guest that does little: without a limit QEMU takes a gigabyte of room. */
#define TCG_CACHE_MB "16"

struct xml {
	const struct guest_library *l;
	xmlBufferPtr buffer;
	xmlTextWriterPtr writer;
};

static void begin(struct xml *x, const char *element)
{
	if (x->l->xmlTextWriterStartElement(x->writer, BAD_CAST element) < 0)
		abort();
}

static void end(struct xml *x)
{
	if (x->l->xmlTextWriterEndElement(x->writer) < 0)
		abort();
}

static void attribute(struct xml *x, const char *name, const char *value)
{
	if (x->l->xmlTextWriterWriteAttribute(x->writer, BAD_CAST name, BAD_CAST value) < 0)
		abort();
}

/* What is in the element that is open, which ends with that. */
static void end_with(struct xml *x, const char *value)
{
	if (x->l->xmlTextWriterWriteString(x->writer, BAD_CAST value) < 0)
		abort();
	end(x);
}

static void text(struct xml *x, const char *element, const char *value)
{
	begin(x, element);
	end_with(x, value);
}

/* An element with attributes: pairs of name and value, ended by NULL. It stays open. */
static void begin_with(struct xml *x, const char *element, ...)
{
	const char *name;
	va_list pairs;

	begin(x, element);
	va_start(pairs, element);
	while ((name = va_arg(pairs, const char *)))
		attribute(x, name, va_arg(pairs, const char *));
	va_end(pairs);
}

#define EMPTY(x, ...) (begin_with(x, __VA_ARGS__, NULL), end(x))

static void xml_begin(struct xml *x, const struct guest_library *library)
{
	x->l = library;
	x->buffer = library->xmlBufferCreate();
	x->writer = x->buffer ? library->xmlNewTextWriterMemory(x->buffer, 0) : NULL;
	if (!x->writer)
		abort();
}

static char *xml_end(struct xml *x)
{
	char *copy;

	if (x->l->xmlTextWriterEndDocument(x->writer) < 0)
		abort();
	x->l->xmlFreeTextWriter(x->writer);
	copy = strdup((const char *)x->l->xmlBufferContent(x->buffer));
	if (!copy)
		abort();
	x->l->xmlBufferFree(x->buffer);
	return copy;
}

void guest_domain_name(const struct guest_domain *guest, char name[GUEST_DOMAIN_NAME_SIZE])
{
	(void)snprintf(name, GUEST_DOMAIN_NAME_SIZE, "%s-%s", guest->lab, guest->name);
}

/* BIOS is what QEMU has by itself; it speaks on the serial port, and so does a boot loader then. */
static void add_firmware(struct xml *x, const struct guest_disk *disk)
{
	if (!disk->is_uefi) {
		EMPTY(x, "bios", "useserial", "yes");
		return;
	}
	begin_with(x, "loader", "readonly", "yes", "type", "pflash", NULL);
	end_with(x, GUEST_UEFI_CODE);
	begin_with(x, "nvram", "template", GUEST_UEFI_VARIABLES, NULL);
	end_with(x, disk->variables);
}

static void add_os(struct xml *x, const struct guest_domain *guest,
		   const struct guest_machine *machine)
{
	bool is_test = !strcmp(machine->type, "test");

	begin(x, "os");
	begin_with(x, "type", "arch", is_test ? "i686" : "x86_64", NULL);
	end_with(x, "hvm");
	if (machine->disk) {
		add_firmware(x, machine->disk);
	} else if (machine->kernel) {
		text(x, "kernel", machine->kernel);
		text(x, "initrd", machine->initrd);
		text(x, "cmdline", guest->command_line);
	}
	end(x);
}

static void add_features(struct xml *x, const struct guest_machine *machine)
{
	if (!strcmp(machine->type, "kvm"))
		EMPTY(x, "cpu", "mode", "host-passthrough");
	else if (!strcmp(machine->type, "qemu"))
		EMPTY(x, "cpu", "mode", "maximum");
	begin(x, "features");
	EMPTY(x, "acpi");
	if (!strcmp(machine->type, "qemu")) {
		begin(x, "tcg");
		begin_with(x, "tb-cache", "unit", "MiB", NULL);
		end_with(x, TCG_CACHE_MB);
		end(x);
	}
	end(x);
}

/* The TAP is there: whoever made it says in which namespace, and takes it away. */
static void add_port(struct xml *x, const struct guest_port *port)
{
	begin_with(x, "interface", "type", "ethernet", NULL);
	EMPTY(x, "mac", "address", mac_print(port->mac).text);
	EMPTY(x, "target", "dev", port->name, "managed", "no");
	EMPTY(x, "model", "type", "virtio");
	EMPTY(x, "driver", "name", "qemu"); /* vhost is not in every kernel */
	EMPTY(x, "link", "state", port->is_cut ? "down" : "up");
	EMPTY(x, "rom", "enabled", "no"); /* nothing is booted by it */
	end(x);
}

/* The console, with what was said on it before anybody looked, and the one of boot stages. */
static void add_serial(struct xml *x, const char *directory, const char *name, const char *port)
{
	char path[PATH_MAX];

	begin_with(x, "serial", "type", "unix", NULL);
	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	EMPTY(x, "source", "mode", "bind", "path", path);
	EMPTY(x, "target", "port", port);
	(void)snprintf(path, sizeof(path), "%s/%s.log", directory, name);
	EMPTY(x, "log", "file", path, "append", "off");
	end(x);
}

/* What leads to the agent in its image; netns/guest/frame.h is what is said on it. */
static void add_agent(struct xml *x, const char *directory)
{
	char path[PATH_MAX];

	begin_with(x, "channel", "type", "unix", NULL);
	(void)snprintf(path, sizeof(path), "%s/%s", directory, GUEST_AGENT);
	EMPTY(x, "source", "mode", "bind", "path", path);
	EMPTY(x, "target", "type", "virtio", "name", FRAME_PORT);
	end(x);
}

/*
 * The whole chain is said, with its formats and its end, so that QEMU looks for none of it in what
 * is on the disks.
 */
static void add_disks(struct xml *x, const struct guest_disk *disk)
{
	begin_with(x, "disk", "type", "file", "device", "disk", NULL);
	EMPTY(x, "driver", "name", "qemu", "type", "qcow2", "discard", "unmap");
	EMPTY(x, "source", "file", disk->overlay);
	begin_with(x, "backingStore", "type", "file", NULL);
	EMPTY(x, "format", "type", disk->format);
	EMPTY(x, "source", "file", disk->image);
	EMPTY(x, "backingStore");
	end(x);
	EMPTY(x, "target", "dev", "vda", "bus", "virtio");
	EMPTY(x, "boot", "order", "1");
	end(x);
	begin_with(x, "disk", "type", "file", "device", "disk", NULL);
	EMPTY(x, "driver", "name", "qemu", "type", "raw");
	EMPTY(x, "source", "file", disk->seed);
	EMPTY(x, "target", "dev", "vdb", "bus", "virtio");
	EMPTY(x, "readonly");
	end(x);
	begin_with(x, "rng", "model", "virtio", NULL);
	begin_with(x, "backend", "model", "random", NULL);
	end_with(x, "/dev/urandom");
	end(x);
}

char *guest_port_xml(const struct guest_library *library, const struct guest_port *port)
{
	struct xml x;

	xml_begin(&x, library);
	add_port(&x, port);
	return xml_end(&x);
}

char *guest_domain_xml(const struct guest_library *library, const struct guest_domain *guest,
		       const struct guest_machine *machine)
{
	char name[GUEST_DOMAIN_NAME_SIZE], number[16];
	struct xml x;

	xml_begin(&x, library);
	guest_domain_name(guest, name);
	begin_with(&x, "domain", "type", machine->type, NULL);
	text(&x, "name", name);
	begin(&x, "metadata");
	EMPTY(&x, "hublab:guest", "xmlns:hublab", GUEST_METADATA_URI, "lab", guest->lab, "name",
	      guest->name);
	end(&x);
	(void)snprintf(number, sizeof(number), "%u", guest->memory_mb);
	begin_with(&x, "memory", "unit", "MiB", NULL);
	end_with(&x, number);
	(void)snprintf(number, sizeof(number), "%u", guest->vcpus);
	text(&x, "vcpu", number);
	add_os(&x, guest, machine);
	add_features(&x, machine);
	text(&x, "on_poweroff", "destroy");
	text(&x, "on_reboot", "restart");
	text(&x, "on_crash", "destroy");
	begin(&x, "devices");
	EMPTY(&x, "controller", "type", "usb", "model", "none");
	if (machine->disk)
		add_disks(&x, machine->disk);
	for (uint32_t i = 0; i < guest->port_count; i++)
		add_port(&x, &guest->ports[i]);
	if (machine->directory) {
		add_serial(&x, machine->directory, GUEST_CONSOLE, "0");
		add_serial(&x, machine->directory, GUEST_STAGES, "1");
		if (!machine->disk)
			add_agent(&x, machine->directory);
	}
	EMPTY(&x, "memballoon", "model", "none");
	end(&x);
	end(&x);
	return xml_end(&x);
}
