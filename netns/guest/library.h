/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * libvirt and libxml2, loaded when the first guest is asked for: with what they need in turn
 * (GnuTLS, SASL, ICU) they have no place in the other processes of a lab, which are all this one
 * program.
 */
#include "lab/base/err.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <libxml/xmlwriter.h>

#define LIBVIRT_FUNCTIONS(X)                                                                       \
	X(virEventRegisterDefaultImpl)                                                             \
	X(virEventRunDefaultImpl)                                                                  \
	X(virSetErrorFunc)                                                                         \
	X(virGetLastErrorMessage)                                                                  \
	X(virConnectOpen)                                                                          \
	X(virConnectClose)                                                                         \
	X(virConnectDomainEventRegisterAny)                                                        \
	X(virDomainLookupByName)                                                                   \
	X(virDomainCreateXML)                                                                      \
	X(virDomainDestroy)                                                                        \
	X(virDomainReset)                                                                          \
	X(virDomainSave)                                                                           \
	X(virDomainRestore)                                                                        \
	X(virDomainIsActive)                                                                       \
	X(virDomainFree)                                                                           \
	X(virDomainGetName)                                                                        \
	X(virDomainGetMetadata)                                                                    \
	X(virDomainUpdateDeviceFlags)

#define LIBXML_FUNCTIONS(X)                                                                        \
	X(xmlBufferCreate)                                                                         \
	X(xmlBufferFree)                                                                           \
	X(xmlBufferContent)                                                                        \
	X(xmlNewTextWriterMemory)                                                                  \
	X(xmlFreeTextWriter)                                                                       \
	X(xmlTextWriterStartElement)                                                               \
	X(xmlTextWriterEndElement)                                                                 \
	X(xmlTextWriterWriteAttribute)                                                             \
	X(xmlTextWriterWriteString)                                                                \
	X(xmlTextWriterEndDocument)

#define LIBRARY_MEMBER(name) __typeof__(name) *name;
struct guest_library {
	LIBVIRT_FUNCTIONS(LIBRARY_MEMBER)
	LIBXML_FUNCTIONS(LIBRARY_MEMBER)
};
#undef LIBRARY_MEMBER

/* Borrowed, for as long as the process; NULL with the package that is missing. */
const struct guest_library *guest_library(struct err *err);

/* Is libvirt's driver for QEMU there, which is a package of its own? */
int guest_library_has_qemu(struct err *err);
