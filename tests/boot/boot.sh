#!/usr/bin/env bash
# What only a booted system shows: a small Debian of this machine's own release, with systemd, logind, polkit, D-Bus and Debian's
# own PAM stack, in a container without a network. The checks run inside (inside.sh, as a unit); what they print comes out by a file.
set -euo pipefail
# shellcheck source=tests/boot/tree.sh
source "$(dirname "$0")/tree.sh"

boot_needs mmdebstrap systemd-nspawn apt-get
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
if [ -z "$suite" ]; then boot_skip "$0: this machine's Debian release has no name, its programs would not run in a tree"; fi
boot_tree "$suite" system systemd systemd-sysv dbus dbus-user-session polkitd openssh-server openssh-client libpam-systemd \
	iproute2 procps at cron sqlite3 bsdutils util-linux libcap2 libsqlite3-0 libssl3 libsystemd0 libcurl4 zlib1g \
	rsyslog rsyslog-relp

work=$BOOT_CACHE/run
rm -rf "$work"
mkdir -p "$work/out"
cp -a "$BOOT_TREE" "$work/tree"
make -s -C "$BOOT_TOP" install DESTDIR="$work/tree" >/dev/null
# The tree's own rsyslog is only a program there: shipping.sh starts the one that receives.
ln -s /dev/null "$work/tree/etc/systemd/system/rsyslog.service"
install -m 0644 "$BOOT_TOP/tests/boot/inside.service" "$work/tree/etc/systemd/system/pam-diag-check.service"
ln -s ../pam-diag-check.service "$work/tree/etc/systemd/system/multi-user.target.wants/"

# Ten minutes and no more: a container that does not come to its end is a failure.
status=0
# Version 2 control groups alone, as systems have them, whatever this machine has.
SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 timeout -k 10 600 systemd-nspawn --quiet --register=no --keep-unit --private-network --boot --directory="$work/tree" \
	--machine=web-02 --bind-ro="$BOOT_TOP/tests:/src/tests" --bind-ro="$BOOT_TOP/build/tests:/src/build/tests" \
	--bind="$work/out:/out" --console=read-only --system-call-filter='landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp @keyring' \
	>"$work/console" 2>&1 </dev/null || status=$?
if ! grep -q '^begun' "$work/out/state" 2>/dev/null; then
	tail -5 "$work/console"
	boot_skip "$0: systemd-nspawn cannot boot a container here (status $status)"
fi
# What holds is counted alone.
grep -v '^ok ' "$work/out/result" || true
if ! grep -q '^done' "$work/out/state"; then
	echo "not ok the container came to its end (status $status)"
	tail -20 "$work/console" | sed 's/^/#   /'
	echo "$(grep -c '^ok ' "$work/out/result") passed, $(($(grep -c '^not ok ' "$work/out/result") + 1)) failed"
	exit 1
fi
rm -rf "$work/tree"
! grep -q '^not ok ' "$work/out/result"
