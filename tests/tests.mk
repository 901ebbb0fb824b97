# Tests. Included by the Makefile.

# A unit test names its source file and links every room but the processes' entry files: what it needs is pulled
# from one archive.
UNIT := $(sort $(wildcard tests/unit/t_*.c))
UNIT_BIN := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(UNIT))
PAM_BIN := $(patsubst tests/pam/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/pam/t_*.c)))
ROOMS := $(BASE) $(WIRE) $(POLICY) $(SQL) $(filter-out %/main.c,$(SUPERVISOR) $(SHELL_ROOM) $(CTL) $(SHIPPER) $(PROBE_ROOM) $(PROBER)) \
	$(filter-out %/pam_diag.c,$(MODULE)) $(filter-out %/make_filters.c,$(call room,pam_diag/confine))
$(BUILD)/tests/rooms.a: $(call obj,$(ROOMS)) $(call made_obj,$(MADE_module) $(MADE_supervisor))
	@mkdir -p $(@D)
	rm -f $@ && $(AR) rcs $@ $^

# All that the rooms need together; what a test does not use is not linked (--as-needed).
LIB_rooms := -lsqlite3 -lssl -lcrypto -lseccomp -lsystemd -lz -lcap -laudit -lpam
$(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/tests/rooms.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $< $(BUILD)/tests/rooms.a $(shell $(PKG_CONFIG) --libs check) \
		$(LIB_rooms)

# A library with relocations in its code, for the test of shipper/release.c.
TEXTREL := $(PLAIN)/tests/textrel.so
$(TEXTREL): tests/unit/textrel.s
	@mkdir -p $(@D)
	$(CC) -shared -nostdlib -Wl,-z,notext -o $@ $<
$(BUILD)/obj/tests/unit/t_shipper_release.o: CPPFLAGS += -DTEXTREL='"$(abspath $(TEXTREL))"'
$(BUILD)/tests/t_shipper_release: | $(TEXTREL)

# What the end-to-end tests run as an allowed command; it shares diag-probe's attempts.
PROBE := $(PLAIN)/tests/probe
$(PROBE): $(wildcard tests/confine/probe*.c) tests/confine/probe.h $(filter-out %/main.c,$(PROBE_ROOM)) \
		$(wildcard pam_diag/probe/*.h) pam_diag/base/num.c pam_diag/base/fd.c $(PLAIN)/config.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -I$(PLAIN) -std=gnu17 -O1 -g $(WARN) $(if $(CI),-Werror) -o $@ $(filter %.c,$^)

# A login shell that lies to the supervisor.
EVIL_SHELL := $(PLAIN)/tests/evil_shell
$(EVIL_SHELL): tests/confine/evil_shell.c $(WIRE) $(BASE) $(PLAIN)/config.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -I$(PLAIN) -std=gnu17 -O1 -g $(WARN) $(if $(CI),-Werror) -o $@ $(filter %.c,$^)

# A supervisor that lies to the operator's tool.
EVIL_SUPERVISOR := $(PLAIN)/tests/evil_supervisor
$(EVIL_SUPERVISOR): tests/confine/evil_supervisor.c $(WIRE) $(BASE) $(PLAIN)/config.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -I$(PLAIN) -std=gnu17 -O1 -g $(WARN) $(if $(CI),-Werror) -o $@ $(filter %.c,$^)

# A program with one source edited, for tests that show that a check fails when what it checks is taken out:
# make mutant P=supervisor S=pam_diag/supervisor/network.c EDIT='s/…/…/' OUT=FILE. An edit that changes nothing is an error.
.PHONY: mutant
mutant:
	@sed -e '$(EDIT)' $(S) >$(OUT).c
	@! cmp -s $(S) $(OUT).c
ifneq ($(filter $(S),$(FILTER_RULES)),)
	@$(HOSTCC) $(CPPFLAGS) -o $(OUT).make $(filter-out $(S),$(SRC_make_filters)) $(OUT).c -lseccomp
	@for program in $(MADE_$(P)); do $(OUT).make $$program $(ARCH) || exit; done | grep -v '^#include' >$(OUT).c
	@$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -include pam_diag/confine/made.h -c -o $(OUT).o $(OUT).c
else
	@$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -Wno-unused -Wno-unused-function -c -o $(OUT).o $(OUT).c
endif
	@$(CC) $(if $(filter module,$(P)),-shared,$(or $(LINK_$(P)),-pie)) $(LDFLAGS_ALL) -o $(OUT) \
		$(filter-out $(call obj,$(S)),$(call obj,$(SRC_$(P)))) \
		$(if $(filter $(S),$(FILTER_RULES)),,$(call made_obj,$(MADE_$(P)))) $(OUT).o $(LIB_$(P))

# --- The records under kill -9, failing disks and power cuts (tests/records) ------------------------------------

WRITER := $(BUILD)/tests/writer
$(WRITER): $(call obj,tests/records/writer.c $(SQL) $(BASE))
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ -lsqlite3 -lcrypto

# A long run; `make check` has a short one.
.PHONY: soak-records
soak-records: $(WRITER) $(OUT_ctl) $(OUT_ship)
	BUILD=$(BUILD) KILLS=$(or $(KILLS),300) FAULTS=$(or $(FAULTS),60) CUTS=$(or $(CUTS),40) tests/records/soak.sh

# --- The shipper's own tests (tests/ship) ------------------------------------------------------------------------

SHIP_FILL := $(BUILD)/tests/fill
$(SHIP_FILL): $(call obj,tests/ship/fill.c $(SQL) $(BASE))
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ -lsqlite3 -lcrypto

# Root, strace and systemd-journald for all of it; what cannot run says "skip".
.PHONY: ship-check
ship-check: $(SHIP_FILL) $(OUT_ship)
	BUILD=$(BUILD) tests/ship/kill.sh
	BUILD=$(BUILD) tests/ship/http.sh

# The same faults with a database that stays locked for a minute instead of seven seconds.
.PHONY: soak-ship
soak-ship: $(SHIP_FILL) $(OUT_ship)
	SHIP_LOCK_S=60 BUILD=$(BUILD) python3 tests/ship/faults.py

# The rows of a busy month to an HTTP sink on this host, beside what else could do it, ROUNDS times in turn. BIG=1 also shows the memory at
# ten million rows (five minutes to make them, and 5 GB in build/bench).
SHIP_SINK := $(BUILD)/tests/http_sink
$(SHIP_SINK): $(call obj,tests/bench/http_sink.c $(BASE))
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^
.PHONY: bench-ship
bench-ship: $(FILL_AUDIT) $(SHIP_SINK) $(OUT_ship)
	@BIG='$(BIG)' tests/bench/ship.sh '$(BUILD)' '$(if $(filter command line,$(origin ROWS)),$(ROWS),1000000)' '$(or $(ROUNDS),3)'

# --- The ready queries (tests/sql, tests/bench) --------------------------------------------------------------------

FILL_AUDIT := $(BUILD)/tests/fill_audit
$(FILL_AUDIT): $(call obj,tests/bench/fill_audit.c $(SQL) $(BASE))
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ -lsqlite3 -lcrypto

include tests/bench/bench.mk

# --- end of the shipper's tests ----------------------------------------------------------------------------------

# Every seed of every fuzz corpus is run once, under the sanitizers, without libFuzzer.
FUZZ := $(sort $(wildcard tests/fuzz/f_*.c))
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/%,$(FUZZ))
$(BUILD)/tests/f_%: $(BUILD)/obj/tests/fuzz/f_%.o $(BUILD)/obj/tests/fuzz/replay.o $(BUILD)/tests/rooms.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(BUILD)/tests/rooms.a $(LIB_rooms)

# LeakSanitizer needs to trace its process, which the supervisor, the reader and diag-shell do not allow by design: inside sshd
# they run with the leak check off (the unit tests have it on).
ASAN_OPTIONS_OBJ := $(if $(SAN),$(BUILD)/obj/tests/asan_options.o)
$(OUT_supervisor) $(OUT_shell) $(OUT_ctl) $(OUT_ship) $(OUT_probe) $(OUT_prober): $(ASAN_OPTIONS_OBJ)

.SECONDARY:

# `make check` runs everything twice where it can: as it is shipped, and under ASan and UBSan. `make check T=policy_words` or
# T=failures runs one test alone, in both.
.PHONY: check check-build
check-build: all $(UNIT_BIN) $(PAM_BIN) $(PROBE) $(EVIL_SHELL) $(EVIL_SUPERVISOR) $(SHIP_FILL) $(FILL_AUDIT) $(WRITER)
check: check-build
	@$(MAKE) --no-print-directory SAN=1 check-build san-fuzz-build
	@T='$(T)' tests/run.sh

# What a package's build can run: the unit tests whose source does not make a policy of root's own (t_policy_fixture.h).
UNPRIVILEGED := $(filter-out $(shell grep -l t_policy_fixture.h $(UNIT)),$(UNIT))
.PHONY: check-unprivileged
check-unprivileged: $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(UNPRIVILEGED))
	@set -e; for program in $^; do $$program; done

# The NixOS module. nix-check needs nix alone; nix-eval evaluates the example hosts with a real nixpkgs, given as a directory:
# make nix-eval NIXPKGS=DIR [HOME_MANAGER=DIR] [MICROVM=DIR] [IMPERMANENCE=DIR] [SOPS_NIX=DIR] [NIX_BIN=DIR of another nix]
.PHONY: nix-check nix-eval
nix-check: $(OUT_ctl)
	@tests/nix/check.sh
nix-eval: $(OUT_ctl)
	@NIXPKGS='$(NIXPKGS)' HOME_MANAGER='$(HOME_MANAGER)' MICROVM='$(MICROVM)' IMPERMANENCE='$(IMPERMANENCE)' SOPS_NIX='$(SOPS_NIX)' \
		NIX_BIN='$(NIX_BIN)' tests/nix/eval.sh

# Systems of their own, made by mmdebstrap below build/boot: one that is booted, and one with the newest OpenSSH.
BOOT_PACKAGES := mmdebstrap systemd-container
OLDEST_PACKAGES := mmdebstrap qemu-system-x86 e2fsprogs kmod
.PHONY: boot-deps check-boot check-trixie check-newest check-oldest
boot-deps:
	@if command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then tests/deps.sh $(BOOT_PACKAGES); fi
check-boot: boot-deps check-build
	@tests/boot/boot.sh
check-trixie: boot-deps
	@tests/boot/trixie.sh
# The newest SQLite: of Debian's newest release, or SUITE=sid.
check-newest: boot-deps
	@SUITE='$(SUITE)' tests/boot/newest.sh
# The oldest kernel, or KERNEL=PACKAGE/SUITE, in a virtual machine.
check-oldest: check-build
	@if command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then tests/deps.sh $(OLDEST_PACKAGES); fi
	@KERNEL='$(KERNEL)' T='$(T)' tests/boot/oldest.sh

.PHONY: san-fuzz-build
san-fuzz-build: $(FUZZ_BIN)

# Coverage-guided, a bounded time each: make fuzz SECONDS=120 [F=words]
SECONDS ?= 60
.PHONY: fuzz
fuzz: $(BUILD)/config.h
	@tests/fuzz/fuzz.sh '$(SECONDS)' '$(F)'

.PHONY: boundaries
boundaries: all
	@tests/boundaries.sh '$(BUILD)'

.PHONY: lint
lint: $(BUILD)/config.h
	@tests/lint.sh $(CPPFLAGS)

.PHONY: demo
demo: deps
	@$(MAKE) --no-print-directory all
	@tests/e2e/demo.sh

# The picture of the README, from what the demo records.
.PHONY: picture
picture: all
	@DEMO_RECORDS=build/demo.jsonl tests/e2e/demo.sh >build/demo.log
	@python3 shipper/grafana/picture.py build/demo.jsonl >docs/records.svg


# --- tests/pam ---------------------------------------------------------------------------------------------------

# Loads the module of the same tree by its path, through the real libpam; the supervisor is the one of the same tree too.
$(PAM_BIN): $(BUILD)/tests/%: $(BUILD)/obj/tests/pam/%.o $(BUILD)/tests/rooms.a | $(OUT_module) $(OUT_supervisor)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $< $(BUILD)/tests/rooms.a $(shell $(PKG_CONFIG) --libs check) \
		$(LIB_rooms)

# --- end ---------------------------------------------------------------------------------------------------------
