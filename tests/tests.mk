# Tests. Included by the Makefile.

# A unit test names its source file and links every room but the processes' entry files: what it needs is pulled
# from one archive.
UNIT := $(sort $(wildcard tests/unit/t_*.c))
UNIT_BIN := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(UNIT))
ROOMS := $(BASE) $(WIRE) $(POLICY) $(SQL) $(filter-out %/main.c,$(SUPERVISOR) $(SHELL_ROOM) $(CTL) $(SHIPPER)) \
	$(call room,pam_diag/confine)
$(BUILD)/tests/rooms.a: $(call obj,$(ROOMS))
	@mkdir -p $(@D)
	rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/tests/rooms.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $< $(BUILD)/tests/rooms.a $(shell pkg-config --libs check) \
		-lsqlite3 -lcrypto -lseccomp -lsystemd -lcap -lpam

.PHONY: unit
unit: $(UNIT_BIN)

# What the end-to-end tests run as an allowed command.
PROBE := build/tests/probe
$(PROBE): tests/confine/probe.c pam_diag/base/num.c pam_diag/base/fd.c build/config.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Ibuild -std=gnu17 -O1 -g $(WARN) -o $@ $(filter %.c,$^)

# --- The shipper's own tests (tests/ship) ------------------------------------------------------------------------

SHIP_FILL := $(BUILD)/tests/fill
$(SHIP_FILL): $(call obj,tests/ship/fill.c $(SQL) $(BASE))
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ -lsqlite3 -lcrypto

# Root, strace and systemd-journald for all of it; what cannot run says "skip".
.PHONY: ship-check
ship-check: $(SHIP_FILL) $(OUT_ship)
	BUILD=$(BUILD) tests/ship/kill.sh

# --- end of the shipper's tests ----------------------------------------------------------------------------------
