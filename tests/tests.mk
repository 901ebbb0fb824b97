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
