# hublab. Everything is built under build/$(CONFIG); build/hublab is the last one built.
#
#   make            the program            make demo       the reference lab, shown to work
#   make check      every test            make check-vm   those that need another kernel
#   make check-long those that take long
#   make conformance  how far labs are as Azure: docs/conformance.md
#   make pictures   the README's pictures and recording
#   make images     what guests of `kind: libvirt` boot, with the agent that runs in them
#   make deps       what Debian has to install (asked for by demo and check)

CONFIG  ?= release
ifeq ($(origin CC),default)
CC      := gcc
endif
PREFIX  ?= /usr/local
VERSION := 0.1.0
DATE    := 2026-11-22
Q       := $(if $(V),,@)
BUILD   := build/$(CONFIG)$(if $(filter clang%,$(CC)),-clang)

PKGS := libnl-3.0 libnl-genl-3.0 libnftables libevent jansson libcurl yaml-0.1 ncursesw
# what is loaded when the first guest is asked for: its headers
PKGS_LOADED := libvirt libxml-2.0
# asked once, and only when something is compiled: `make deps` runs before pkg-config is there
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) $(PKGS_LOADED)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)

FLAGS.release := -O2 -g
FLAGS.debug   := -Og -g -Werror
FLAGS.asan    := -O1 -g -Werror -fsanitize=address,undefined -fno-sanitize-recover=all \
		 -fno-omit-frame-pointer
FLAGS.fuzz    := $(FLAGS.asan) -fsanitize=fuzzer-no-link
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
	-Wpointer-arith -Wwrite-strings -Wundef
CPPFLAGS += -I. -D_GNU_SOURCE -DHUBLAB_VERSION='"$(VERSION)"' -DHUBLAB_DATE='"$(DATE)"' \
	    -DHUBLAB_DATADIR='"$(PREFIX)/share/hublab"'
CFLAGS   += -std=gnu17 $(WARN) $(FLAGS.$(CONFIG))
LDLIBS   += $(PKG_LIBS) -lm

objs = $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard $(1))))

LAB_OBJS   := $(call objs,lab/*/*.c)
NETNS_OBJS := $(call objs,netns/*/*.c)
VIEW_OBJS  := $(call objs,tui/view/*.c)
TUI_OBJS   := $(filter-out $(VIEW_OBJS),$(call objs,tui/*.c tui/*/*.c))
SUPPORT    := $(BUILD)/support.a
UNIT       := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/unit/*.c)))
NETNS_TEST := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/netns/*.c)))
PROPERTY   := $(BUILD)/tests/property/property
FUZZ       := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/fuzz/*.c)))
# the longest first: what runs beside them then ends at about the same time
LONGEST    := $(patsubst %,tests/root/%.sh,test timers nva internet nsg_property golden_labs)
SCENARIO   := $(LONGEST) $(filter-out $(LONGEST),$(sort $(wildcard tests/root/*.sh tests/screen/*.sh)))
# what runs inside guests: static, and made for no configuration of ours
AGENT_SRC  := $(wildcard netns/guest/agent/*.c) $(addprefix netns/,guest/frame.c guest/frame_send.c \
	      guest/lane.c loop/loop.c probe/icmp.c probe/datagram.c) $(addprefix lab/base/,cleanup.c err.c inet_sum.c ip.c)
SOURCES    := $(wildcard lab/*/*.[ch] netns/*/*.[ch] netns/*/*/*.[ch] tui/*.[ch] tui/*/*.[ch] tests/*/*.[ch])

all: build/hublab build/completion build/man build/hublab.schema.json

build/hublab: $(BUILD)/hublab FORCE
	@ln -sfn $(notdir $(BUILD))/hublab $@

$(BUILD)/hublab: $(TUI_OBJS) $(BUILD)/view.a $(BUILD)/netns.a $(BUILD)/lab.a
	@echo "  LD $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(LDLIBS)

# what the program writes about itself
build/completion: $(BUILD)/hublab
	@echo "  WRITE $@"
	$(Q)rm -rf $@ $@.new && mkdir -p $@.new
	$(Q)$< completion bash >$@.new/hublab
	$(Q)$< completion zsh >$@.new/_hublab
	$(Q)$< completion fish >$@.new/hublab.fish
	@mv $@.new $@

build/man: $(BUILD)/hublab templates/vpner/lab.yaml
	@echo "  WRITE $@"
	$(Q)rm -rf $@ $@.new && mkdir -p $@.new
	$(Q)pages=$$($< __man) && for page in $$pages; do $< __man $$page >$@.new/$$page || exit; done
	@mv $@.new $@

build/hublab.schema.json: $(BUILD)/hublab
	@echo "  WRITE $@"
	$(Q)$< schema >$@.new
	@mv $@.new $@

$(BUILD)/lab.a: $(LAB_OBJS)
$(BUILD)/view.a: $(VIEW_OBJS)
$(SUPPORT): $(call objs,tests/support/*.c)
$(BUILD)/netns.a: $(NETNS_OBJS)
%.a:
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(PKG_CFLAGS) -MMD -MP -c $< -o $@

# unit tests see the pure half only, so the linker keeps the layers
UNIT_PKGS := cmocka yaml-0.1 jansson
$(UNIT): %: %.o $(SUPPORT) $(BUILD)/view.a $(BUILD)/lab.a
	@echo "  LD $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(shell pkg-config --libs $(UNIT_PKGS)) -lm
$(NETNS_TEST): %: %.o $(SUPPORT) $(BUILD)/netns.a $(BUILD)/lab.a
	@echo "  LD $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(shell pkg-config --libs cmocka) $(LDLIBS)

# the program loads it when it is asked to filter; here filters are run
$(BUILD)/tests/netns/test_packet_filter: LDLIBS += -lpcap

# With CONFIG=fuzz a fuzzer; else what replays the inputs that were kept.
FUZZ_MAIN := $(if $(filter fuzz,$(CONFIG)),,$(SUPPORT))
$(FUZZ): %: %.o $(FUZZ_MAIN) $(BUILD)/netns.a $(BUILD)/lab.a
	@echo "  LD $@"
	$(Q)$(CC) $(CFLAGS) $(if $(FUZZ_MAIN),,-fsanitize=fuzzer) $(LDFLAGS) $^ -o $@ \
		$(shell pkg-config --libs $(UNIT_PKGS)) -lm

$(PROPERTY): $(call objs,tests/property/*.c) $(BUILD)/netns.a $(BUILD)/lab.a
	@echo "  LD $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(LDLIBS)
build/property: $(PROPERTY) FORCE
	@ln -sfn $(PROPERTY:build/%=%) $@

$(BUILD)/tests/flood/flood: $(BUILD)/tests/flood/flood.o
	@echo "  LD $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@
build/flood: $(BUILD)/tests/flood/flood FORCE
	@ln -sfn $(<:build/%=%) $@

$(BUILD)/tests/rows/rows: $(BUILD)/tests/rows/rows.o $(SUPPORT) $(BUILD)/lab.a
	@echo "  LD $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(shell pkg-config --libs $(UNIT_PKGS)) -lm
build/rows: $(BUILD)/tests/rows/rows FORCE
	@ln -sfn $(<:build/%=%) $@

build/agent: $(AGENT_SRC) $(wildcard netns/guest/*.h netns/guest/agent/*.h netns/loop/*.h) Makefile
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) $(CPPFLAGS) -std=gnu17 $(WARN) -Os -ffunction-sections -fdata-sections -s -static \
		-Wl,--gc-sections -Wl,--no-warnings $(AGENT_SRC) -o $@ -levent_core

tests: $(UNIT) $(NETNS_TEST) $(FUZZ) build/property build/flood build/rows build/hublab

# ---- for people ----

deps:
	@.ci/deps
deps-bench:
	@.ci/deps bench

demo:
	@.ci/deps
	@$(MAKE) --no-print-directory all
	@tests/demo

# As root what touches the kernel runs twice: as root, and as an ordinary user on a copy of the tree,
# then without the last rounds of what repeats itself.
check:
	@tests/with-deps
	-@$(MAKE) --no-print-directory build/agent && netns/guest/image/build
	@$(MAKE) --no-print-directory -j "$$(nproc)" tests
	@$(MAKE) --no-print-directory check-built
	@if [ "$$(id -u)" = 0 ]; then tests/as-user env KILL_ROUNDS=12 CATALOGUE_EVERY=3 BRIEF=1 \
		make --no-print-directory check-kernel \
		CONFIG=$(CONFIG) CC=$(CC); fi

# What is built already (make tests); also the whole of an ordinary user's check. Which of them run
# beside each other: tests/run.
check-built: tests
	tests/run $(SCENARIO) $(NETNS_TEST) $(UNIT) $(FUZZ) tests/conformance/check
check-kernel: tests
	tests/run $(SCENARIO) $(NETNS_TEST)

# 10,000 packets in 25 random labs, 100,000 where NSGs filter: others with another SEED
SEED ?= 1
check-long: build/property build/hublab
	FIRST=$(SEED) LABS=25 FLOWS=400 tests/run tests/root/property.sh
	FIRST=$(SEED) LABS=50 tests/run tests/root/nsg_property.sh
	SEED=$(SEED) QUESTIONS=50 TEMPLATES="$$(ls templates | grep -v README)" \
		RANDOM_LABS="$$(seq -f lab:%g 1 10) $$(seq -f nsg-lab:%g 1 10)" \
		tests/run tests/root/why_random.sh
	TEMPLATES="$$(ls templates | grep -v README)" tests/run tests/root/up_steps.sh
	TEMPLATES="$$(sed -n 's/^template: //p' tests/catalogue/*.yaml | sort -u | tr '\n' ' ')" \
		tests/run tests/root/whatif_catalogue.sh
	NODES="az-spk1-lxvm azure-er-circuit-primary megaport-mcr branch-er-circuit-primary branch-vm1" \
		KINDS="unreachable prohibit" tests/run tests/root/no_false_green.sh
	KINDS="frr charon refused" tests/run tests/root/no_false_green_daemons.sh
	STARTS=1 tests/run tests/root/user_image_uefi.sh tests/long/*.sh

unit: $(UNIT) $(NETNS_TEST) $(FUZZ)
	tests/run $^

# How far labs are as Azure, case by case and rule by rule.
conformance: $(BUILD)/tests/unit/test_golden_azure build/hublab
	tests/conformance/write >build/conformance.md
	@mv build/conformance.md docs/conformance.md

BENCH := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
$(BENCH): %: %.o
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(LDLIBS)
$(BUILD)/tests/bench/bench_routes $(BUILD)/tests/bench/bench_verdict: $(BUILD)/lab.a
bench: $(BENCH) all
	tests/bench/run $(BUILD)

# Beside Mininet and ip -batch; what it needs, users do not: make deps-bench installs it.
bench-peers: all
	tests/bench/peers $(BUILD)

# New inputs for SECONDS each; those that break something are kept, for make check to replay.
SECONDS ?= 60
fuzz:
	$(MAKE) --no-print-directory CC=clang CONFIG=fuzz fuzz-run
fuzz-run: $(FUZZ)
	for f in $(FUZZ); do name=$$(basename $$f); corpus=tests/fuzz/corpus/$$name; \
		mkdir -p $(BUILD)/found/$$name; \
		$$f -max_total_time=$(SECONDS) -timeout=5 -max_len=8192 -print_final_stats=0 \
			-artifact_prefix=$$corpus/ $(BUILD)/found/$$name $$corpus \
			tests/golden/diag templates/vpner || exit; done

# The pictures of the README, of golden screens, and its recording, which takes two minutes.
pictures: all
	for view in map flow_fails matrix_mesh security gateways menu; do \
		LC_ALL=C awk -f docs/svg.awk tests/golden/screen/$${view}_80x24_utf8_colour.ans \
			>docs/pictures/$$view.svg || exit; done
	LC_ALL=C awk -f docs/svg.awk tests/golden/screen/vms_80x24_utf8_colour.ans >docs/screen.svg
	RECORD=$(CURDIR)/docs/newcomer.cast tests/screen/newcomer.sh

# What guests of `kind: libvirt` boot.
images:
	@.ci/deps
	@$(MAKE) --no-print-directory build/agent
	netns/guest/image/build

check-vm:
	@.ci/deps
	@$(MAKE) --no-print-directory all
	tests/vm/run

# ---- for the code ----

lint:
	tests/lint-layers
	@clang-format --dry-run -Werror $(SOURCES)
	cppcheck -j 2 --quiet --error-exitcode=1 --std=c11 --inline-suppr --library=.cppcheck.cfg \
		-I. -D_GNU_SOURCE lab netns tui
	@mkdir -p build
	@printf '%s\n' -std=gnu17 $(CPPFLAGS) -I$(CURDIR) $(PKG_CFLAGS) >build/compile_flags.txt
	@printf '%s\n' $(filter %.c,$(SOURCES)) | xargs -P 2 -n 8 clang-tidy --quiet -p build 2>&1 | \
		{ ! grep -E -A 8 ': (error|warning): '; }

format:
	clang-format -i $(SOURCES)

SHARE = $(DESTDIR)$(PREFIX)/share

install: all
	install -D -m 755 $(BUILD)/hublab $(DESTDIR)$(PREFIX)/bin/hublab
	for t in templates/*; do \
		install -D -m 644 -t $(SHARE)/hublab/$$t $$t/*; done
	install -D -m 644 -t $(SHARE)/hublab build/hublab.schema.json
	for image in kernel initrd router; do [ ! -e build/images/$$image ] || \
		install -D -m 644 -t $(SHARE)/hublab/images build/images/$$image; done
	install -D -m 644 -t $(SHARE)/doc/hublab README.md docs/*.md
	for page in build/man/*; do \
		install -D -m 644 -t $(SHARE)/man/man$${page##*.} $$page; done
	install -D -m 644 -t $(SHARE)/bash-completion/completions build/completion/hublab
	install -D -m 644 -t $(SHARE)/zsh/site-functions build/completion/_hublab
	install -D -m 644 -t $(SHARE)/fish/vendor_completions.d build/completion/hublab.fish

dist:
	@mkdir -p build
	git archive --prefix=hublab-$(VERSION)/ -o build/hublab-$(VERSION).tar.gz HEAD

clean:
	rm -rf build

FORCE:
.PHONY: all tests deps deps-bench demo check check-built check-kernel check-long unit conformance bench bench-peers fuzz \
	fuzz-run images pictures check-vm lint format install dist clean FORCE
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
