# What it costs. Included by tests/tests.mk.

BENCH := $(PLAIN)/bench
BENCH_SAMPLE := $(call obj,tests/bench/sample.c $(BASE))
BENCH_TOOLS := $(addprefix $(BENCH)/,alternate floor_shell)

$(BENCH)/alternate: $(call obj,tests/bench/alternate.c) $(BENCH_SAMPLE)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^

# Static, as diag-shell is.
$(BENCH)/floor_shell: tests/bench/floor_shell.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -O2 $(WARN) $(if $(CI),-Werror) -DFLOOR_FILE='"/var/lib/floor/records"' -static-pie -fPIE -o $@ $<
