# What it costs. Included by tests/tests.mk.

BENCH := $(PLAIN)/bench
BENCH_TOOLS := $(addprefix $(BENCH)/,alternate undisturbed pam_times exec_times null_supervisor decide commit insert floor_shell nothing)

bench_obj = $(call obj,$(addprefix tests/bench/,$(1)))
$(BENCH)/alternate $(BENCH)/undisturbed $(BENCH)/exec_times: $(call obj,$(BASE))
$(BENCH)/pam_times: $(call obj,$(BASE))
$(BENCH)/pam_times: LIBS_BENCH := -lpam
$(BENCH)/null_supervisor: $(call obj,pam_diag/confine/listener.c $(WIRE) $(BASE))
$(BENCH)/null_supervisor: LIBS_BENCH := -lseccomp
$(BENCH)/decide: $(call obj,$(POLICY) $(BASE))
$(BENCH)/decide: LIBS_BENCH := -lcrypto
$(BENCH)/commit $(BENCH)/insert: $(call bench_obj,record.c) $(call obj,$(SQL) $(BASE))
$(BENCH)/commit $(BENCH)/insert: LIBS_BENCH := -lsqlite3 -lcrypto
$(BENCH)/%: $(BUILD)/obj/tests/bench/%.o $(call bench_obj,sample.c)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $(sort $^) $(LIBS_BENCH)

# Static, as diag-shell is: what is measured is the start of a program, not of libraries.
$(BENCH)/floor_shell: tests/bench/floor_shell.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -O2 $(WARN) $(if $(CI),-Werror) -DFLOOR_FILE='"/var/lib/floor/records"' -static-pie -fPIE -o $@ $<
$(BENCH)/nothing: tests/bench/nothing.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -O2 $(WARN) $(if $(CI),-Werror) -static-pie -fPIE -o $@ $<

.PHONY: bench-build
bench-build: all $(BENCH_TOOLS) $(FILL_AUDIT) $(SHIP_SINK)

# Root. Below ten minutes, and below one; BIG=1 adds a database of ten million rows, which takes longer to make.
BENCH_PACKAGES := sudo bsdutils python3 sqlite3 procps linux-perf
.PHONY: bench bench-quick bench-deps cost
bench-deps:
	@if command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then tests/deps.sh $(BENCH_PACKAGES); fi
bench bench-quick: bench-deps
bench: bench-build
	@BIG='$(BIG)' tests/bench/bench.sh '$(PLAIN)' full
bench-quick: bench-build
	@tests/bench/bench.sh '$(PLAIN)' quick

# Every query for one day of a database of ROWS rows (kept in build/bench: some minutes and 6 GB for the ten million).
ROWS ?= 10000000
.PHONY: bench-queries
bench-queries: $(FILL_AUDIT) $(BENCH)/undisturbed
	@tests/bench/queries.sh '$(PLAIN)' '$(ROWS)'

# The pages of the documentation, from the last run.
cost:
	tests/bench/cost.sh $(BENCH)/cost.md

# Root. Many sessions while things go wrong: make soak SECONDS=600 [CLIENTS=12]; make check has twenty seconds of it.
CLIENTS ?= 12
.PHONY: soak
soak: check-build
	@tests/e2e/mishaps.sh '$(if $(filter command environment,$(firstword $(origin SECONDS))),$(SECONDS),600)' '$(CLIENTS)'
	@$(MAKE) --no-print-directory soak-records
