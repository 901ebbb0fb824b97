# One non-recursive Makefile. Folder = process or shared room; the lists under "What each process is made of" are
# the proof: what is not named there is not linked (`make boundaries` checks it with nm).

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
LOCALSTATEDIR ?= /var
RUNSTATEDIR ?= /run
# CROSS=aarch64-linux-gnu builds a tree of its own for that machine, with its compiler and its libraries below SYSROOT (`make cross`).
ifdef CROSS
CC := $(CROSS)-gcc --sysroot=$(SYSROOT)
AR := $(CROSS)-ar
PKG_CONFIG := PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(CROSS)/pkgconfig pkg-config
endif
PKG_CONFIG ?= pkg-config

# SAN=1 builds a second tree under ASan and UBSan. The module inside sshd is never sanitized there (sshd is not).
PLAIN := build$(if $(CROSS),/$(CROSS))
BUILD := $(PLAIN)$(if $(SAN),/asan)

# PAM's module directory differs by distribution; the one that is there wins.
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
SECUREDIR ?= $(firstword $(patsubst %/pam_unix.so,%,$(wildcard /lib/$(MULTIARCH)/security/pam_unix.so \
	/usr/lib/$(MULTIARCH)/security/pam_unix.so /lib64/security/pam_unix.so /usr/lib64/security/pam_unix.so \
	/lib/security/pam_unix.so)) $(PREFIX)/lib/security)
# systemd looks there for units (systemd.unit(5)), also below /usr/local.
UNITDIR ?= $(PREFIX)/lib/systemd/system
DESTDIR ?=
# diag-ship loads these by itself, for the sinks that need them (shipper/library.h): a name that ld.so finds, or a path.
LIBSYSTEMD ?= libsystemd.so.0
LIBCURL ?= libcurl.so.4

comma := ,
VERSION := 0.1.0
CC ?= gcc
PKGS := libcurl zlib sqlite3 libssl libcrypto libseccomp libsystemd
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wcast-qual -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wundef -Wnull-dereference
HARDEN := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer,\
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3) \
	-fstack-protector-strong -fstack-clash-protection $(if $(filter x86_64%,$(MULTIARCH)),-fcf-protection=full) \
	$(if $(findstring clang,$(CC)),,-ftrivial-auto-var-init=zero) -fvisibility=hidden
OPT ?= $(if $(SAN),-O1,-O2) -g
CPPFLAGS += -D_GNU_SOURCE -I. -I$(BUILD)
CFLAGS_ALL := -std=gnu17 $(OPT) $(WARN) $(if $(CI),-Werror) $(HARDEN) -fPIC $(CFLAGS)
LDFLAGS_ALL := -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code -Wl,--as-needed $(if $(SAN),-fsanitize=address$(comma)undefined) \
	$(LDFLAGS)

room = $(sort $(wildcard $(1)/*.c))
obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

# --- What each process is made of -------------------------------------------------------------------------------

BASE := $(call room,pam_diag/base)
WIRE := $(call room,pam_diag/wire)
POLICY := $(call room,pam_diag/policy)
SQL := $(call room,sql)
SUPERVISOR := $(call room,pam_diag/supervisor)
SHELL_ROOM := $(call room,pam_diag/shell)
CTL := $(call room,pam_diag/ctl)
SHIPPER := $(call room,shipper) $(call room,shipper/sinks)
MODULE := $(call room,pam_diag/module)
PROBE_ROOM := $(call room,pam_diag/probe)
PROBER := $(call room,pam_diag/prober)

# confine/ is one file per kernel mechanism; each process takes the mechanisms that it uses.
CONFINE_MODULE := $(addprefix pam_diag/confine/,mounts.c mask.c place.c listing.c mountinfo.c overlay.c filter.c bpf_load.c landlock.c layers.c cgroup.c cgroup_limit.c cgroup_path.c)
CONFINE_SUPERVISOR := $(addprefix pam_diag/confine/,listener.c landlock.c reader_filter.c kaudit_filter.c bpf_load.c cgroup_path.c)
CONFINE_SHELL := $(addprefix pam_diag/confine/,landlock.c bpf_load.c)
CONFINE_CTL := $(addprefix pam_diag/confine/,landlock.c layers.c)
CONFINE_PROBER := pam_diag/confine/cover.c
# How diag-probe and diag-prober try, and how they say what they have found.
PROBE_SHARED := $(addprefix pam_diag/probe/,finding.c try.c)

# What each seccomp list says, and how libseccomp makes a program of it: for this machine, when this is built.
FILTER_RULES := $(addprefix pam_diag/confine/,bpf.c filter_rules.c stage_rules.c reader_rules.c kaudit_rules.c)
SRC_make_filters := pam_diag/confine/make_filters.c $(FILTER_RULES) pam_diag/base/fd.c pam_diag/base/mem.c
MADE_module := session
MADE_supervisor := stage reader kaudit
made_obj = $(patsubst %,$(BUILD)/obj/made/%.o,$(1))

SRC_module := $(MODULE) $(CONFINE_MODULE) $(WIRE) $(BASE)
SRC_supervisor := $(SUPERVISOR) $(CONFINE_SUPERVISOR) $(POLICY) $(SQL) $(WIRE) $(BASE)
SRC_shell := $(SHELL_ROOM) $(CONFINE_SHELL) $(WIRE) $(BASE)
SRC_ctl := $(CTL) $(CONFINE_CTL) pam_diag/probe/finding.c $(POLICY) $(SQL) $(WIRE) $(BASE)
SRC_probe := $(PROBE_ROOM) $(BASE)
SRC_prober := $(PROBER) $(PROBE_SHARED) $(CONFINE_PROBER) $(BASE)
# ship.conf is read as the policy is, and points in time are written as for diagctl.
SHIP_READER := $(addprefix pam_diag/policy/,ini.c errors.c measure.c trust.c) pam_diag/ctl/when.c
SRC_ship := $(SHIPPER) $(SHIP_READER) $(SQL) $(BASE)

LIB_module := -lpam
LIB_supervisor := -lsqlite3 -lcrypto -lcap -laudit
LIB_shell :=
LIB_ctl := -lsqlite3 -lcrypto -lsystemd
LIB_probe :=
LIB_prober := -lpam
LIB_ship := -lsqlite3 -lssl -lcrypto -lz

OUT_module := $(BUILD)/lib/security/pam_diag.so
OUT_supervisor := $(BUILD)/libexec/pam_diag/diag-supervisor
OUT_shell := $(BUILD)/bin/diag-shell
OUT_ctl := $(BUILD)/bin/diagctl
OUT_ship := $(BUILD)/bin/diag-ship
OUT_probe := $(BUILD)/libexec/pam_diag/diag-probe
OUT_prober := $(BUILD)/libexec/pam_diag/diag-prober
OUTS := $(OUT_module) $(OUT_supervisor) $(OUT_shell) $(OUT_ctl) $(OUT_ship) $(OUT_probe) $(OUT_prober)

# -----------------------------------------------------------------------------------------------------------------

.PHONY: all
all: $(OUTS)

# The installed paths are compiled in; the file changes only when they do, and then everything is made again.
define CONFIG_H
/* Made by the Makefile: where things are installed. */
#pragma once
#define PAM_DIAG_VERSION "$(VERSION)"
#define PATH_POLICY "$(SYSCONFDIR)/pam_diag/policy.conf"
#define PATH_PROFILES "$(PREFIX)/share/pam_diag/commands"
#define PATH_DB "$(LOCALSTATEDIR)/lib/pam_diag/audit.db"
#define PATH_SHIP_CONF "$(SYSCONFDIR)/pam_diag/ship.conf"
#define PATH_RUN "$(RUNSTATEDIR)/pam_diag"
#define PATH_SHIP_STATE "$(LOCALSTATEDIR)/lib/pam_diag/ship"
#define PATH_SUPERVISOR "$(PREFIX)/libexec/pam_diag/diag-supervisor"
#define PATH_SHELL "$(PREFIX)/bin/diag-shell"
#define PATH_PROBE "$(PREFIX)/libexec/pam_diag/diag-probe"
#define PATH_PROBER "$(PREFIX)/libexec/pam_diag/diag-prober"
#define PATH_DBUS_RULES "$(SYSCONFDIR)/dbus-1/system.d/pam_diag.conf"
#define PATH_POLKIT_RULES "$(SYSCONFDIR)/polkit-1/rules.d/00-pam_diag.rules"
#define PATH_PAM_SERVICES "$(SYSCONFDIR)/pam.d"
#define LIBSYSTEMD "$(LIBSYSTEMD)"
#define LIBCURL "$(LIBCURL)"
#define AUDIT_USER "diag-audit"
endef
export CONFIG_H
$(BUILD)/config.h: FORCE
	@mkdir -p $(BUILD)
	@printf '%s\n' "$$CONFIG_H" >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
.PHONY: FORCE
FORCE:

$(BUILD)/obj/%.o: %.c $(BUILD)/config.h Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# The SQL texts are assembled into this object (sql/embed.c).
$(BUILD)/obj/sql/embed.o: sql/schema.sql sql/schema-2.sql sql/views.sql
$(BUILD)/obj/shipper/schema.o: shipper/schema.json

# The seccomp programs are made by the machine that builds, for the one that it builds for.
ARCH := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
HOSTCC ?= $(if $(CROSS),gcc,$(CC))
MAKE_FILTERS := $(PLAIN)/make-filters
$(MAKE_FILTERS): $(SRC_make_filters) $(wildcard pam_diag/confine/*_rules.h) pam_diag/confine/bpf.h
	@mkdir -p $(@D)
	$(HOSTCC) $(CPPFLAGS) -std=gnu17 -O1 $(WARN) $(if $(CI),-Werror) -o $@ $(filter %.c,$^) -lseccomp
$(PLAIN)/made/%.c: $(MAKE_FILTERS)
	@mkdir -p $(@D)
	$(MAKE_FILTERS) $* $(ARCH) >$@.new && mv $@.new $@
$(BUILD)/obj/made/%.o: $(PLAIN)/made/%.c pam_diag/confine/made.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -c -o $@ $<

$(OUT_supervisor): $(call made_obj,$(MADE_supervisor))
$(OUT_module): $(call obj,$(SRC_module)) $(call made_obj,$(MADE_module)) pam_diag/module/exports.map
	@mkdir -p $(@D)
	$(CC) -shared $(LDFLAGS_ALL) -Wl,--version-script=pam_diag/module/exports.map -Wl,-z,defs -o $@ \
		$(call obj,$(SRC_module)) $(call made_obj,$(MADE_module)) $(LIB_module)

# diag-shell is static: ld.so would obey the LD_* variables that sshd can be told to accept from the client, and this is the one
# program of ours that starts with such an environment. (glob(3) brings in getpwnam, which is used for ~ alone, hence the
# silenced warning of the linker.)
LINK_shell ?= $(if $(SAN),-pie,-static-pie -Wl,--no-warnings)

define PROGRAM
$$(OUT_$(1)): $$(call obj,$$(SRC_$(1)))
	@mkdir -p $$(@D)
	$$(CC) $$(or $$(LINK_$(1)),-pie) $$(LDFLAGS_ALL) -o $$@ $$^ $$(LIB_$(1))
endef
$(foreach p,supervisor shell ctl ship probe prober,$(eval $(call PROGRAM,$(p))))

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

include tests/tests.mk

# Everything, the tests too, for the other architecture; nothing of it is run. Debian's cross compiler, and the libraries of an arm64 Debian
# that are unpacked below build/ and nowhere installed.
CROSS_PACKAGES := gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross libc6-dev libseccomp-dev mmdebstrap pkg-config make
.PHONY: cross
cross:
	@tests/cross.sh aarch64-linux-gnu arm64 $(CROSS_PACKAGES)

# --- Installing --------------------------------------------------------------------------------------------------

# SECUREDIR of the host by default; a private PREFIX takes the module along when SECUREDIR= is given.
.PHONY: install
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/pam_diag $(DESTDIR)$(SECUREDIR) \
		$(DESTDIR)$(PREFIX)/share/pam_diag/commands $(DESTDIR)$(PREFIX)/share/pam_diag/sql/queries \
		$(DESTDIR)$(SYSCONFDIR)/pam_diag/policy.d $(DESTDIR)$(SYSCONFDIR)/ssh/sshd_config.d $(DESTDIR)$(SYSCONFDIR)/pam.d
	# Not install -d: where polkit has its rules, they are its own user's alone.
	mkdir -p $(DESTDIR)$(SYSCONFDIR)/dbus-1/system.d $(DESTDIR)$(SYSCONFDIR)/polkit-1/rules.d
	install -m 0644 $(OUT_module) $(DESTDIR)$(SECUREDIR)/pam_diag.so
	install -m 0755 $(OUT_supervisor) $(DESTDIR)$(PREFIX)/libexec/pam_diag/diag-supervisor
	# Not readable by its user: the kernel then makes the process not dumpable, so that no other program of the
	# same uid can look into it or trace it (ptrace(2), PTRACE_MODE_*).
	install -m 0711 $(OUT_shell) $(DESTDIR)$(PREFIX)/bin/diag-shell
	install -m 0755 $(OUT_ctl) $(OUT_ship) $(DESTDIR)$(PREFIX)/bin/
	install -m 0755 $(OUT_probe) $(DESTDIR)$(PREFIX)/libexec/pam_diag/diag-probe
	install -m 0700 $(OUT_prober) $(DESTDIR)$(PREFIX)/libexec/pam_diag/diag-prober
	install -m 0644 $(wildcard pam_diag/commands/*.conf) $(DESTDIR)$(PREFIX)/share/pam_diag/commands/
	install -m 0644 $(wildcard sql/*.sql) $(DESTDIR)$(PREFIX)/share/pam_diag/sql/
	install -m 0644 $(wildcard sql/queries/*.sql) $(DESTDIR)$(PREFIX)/share/pam_diag/sql/queries/
	install -d $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man8
	set -e; for page in $(wildcard pam_diag/man/*.[58] shipper/man/*.[58]); do \
		install -m 0644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/; done
	test -e $(DESTDIR)$(SYSCONFDIR)/pam_diag/policy.conf || \
		install -m 0644 etc/policy.conf $(DESTDIR)$(SYSCONFDIR)/pam_diag/policy.conf
	sed -e 's,@SHELL@,$(PREFIX)/bin/diag-shell,g' etc/sshd_config.in \
		>$(DESTDIR)$(SYSCONFDIR)/ssh/sshd_config.d/pam_diag.conf.example
	sed -e 's,@MODULE@,$(SECUREDIR)/pam_diag.so,g' etc/pam.in >$(DESTDIR)$(SYSCONFDIR)/pam.d/pam_diag.example
	install -m 0644 etc/dbus.conf $(DESTDIR)$(SYSCONFDIR)/dbus-1/system.d/pam_diag.conf.example
	install -m 0644 etc/polkit.rules $(DESTDIR)$(SYSCONFDIR)/polkit-1/rules.d/00-pam_diag.rules.example
	install -d $(DESTDIR)$(PREFIX)/share/pam_diag/grafana
	install -m 0644 $(wildcard shipper/grafana/*.json shipper/grafana/*.yaml) $(DESTDIR)$(PREFIX)/share/pam_diag/grafana/
	install -d $(DESTDIR)$(UNITDIR)
	set -e; for unit in $(wildcard shipper/systemd/*.in); do \
		name=$${unit##*/}; \
		sed -e 's,@BINDIR@,$(PREFIX)/bin,g' -e 's,@SYSCONFDIR@,$(SYSCONFDIR),g' -e 's,@LOCALSTATEDIR@,$(LOCALSTATEDIR),g' \
			$$unit >$(DESTDIR)$(UNITDIR)/$${name%.in}; \
		chmod 0644 $(DESTDIR)$(UNITDIR)/$${name%.in}; \
	done
	install -m 0644 $(wildcard shipper/systemd/*.timer) $(DESTDIR)$(UNITDIR)/
	install -d -m 0755 $(DESTDIR)$(LOCALSTATEDIR)/lib
	install -d -m 0700 $(DESTDIR)$(LOCALSTATEDIR)/lib/pam_diag
	if [ -z '$(DESTDIR)' ] && id -u diag-audit >/dev/null 2>&1; then \
		chown diag-audit: $(LOCALSTATEDIR)/lib/pam_diag; fi

# --- What has to be there ----------------------------------------------------------------------------------------

DEBIAN_PACKAGES := gcc make pkg-config git libc6-dev libpam0g-dev libseccomp-dev libcap-dev libaudit-dev auditd libsqlite3-dev libssl-dev \
	libsystemd-dev check openssh-server openssh-client sqlite3 iproute2 netcat-openbsd procps util-linux strace systemd \
	mount hostname passwd e2fsprogs libcap2-bin curl python3 clang clang-format clang-tidy cppcheck shellcheck mandoc binutils \
	libclang-rt-dev
# The shipper's
DEBIAN_PACKAGES += libcurl4-openssl-dev zlib1g-dev python3-jsonschema libfaketime
# Receivers, for its tests
DEBIAN_PACKAGES += rsyslog rsyslog-relp rsyslog-openssl systemd-journal-remote openssl python3-yaml
# nix/
DEBIAN_PACKAGES += nix-bin
# The records'
DEBIAN_PACKAGES += xfsprogs
NIX_PACKAGES := gcc gnumake pkg-config linux-pam libseccomp libcap audit sqlite openssl systemd check openssh iproute2 \
	netcat-openbsd procps util-linux strace curl python3 clang-tools cppcheck shellcheck mandoc
NIX_PACKAGES += curl zlib python3Packages.jsonschema python3Packages.pyyaml
NIX_PACKAGES += rsyslog

.PHONY: deps
deps:
	@if command -v apt-get >/dev/null 2>&1; then \
		tests/deps.sh $(DEBIAN_PACKAGES); \
	else \
		echo 'No apt-get here. The build and the tests need: $(DEBIAN_PACKAGES)'; \
		echo 'With nix: nix-shell -p $(NIX_PACKAGES)'; \
	fi

.PHONY: clean
clean:
	rm -rf build
